package org.patronvault.core.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.Decision;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.table.WriteTx;
import org.patronvault.testing.OpenVault;

/** Tests of the encrypted index's guarantees, on either database. Tests share one vault and use terms of their own. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class EncryptedIndexContract {
    private OpenVault vault;
    private EncryptedIndex index;
    private Connection connection;
    private long nextPatron = 1;

    abstract OpenVault open();

    @BeforeAll
    void openVault() {
        vault = open();
        index = new EncryptedIndex(vault.vault().custody(), vault.patrons().indexRow());
        connection = vault.connect();
    }

    @AfterAll
    void close() throws SQLException {
        if (vault != null) {
            connection.close();
            vault.close();
        }
    }

    @Test
    void everyPatronHasFortyEntriesWhateverIsKnownOfThem() {
        for (List<IndexedTerm> terms : List.of(
                List.<IndexedTerm>of(),
                List.of(card("A1")),
                List.of(card("A2"), phone(1), phone(2), phone(3), phone(4)))) {
            long before = entries();
            assertThat(put(newPatron(), 1, terms)).hasSize(40 * 16);
            assertThat(entries() - before).isEqualTo(40);
        }
    }

    @Test
    void entryThatIsGoneIsRefusedWhereverTheLastOneIsThoughtToBe() throws SQLException {
        IndexTerm term = new IndexTerm(IndexTerm.TermClass.EMAIL, "gap@example.org");
        for (int n = 0; n < 6; n++) {
            if (n == 5) {
                assertThat(found(IndexedTerm.current(term), 9)).hasSize(5);
            }
            put(newPatron(), 1, List.of(IndexedTerm.current(term)));
        }
        IndexCipher cipher = IndexCipher.of(vault.vault().custody().keys(), 1);
        try (PreparedStatement delete = connection.prepareStatement("DELETE FROM search_index WHERE label = ?")) {
            delete.setBytes(1, IndexCipher.label(cipher.termKey(term), 4));
            assertThat(delete.executeUpdate()).isEqualTo(1);
        }
        assertThatThrownBy(() -> found(IndexedTerm.current(term), 9)).isInstanceOf(IntegrityException.class);
    }

    @Test
    void labelsNeverRepeat() {
        Set<ByteBuffer> seen = new HashSet<>();
        for (int i = 0; i < 10; i++) {
            for (ByteBuffer label : split(put(newPatron(), 1, List.of(card("B" + i), phone(10))))) {
                assertThat(seen.add(label)).isTrue();
            }
        }
        assertThat(seen).hasSize(400);
    }

    @Test
    void everyNumberOfPatronsWithOnePhoneIsFoundExactly() {
        List<PatronId> sharing = new ArrayList<>();
        for (int n = 0; n <= 50; n++) {
            assertThat(found(phone(20), 100)).containsExactlyInAnyOrderElementsOf(sharing);
            PatronId next = newPatron();
            put(next, 1, List.of(phone(20)));
            sharing.add(next);
        }
        assertThat(found(phone(20), 21)).hasSize(21);
    }

    @Test
    void termOfAnotherClassIsNotFound() {
        put(newPatron(), 1, List.of(card("12035550199")));
        assertThat(found(IndexedTerm.current(new IndexTerm(IndexTerm.TermClass.EMAIL, "12035550199")), 9))
                .isEmpty();
    }

    @Test
    void cardOfAnotherPatronIsRefusedAndNothingIsWritten() {
        PatronId holder = newPatron();
        put(holder, 1, List.of(card("C1")));
        long before = entries();
        assertThatThrownBy(() -> put(newPatron(), 1, List.of(phone(30), card("C1"))))
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.CARD_IN_USE))
                .hasMessageNotContaining("C1");
        assertThat(entries()).isEqualTo(before);
        assertThat(found(card("C1"), 9)).containsExactly(holder);
        assertThat(found(phone(30), 9)).isEmpty();
    }

    @Test
    void formerCardStaysTaken() {
        PatronId holder = newPatron();
        put(holder, 1, List.of(card("D1"), new IndexedTerm(new IndexTerm(IndexTerm.TermClass.CARD, "D0"), true)));
        assertThatThrownBy(() -> put(newPatron(), 1, List.of(card("D0")))).isInstanceOf(Refused.class);
        assertThat(postings(card("D0"), 9))
                .singleElement()
                .satisfies(p -> assertThat(p.former()).isTrue());
    }

    @Test
    void retiredEntriesAreDummiesAtTheSameLabels() {
        PatronId patron = newPatron();
        byte[] labels = put(patron, 1, List.of(card("E1"), phone(40)));
        Map<ByteBuffer, ByteBuffer> before = values(labels);
        write(tx -> retire(tx, labels));
        Map<ByteBuffer, ByteBuffer> after = values(labels);
        assertThat(after.keySet()).isEqualTo(before.keySet());
        assertThat(after).allSatisfy((label, value) -> assertThat(value).isNotEqualTo(before.get(label)));
        assertThat(found(card("E1"), 9)).isEmpty();
        assertThat(found(phone(40), 9)).isEmpty();
    }

    @Test
    void retiredCardMayBeGivenAgain() {
        byte[] labels = put(newPatron(), 1, List.of(card("F1")));
        write(tx -> retire(tx, labels));
        PatronId next = newPatron();
        put(next, 1, List.of(card("F1")));
        assertThat(found(card("F1"), 9)).containsExactly(next);
    }

    @Test
    void patronIndexedAgainIsFoundOnceInTheNewGeneration() {
        PatronId patron = newPatron();
        byte[] labels = put(patron, 1, List.of(card("G1"), phone(50)));
        for (int generation = 2; generation < 12; generation++) {
            byte[] old = labels;
            long now = generation;
            byte[][] written = new byte[1][];
            write(tx -> {
                retire(tx, old);
                written[0] = live(index.put(tx, patron, now, List.of(card("G1"), phone(50))));
                return null;
            });
            labels = written[0];
        }
        assertThat(postings(card("G1"), 9)).containsExactly(new Posting(patron, 11, false, NameHint.NONE));
        assertThat(postings(phone(50), 9)).containsExactly(new Posting(patron, 11, false, NameHint.NONE));
    }

    @Test
    void valueAtAnotherLabelIsRefused() {
        byte[] one = put(newPatron(), 1, List.of(card("H1")));
        Map<ByteBuffer, ByteBuffer> foreign = values(put(newPatron(), 1, List.of(card("H2"))));
        ByteBuffer any = foreign.values().iterator().next();
        split(one).forEach(label -> tamper(label, any));
        assertThatThrownBy(() -> found(card("H1"), 9)).isInstanceOf(IntegrityException.class);
    }

    @Test
    void oldValuePutBackCarriesItsOldGeneration() {
        PatronId patron = newPatron();
        byte[] labels = put(patron, 7, List.of(phone(60)));
        Map<ByteBuffer, ByteBuffer> old = values(labels);
        write(tx -> retire(tx, labels));
        write(tx -> index.put(tx, patron, 8, List.of(phone(61))));
        old.forEach(this::tamper);
        assertThat(postings(phone(60), 9)).containsExactly(new Posting(patron, 7, false, NameHint.NONE));
    }

    @Test
    void missingEntryIsRefusedWhenItIsRetired() throws SQLException {
        byte[] labels = put(newPatron(), 1, List.of(phone(70)));
        try (PreparedStatement delete = connection.prepareStatement("DELETE FROM search_index WHERE label = ?")) {
            delete.setBytes(1, bytes(split(labels).get(5)));
            assertThat(delete.executeUpdate()).isEqualTo(1);
        }
        assertThatThrownBy(() -> write(tx -> retire(tx, labels))).isInstanceOf(IntegrityException.class);
    }

    @Test
    void oneOfManyRegistrationsAtOnceGetsTheCard() throws Exception {
        List<Boolean> won = atOnce(32, i -> {
            try {
                vault.register("'card':'J1','name':{'family':'F'}");
                return true;
            } catch (Refused e) {
                assertThat(e.problem()).isEqualTo(Problem.CARD_IN_USE);
                return false;
            }
        });
        assertThat(won).containsOnlyOnce(true);
        assertThat(found(card("J1"), 9)).hasSize(1);
    }

    @Test
    void registrationsAtOnceThatShareAPhoneLeaveNoGap() throws Exception {
        List<PatronId> registered =
                atOnce(64, i -> vault.register("'card':'K" + i + "','name':{'family':'F'},'phone':['203-555-0180']"));
        IndexedTerm shared = IndexedTerm.current(new IndexTerm(IndexTerm.TermClass.PHONE, "+12035550180"));
        assertThat(found(shared, 100)).containsExactlyInAnyOrderElementsOf(registered);
    }

    private static <T> List<T> atOnce(int threads, Function<Integer, T> work) throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            List<Callable<T>> tasks = IntStream.range(0, threads)
                    .<Callable<T>>mapToObj(i -> () -> work.apply(i))
                    .toList();
            List<T> results = new ArrayList<>();
            for (Future<T> future : executor.invokeAll(tasks)) {
                results.add(future.get());
            }
            return results;
        } finally {
            executor.shutdown();
        }
    }

    private PatronId newPatron() {
        return new PatronId(nextPatron++);
    }

    private static IndexedTerm card(String card) {
        return IndexedTerm.current(new IndexTerm(IndexTerm.TermClass.CARD, card));
    }

    private static IndexedTerm phone(int n) {
        return IndexedTerm.current(new IndexTerm(IndexTerm.TermClass.PHONE, String.format("+1860555%04d", n)));
    }

    private byte[] put(PatronId patron, long generation, List<IndexedTerm> terms) {
        return write(tx -> live(index.put(tx, patron, generation, terms)));
    }

    private static byte[] live(PatronLabels labels) {
        return labels.in(1).orElseThrow();
    }

    private Void retire(WriteTx tx, byte[] labels) {
        index.retire(tx, new PatronLabels(List.of(new PatronLabels.OfVersion(1, labels))));
        return null;
    }

    private <T> T write(Function<WriteTx, T> work) {
        AuditLog log = vault.vault().log();
        AccessEvent event = log.event(Actor.VAULT, ActKind.FACTS, Outcome.COUNTED, AuditLog.newRequest());
        List<Optional<T>> result = new ArrayList<>();
        log.call(event, now -> {
            WriteTx tx = now.tx();
            result.add(Optional.ofNullable(work.apply(tx)));
            return Decision.done(event);
        });
        return result.get(0).orElse(null);
    }

    private List<Posting> postings(IndexedTerm term, int limit) {
        return vault.vault().store().read(tx -> index.in(tx).find(term.term(), limit));
    }

    private List<PatronId> found(IndexedTerm term, int limit) {
        return postings(term, limit).stream().map(Posting::patron).toList();
    }

    private long entries() {
        return vault.vault().store().read(tx -> tx.index().count());
    }

    private static List<ByteBuffer> split(byte[] labels) {
        return LongStream.range(0, labels.length / 16)
                .mapToObj(i -> {
                    byte[] label = new byte[16];
                    System.arraycopy(labels, (int) i * 16, label, 0, 16);
                    return ByteBuffer.wrap(label);
                })
                .toList();
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }

    private Map<ByteBuffer, ByteBuffer> values(byte[] labels) {
        Map<ByteBuffer, ByteBuffer> values = new HashMap<>();
        for (ByteBuffer label : split(labels)) {
            try (PreparedStatement query =
                    connection.prepareStatement("SELECT value FROM search_index WHERE label = ?")) {
                query.setBytes(1, bytes(label));
                try (ResultSet row = query.executeQuery()) {
                    assertThat(row.next()).isTrue();
                    values.put(label, ByteBuffer.wrap(row.getBytes(1)));
                }
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }
        return values;
    }

    private void tamper(ByteBuffer label, ByteBuffer value) {
        try (PreparedStatement update =
                connection.prepareStatement("UPDATE search_index SET value = ? WHERE label = ?")) {
            update.setBytes(1, bytes(value));
            update.setBytes(2, bytes(label));
            assertThat(update.executeUpdate()).isEqualTo(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
