package org.patronvault.upkeep.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.core.dual.Approval;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.keys.ring.FieldKeys;
import org.patronvault.core.keys.ring.UnsealedKeys;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.CheckpointThinning;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.custody.destroy.KeyDestruction;
import org.patronvault.custody.rotate.Operation;
import org.patronvault.log.retention.Forgetting;
import org.patronvault.patron.check.PatronRestoration;
import org.patronvault.store.copy.StoreCopy;
import org.patronvault.testing.LongRun;
import org.patronvault.testing.OpenVault;

/** Tests of what a restore brings back, leaves unchanged, and refuses. */
final class RestoreTest {
    private static final Caller CORA = OpenVault.person("custodian");
    private static final Actor CARL = new Actor(Actor.Kind.STAFF, "carl", "custodian", "");

    @TempDir
    private Path directory;

    private OpenVault vault;
    private PatronId ann;
    private PatronId bob;

    @BeforeEach
    void registerTwo() {
        vault = OpenVault.onSqlite();
        vault.enrol(CORA.actor(), CARL);
        ann = vault.register(
                "'card':'A1','name':{'family':'Ann'},'phone':['203-555-0101'],'email':['ann@example.org']");
        bob = vault.register("'card':'B1','name':{'family':'Bob'},'phone':['203-555-0102']");
    }

    @AfterEach
    void close() {
        vault.close();
    }

    private Path backUp(String name) {
        Path into = directory.resolve(name);
        vault.backup().make(CORA, into, Progress.UNSEEN);
        return into;
    }

    private Restore.Answer restore(Caller by, Optional<Actor> second, Path from, boolean partly, Progress progress) {
        return vault.restores()
                .restore(by, Approvals.Requester.of(by.actor(), second), new Restore.Source(from, partly), progress);
    }

    private PatronRestoration.Result restore(Path from) {
        return restore(CORA, Optional.of(CARL), from, false, Progress.UNSEEN)
                .done()
                .orElseThrow();
    }

    private static void assertRefused(Problem problem, String says, ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(Refused.class, e -> {
            assertThat(e.problem()).isEqualTo(problem);
            assertThat(e).hasMessageContaining(says);
        });
    }

    private void erase(PatronId patron) {
        vault.erase(patron);
    }

    private void assertGone(PatronId patron, String card) {
        assertRefused(Problem.NOT_FOUND, "", () -> vault.reveal(patron));
        assertThat(vault.find(card).hits()).isEmpty();
    }

    private List<String> phone(PatronId patron) {
        return vault.reveal(patron).phone().orElseThrow();
    }

    private List<PatronId> found(String typed) {
        return vault.find(typed).hits().stream().map(hit -> hit.id()).toList();
    }

    private void behindItsBack(String... statements) throws SQLException {
        try (Connection connection = vault.connect();
                Statement statement = connection.createStatement()) {
            for (String one : statements) {
                assertThat(statement.executeUpdate(one)).as(one).isPositive();
            }
        }
    }

    @Test
    void aFieldThatWasErasedSinceStaysErasedAndIsFoundByNobody() {
        vault.patch(bob, 1, "{'email':['bob@example.org']}");
        Path from = backUp("b");
        vault.eraseField(ann, "phone");
        vault.patch(ann, 2, "{'phone':['203-555-0177']}");
        vault.eraseField(bob, "email");
        assertThat(restore(from).patrons()).isEqualTo(2);
        assertThat(phone(ann)).isEmpty();
        assertThat(found("203-555-0101")).isEmpty();
        assertThat(found("ann@example.org")).containsExactly(ann);
        assertThat(vault.reveal(bob).email()).contains(List.of());
        assertThat(phone(bob)).isNotEmpty();
        assertThat(vault.vault().check().run(CORA, Progress.UNSEEN).listed()).isEmpty();
    }

    @Test
    void fieldThatIsErasedWhileARestoreIsUnderWayStaysErased() {
        Path from = backUp("b");
        vault.patch(ann, 1, "{'phone':['203-555-0177'],'name':{'family':'Anna'}}");
        vault.patch(bob, 1, "{'name':{'family':'Bobby'}}");
        Progress meanwhile = (step, done, total) -> {
            if (step.equals("Writing")) {
                vault.eraseField(ann, "phone");
                vault.patch(bob, 2, "{'phone':['203-555-0199']}");
            }
        };
        assertThat(restore(CORA, Optional.of(CARL), from, false, meanwhile)
                        .done()
                        .orElseThrow()
                        .patrons())
                .isEqualTo(2);
        assertThat(phone(ann)).isEmpty();
        assertThat(found("203-555-0101")).isEmpty();
        assertThat(found("203-555-0177")).isEmpty();
        assertThat(vault.reveal(ann).name().orElseThrow().family()).isEqualTo("Ann");
        // The log cannot tell a mere change from that, so it stays too.
        assertThat(phone(bob)).containsExactly("+12035550199");
        assertThat(found("203-555-0199")).containsExactly(bob);
        assertThat(found("203-555-0102")).isEmpty();
        assertThat(vault.reveal(bob).name().orElseThrow().family()).isEqualTo("Bob");
        assertThat(vault.vault().check().run(CORA, Progress.UNSEEN).listed()).isEmpty();
    }

    /** Everything that is stored of patrons. */
    private List<String> patronTables() throws SQLException {
        List<String> rows = new ArrayList<>();
        try (Connection connection = vault.connect();
                Statement statement = connection.createStatement()) {
            for (String query : List.of(
                    "SELECT * FROM patron ORDER BY 1",
                    "SELECT patron, field, generation, hex(envelope) FROM cell ORDER BY 1, 2",
                    "SELECT * FROM patron_tombstone ORDER BY 1",
                    "SELECT hex(label), hex(value) FROM search_index ORDER BY 1")) {
                try (ResultSet row = statement.executeQuery(query)) {
                    while (row.next()) {
                        StringBuilder text = new StringBuilder();
                        for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
                            text.append(row.getString(i)).append('|');
                        }
                        rows.add(text.toString());
                    }
                }
            }
        }
        return rows;
    }

    /** Checks as a sweep does: each row is the last write in the log, and no row is missing. */
    private void assertRowsAreThoseOfTheLog() {
        Map<PatronId, Map<PatronField, Subject.Write>> last = new HashMap<>();
        for (AccessEvent event : vault.logSince(0)) {
            if (event.outcome() == Outcome.WRITTEN || event.outcome() == Outcome.ERASED) {
                for (Subject subject : event.subjects()) {
                    if (subject.writes().isEmpty()) {
                        last.remove(subject.patron());
                    } else {
                        var rows = last.computeIfAbsent(subject.patron(), id -> new EnumMap<>(PatronField.class));
                        subject.writes().forEach(write -> rows.put(write.field(), write));
                    }
                }
            }
        }
        FieldKeys keys = vault.vault().custody().keys().fields();
        Map<PatronId, Map<PatronField, Long>> stored = new HashMap<>();
        vault.vault().store().read(tx -> {
            tx.sweep().forEachValue(value -> {
                stored.computeIfAbsent(value.patron(), id -> new EnumMap<>(PatronField.class))
                        .put(value.field(), value.generation());
                Subject.Write write = last.get(value.patron()).get(value.field());
                assertThat(value.generation()).isEqualTo(write.generation());
                if (value.field() != PatronField.META) {
                    assertThat(keys.rowHash(
                                    value.field(), value.patron(), value.generation(), new byte[0], value.envelope()))
                            .isEqualTo(write.rowHash());
                }
            });
            return true;
        });
        last.forEach((id, rows) -> assertThat(stored.get(id)).containsOnlyKeys(rows.keySet()));
        assertThat(stored).containsOnlyKeys(last.keySet());
    }

    @Test
    void backupWhoseCheckpointIsKeptNoLongerComesBack() {
        Path backup = backUp("b");
        long size = vault.vault().log().lastCheckpoint().orElseThrow().size();
        vault.patch(bob, 1, "{'phone':['203-555-0199']}");
        vault.vault().log().checkpoint();
        vault.clock().advance(Duration.ofDays(40));
        vault.reveal(ann);
        new CheckpointThinning(vault.vault().store(), vault.vault().log()).turn();
        assertThat(vault.vault().store().<Optional<String>>read(tx -> tx.log().checkpoint(size)))
                .isEmpty();
        restore(backup);
        assertThat(found("203-555-0102")).containsExactly(bob);
    }

    @Test
    void changedIsBackErasedIsNotAndWhoCameSinceStays() throws SQLException {
        Path from = backUp("b1");
        vault.patch(ann, 1, "{'phone':['203-555-0177'],'name':{'family':'Other'}}");
        erase(bob);
        PatronId cleo = vault.register("'card':'C1','name':{'family':'Cleo'},'phone':['203-555-0103']");
        // That the index grows is no authority over anything.
        List<String> authority = authorityRows().stream()
                .filter(row -> !row.startsWith("index-size"))
                .toList();
        long before = vault.logSize();

        assertThat(restore(from)).isEqualTo(new PatronRestoration.Result(1, 0, 0));

        assertThat(vault.reveal(ann).name().orElseThrow().family()).isEqualTo("Ann");
        assertThat(phone(ann)).containsExactly("+12035550101");
        assertThat(found("A1")).containsExactly(ann);
        assertThat(found("203-555-0101")).containsExactly(ann);
        assertThat(found("203-555-0177")).isEmpty();
        assertGone(bob, "B1");
        assertThat(phone(cleo)).containsExactly("+12035550103");
        assertThat(found("C1")).containsExactly(cleo);
        assertThat(authorityRows()).containsAll(authority);
        assertRowsAreThoseOfTheLog();

        // Above what it had then and since: 1, 2, 3.
        assertThat(generations(ann))
                .containsEntry("phone", 3L)
                .containsEntry("name", 3L)
                .containsEntry("card", 1L)
                .containsEntry("meta", 3L);
        assertThat(vault.patch(ann, 3, "{'phone':['203-555-0178']}").version()).isEqualTo(4);
        List<AccessEvent> entries = vault.logSince(before).stream()
                .filter(event -> event.act() == ActKind.RESTORE && event.outcome() == Outcome.WRITTEN)
                .toList();
        assertThat(entries).hasSize(2);
        assertThat(entries.get(0).count()).isEqualTo(OptionalLong.of(1));
        assertThat(entries).allSatisfy(event -> {
            assertThat(event.actor()).isEqualTo(CORA.actor());
            assertThat(event.second().orElseThrow().name()).isEqualTo("carl");
            assertThat(event.about())
                    .contains(OpenVault.json(manifestOf(from)).path("id").asText());
        });
        assertThat(entries.get(1).subjects()).extracting(Subject::patron).containsExactly(ann);
        vault.restart();
        assertThat(phone(ann)).containsExactly("+12035550178");
    }

    private static String manifestOf(Path from) {
        try {
            return Files.readString(from.resolve("manifest.json"));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private List<String> authorityRows() throws SQLException {
        List<String> rows = new ArrayList<>();
        try (Connection connection = vault.connect();
                Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery("SELECT kind, name, generation, body, hex(mac) FROM authority")) {
            while (row.next()) {
                rows.add(row.getString(1) + row.getString(2) + row.getString(3) + row.getString(4) + row.getString(5));
            }
        }
        return rows;
    }

    private Map<String, Long> generations(PatronId patron) throws SQLException {
        Map<String, Long> generations = new HashMap<>();
        try (Connection connection = vault.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT field, generation FROM cell WHERE patron = " + patron.number())) {
            while (row.next()) {
                generations.put(row.getString(1), row.getLong(2));
            }
        }
        return generations;
    }

    @Test
    void whatIsAsItWasIsNotTouched() throws SQLException {
        Path from = backUp("b1");
        rotate("phone");
        List<String> tables = patronTables();
        long before = vault.logSize();
        assertThat(restore(from)).isEqualTo(new PatronRestoration.Result(0, 0, 0));
        assertThat(patronTables()).isEqualTo(tables);
        assertThat(vault.logSince(before))
                .filteredOn(event -> event.act() == ActKind.RESTORE && event.outcome() == Outcome.DISCLOSED)
                .isEmpty();
    }

    @Test
    void rowsDeletedEditedOrPutBackBehindTheVaultsBackAreRightAgain() throws SQLException {
        PatronId cleo = vault.register("'card':'C1','name':{'family':'Cleo'},'phone':['203-555-0103']");
        PatronId dora = vault.register("'card':'D1','name':{'family':'Dora'},'phone':['203-555-0104']");
        Path from = backUp("b1");
        vault.patch(dora, 1, "{'phone':['203-555-0144']}");
        behindItsBack(
                "DELETE FROM patron WHERE id = " + ann.number(),
                "UPDATE patron SET status = 'blocked' WHERE id = " + bob.number(),
                "UPDATE cell SET envelope = zeroblob(length(envelope)) WHERE field = 'labels' AND patron = "
                        + cleo.number());
        putBack(from, dora);
        assertThatThrownBy(() -> vault.reveal(bob)).isInstanceOf(IntegrityException.class);

        assertThat(restore(from).patrons()).isEqualTo(4);

        for (PatronId patron : List.of(ann, bob, cleo, dora)) {
            assertThat(vault.reveal(patron).card().orElseThrow()).matches("[A-D]1");
        }
        assertThat(found("A1")).containsExactly(ann);
        assertThat(found("203-555-0101")).containsExactly(ann);
        assertThat(found("C1")).containsExactly(cleo);
        assertThat(found("D1")).containsExactly(dora);
        assertThat(phone(dora)).containsExactly("+12035550104");
        assertThat(generations(dora)).containsEntry("phone", 3L);
        assertRowsAreThoseOfTheLog();
    }

    @Test
    void whoWasErasedInAMonthThatIsForgottenStaysErased() throws SQLException {
        Path from = backUp("b1");
        erase(bob);
        forgetTheMonth();
        behindItsBack("DELETE FROM patron_tombstone");
        assertThat(restore(from)).isEqualTo(new PatronRestoration.Result(0, 1, 0));
        assertGone(bob, "B1");
        assertThat(phone(ann)).containsExactly("+12035550101");
        assertRowsAreThoseOfTheLog();
        assertThat(restore(backUp("b2"))).isEqualTo(new PatronRestoration.Result(0, 0, 0));
    }

    @Test
    void whoWasErasedIsNotBroughtBackThoughTheEntryThatSaysSoIsOverwritten() throws SQLException {
        Path from = backUp("b1");
        erase(bob);
        long last = vault.logSize() - 1;
        vault.vault().log().checkpoint();
        behindItsBack(
                "UPDATE access_log SET leaf = (SELECT leaf FROM access_log WHERE idx = 0) WHERE idx = " + last,
                "DELETE FROM patron_tombstone");
        List<String> tables = patronTables();
        assertRefused(Problem.INVALID, "log verify", () -> restore(from));
        assertThat(patronTables()).isEqualTo(tables);
        assertGone(bob, "B1");
    }

    @Test
    void erasureThatIsMadeGoodAfterItsMonthIsForgottenGivesNoVersionThatWasGivenBefore() throws SQLException {
        Path from = backUp("b1");
        PatronId cleo = vault.register("'card':'C1','name':{'family':'Cleo'}");
        for (PatronId patron : List.of(bob, cleo)) {
            for (int version = 1; version < 6; version++) {
                vault.patch(patron, version, "{'phone':['203-555-017" + version + "']}");
            }
            erase(patron);
        }
        forgetTheMonth();
        behindItsBack("DELETE FROM patron_tombstone");
        assertThat(restore(from)).isEqualTo(new PatronRestoration.Result(0, 2, 0));
        assertThat(vault.vault()
                        .store()
                        .read(tx -> tx.current().of(List.of(bob, cleo)))
                        .values())
                .hasSize(2)
                .allMatch(now -> now.isErased() && now.version() >= 7);
    }

    private void forgetTheMonth() {
        vault.clock().advance(Duration.ofDays(800));
        Forgetting.ofWhatIsDue(vault);
        assertThat(vault.vault().log().reader().about(ann))
                .extracting(entry -> entry.event().act())
                .contains(ActKind.CARRY)
                .doesNotContain(ActKind.REGISTER);
    }

    @Test
    void whatWasOnlyCarriedIsNoVersionAndWhatIsForgottenStillIs() throws SQLException {
        Path from = backUp("b1");
        vault.patch(ann, 1, "{'phone':['203-555-0177']}");
        vault.patch(ann, 2, "{'phone':['203-555-0178']}");
        forgetTheMonth();
        behindItsBack(
                "DELETE FROM patron WHERE id = " + ann.number(),
                "UPDATE patron SET status = 'blocked' WHERE id = " + bob.number());
        assertThat(restore(from)).isEqualTo(new PatronRestoration.Result(2, 0, 0));
        assertThat(phone(ann)).containsExactly("+12035550101");
        assertThat(vault.patch(ann, 4, "{'phone':['203-555-0179']}").version()).isEqualTo(5);
        assertThat(vault.patch(bob, 2, "{'phone':['203-555-0180']}").version()).isEqualTo(3);
        assertThat(generations(ann)).containsEntry("phone", 5L);
        assertRowsAreThoseOfTheLog();
    }

    @Test
    void flippedBitInTheWrapOfAnyFieldIsCuredThoughTheRowHashIsRight() throws SQLException {
        for (PatronField field :
                LongRun.ON ? EnumSet.allOf(PatronField.class) : EnumSet.of(PatronField.CARD, PatronField.LABELS)) {
            Path from = backUp(field.wireName());
            flip(ann, field, 20);

            assertThat(restore(from)).as(field.wireName()).isEqualTo(new PatronRestoration.Result(1, 0, 0));

            assertThat(phone(ann)).containsExactly("+12035550101");
            assertThat(found("A1")).containsExactly(ann);
            rotate(field.wireName());
        }
        assertRowsAreThoseOfTheLog();
    }

    private void flip(PatronId patron, PatronField field, int at) throws SQLException {
        try (Connection connection = vault.connect();
                var statement =
                        connection.prepareStatement("UPDATE cell SET envelope = ? WHERE patron = ? AND field = ?")) {
            byte[] envelope = vault.vault()
                    .store()
                    .read(tx -> tx.patrons().find(patron))
                    .orElseThrow()
                    .value(field)
                    .orElseThrow()
                    .envelope()
                    .clone();
            envelope[at] ^= 1;
            statement.setBytes(1, envelope);
            statement.setLong(2, patron.number());
            statement.setString(3, field.wireName());
            statement.execute();
        }
    }

    /** Puts a patron's rows of the backup over those of now. */
    private void putBack(Path from, PatronId patron) throws SQLException {
        try (Connection connection = vault.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("ATTACH '" + vault.opened(from) + "' AS old");
            statement.executeUpdate("DELETE FROM main.patron WHERE id = " + patron.number());
            statement.executeUpdate("INSERT INTO main.patron SELECT * FROM old.patron WHERE id = " + patron.number());
            statement.executeUpdate("DELETE FROM main.patron_tombstone WHERE id = " + patron.number());
        }
    }

    @Test
    void erasureUndoneBehindTheVaultsBackIsMadeGoodAndOneForgedIsNotBelieved() throws SQLException {
        Path from = backUp("b1");
        erase(bob);
        putBack(from, bob);
        assertThat(phone(bob)).containsExactly("+12035550102");
        behindItsBack(
                "DELETE FROM patron WHERE id = " + ann.number(),
                "INSERT INTO patron_tombstone VALUES (" + ann.number() + ", 9)");

        assertThat(restore(from)).isEqualTo(new PatronRestoration.Result(1, 1, 0));

        assertGone(bob, "B1");
        assertThat(phone(ann)).containsExactly("+12035550101");
        assertThat(vault.vault().store().<Boolean>read(tx -> tx.patrons().everUsed(bob)))
                .isTrue();
        assertRowsAreThoseOfTheLog();
        // The restored data have their own version. The erasure is final.
        assertThat(restore(from)).isEqualTo(new PatronRestoration.Result(1, 0, 0));
        assertRowsAreThoseOfTheLog();
    }

    @Test
    void erasureOfBeforeTheBackupHoldsToo() throws SQLException {
        Path older = backUp("older");
        erase(bob);
        Path from = backUp("b1");
        putBack(older, bob);
        assertThat(restore(from)).isEqualTo(new PatronRestoration.Result(0, 1, 0));
        assertGone(bob, "B1");
    }

    @Test
    void protectionAndConsentStayAsTheyAreNow() {
        Path from = backUp("b1");
        vault.patrons()
                .protection()
                .put(
                        OpenVault.person("director"),
                        Optional.of(ann),
                        OptionalLong.empty(),
                        new org.patronvault.patron.change.Protection.Request(
                                Optional.of(true), Optional.empty(), Optional.empty()),
                        Optional.empty(),
                        AuditLog.newRequest());
        assertThat(restore(from).patrons()).isEqualTo(1);
        assertThat(vault.patrons()
                        .protection()
                        .read(OpenVault.person("director"), Optional.of(ann), AuditLog.newRequest())
                        .isProtected())
                .isTrue();
    }

    @Test
    void whereAPatronIsForgottenStaysAsItIsNowThoughTheCellThatSaysSoIsSpoilt() throws SQLException {
        vault.addVendor("films");
        vault.forget(ann, "films");
        vault.forget(bob, "films");
        Path from = backUp("b1");
        vault.forget(ann, "films");
        vault.forget(bob, "films");
        List<String> subjects = List.of(vault.subject("films", "A1"), vault.subject("films", "B1"));
        behindItsBack("UPDATE cell SET envelope = (SELECT envelope FROM cell WHERE patron = " + ann.number()
                + " AND field = 'meta') WHERE patron = " + bob.number() + " AND field = 'meta'");
        assertThat(restore(from).patrons()).isEqualTo(2);
        assertThat(List.of(vault.subject("films", "A1"), vault.subject("films", "B1")))
                .isEqualTo(subjects);
    }

    @Test
    void itWorksAfterFieldsAndIndexWereRotated() {
        Path from = backUp("b1");
        vault.patch(ann, 1, "{'phone':['203-555-0177']}");
        rotate("phone");
        rotate("search");
        assertThat(restore(from).patrons()).isEqualTo(1);
        assertThat(found("203-555-0101")).containsExactly(ann);
        assertThat(found("203-555-0177")).isEmpty();
        assertThat(found("203-555-0102")).containsExactly(bob);
        assertThat(vault.vault().store().read(tx -> tx.wraps().countByKek()).get(PatronField.PHONE))
                .containsOnlyKeys(2);
        assertRowsAreThoseOfTheLog();
    }

    private void rotate(String field) {
        assertThat(vault.rotate(field).state()).isEqualTo(Operation.DONE);
    }

    private void destroy(String field, int version) {
        KeyDestruction destruction = new KeyDestruction(vault.destruction(0));
        assertThat(destruction
                        .ask(Approvals.Requester.of(CORA.actor(), Optional.of(CARL)), field, version, List.of())
                        .filed())
                .isEmpty();
        assertThat(destruction.find(field, version).orElseThrow().state()).isEqualTo(Operation.DONE);
    }

    @Test
    void backupMadeBeforeADestroyOpensNothingOfThatFieldAfterIt() throws SQLException {
        Path from = backUp("b1");
        erase(bob);
        vault.patch(ann, 1, "{'phone':['203-555-0177'],'name':{'family':'Other'}}");
        PatronId cleo = vault.register("'card':'C1','name':{'family':'Cleo'},'phone':['203-555-0103']");
        rotate("phone");
        backUp("b2");
        destroy("phone", 1);
        List<String> tables = patronTables();

        // Each byte string of the field in the backup, under every key there is.
        List<String> opened = new ArrayList<>();
        int[] tried = new int[1];
        try (StoreCopy copy = StoreCopy.open(vault.opened(from))) {
            copy.read(tx -> {
                tx.sweep().forEachValue(value -> {
                    if (value.field() == PatronField.PHONE) {
                        tried[0]++;
                        for (int version = 1; version <= 2; version++) {
                            byte[] envelope = value.envelope().clone();
                            envelope[4] = (byte) version;
                            try {
                                opened.add(value.patron() + " "
                                        + vault.vault()
                                                .custody()
                                                .keys()
                                                .fields()
                                                .open(
                                                        PatronField.PHONE,
                                                        value.patron(),
                                                        value.generation(),
                                                        new byte[0],
                                                        envelope)
                                                .length);
                            } catch (IntegrityException e) {
                                // As it must be.
                            }
                        }
                    }
                });
                return true;
            });
        }
        assertThat(tried[0]).isEqualTo(2);
        assertThat(opened).isEmpty();

        assertRefused(Problem.INVALID, "2 of phone (version 1)", () -> restore(from));
        assertThat(patronTables()).isEqualTo(tables);

        // Everything else returns: the present patron's phone stays, the lost patron's is gone.
        assertThat(restore(CORA, Optional.of(CARL), from, true, Progress.UNSEEN).done())
                .contains(new PatronRestoration.Result(1, 0, 0));
        assertThat(vault.reveal(ann).name().orElseThrow().family()).isEqualTo("Ann");
        assertThat(phone(ann)).containsExactly("+12035550177");
        assertThat(found("203-555-0177")).containsExactly(ann);
        assertGone(bob, "B1");
        behindItsBack("DELETE FROM patron WHERE id = " + ann.number());
        assertThat(restore(CORA, Optional.of(CARL), from, true, Progress.UNSEEN).done())
                .contains(new PatronRestoration.Result(1, 0, 0));
        assertThat(vault.reveal(ann).name().orElseThrow().family()).isEqualTo("Ann");
        assertThat(phone(ann)).isEmpty();
        assertThat(vault.reveal(ann).email().orElseThrow()).containsExactly("ann@example.org");
        assertThat(phone(cleo)).containsExactly("+12035550103");
        assertRowsAreThoseOfTheLog();
    }

    @Test
    void whoseCardOrMetaCanNoLongerBeOpenedStaysAsHeIsAndIsCounted() throws SQLException {
        Path from = backUp("b1");
        rotate("meta");
        backUp("b2");
        destroy("meta", 1);
        vault.patch(ann, 1, "{'phone':['203-555-0177']}");
        assertRefused(Problem.INVALID, "2 of meta (version 1)", () -> restore(from));
        assertThat(restore(CORA, Optional.of(CARL), from, true, Progress.UNSEEN).done())
                .contains(new PatronRestoration.Result(0, 0, 1));
        assertThat(phone(ann)).containsExactly("+12035550177");
        assertThat(phone(bob)).containsExactly("+12035550102");
    }

    @Test
    void whoWasDamagedInTheBackupAlreadyIsLeftOutAndHoldsUpNobody() throws SQLException {
        behindItsBack("UPDATE cell SET envelope = (SELECT envelope FROM cell WHERE field = 'phone'" + " AND patron = "
                + bob.number() + ") WHERE field = 'phone' AND patron = " + ann.number());
        Path from = backUp("b1");
        behindItsBack("DELETE FROM patron");
        assertThat(restore(from)).isEqualTo(new PatronRestoration.Result(1, 0, 1));
        assertThat(phone(bob)).containsExactly("+12035550102");
        assertRefused(Problem.NOT_FOUND, "", () -> vault.reveal(ann));
    }

    @Test
    void databaseThatIsGoneIsNotBegunAnew() throws IOException {
        vault.vault().log().checkpoint();
        Path database = vault.home().database();
        assertRefused(
                Problem.NOT_FOUND,
                "put its file back",
                () -> vault.whileStopped(
                        () -> assertThat(database.toFile().delete()).isTrue()));
        assertThat(vault.home().database()).doesNotExist();
        // The closed account stays closed.
        vault = OpenVault.onSqlite();
    }

    @Test
    void changedManifestFileOrAnotherVaultsBackupIsRefusedAndNothingIsChanged() throws Exception {
        Path from = backUp("b1");
        vault.patch(ann, 1, "{'phone':['203-555-0177']}");
        List<String> tables = patronTables();
        Path manifest = from.resolve("manifest.json");
        String said = Files.readString(manifest);
        Files.writeString(manifest, said.replaceFirst("\"patrons\" : 2", "\"patrons\" : 3"));
        assertRefused(Problem.INVALID, "manifest.json was changed", () -> restore(from));
        Files.writeString(manifest, said);

        byte[] bytes = Files.readAllBytes(from.resolve("vault.db.sealed"));
        bytes[bytes.length / 2] ^= 1;
        Files.write(from.resolve("vault.db.sealed"), bytes);
        assertRefused(Problem.INVALID, "changed or damaged", () -> restore(from));
        bytes[bytes.length / 2] ^= 1;
        Files.write(from.resolve("vault.db.sealed"), java.util.Arrays.copyOf(bytes, bytes.length - 4096));
        assertRefused(Problem.INVALID, "changed or damaged", () -> restore(from));
        Files.delete(from.resolve("vault.db.sealed"));
        assertRefused(Problem.INVALID, "changed or damaged", () -> restore(from));
        Files.write(from.resolve("vault.db.sealed"), bytes);
        Files.delete(manifest);
        assertRefused(Problem.NOT_FOUND, "no finished backup", () -> restore(from));
        assertRefused(Problem.NOT_FOUND, "no such directory", () -> restore(directory.resolve("none")));
        Files.writeString(manifest, said);
        assertThat(patronTables()).isEqualTo(tables);

        // Equal keys, and a log that diverged.
        Path other = backUp("b2");
        vault.close();
        vault = OpenVault.onSqlite();
        PatronId another = vault.register("'card':'A1','name':{'family':'Another'}");
        assertRefused(Problem.INVALID, "not a beginning of this vault's", () -> restore(other));
        assertThat(vault.reveal(another).name().orElseThrow().family()).isEqualTo("Another");
    }

    @Test
    void bitFlippedInAnyByteOfTheManifestOrAHundredOfTheSealedCopyIsRefusedAndNothingIsChanged() throws Exception {
        Path from = backUp("b1");
        vault.patch(ann, 1, "{'phone':['203-555-0177']}");
        List<String> tables = patronTables();
        for (String name : List.of("manifest.json", "vault.db.sealed")) {
            Path file = from.resolve(name);
            byte[] bytes = Files.readAllBytes(file);
            int step = name.equals("manifest.json") ? LongRun.times(7, 1) : bytes.length / LongRun.times(13, 97);
            for (int at = 0; at < bytes.length; at += step) {
                bytes[at] ^= 1;
                Files.write(file, bytes);
                assertThatThrownBy(() -> restore(from))
                        .as("%s, byte %s", name, at)
                        .isInstanceOf(Refused.class);
                bytes[at] ^= 1;
            }
            Files.write(file, bytes);
        }
        assertThat(patronTables()).isEqualTo(tables);
        assertThat(restore(from).patrons()).isEqualTo(1);
    }

    @Test
    void openedBackupIsANewFileForTheOwnerAloneAndNoneIfItWasChanged() throws Exception {
        Path from = backUp("b1");
        Path file = directory.resolve("made/vault.db");
        UnsealedKeys keys = vault.vault().custody().keys();
        assertThat(OpenedBackup.write(from, keys, file, Optional.empty(), Optional.empty(), Progress.UNSEEN))
                .isEqualTo(OpenVault.json(manifestOf(from)).path("id").asText());
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        try (StoreCopy copy = StoreCopy.open(file)) {
            assertThat(copy.<Long>read(tx -> tx.patrons().count())).isEqualTo(2);
        }
        assertRefused(
                Problem.NAME_IN_USE,
                "is there already",
                () -> OpenedBackup.write(from, keys, file, Optional.empty(), Optional.empty(), Progress.UNSEEN));

        Path stale = Files.writeString(directory.resolve("made/other-wal"), "x");
        assertRefused(
                Problem.NAME_IN_USE,
                "move it away",
                () -> OpenedBackup.write(
                        from,
                        keys,
                        directory.resolve("made/other"),
                        Optional.empty(),
                        Optional.empty(),
                        Progress.UNSEEN));
        Files.delete(stale);

        Path sealed = from.resolve("vault.db.sealed");
        byte[] bytes = Files.readAllBytes(sealed);
        bytes[bytes.length - 1] ^= 1;
        Files.write(sealed, bytes);
        assertRefused(
                Problem.INVALID,
                "changed or damaged",
                () -> OpenedBackup.write(
                        from,
                        keys,
                        directory.resolve("made/other"),
                        Optional.empty(),
                        Optional.empty(),
                        Progress.UNSEEN));
        try (var files = Files.list(file.getParent())) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void refusalsAreInTheLogWithTheBackup() throws IOException {
        Path from = backUp("b1");
        Files.write(from.resolve("vault.db.sealed"), new byte[10]);
        long before = vault.logSize();
        assertRefused(Problem.INVALID, "changed or damaged", () -> restore(from));
        AccessEvent refused = vault.logSince(before).get(0);
        assertThat(refused.act()).isEqualTo(ActKind.RESTORE);
        assertThat(refused.outcome()).isEqualTo(Outcome.REFUSED);
        assertThat(refused.about())
                .contains(OpenVault.json(manifestOf(from)).path("id").asText());
    }

    @Test
    void oneAloneFilesItAnotherCustodianAgreesAndItIsDoneOnce() {
        Path from = backUp("b1");
        vault.patch(ann, 1, "{'phone':['203-555-0177']}");
        assertRefused(
                Problem.NOT_ALLOWED,
                "",
                () -> restore(OpenVault.person("director"), Optional.of(CARL), from, false, Progress.UNSEEN));
        for (Actor wrong : List.of(CORA.actor(), new Actor(Actor.Kind.STAFF, "root", "admin", ""))) {
            assertRefused(
                    Problem.SECOND_PERSON_REQUIRED,
                    "another custodian",
                    () -> restore(CORA, Optional.of(wrong), from, false, Progress.UNSEEN));
        }
        Approval filed = restore(CORA, Optional.empty(), from, false, Progress.UNSEEN)
                .filed()
                .orElseThrow();
        assertThat(filed.sentence()).startsWith("Bring patrons back as they were in backup ");
        Approvals approvals = vault.vault().access().approvals();
        assertRefused(
                Problem.SECOND_PERSON_REQUIRED,
                "",
                () -> approvals.approve(CORA.actor(), filed.id(), Optional.empty()));
        assertThat(phone(ann)).containsExactly("+12035550177");
        approvals.approve(CARL, filed.id(), Optional.empty());
        assertThat(phone(ann)).containsExactly("+12035550177");

        assertThat(restore(CORA, Optional.empty(), from, true, Progress.UNSEEN).filed())
                .as("agreed to without --without-destroyed")
                .isPresent();
        assertThat(restore(CORA, Optional.empty(), from, false, Progress.UNSEEN).done())
                .contains(new PatronRestoration.Result(1, 0, 0));
        assertThat(phone(ann)).containsExactly("+12035550101");
        assertThat(restore(CORA, Optional.empty(), from, false, Progress.UNSEEN).filed())
                .as("leave is good once")
                .isPresent();
    }

    @Test
    void allOfItTakesEffectOrNothing() throws SQLException {
        // The card of one patron in the backup is another's now, whatever the order.
        Path from = backUp("b1");
        vault.patch(ann, 1, "{'phone':['203-555-0177']}");
        vault.patch(bob, 1, "{'phone':['203-555-0178']}");
        for (PatronId lost : List.of(ann, bob)) {
            behindItsBack("DELETE FROM patron WHERE id = " + lost.number());
        }
        behindItsBack("DELETE FROM search_index");
        PatronId thief = vault.register("'card':'B1','name':{'family':'Thief'}");
        List<String> tables = patronTables();
        assertRefused(Problem.CARD_IN_USE, bob.toString(), () -> restore(from));
        assertThat(patronTables()).isEqualTo(tables);
        erase(thief);
        assertThat(restore(from).patrons()).isEqualTo(2);
        assertThat(found("B1")).containsExactly(bob);
    }

    @Test
    void deathBeforeTheWritingChangesNothing() throws SQLException {
        Path from = backUp("b1");
        vault.patch(ann, 1, "{'phone':['203-555-0177']}");
        List<String> tables = patronTables();
        for (String step : List.of("Reading back", "Comparing", "Writing")) {
            Progress dies = (now, done, total) -> {
                if (now.equals(step)) {
                    throw new IllegalStateException("died");
                }
            };
            assertThatThrownBy(() -> restore(CORA, Optional.of(CARL), from, false, dies))
                    .as(step)
                    .hasMessage("died");
            assertThat(patronTables()).isEqualTo(tables);
        }
        vault.restart();
        assertThat(phone(ann)).containsExactly("+12035550177");
    }
}
