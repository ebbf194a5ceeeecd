package org.patronvault.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.patronvault.core.index.EncryptedIndex;
import org.patronvault.core.index.IndexTerm;
import org.patronvault.core.index.IndexTerm.TermClass;
import org.patronvault.core.index.IndexedTerm;
import org.patronvault.core.index.PatronEntries;
import org.patronvault.core.index.PatronLabels;
import org.patronvault.core.model.PatronId;
import org.patronvault.testing.LongRun;
import org.patronvault.testing.OpenVault;

/**
 * Tests of the encrypted index with many people. The results of {@link NameRecallTest} for {@link NameIndex} hold for
 * it, and a patron turned into dummies is never found.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class NameSearchTest {
    private static final int PAGE = 21;
    private static final int COMPARED = LongRun.times(300, 1_500);
    private static final int AT_ONCE = 500;
    private static final int ERASED = LongRun.times(5, 20);
    private static final List<Somebody> PEOPLE = Somebody.many(LongRun.times(1_000, 5_000));

    private OpenVault vault;
    private EncryptedIndex index;
    private final List<PatronEntries> entries = new ArrayList<>();

    @BeforeAll
    void putAll() {
        vault = OpenVault.onSqlite();
        index = new EncryptedIndex(vault.vault().custody(), vault.patrons().indexRow());
        for (int from = 0; from < PEOPLE.size(); from += AT_ONCE) {
            List<PatronEntries> prepared = new ArrayList<>();
            for (int n = from; n < from + AT_ONCE; n++) {
                prepared.add(index.prepare(new PatronId(n), 1, terms(PEOPLE.get(n))));
            }
            vault.inUnit(tx -> entries.addAll(index.put(tx, prepared)));
        }
    }

    @AfterAll
    void close() {
        vault.close();
    }

    private static List<IndexedTerm> terms(Somebody one) {
        List<IndexedTerm> terms = new ArrayList<>();
        one.cards().forEach(card -> terms.add(IndexedTerm.current(new IndexTerm(TermClass.CARD, card))));
        terms.addAll(one.terms());
        return terms;
    }

    private Map<Somebody, MatchRank> search(String typed, int page) {
        Map<Somebody, MatchRank> found = new LinkedHashMap<>();
        vault.vault().store().read(tx -> {
            var unused = index.in(tx).find(NameQuery.of(typed).orElseThrow(), NameQuery.MAX_READS, (posting, rank) -> {
                found.put(PEOPLE.get((int) posting.patron().number()), rank);
                return found.size() < page;
            });
            return null;
        });
        return found;
    }

    @Test
    void findsWhomTheReferenceFindsInTheSameOrderAndNobodyWhoIsGone() {
        NameIndex reference = NameIndex.of(PEOPLE);
        Random random = new Random(6);
        for (Somebody one : PEOPLE.subList(0, COMPARED)) {
            List<NameRecallTest.Way> ways = NameRecallTest.ways(one, random).toList();
            NameRecallTest.Way way = ways.get(random.nextInt(ways.size()));
            assertThat(new ArrayList<>(search(way.typed(), PAGE).entrySet()))
                    .as(way.name())
                    .isEqualTo(new ArrayList<>(
                            reference.search(way.typed(), PAGE, MatchRank.TYPO).entrySet()));
        }

        Set<Somebody> gone = new HashSet<>(PEOPLE.subList(0, ERASED));
        Map<PatronId, PatronLabels> labels = new HashMap<>();
        entries.forEach(of -> labels.put(of.patron(), of.labels()));
        vault.inUnit(tx -> {
            for (int n = 0; n < ERASED; n++) {
                index.retire(tx, labels.get(new PatronId(n)));
            }
        });
        Stream<String> typed =
                gone.stream().flatMap(one -> NameRecallTest.ways(one, random).map(NameRecallTest.Way::typed));
        assertThat(typed)
                .allSatisfy(way ->
                        assertThat(search(way, PEOPLE.size())).doesNotContainKeys(gone.toArray(Somebody[]::new)));
    }
}
