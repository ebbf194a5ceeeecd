package org.patronvault.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.patronvault.core.index.EncryptedIndex;
import org.patronvault.core.index.PatronEntries;
import org.patronvault.core.index.Posting;
import org.patronvault.core.model.Name;
import org.patronvault.core.model.PatronId;
import org.patronvault.testing.OpenVault;

/** Tests of how far lists are read for similar names, and when the result is reported as incomplete. */
final class NameSearchReadsTest {
    private static final int MANY = 60;
    private static final int MOST_READS = 40;

    /** The newest entry of each list comes with its end, and is not counted. */
    private static final int NEWEST = 1;

    /** Takes every posting, and shows every patron. */
    private static final class All implements IndexReading.PostingConsumer {
        private final List<MatchRank> ranks = new ArrayList<>();

        @Override
        public boolean take(Posting posting, MatchRank rank) {
            return ranks.add(rank);
        }

        @Override
        public OptionalInt shown() {
            return OptionalInt.of(ranks.size());
        }

        private long count(MatchRank rank) {
            return ranks.stream().filter(rank::equals).count();
        }
    }

    private final All found = new All();

    /** Whether there may be others. */
    private boolean search(List<Name> people, String typed) {
        try (OpenVault vault = OpenVault.onSqlite()) {
            EncryptedIndex index =
                    new EncryptedIndex(vault.vault().custody(), vault.patrons().indexRow());
            List<PatronEntries> prepared = IntStream.range(0, people.size())
                    .mapToObj(n -> index.prepare(
                            new PatronId(n + 1),
                            1,
                            NameTerms.of(people.get(n), List.of(), List.of(), EncryptedIndex.ENTRIES)))
                    .toList();
            vault.inUnit(tx -> {
                var unused = index.put(tx, prepared);
            });
            return vault.vault()
                    .store()
                    .read(tx -> index.in(tx).find(NameQuery.of(typed).orElseThrow(), MOST_READS, found));
        }
    }

    private static Stream<Name> called(String family, String given, int count) {
        return IntStream.range(0, count).mapToObj(n -> new Name(family, given, "", "", ""));
    }

    @Test
    void whereNobodyIsCalledExactlyThatSoManyAreReadAndOthersMayBeThere() {
        assertThat(search(called("Commonly", "Anna", MANY).toList(), "Comm, An"))
                .isTrue();

        assertThat(found.count(MatchRank.PREFIX)).isEqualTo(NEWEST + MOST_READS);
    }

    @Test
    void whereSomebodyIsCalledExactlyThatAQuarterOfThemIsRead() {
        List<Name> people = Stream.concat(called("Comm", "An", 1), called("Commonly", "Anna", MANY))
                .toList();

        assertThat(search(people, "Comm, An")).isTrue();

        assertThat(found.count(MatchRank.EXACT)).isEqualTo(1);
        assertThat(found.count(MatchRank.PREFIX)).isEqualTo(NEWEST + MOST_READS / 4);
    }

    @Test
    void aListThatWasReadToItsEndForWhoIsCalledExactlyThatLeavesNobodyWhoMayBeThere() {
        List<Name> people =
                Stream.concat(called("Li", "An", 1), called("Li", "Anna", MANY)).toList();

        assertThat(search(people, "Li, An")).isFalse();

        assertThat(found.count(MatchRank.EXACT)).isEqualTo(1);
        assertThat(found.count(MatchRank.PREFIX)).isEqualTo(MANY);
    }
}
