package org.patronvault.patron.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.patronvault.core.index.EncryptedIndex;
import org.patronvault.core.index.IndexTerm;
import org.patronvault.core.index.Posting;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.AuditReceipt;
import org.patronvault.core.log.SameReceipt;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.table.StoredPatron;
import org.patronvault.core.vault.PatronMeta;
import org.patronvault.core.vault.PatronVault;
import org.patronvault.core.vault.PersonalData;
import org.patronvault.patron.StoredCells;
import org.patronvault.patron.StoredCells.Cell;
import org.patronvault.patron.lookup.IdentityVerification.Claim;
import org.patronvault.patron.transfer.format.PatronReader;
import org.patronvault.testing.LongRun;
import org.patronvault.testing.OpenVault;

/**
 * Tests that an attacker who can write to the database cannot make the vault give a false answer. After bits are
 * flipped or cells swapped, removed or rolled back, a call answers exactly what was last written or refuses. The
 * refusal holds no value.
 *
 * <p>No call can see that an index entry is missing. It has no counterpart elsewhere, since counters would leak. A
 * search then finds fewer patrons, never a wrong one.
 */
final class TamperTest {
    private static final Set<PatronField> PERSONAL = PatronField.personal();
    private static final List<String> WORDS = List.of(
            "29990000000011",
            "Quillfeather",
            "Zenobia",
            "Marzipan Row",
            "06840",
            "12035550111",
            "12035550122",
            "zenobia@quill.example",
            "feather@quill.example",
            "29990000000022",
            "Brambleworth",
            "Ottoline",
            "Thimble Lane",
            "06902",
            "12035550333",
            "ottoline@bramble.example");

    /** Each build flips a bit of every third byte; the long run flips every byte. */
    private static final int STEP = LongRun.times(3, 1);

    private static OpenVault vault;
    private static Connection connection;
    private static StoredCells cells;
    private static PatronId victim;
    private static PatronId other;
    private static PersonalData victims;
    private static AccessEvent look;
    private static long entry;
    private static EncryptedIndex index;

    @BeforeAll
    static void registerTwo() {
        vault = OpenVault.onSqlite();
        connection = vault.connect();
        cells = new StoredCells(connection);
        index = new EncryptedIndex(vault.vault().custody(), vault.patrons().indexRow());
        victim = vault.register("'card':'29990000000011','name':{'family':'Quillfeather','given':'Zenobia'},"
                + "'address':{'line1':'1 Marzipan Row','postalCode':'06840'},'expires':'2029-01-31',"
                + "'phone':['203-555-0111','203-555-0122'],'email':['zenobia@quill.example','feather@quill.example']");
        other = vault.register("'card':'29990000000022','name':{'family':'Brambleworth','given':'Ottoline'},"
                + "'address':{'line1':'2 Thimble Lane','postalCode':'06902'},'expires':'2029-02-28',"
                + "'phone':['203-555-0333'],'email':['ottoline@bramble.example']");
        victims = vault.reveal(victim);
        look = vault.vault()
                .log()
                .event(
                        OpenVault.person("circulation").actor(),
                        ActKind.REVEAL,
                        Outcome.DISCLOSED,
                        AuditLog.newRequest())
                .forPurpose(Purpose.ACCOUNT_SERVICE)
                .on(List.of(Subject.opened(victim, PERSONAL)));
        entry = vault.vault().log().record(look).index();
    }

    @AfterAll
    static void close() throws SQLException {
        connection.close();
        vault.close();
    }

    @Test
    void everyByteOfEveryValueThatIsOpenedIsRefused() {
        for (PatronField field : EnumSet.complementOf(EnumSet.of(PatronField.LABELS))) {
            Cell envelope = cells.ofValue(victim, field, "envelope");
            everyByte(envelope, () -> {
                assertRefused(TamperTest::opened);
            });
        }
    }

    @Test
    void everyByteOfLabelsIsRefusedWhereTheyAreReadAndChangesNothingElsewhere() {
        everyByte(cells.ofValue(victim, PatronField.LABELS, "envelope"), () -> {
            assertThat(opened()).isEqualTo(victims);
            assertRefused(() -> labels(stored().orElseThrow()));
        });
    }

    @Test
    void everyByteOfEveryOtherCellOfThePatronIsRefused() {
        for (Cell cell : cells.ofPatron(victim)) {
            if (!cell.column().equals("envelope")) {
                everyByte(cell, () -> {
                    assertRefused(TamperTest::opened);
                    assertRefused(TamperTest::facts);
                });
            }
        }
    }

    @Test
    void everyByteOfEveryIndexValueIsRefusedBySearchesThatReadItAndChangesNothingElsewhere() {
        Map<Cell, Map<String, Integer>> refusals = new HashMap<>();
        List<Cell> values = indexCells("value");
        for (Cell cell : values) {
            everyByte(cell, () -> {
                terms().forEach((name, term) -> {
                    if (!found(term).equals(Optional.of(List.of(victim)))) {
                        refusals.computeIfAbsent(cell, c -> new HashMap<>()).merge(name, 1, Integer::sum);
                    }
                });
            });
        }
        assertThat(values).hasSize(EncryptedIndex.ENTRIES);
        assertThat(refusals).as("entries of terms").hasSize(terms().size());
        assertThat(refusals.values()).allSatisfy(one -> assertThat(one.values()).containsExactly(flips(32)));
    }

    @Test
    void everyByteOfEveryLabelLosesAtMostItsEntryAndNeverFindsSomebodyElse() {
        int[] lost = new int[1];
        for (Cell cell : indexCells("label")) {
            everyByte(cell, () -> {
                terms().values().forEach(term -> {
                    List<PatronId> ids = found(term).orElseThrow();
                    lost[0] += ids.isEmpty() ? 1 : 0;
                    assertThat(ids.isEmpty() ? List.of(victim) : ids).containsExactly(victim);
                });
            });
        }
        assertThat(lost[0]).isEqualTo(terms().size() * flips(16));
    }

    @Test
    void valueOfAnotherPatronOrFieldIsRefused() {
        for (PatronField from : PatronField.values()) {
            for (PatronId whose : List.of(victim, other)) {
                byte[] foreign = cells.ofValue(whose, from, "envelope").bytes();
                for (PatronField to : EnumSet.complementOf(EnumSet.of(PatronField.LABELS))) {
                    if (whose.equals(other) || from != to) {
                        cells.replaced(
                                cells.ofValue(victim, to, "envelope"),
                                foreign,
                                () -> assertRefused(TamperTest::opened));
                    }
                }
            }
        }
    }

    @Test
    void allValuesOfTwoPatronsSwappedAreRefused() throws SQLException {
        swapValues();
        try {
            assertRefused(TamperTest::opened);
            assertRefused(TamperTest::facts);
            assertRefused(() -> vault.find("29990000000011"));
            assertRefused(() -> vault.find("ottoline@bramble.example"));
        } finally {
            swapValues();
        }
        assertThat(opened()).isEqualTo(victims);
    }

    private static void swapValues() throws SQLException {
        try (var statement = connection.createStatement()) {
            String both = "(" + victim.number() + ", " + other.number() + ")";
            statement.execute("CREATE TEMP TABLE before AS SELECT * FROM cell WHERE patron IN " + both);
            statement.execute("UPDATE cell SET (generation, envelope) = (SELECT generation, envelope FROM before"
                    + " WHERE before.field = cell.field AND before.patron <> cell.patron) WHERE patron IN " + both);
            statement.execute("DROP TABLE before");
        }
    }

    @Test
    void missingRowIsRefused() {
        for (PatronField field : PatronField.values()) {
            Cell envelope = cells.ofValue(victim, field, "envelope");
            Cell generation = cells.ofValue(victim, field, "generation");
            cells.run("DELETE FROM cell WHERE patron = ? AND field = ?", victim.number(), field.wireName());
            assertRefused(TamperTest::opened);
            assertRefused(TamperTest::facts);
            assertRefused(() -> vault.find("203-555-0111"));
            cells.run(
                    "INSERT INTO cell (patron, field, generation, envelope) VALUES (?, ?, ?, ?)",
                    victim.number(),
                    field.wireName(),
                    generation.value(),
                    envelope.value());
        }
    }

    @Test
    void useCasesAnswerRightOrRefuseWhateverPartOfWhateverCellIsHit() {
        for (Cell cell : cells.ofPatron(victim)) {
            int length = cell.bytes().length;
            for (int at : LongRun.ON ? Set.of(0, 2, 40, 80, 112, 125, length - 1) : Set.of(2, 80, length - 1)) {
                if (at < length) {
                    cells.flipped(cell, at, at % 8, () -> callAll(cell));
                }
            }
        }
        indexCells("value").forEach(cell -> cells.flipped(cell, 9, 3, () -> callAll(cell)));
        assertThat(opened()).isEqualTo(victims);
        assertThat(stored().orElseThrow().row().version()).isEqualTo(1);
    }

    private static void callAll(Cell hit) {
        boolean inIndex = hit.table().equals("search_index");
        boolean labels = hit.column().equals("envelope") && hit.key().contains("labels");
        for (String typed : List.of("29990000000011", "203-555-0111", "zenobia@quill.example")) {
            assertRightOrRefused(labels, () -> vault.find(typed).hits().get(0).data(), victims);
        }
        if (inIndex) {
            assertThat(vault.reveal(victim)).isEqualTo(victims);
            return;
        }
        assertRightOrRefused(labels, () -> vault.reveal(victim), victims);
        vault.clock().advance(Duration.ofMinutes(61));
        assertRightOrRefused(
                labels,
                TamperTest::verified,
                Map.of(Claim.PHONE, true, Claim.FAMILY, true, Claim.EMAIL, true, Claim.POSTAL_CODE, true));
        boolean onlyMetaIsRead = hit.column().equals("envelope") && !hit.key().contains("meta");
        assertRightOrRefused(
                onlyMetaIsRead,
                () -> vault.patrons()
                        .directory()
                        .holder("29990000000011")
                        .orElseThrow()
                        .id(),
                victim);
        assertRefused(() -> vault.patch(victim, 1, "{'phone':['203-555-0444'],'address':{'line1':'x'}}"));
    }

    @Test
    void oldRowPutBackIsRefused() {
        PatronId id = vault.register("'card':'29990000000033','name':{'family':'Quillfeather'},"
                + "'phone':['203-555-0777'],'email':['old@quill.example']");
        List<Cell> before = cells.ofPatron(id);
        List<Cell> indexBefore = cells.ofIndex(
                labels(vault.vault().store().read(tx -> tx.patrons().find(id)).orElseThrow()));
        vault.patch(
                id,
                1,
                "{'card':'29990000000044','name':{'family':'New'},'phone':['203-555-0888'],"
                        + "'email':['new@quill.example'],'address':{'line1':'9 New St'}}");
        PersonalData now = vault.reveal(id);
        for (PatronField field : PatronField.values()) {
            puttingBack(before, List.of(field), () -> assertRefused(() -> vault.reveal(id)));
        }
        List<PatronField> allButMeta = List.copyOf(EnumSet.complementOf(EnumSet.of(PatronField.META)));
        puttingBack(before, allButMeta, () -> {
            assertRefused(() -> vault.reveal(id));
            assertRefused(() -> vault.find("29990000000044"));
        });
        for (Cell entry : indexBefore) {
            if (entry.column().equals("value")) {
                cells.run(
                        "UPDATE search_index SET value = ? WHERE label = ?",
                        entry.value(),
                        entry.key().get(0));
            }
        }
        for (String typed : List.of("29990000000033", "203-555-0777", "old@quill.example")) {
            assertRefused(() -> vault.find(typed));
        }
        assertRefused(() ->
                vault.patrons().importer().run(OpenVault.person("admin"), importing("29990000000033"), false, n -> {}));
        assertRefused(() -> vault.patrons().directory().holder("29990000000033"));
        assertThat(vault.find("29990000000044").hits())
                .singleElement()
                .satisfies(hit -> assertThat(hit.data()).isEqualTo(now));
    }

    private static PatronReader importing(String card) {
        ImportRow row =
                new ImportRow.Accepted(1, vault.draft("'card':'" + card + "','name':{'family':'Somebody'}"), Set.of());
        Iterator<ImportRow> rows = List.of(row).iterator();
        return new PatronReader() {
            @Override
            public Optional<ImportRow> next() {
                return rows.hasNext() ? Optional.of(rows.next()) : Optional.empty();
            }

            @Override
            public void close() {
                // Nothing is held.
            }
        };
    }

    private static void puttingBack(List<Cell> before, List<PatronField> fields, Runnable meanwhile) {
        List<Cell> old = before.stream()
                .filter(c -> c.column().equals("generation") || c.column().equals("envelope"))
                .filter(c -> fields.stream().anyMatch(f -> c.key().contains(f.wireName())))
                .toList();
        List<Cell> current = old.stream().map(cells::again).toList();
        old.forEach(cells::put);
        meanwhile.run();
        current.forEach(cells::put);
    }

    private static Map<Claim, Boolean> verified() {
        Map<Claim, String> claims = Map.of(
                Claim.PHONE, "2035550122",
                Claim.FAMILY, "quillfeather",
                Claim.EMAIL, "FEATHER@quill.example",
                Claim.POSTAL_CODE, "06840");
        return vault.patrons()
                .verification()
                .verify(
                        OpenVault.person("circulation"),
                        Optional.of(victim),
                        claims,
                        Optional.empty(),
                        AuditLog.newRequest())
                .right();
    }

    /** Runs {@code meanwhile} once for each {@link #STEP}th byte of the cell, with one bit of the byte flipped. */
    private static void everyByte(Cell cell, Runnable meanwhile) {
        for (int at = 0; at < cell.bytes().length; at += STEP) {
            cells.flipped(cell, at, at * 5 % 8, meanwhile);
        }
    }

    /** How many bytes of so many {@link #everyByte} flips. */
    private static int flips(int bytes) {
        return (bytes + STEP - 1) / STEP;
    }

    private static byte[] labels(StoredPatron stored) {
        PatronVault opening = vault.patrons().vault();
        return opening.labels(opening.known(stored)).in(1).orElseThrow();
    }

    private static List<Cell> indexCells(String column) {
        byte[] labels = labels(stored().orElseThrow());
        return cells.ofIndex(labels).stream()
                .filter(c -> c.column().equals(column))
                .toList();
    }

    private static Map<String, IndexTerm> terms() {
        Map<String, IndexTerm> terms = new LinkedHashMap<>();
        terms.put("card", new IndexTerm(IndexTerm.TermClass.CARD, "29990000000011"));
        terms.put("phone 1", new IndexTerm(IndexTerm.TermClass.PHONE, "+12035550111"));
        terms.put("phone 2", new IndexTerm(IndexTerm.TermClass.PHONE, "+12035550122"));
        terms.put("email 1", new IndexTerm(IndexTerm.TermClass.EMAIL, "zenobia@quill.example"));
        terms.put("email 2", new IndexTerm(IndexTerm.TermClass.EMAIL, "feather@quill.example"));
        return terms;
    }

    /** The patrons the term finds; empty if the index refuses. */
    private static Optional<List<PatronId>> found(IndexTerm term) {
        try {
            return Optional.of(vault.vault().store().read(tx -> index.in(tx).find(term, 20)).stream()
                    .map(Posting::patron)
                    .collect(Collectors.toList()));
        } catch (IntegrityException e) {
            return Optional.empty();
        }
    }

    private static Optional<StoredPatron> stored() {
        return vault.vault().store().read(tx -> tx.patrons().find(victim));
    }

    private static PersonalData opened() {
        StoredPatron stored = stored().orElseThrow(PatronContext::notFound);
        AuditReceipt receipt = SameReceipt.of(entry, look);
        return vault.patrons().vault().open(stored, PERSONAL, receipt, look.actor(), Purpose.ACCOUNT_SERVICE);
    }

    private static PatronMeta facts() {
        return vault.patrons().vault().facts(stored().orElseThrow(PatronContext::notFound));
    }

    /**
     * Asserts that the call answers right or refuses.
     *
     * @param unread whether the call does not read the altered cell, and so has no reason to refuse
     */
    private static void assertRightOrRefused(boolean unread, Supplier<Object> call, Object right) {
        Object[] answer = new Object[1];
        Throwable thrown = catchThrowable(() -> answer[0] = call.get());
        if (thrown == null || unread) {
            assertThat(thrown).isNull();
            assertThat(answer[0]).isEqualTo(right);
        } else {
            assertSaysNothing(thrown);
        }
    }

    private static void assertRefused(Supplier<Object> call) {
        assertSaysNothing(catchThrowable(call::get));
    }

    private static void assertSaysNothing(Throwable thrown) {
        assertThat(thrown).isInstanceOfAny(IntegrityException.class, Refused.class);
        StringWriter all = new StringWriter();
        thrown.printStackTrace(new PrintWriter(all));
        assertThat(all.toString()).doesNotContain(WORDS);
    }
}
