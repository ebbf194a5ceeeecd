package org.patronvault.upkeep.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.AuditReceipt;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.custody.rotate.Operation;
import org.patronvault.log.retention.Forgetting;
import org.patronvault.log.view.PatronView;
import org.patronvault.log.view.ViewFiller;
import org.patronvault.patron.check.PatronIntegrityCheck;
import org.patronvault.patron.check.PatronIntegrityCheck.Finding;
import org.patronvault.patron.erasure.ErasureCertificate;
import org.patronvault.testing.LongRun;
import org.patronvault.testing.NumberedPatrons;
import org.patronvault.testing.OpenVault;
import org.patronvault.upkeep.backup.Progress;

/** Tests of what the sweep finds of changes behind the vault's back, and what it does not report. */
final class CheckTest extends CheckContract {
    private static final Finding DAMAGED = finding(null, PatronIntegrityCheck.DATABASE, "damaged");

    /** How many patrons a sweep is stopped among: it writes down how far it is at 256. */
    private static final int SWEPT = LongRun.times(400, 1_000);

    @Override
    OpenVault open() {
        return OpenVault.onSqlite();
    }

    private static Finding finding(PatronId patron, String field, String what) {
        return new Finding(Optional.ofNullable(patron), field, what);
    }

    /** Runs that on the database, with numbers and bytes as parameters; gives how many rows it changed. */
    private int run(String sql, Object... parameters) {
        try (Connection connection = vault.connect();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                statement.setObject(i + 1, parameters[i]);
            }
            return statement.executeUpdate();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private byte[] bytes(String sql, Object... parameters) {
        try (Connection connection = vault.connect();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                statement.setObject(i + 1, parameters[i]);
            }
            try (ResultSet row = statement.executeQuery()) {
                assertThat(row.next()).isTrue();
                return row.getBytes(1);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private byte[] envelope(PatronId patron, String field) {
        return bytes("SELECT envelope FROM cell WHERE patron = ? AND field = ?", patron.number(), field);
    }

    private void put(PatronId patron, String field, byte[] envelope) {
        run("UPDATE cell SET envelope = ? WHERE patron = ? AND field = ?", envelope, patron.number(), field);
    }

    /** A copy of a table as it is, to be put back. */
    private void keep(String table) {
        run("CREATE TABLE kept_" + table + " AS SELECT * FROM " + table);
    }

    @Test
    void accountThatWasEditedIsFoundBeforeAnybodySignsIn() {
        String edit = "UPDATE authority SET body = %s WHERE kind = 'staff'";
        int staff = run(String.format(edit, "body || ' '"));
        assertThat(staff).isPositive();
        assertThat(check().listed()).hasSize(staff).containsOnly(finding(null, "authority", "changed"));
        run(String.format(edit, "rtrim(body)"));
        assertThat(check().ok()).isTrue();
    }

    @Test
    void rowThatAnIndexOfTheDatabaseKnowsNothingOfIsFound() {
        vault.hideFrom("patron_kind", "patron", "id = " + ann.number());
        assertThat(check().listed()).containsExactly(DAMAGED);
        run("REINDEX");
        assertThat(check().ok()).isTrue();
    }

    @Test
    void pageThatCannotBeReadIsAFindingAndNotTheEndOfTheCheck() throws SQLException {
        for (String table : List.of("search_index", "patron", "log_view")) {
            long page = number("SELECT rootpage FROM sqlite_schema WHERE name = '" + table + "'");
            flipAt((page - 1) * number("PRAGMA page_size"));
            assertThat(check().listed()).as(table).contains(DAMAGED);
            flipAt((page - 1) * number("PRAGMA page_size"));
            assertThat(check().ok()).as(table).isTrue();
        }
    }

    private void flipAt(long place) {
        vault.whileStopped(() -> {
            try (RandomAccessFile file =
                    new RandomAccessFile(vault.home().database().toFile(), "rw")) {
                file.seek(place);
                int was = file.read();
                file.seek(place);
                file.write(was ^ 0xf0);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    @Test
    void indexThatHasItsRowsWhereAnotherHasIsFoundThoughBothAreEmpty() throws SQLException {
        String two = "name IN ('idempotency_at', 'access_log_alert')";
        assertThat(number("SELECT count(*) FROM sqlite_schema WHERE " + two)).isEqualTo(2);
        vault.whileStopped(() -> {
            try (Connection connection = vault.connect();
                    Statement statement = connection.createStatement()) {
                statement.execute("PRAGMA writable_schema = 1");
                statement.execute("UPDATE sqlite_schema SET rootpage = (SELECT min(rootpage) FROM sqlite_schema WHERE "
                        + two + ") WHERE " + two);
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        });
        assertThat(check().listed()).containsExactly(DAMAGED);
    }

    @Test
    void entryOfTheNextIndexIsFoundThoughNoneIsMade() {
        run("INSERT INTO search_index_next (label, value) SELECT label, value FROM search_index LIMIT 1");
        assertThat(check().listed()).containsExactly(finding(null, "index", "foreign"));
        run("DELETE FROM search_index_next");
        assertThat(check().ok()).isTrue();
    }

    @Test
    void lineOfTheLedgerThatWasChangedIsFoundBeforeAnybodyNeedsIt() throws IOException {
        Path ledger = vault.home().keys().resolve("ledger");
        for (PatronId one : List.of(ann, bob)) {
            ErasureCertificate unused = vault.eraseField(one, "phone");
            vault.vault().log().ledger().follow();
        }
        assertThat(check().ok()).isTrue();
        byte[] written = Files.readAllBytes(ledger);
        int line = new String(written, StandardCharsets.ISO_8859_1).indexOf("emptied");
        assertThat(line).isPositive();
        byte[] changed = written.clone();
        changed[line] ^= 1;
        Files.write(ledger, changed);
        assertThat(check().listed()).containsExactly(finding(null, "ledger", "changed"));
        Files.write(ledger, written);
        assertThat(check().ok()).isTrue();
    }

    @Test
    void rowThatWasPutBackSwappedEditedOrDamagedIsNamed() {
        byte[] old = envelope(ann, "phone");
        vault.patch(ann, 1, "{'phone':['203-555-0199']}");
        byte[] now = envelope(ann, "phone");
        assertThat(check().ok()).isTrue();

        run(
                "UPDATE cell SET envelope = ?, generation = generation - 1 WHERE patron = ? AND field = 'phone'",
                old,
                ann.number());
        assertThat(check().listed()).containsExactly(finding(ann, "phone", "rolled-back"));
        run(
                "UPDATE cell SET envelope = ?, generation = generation + 1 WHERE patron = ? AND field = 'phone'",
                now,
                ann.number());
        assertThat(check().ok()).isTrue();

        byte[] anns = envelope(ann, "name");
        byte[] bobs = envelope(bob, "name");
        put(ann, "name", bobs);
        put(bob, "name", anns);
        assertThat(check().listed())
                .containsExactlyInAnyOrder(finding(ann, "name", "changed"), finding(bob, "name", "changed"));
        put(ann, "name", anns);
        put(bob, "name", bobs);

        for (int at = 0; at < now.length; at += LongRun.times(31, 7)) {
            byte[] flipped = now.clone();
            flipped[at] ^= 1;
            put(ann, "phone", flipped);
            List<Finding> found = new ArrayList<>(check().listed());
            // The first says of what form it is, which is the table's to know too.
            assertThat(found.remove(DAMAGED)).isEqualTo(at == 0);
            assertThat(found).as("byte " + at).hasSize(1);
            assertThat(found.get(0).field()).isEqualTo("phone");
            assertThat(found.get(0).what()).isIn("not-sealed", "unreadable", "changed");
        }
        put(ann, "phone", "203-555-0199".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        assertThat(check().listed()).containsExactly(finding(ann, "phone", "not-sealed"), DAMAGED);
        put(ann, "phone", now);
        assertThat(run("UPDATE patron SET status = 'blocked' WHERE id = ?", ann.number()))
                .isEqualTo(1);
        assertThat(check().listed()).containsExactly(finding(ann, "meta", "changed"));
    }

    @Test
    void rowThatWasPutBackOrSwappedIsNamedThoughTheMonthItWasWrittenInIsForgotten() {
        byte[] old = envelope(ann, "phone");
        vault.patch(ann, 1, "{'phone':['203-555-0199']}");
        vault.clock().advance(Duration.ofDays(800));
        Forgetting.ofWhatIsDue(vault);
        assertThat(check().ok()).isTrue();
        run(
                "UPDATE cell SET envelope = ?, generation = generation - 1 WHERE patron = ? AND field = 'phone'",
                old,
                ann.number());
        byte[] anns = envelope(ann, "name");
        put(ann, "name", envelope(bob, "name"));
        put(bob, "name", anns);
        run("DELETE FROM cell WHERE patron = ? AND field = 'email'", bob.number());
        assertThat(check().listed())
                .containsExactlyInAnyOrder(
                        finding(ann, "phone", "rolled-back"),
                        finding(ann, "name", "changed"),
                        finding(bob, "name", "changed"),
                        finding(bob, "email", "missing"),
                        DAMAGED);
    }

    @Test
    void oldWriteThatIsSaidAgainAfterANewerOneMakesNoRowRightThatWasPutBack() {
        byte[] old = envelope(ann, "phone");
        long registered = vault.logSize();
        vault.patch(ann, 1, "{'phone':['203-555-0199']}");
        Subject first = vault.logSince(0).subList(0, (int) registered).stream()
                .flatMap(entry -> entry.subjects().stream())
                .filter(one -> one.patron().equals(ann))
                .findFirst()
                .orElseThrow();
        AuditLog log = vault.vault().log();
        log.record(log.event(Actor.VAULT, ActKind.CARRY, Outcome.WRITTEN, AuditLog.newRequest())
                .on(List.of(first)));
        assertThat(check().ok()).isTrue();
        run(
                "UPDATE cell SET envelope = ?, generation = generation - 1 WHERE patron = ? AND field = 'phone'",
                old,
                ann.number());
        assertThat(check().listed()).containsExactly(finding(ann, "phone", "rolled-back"));
    }

    @Test
    void wholePatronPutBackIsNamedThoughItsRowsFitEachOther() {
        for (String table : List.of("patron", "search_index")) {
            keep(table);
        }
        vault.patch(ann, 1, "{'phone':['203-555-0199']}");
        for (String table : List.of("patron", "search_index")) {
            run("DELETE FROM " + table);
            run("INSERT INTO " + table + " SELECT * FROM kept_" + table);
        }
        assertThat(check().listed())
                .contains(finding(ann, "phone", "rolled-back"), finding(ann, "meta", "rolled-back"))
                .noneMatch(one -> one.patron().equals(Optional.of(bob)));
    }

    @Test
    void whatIsMissingAddedOrNobodysIsNamed() {
        run("DELETE FROM cell WHERE patron = ? AND field = 'email'", ann.number());
        assertThat(check().listed()).containsExactly(finding(ann, "email", "missing"), DAMAGED);
        long stranger = 4711;
        run(
                "INSERT INTO patron SELECT ?, version, index_generation, library, category, status, expires,"
                        + " registered, card, name, address, phone, email, meta, labels FROM patron WHERE id = ?",
                stranger,
                bob.number());
        assertThat(check().listed()).contains(finding(new PatronId(stranger), "row", "added"));
        run("DELETE FROM patron WHERE id = ?", stranger);
        assertThat(check().listed()).containsExactly(finding(ann, "email", "missing"), DAMAGED);
        run("DELETE FROM patron WHERE id = ?", bob.number());
        assertThat(check().listed()).contains(finding(ann, "email", "missing"), finding(bob, "row", "deleted"));
    }

    @Test
    void erasedPatronWhoIsBackOrWhoseTombstoneIsGoneIsNamed() {
        keep("patron");
        erase(ann);
        assertThat(check().ok()).isTrue();
        run("DELETE FROM patron_tombstone");
        assertThat(check().listed()).containsExactly(finding(ann, "row", "missing"));
        run("INSERT INTO patron SELECT * FROM kept_patron WHERE id = ?", ann.number());
        assertThat(check().listed()).contains(finding(ann, "row", "added"));
    }

    @Test
    void pageOfTheViewByPatronThatIsGoneIsNamedAndWrittenAgain() throws SQLException {
        AuditLog log = vault.vault().log();
        // The rest of a month becomes a block when the next month begins.
        for (int days : List.of(0, 31)) {
            AccessEvent look = AccessEvent.of(
                            log.now().plus(Duration.ofDays(days)),
                            OpenVault.person("circulation").actor(),
                            ActKind.REVEAL,
                            Outcome.DISCLOSED,
                            AuditLog.newRequest())
                    .on(List.of(Subject.opened(ann, Set.of(PatronField.PHONE))));
            AuditReceipt unused = log.record(look);
        }
        PatronView view = new PatronView(vault.vault().store(), vault.vault().custody());
        try (ViewFiller filler = new ViewFiller(view, log);
                Check check = another(view)) {
            filler.settle();
            assertThat(check.run(OpenVault.person("custodian"), Progress.UNSEEN).ok())
                    .isTrue();
            assertThat(run("DELETE FROM log_view WHERE page = 1")).isEqualTo(1);
            assertThat(check.run(OpenVault.person("custodian"), Progress.UNSEEN).listed())
                    .containsExactly(new PatronIntegrityCheck.Finding(Optional.empty(), "log-view", "missing"));
            filler.settle();
            assertThat(check.run(OpenVault.person("custodian"), Progress.UNSEEN).ok())
                    .isTrue();
            assertThat(number("SELECT count(*) FROM log_view WHERE page = 1")).isEqualTo(1);
        }
    }

    @Test
    void entriesOfTheIndexThatAreGoneForeignOrPutBackAreNamed() throws SQLException {
        keep("search_index");
        vault.patch(ann, 1, "{'phone':['203-555-0199']}");
        assertThat(check().ok()).isTrue();
        // Ann's former live entries are dummies by now, and they are restored one by one.
        assertThat(run("UPDATE search_index SET value = (SELECT value FROM kept_search_index k"
                        + " WHERE k.label = search_index.label) WHERE label IN (SELECT label FROM kept_search_index)"))
                .isEqualTo(80);
        List<Finding> back = check().listed();
        assertThat(back).isNotEmpty().containsOnly(finding(ann, "index", "foreign"));
        assertThat(vault.rotate("search").state()).isEqualTo(Operation.DONE);
        assertThat(check().ok()).isTrue();

        List<byte[]> labels = labels();
        byte[] first = bytes("SELECT value FROM search_index WHERE label = ?", (Object) labels.get(0));
        byte[] second = bytes("SELECT value FROM search_index WHERE label = ?", (Object) labels.get(1));
        run("UPDATE search_index SET value = ? WHERE label = ?", second, labels.get(0));
        assertThat(check().listed())
                .hasSize(2)
                .contains(finding(null, "index", "foreign"))
                .anyMatch(one -> one.patron().isPresent() && one.what().equals("changed"));
        run("UPDATE search_index SET value = ? WHERE label = ?", first, labels.get(0));
        run("DELETE FROM search_index WHERE label = ?", (Object) labels.get(5));
        // Its patron lacks it, and so does the index as a whole.
        assertThat(check().listed()).hasSize(2).allMatch(one -> one.what().equals("missing"));
        run("INSERT INTO search_index VALUES (randomblob(16), randomblob(32)), (randomblob(20), randomblob(3))");
        assertThat(check().listed()).hasSize(4).contains(finding(null, "index", "foreign"), DAMAGED);
        assertThat(vault.rotate("search").state()).isEqualTo(Operation.DONE);
        assertThat(check().ok()).isTrue();
    }

    @Test
    void entryThatIsNobodysAnyMoreIsMissedAllTheSame() {
        keep("search_index");
        vault.patch(ann, 1, "{'phone':['203-555-0199']}");
        assertThat(check().ok()).isTrue();
        // One of Ann's first forty, which are dummies by now.
        assertThat(run("DELETE FROM search_index WHERE label = (SELECT min(s.label) FROM search_index s"
                        + " JOIN kept_search_index k ON k.label = s.label WHERE k.value <> s.value)"))
                .isEqualTo(1);
        assertThat(check().listed()).containsExactly(finding(null, "index", "missing"));
        assertThat(vault.rotate("search").state()).isEqualTo(Operation.DONE);
        assertThat(check().ok()).isTrue();
        vault.patch(bob, 1, "{'phone':['203-555-0188']}");
        assertThat(check().ok()).isTrue();
        run("DELETE FROM search_index WHERE label = (SELECT min(label) FROM search_index)");
        assertThat(check().listed()).contains(finding(null, "index", "missing"));
    }

    private List<byte[]> labels() throws SQLException {
        try (Connection connection = vault.connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT label FROM search_index ORDER BY label")) {
            List<byte[]> labels = new ArrayList<>();
            while (rows.next()) {
                labels.add(rows.getBytes(1));
            }
            return labels;
        }
    }

    @Test
    void rowThatCannotEvenBeReadIsNamedAndHidesNobody() {
        byte[] bobs = envelope(bob, "phone");
        byte[] flipped = bobs.clone();
        flipped[200] ^= 1;
        put(bob, "phone", flipped);
        assertThat(run("UPDATE patron SET expires = 'x' WHERE id = ?", ann.number()))
                .isEqualTo(1);
        assertThat(check().listed()).contains(finding(ann, "row", "unreadable"), finding(bob, "phone", "changed"));
        run("UPDATE patron SET expires = NULL WHERE id = ?", ann.number());
        run("UPDATE cell SET field = 'other' WHERE patron = ? AND field = 'name'", ann.number());
        assertThat(check().listed()).contains(finding(ann, "name", "missing"), finding(bob, "phone", "changed"));
    }

    @Test
    void logThatWasEditedIsSaidInsteadOfHavingRowsHeldAgainstIt() {
        byte[] old = envelope(ann, "phone");
        vault.patch(ann, 1, "{'phone':['203-555-0199']}");
        run(
                "UPDATE cell SET envelope = ?, generation = generation - 1 WHERE patron = ? AND field = 'phone'",
                old,
                ann.number());
        long last = vault.logSize() - 1;
        // So that this node has hashed it, and nothing but the sweep looks at it again.
        vault.vault().log().checkpoint();
        for (String leaf : List.of("(SELECT leaf FROM access_log WHERE idx = 1)", "x'00'")) {
            byte[] kept = bytes("SELECT leaf FROM access_log WHERE idx = ?", last);
            run("UPDATE access_log SET leaf = " + leaf + " WHERE idx = ?", last);
            Check.Report report = check();
            assertThat(report.ok()).isFalse();
            assertThat(report.listed()).isNotEmpty().allMatch(one -> one.field().equals("log"));
            run("UPDATE access_log SET leaf = ? WHERE idx = ?", kept, last);
        }
        assertThat(check().listed()).containsExactly(finding(ann, "phone", "rolled-back"));
    }

    @Test
    void findingsAreInTheLogWithTheirPatronsAndTellSomebody() {
        byte[] anns = envelope(ann, "name");
        put(ann, "name", envelope(bob, "name"));
        put(bob, "name", anns);
        run("INSERT INTO search_index VALUES (randomblob(16), randomblob(32))");
        long before = vault.logSize();
        assertThat(check().findings()).isEqualTo(3);
        List<AccessEvent> entries = vault.logSince(before);
        assertThat(entries)
                .extracting(AccessEvent::outcome)
                .containsExactly(Outcome.FAILED, Outcome.ALERT, Outcome.FAILED, Outcome.ALERT, Outcome.FAILED);
        assertThat(entries.get(0).subjects()).extracting(Subject::patron).containsExactlyInAnyOrder(ann, bob);
        assertThat(entries.get(0).count()).isEqualTo(OptionalLong.of(2));
        assertThat(entries.get(1).about()).contains("check-found");
        assertThat(entries.get(2).subjects()).isEmpty();
        assertThat(entries).allMatch(entry -> entry.act() == ActKind.CHECK);
    }

    /** A sweep by itself, of a vault whose own has been closed. */
    private Check another() {
        return another(new PatronView(vault.vault().store(), vault.vault().custody()));
    }

    private Check another(PatronView view) {
        Check.Parts parts = new Check.Parts(
                vault.vault().store(),
                vault.vault().custody(),
                vault.vault().log(),
                view,
                vault.vault().access(),
                vault.patrons().inspection(),
                vault.vault().privacy().disclosures());
        return new Check(parts, vault.home().node(), 1, vault.clock());
    }

    private List<AccessEvent> ends(long since) {
        return vault.logSince(since).stream()
                .filter(entry -> entry.act() == ActKind.CHECK && entry.count().isPresent())
                .toList();
    }

    /** A sweep of so many patrons that was stopped when some had been looked at. */
    private void stoppedMidway() {
        vault.patrons().importer().run(OpenVault.person("admin"), new NumberedPatrons(SWEPT), false, n -> {});
        stoppedAt("Checking values", 256 * 7);
    }

    private void stoppedAt(String at, long from) {
        Check stopped = another();
        assertThatThrownBy(() -> stopped.run(OpenVault.person("custodian"), (step, done, total) -> {
                    if (step.equals(at) && done >= from) {
                        stopped.close();
                    }
                }))
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.BUSY));
    }

    @Test
    void sweepThatIsStoppedWhileTheDatabaseIsLookedAtIsGoneOnWith() throws Exception {
        vault.hideFrom("patron_kind", "patron", "id = " + ann.number());
        stoppedAt("Checking the database itself", 0);
        long before = vault.logSize();
        try (Check check = another()) {
            turn(check);
        }
        assertThat(ends(before)).extracting(AccessEvent::outcome).contains(Outcome.FAILED);
    }

    @Test
    void whoIsDeletedAfterHavingBeenLookedAtIsFoundByTheSweepThatIsGoneOnWith() throws Exception {
        stoppedMidway();
        PatronId first = new PatronId(number("SELECT min(id) FROM patron"));
        run("DELETE FROM patron WHERE id = ?", first.number());
        long before = vault.logSize();
        try (Check check = another()) {
            turn(check);
        }
        assertThat(vault.logSince(before).get(0).subjects())
                .extracting(Subject::patron)
                .containsExactly(first);
        assertThat(ends(before)).extracting(AccessEvent::outcome).contains(Outcome.FAILED);
    }

    private long number(String sql) throws SQLException {
        try (Connection connection = vault.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            return row.getLong(1);
        }
    }

    @Test
    void sweepThatWasStoppedIsGoneOnWithAndOneIsMadeEachDay() throws Exception {
        stoppedMidway();
        Path file = vault.home().node().resolve("check");
        String kept = Files.readString(file);
        long before = vault.logSize();
        try (Check check = another()) {
            turn(check);
            assertThat(ends(before)).hasSize(1);
            assertThat(ends(before).get(0).count()).isEqualTo(OptionalLong.of((SWEPT + 2) * 7L));
            assertThat(ends(before).get(0).actor().kind()).isEqualTo(Actor.Kind.VAULT);
            turn(check);
            assertThat(ends(before)).as("not twice a day").hasSize(1);
            vault.clock().advance(Duration.ofDays(1));
            turn(check);
            assertThat(ends(before)).hasSize(2);
            // An attacker writes that almost everything was checked today: the sweep starts again.
            Files.writeString(file, kept.replaceAll("\"through\" : -?\\d+", "\"through\" : 9000000000000000000"));
            turn(check);
            assertThat(ends(before)).hasSize(3).allMatch(entry -> entry.count().getAsLong() == (SWEPT + 2) * 7L);
        }
    }

    /** So many entries that no hour with them is quiet. */
    private void lookBusily() {
        for (int n = 0; n < QuietHour.BUSY_ENTRIES; n++) {
            appendOne();
        }
    }

    private void appendOne() {
        AuditLog log = vault.vault().log();
        log.record(log.event(Actor.VAULT, ActKind.TIDY, Outcome.WRITTEN, AuditLog.newRequest()));
    }

    private static void turn(Check check) throws InterruptedException, ExecutionException {
        check.turn();
        check.settle();
    }

    @Test
    void firstSweepOfAVaultWaitsForAQuietHourAndLaterOnesDoNot() throws Exception {
        long before = vault.logSize();
        try (Check check = another()) {
            turn(check);
            lookBusily();
            vault.clock().advance(QuietHour.LENGTH);
            turn(check);
            assertThat(ends(before)).as("the hour was busy").isEmpty();
            appendOne();
            vault.clock().advance(QuietHour.LENGTH);
            turn(check);
            assertThat(ends(before)).hasSize(1);
            lookBusily();
            vault.clock().advance(Duration.ofDays(1));
            turn(check);
            assertThat(ends(before)).hasSize(2);
        }
    }

    @Test
    void firstSweepOfABusyVaultComesOnceItIsADayOldAcrossRestarts() throws Exception {
        long before = vault.logSize();
        for (int hour = 0; hour < 24; hour++) {
            // A check for each hour, as after restarts.
            try (Check check = another()) {
                turn(check);
            }
            vault.clock().advance(QuietHour.LENGTH);
        }
        assertThat(ends(before)).isEmpty();
        try (Check check = another()) {
            turn(check);
        }
        assertThat(ends(before)).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"DELETE FROM access_log WHERE idx = 0", "UPDATE access_log SET leaf = x'00' WHERE idx = 0"})
    void logWhoseFirstEntryIsGoneOrChangedIsSweptAtOnce(String damage) throws Exception {
        assertThat(run(damage)).isEqualTo(1);
        long before = vault.logSize();
        try (Check check = another()) {
            turn(check);
        }
        assertThat(ends(before)).extracting(AccessEvent::outcome).contains(Outcome.FAILED);
    }

    @Test
    void sweepThatTheDatabaseFailsIsToldOfAndNotTriedAgainBeforeTomorrow() throws Exception {
        // A state that no damage makes, and that does not pass either.
        run("ALTER TABLE patron RENAME TO kept_patron");
        run("CREATE VIEW patron AS SELECT abs(-9223372036854775807 - 1) AS id");
        vault.clock().advance(Duration.ofDays(1));
        long before = vault.logSize();
        try (Check check = another()) {
            turn(check);
            appendOne();
            assertThat(vault.logSince(before))
                    .extracting(AccessEvent::outcome)
                    .containsExactly(Outcome.FAILED, Outcome.ALERT, Outcome.WRITTEN);
            long after = vault.logSize();
            turn(check);
            assertThat(vault.logSize()).isEqualTo(after);
        }
        assertThat(CheckState.unproven(vault.home().node()))
                .hasValueSatisfying(last -> assertThat(last.findings()).isEqualTo(1));
        run("DROP VIEW patron");
        run("ALTER TABLE kept_patron RENAME TO patron");
        assertThat(check().ok()).isTrue();
    }

    private void stageSomething() {
        run("INSERT OR IGNORE INTO search_index_staged (n, next, run, labels, vals) VALUES (1, 0, 0, x'00', x'00')");
    }

    @Test
    void sweepStopsWhileAnImportHasNotIndexedEverybodyAndFindsNothing() {
        vault.patrons().importerAlone().run(OpenVault.person("admin"), new NumberedPatrons(5), false, n -> {});
        assertThat(check().listed()).isEmpty();
        long before = vault.logSize();
        // As if another one began once the sweep had.
        assertThatThrownBy(() -> vault.vault().check().run(OpenVault.person("custodian"), (step, done, total) -> {
                    if (step.equals("Reading the log")) {
                        stageSomething();
                        run("DELETE FROM search_index");
                    }
                }))
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.BUSY));
        assertThat(ends(before)).isEmpty();
        assertThat(vault.logSince(before))
                .extracting(AccessEvent::outcome)
                .doesNotContain(Outcome.FAILED, Outcome.ALERT);
    }

    @Test
    void entriesThatWaitForTheIndexThoughNobodyImportedAreForeignAndHideNothing() {
        stageSomething();
        run("DELETE FROM search_index WHERE label = (SELECT min(label) FROM search_index)");
        assertThat(check().listed())
                .contains(finding(null, "index", "foreign"))
                .extracting(Finding::what)
                .contains("missing");
        assertThat(vault.rotate("search").state())
                .as("nor do they keep the index from being made anew")
                .isEqualTo(Operation.DONE);
        assertThat(check().listed()).isEmpty();
    }

    @Test
    void twoAtOnceAreRefusedAndWhoMayNotIsToo() {
        Check check = vault.vault().check();
        check.run(
                OpenVault.person("privacy-officer"),
                (step, done, total) -> assertThatThrownBy(() -> check.run(OpenVault.person("admin"), Progress.UNSEEN))
                        .isInstanceOfSatisfying(
                                Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.OPERATION_RUNNING)));
        for (String role : List.of("circulation", "director", "page")) {
            assertThatThrownBy(() -> check.run(OpenVault.person(role), Progress.UNSEEN))
                    .isInstanceOfSatisfying(
                            Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.NOT_ALLOWED));
        }
    }
}
