package org.patronvault.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.patronvault.access.account.SignInOrigin;
import org.patronvault.access.client.ClientGrant;
import org.patronvault.access.session.Sessions;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.dual.Authority;
import org.patronvault.core.keys.ring.KeyState;
import org.patronvault.core.keys.ring.OpenedKeys;
import org.patronvault.core.keys.share.Share;
import org.patronvault.core.keys.slot.SlotMaker;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.Decision;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.tree.LogAnchor;
import org.patronvault.core.log.tree.LogVerifier;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.model.Refused;
import org.patronvault.core.model.Sensitive;
import org.patronvault.core.store.table.WriteTx;
import org.patronvault.custody.rotate.BackupRegister;
import org.patronvault.custody.rotate.Operation;
import org.patronvault.custody.rotate.Rotations;
import org.patronvault.custody.slot.SealControl;
import org.patronvault.privacy.entitlement.Entitlements;
import org.patronvault.testing.LongRun;
import org.patronvault.testing.NumberedPatrons;
import org.patronvault.testing.OpenVault;

/** Tests of two nodes on one real PostgreSQL and one {@code keys/} (postgresql.md). */
@Timeout(120)
final class NodesTest {
    private static final String PASSWORD = "a quiet reading room";
    private static final int UNITS = LongRun.times(40, 200);
    private static final int RACES = LongRun.times(5, 25);

    private OpenVault here;
    private OpenVault there;

    @BeforeEach
    void open() {
        here = OpenVault.onPostgres();
        there = here.another();
    }

    @AfterEach
    void close() {
        if (there != null) {
            there.close();
        }
        if (here != null) {
            here.close();
        }
    }

    /** Runs both at one moment, and returns an answer each, or the problem of the refusal. */
    private static List<Object> race(Callable<?> first, Callable<?> second) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(2);
        List<Object> ends = new ArrayList<>();
        try {
            List<Callable<Object>> both = List.of(() -> outcome(first), () -> outcome(second));
            for (Future<Object> end : threads.invokeAll(both)) {
                ends.add(end.get());
            }
        } finally {
            threads.shutdownNow();
        }
        return ends;
    }

    private static Object outcome(Callable<?> act) throws Exception {
        try {
            return act.call();
        } catch (Refused e) {
            return e.problem();
        }
    }

    @Test
    void backupOfTheScheduleIsMadeByOneOfTwo() throws Exception {
        BackupRegister registerHere = new BackupRegister(
                here.vault().store(), here.vault().log(), here.vault().access());
        BackupRegister registerThere = new BackupRegister(
                there.vault().store(), there.vault().log(), there.vault().access());
        Instant now = here.clock().instant();
        List<Object> turns = race(() -> registerHere.takeTurn("here", now), () -> registerThere.takeTurn("there", now));
        assertThat(turns).containsExactlyInAnyOrder(true, false);
        String taken = turns.get(0).equals(true) ? "here" : "there";
        String other = turns.get(0).equals(true) ? "there" : "here";
        // The holder may continue, but not for longer.
        assertThat(registerThere.takeTurn(taken, hours(now, 1))).isTrue();
        assertThat(registerHere.takeTurn(other, hours(now, 2))).isFalse();
        assertThat(registerThere.takeTurn(taken, hours(now, 5))).isTrue();
        assertThat(registerHere.takeTurn(other, hours(now, 6))).isTrue();
        assertThat(registerThere.takeTurn(taken, hours(now, 7))).isFalse();
    }

    private static Instant hours(Instant from, int hours) {
        return from.plus(Duration.ofHours(hours));
    }

    @Tag(LongRun.TAG)
    @Test
    void turnThatIsOverIsTheOthersBeforeItIsTheSameNodesAgain() {
        BackupRegister register = new BackupRegister(
                here.vault().store(), here.vault().log(), here.vault().access());
        Instant now = here.clock().instant();
        assertThat(register.takeTurn("here", now)).isTrue();
        for (int hour = 6; hour < 8; hour++) {
            assertThat(register.takeTurn("here", hours(now, hour))).isFalse();
        }
        assertThat(register.takeTurn("here", hours(now, 8))).isTrue();
        assertThat(register.takeTurn("there", hours(now, 14))).isTrue();
    }

    @Tag(LongRun.TAG)
    @Test
    void turnThatIsGivenBackIsWhosever() {
        BackupRegister registerHere = new BackupRegister(
                here.vault().store(), here.vault().log(), here.vault().access());
        BackupRegister registerThere = new BackupRegister(
                there.vault().store(), there.vault().log(), there.vault().access());
        Instant now = here.clock().instant();
        for (int n = 0; n < 3; n++) {
            assertThat(registerHere.takeTurn("here", now)).isTrue();
            // A node cannot return the turn of another.
            registerThere.giveTurnBack("there");
            assertThat(registerThere.takeTurn("there", now)).isFalse();
            registerHere.giveTurnBack("here");
            assertThat(registerThere.takeTurn("there", now)).isTrue();
            registerThere.giveTurnBack("there");
        }
    }

    @Test
    void whatOneWritesTheOtherFindsAndRevealsAndBothSignOneLog() {
        PatronId first = here.register("'card':'A1','name':{'family':'Quimperle'}");
        PatronId second = there.register("'card':'B1','name':{'family':'Quimperle'}");
        assertThat(here.find("Quimperle").hits()).hasSize(2);
        assertThat(there.find("Quimperle").hits()).hasSize(2);
        assertThat(here.reveal(second).card()).contains("B1");
        assertThat(there.reveal(first).card()).contains("A1");
        assertThat(here.vault().log().checkpoint().size()).isEqualTo(here.logSize());
        assertThat(there.vault().log().checkpoint().note())
                .isEqualTo(here.vault().log().checkpoint().note());
    }

    @Test
    void anchorOfANodeThatOnlyFollowsMovesToo() {
        here.register("'card':'F1','name':{'family':'Follow'}");
        assertThat(there.vault().log().checkpoint().size()).isEqualTo(here.logSize());
        assertThat(LogAnchor.unproven(there.home().node()).orElseThrow().size()).isEqualTo(here.logSize());
    }

    @Test
    void nodeThatKnowsNothingOfTheLogIsRefusedUntilItHasWhatAnotherPublished() throws IOException {
        Path published = there.home().published().resolve("checkpoint");
        byte[] checkpoint = Files.readAllBytes(published);
        assertThatThrownBy(() -> there.whileStopped(() -> {
                    OpenVault.delete(there.home().node());
                    OpenVault.delete(there.home().published());
                }))
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.KEYS_REFUSED))
                .hasMessageContaining("copy published/ from another one");
        Files.write(published, checkpoint);
        there.restart();
        assertThat(there.vault().log().checkpoint().size()).isEqualTo(here.logSize());
    }

    @Test
    void oneCardGoesToOneOfTwoWhoRegisterItAtOnce() throws Exception {
        for (int n = 0; n < RACES; n++) {
            String patron = "'card':'R" + n + "','name':{'family':'Race'}";
            List<Object> ends = race(() -> here.register(patron), () -> there.register(patron));
            assertThat(ends).contains(Problem.CARD_IN_USE).hasAtLeastOneElementOfType(PatronId.class);
        }
    }

    @Test
    void onePatronIsErasedOnceThoughBothNodesAreAsked() throws Exception {
        for (int n = 0; n < RACES; n++) {
            PatronId id = here.register("'card':'E" + n + "','name':{'family':'Erased'}");
            long from = here.logSize();
            List<Object> unused =
                    race(() -> here.erase(id).toString(), () -> there.erase(id).toString());
            assertThat(here.logSince(from))
                    .filteredOn(entry -> entry.outcome() == Outcome.ERASED)
                    .hasSize(1);
            assertThat(there.find("E" + n).hits()).isEmpty();
        }
    }

    @Test
    void oneOfTwoRotationsOfAKeyBeginsAndBothNodesUseTheNewKey() throws Exception {
        here.patrons().importer().run(OpenVault.person("admin"), new NumberedPatrons(200), false, n -> {});
        List<Object> ends = race(() -> here.begin("phone"), () -> there.begin("phone"));
        assertThat(ends).contains(Problem.OPERATION_RUNNING).hasAtLeastOneElementOfType(Operation.class);
        Operation begun = (Operation)
                ends.stream().filter(Operation.class::isInstance).findFirst().orElseThrow();
        assertThat(there.vault().operations().await(begun.id()).state()).isEqualTo(Operation.DONE);
        String phone = "'name':{'family':'K'},'phone':['203-555-0143']";
        here.register("'card':'HERE'," + phone);
        there.register("'card':'THERE'," + phone);
        assertThat(there.find("N7").hits()).hasSize(1);
        Map<PatronField, Map<Integer, Long>> versions =
                here.vault().store().read(tx -> tx.wraps().countByKek());
        assertThat(versions.get(PatronField.PHONE)).containsOnlyKeys(2);
    }

    @Test
    void valuesUnderKeysThatAnotherNodeMadeAreOpened() {
        PatronId id = here.register("'card':'K1','name':{'family':'Keys'}");
        assertThat(there.reveal(id).card()).contains("K1");
        assertThat(here.rotate(Rotations.ALL).state()).isEqualTo(Operation.DONE);
        assertThat(here.rotate("search").state()).isEqualTo(Operation.DONE);
        // Without an entry of its own that would make it look first.
        assertThat(there.patrons().directory().holder("K1")).isPresent();
        assertThat(there.find("Keys").hits()).hasSize(1);
        assertThat(there.reveal(id).card()).contains("K1");
    }

    @Test
    void destroyedKeyLeavesTheMemoryOfEveryNode() {
        here.register("'card':'D1','name':{'family':'D'}");
        assertThat(here.rotate("name").state()).isEqualTo(Operation.DONE);
        here.vault().custody().destroy("name", 1);
        there.vault().seal().followOthers();
        assertThat(there.vault().custody().keys().inventory())
                .filteredOn(key -> key.name().equals("name") && key.version() == 1)
                .singleElement()
                .satisfies(key -> assertThat(key.state()).isEqualTo(KeyState.DESTROYED));
    }

    @Tag(LongRun.TAG)
    @Test
    void nodeThatLookedLastBeforeTheIndexWasRebuiltAndItsKeyDestroyedFindsEverybody() {
        PatronId id = here.register("'card':'V1','name':{'family':'Versions'}");
        assertThat(there.find("V1").hits()).hasSize(1);
        assertThat(here.rotate("search").state()).isEqualTo(Operation.DONE);
        here.vault().custody().destroy("index-label", 1);
        here.vault().custody().destroy("index-value", 1);
        there.vault().seal().followOthers();
        assertThat(there.find("V1").hits()).hasSize(1);
        assertThat(there.reveal(id).card()).contains("V1");
        there.register("'card':'V2','name':{'family':'Versions'}");
        assertThat(here.find("Versions").hits()).hasSize(2);
    }

    @Test
    void nodeWhoseKeysAreOlderThanTheLogWritesNothingUntilItHasTheNewest() throws IOException {
        here.register("'card':'O1','name':{'family':'O'}");
        Path ring = here.home().keys().resolve("ring.json");
        byte[] old = Files.readAllBytes(ring);
        assertThat(here.rotate("name").state()).isEqualTo(Operation.DONE);
        byte[] newest = Files.readAllBytes(ring);
        Files.write(ring, old);
        long size = here.logSize();
        assertThatThrownBy(() -> there.register("'card':'O2','name':{'family':'O'}"))
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.LOG_UNAVAILABLE));
        assertThat(here.logSize()).isEqualTo(size);
        Files.write(ring, newest);
        assertThat(there.register("'card':'O2','name':{'family':'O'}")).isNotNull();
        assertThat(here.find("O2").hits()).hasSize(1);
    }

    @Test
    void ringIsChangedByOneNodeAtATimeAndNoChangeIsLost() throws Exception {
        long before = here.vault().custody().mark().revision();
        race(
                () -> {
                    for (int month = 203001; month < 203013; month++) {
                        here.vault().custody().ensureContentKey(month);
                    }
                    return 0;
                },
                () -> {
                    for (int month = 203101; month < 203113; month++) {
                        there.vault().custody().ensureContentKey(month);
                    }
                    return 0;
                });
        here.vault().custody().follow();
        assertThat(here.vault().custody().mark().revision()).isEqualTo(before + 24);
        for (int year : List.of(2030, 2031)) {
            for (int month = 1; month <= 12; month++) {
                assertThat(here.vault().custody().keys().hasContentKey(year * 100 + month))
                        .isTrue();
            }
        }
    }

    @Test
    void sealingOneNodeSealsTheOther() {
        here.vault().seal().seal(OpenVault.person("director"), AuditLog.newRequest());
        there.vault().seal().followOthers();
        assertThat(there.vault().seal().isSealed()).isTrue();
        assertThat(there.vault().custody().isSealed()).isTrue();
        there.unseal();
        there.vault().seal().followOthers();
        assertThat(there.vault().seal().isSealed()).isFalse();
    }

    @Test
    void sealElsewhereIsFollowedWhateverIsOfferedToThisNodeMeanwhile() {
        here.vault().seal().seal(OpenVault.person("director"), AuditLog.newRequest());
        assertThatThrownBy(() -> there.vault().seal().offerShare("no such words"))
                .isInstanceOf(Refused.class);
        there.vault().seal().followOthers();
        assertThat(there.vault().seal().isSealed()).isTrue();
    }

    @Tag(LongRun.TAG)
    @Test
    void sealElsewhereIsFollowedWhateverIsOfferedToThisNodeWhileItIsBeingOpened() {
        there.vault().custody().seal();
        assertStaysSealed(() -> {
            here.vault().seal().seal(OpenVault.person("director"), AuditLog.newRequest());
            assertThatThrownBy(() -> there.vault().seal().offerShare("no such words"))
                    .isInstanceOf(Refused.class);
        });
    }

    /** A try to open the other node, during which that is done. */
    private void assertStaysSealed(Runnable meanwhile) {
        SealControl opening = there.vault().seal();
        opening.reserve();
        meanwhile.run();
        assertThatThrownBy(() -> opening.finish(() -> {
                    OpenedKeys.open(there.vault().custody(), there.home().keys());
                    return true;
                }))
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.BUSY));
        assertThat(there.vault().custody().isSealed()).isTrue();
        assertThat(opening.isSealed()).isTrue();
    }

    @Test
    void sealIsFollowedThoughTheRingCannotBeRead() throws IOException {
        Path ring = here.home().keys().resolve("ring.json");
        byte[] good = Files.readAllBytes(ring);
        Files.write(ring, new byte[] {1});
        here.vault().seal().seal(OpenVault.person("director"), AuditLog.newRequest());
        there.vault().seal().followOthers();
        Files.write(ring, good);
        assertThat(there.vault().seal().isSealed()).isTrue();
    }

    @Test
    void nodeThatIsBeingOpenedWhileAnotherSealsStaysSealed() {
        there.vault().custody().seal();
        assertStaysSealed(() -> here.vault().seal().seal(OpenVault.person("director"), AuditLog.newRequest()));
        there.unseal();
        assertThat(there.vault().seal().isSealed()).isFalse();
    }

    @Test
    void afterARenewalOfTheRootElsewhereNobodyIsServedBeforeTheLogWasCompared() {
        List<String> words;
        try (SlotMaker made = here.vault().slots().newRoot()) {
            List<Share> shares = made.addShares(2, 2);
            words = shares.stream().map(Share::words).toList();
            shares.forEach(made::prove);
            here.vault().slots().rotateRoot(OpenVault.person("custodian").actor(), Optional.empty(), made);
        }
        there.vault().seal().followOthers();
        assertThat(there.vault().custody().isSealed()).isTrue();
        words.forEach(there.vault().custody()::offer);
        assertThat(there.vault().custody().isSealed()).isFalse();
        assertThat(there.vault().seal().isSealed()).isTrue();
    }

    @Test
    void logVerifiesThoughAnotherNodeSignsWhileItsKeyIsHandedOver() {
        for (int n = 0; n < 3; n++) {
            assertThat(here.rotate("log").state()).isEqualTo(Operation.DONE);
            assertThat(there.vault().log().checkpoint().size()).isPositive();
            assertThat(LogVerifier.verify(here.vault().store(), here.vault().log()))
                    .isEmpty();
        }
    }

    @Test
    void sessionHoldsOnBothAndItsEndToo() {
        here.employ("anna", PASSWORD, "circulation");
        Sessions.NewSession begun =
                here.vault().access().begin("anna", PASSWORD, Optional.empty(), SignInOrigin.of("198.51.100.1"));
        assertThat(there.vault().access().resolve(begun.token()).actor().name()).isEqualTo("anna");
        here.vault().access().sessions().end(begun.token());
        assertIsOverInASecond(() -> there.vault().access().resolve(begun.token()));
    }

    /** A read is trusted for half a second. */
    private static void assertIsOverInASecond(Callable<Object> act) {
        long until = System.nanoTime() + 1_000_000_000L;
        Object end = null;
        while (end != Problem.NOT_SIGNED_IN && System.nanoTime() < until) {
            end = outcomeOf(act);
        }
        assertThat(end).isEqualTo(Problem.NOT_SIGNED_IN);
    }

    @Tag(LongRun.TAG)
    @Test
    void accountThatIsClosedOnOneIsSignedOutOnBoth() {
        here.employ("anna", PASSWORD, "circulation");
        Sessions.NewSession begun =
                here.vault().access().begin("anna", PASSWORD, Optional.empty(), SignInOrigin.of("198.51.100.1"));
        assertThat(there.vault().access().resolve(begun.token()).actor().name()).isEqualTo("anna");

        here.vault()
                .access()
                .accounts()
                .disable(Approvals.Requester.alone(OpenVault.person("admin").actor()), "anna");

        assertIsOverInASecond(() -> there.vault().access().resolve(begun.token()));
    }

    @Tag(LongRun.TAG)
    @Test
    void clientThatIsRevokedOnOneIsNobodyOnBoth() {
        Approvals.Requester admin =
                Approvals.Requester.alone(OpenVault.person("admin").actor());
        ClientGrant grant =
                new ClientGrant(Set.of("ils"), Set.of(), Set.of(), OptionalInt.of(10), "", Optional.empty());
        String key = here.vault()
                .access()
                .clients()
                .add(admin, "koha", grant)
                .secret()
                .orElseThrow();
        assertThat(there.vault().access().resolve(key).actor().name()).isEqualTo("koha");

        here.vault().access().clients().revoke(admin, "koha");

        assertIsOverInASecond(() -> there.vault().access().resolve(key));
    }

    @Test
    void importIsInLargeTransactionsUntilAnotherNodeWrites() throws SQLException {
        int before = LongRun.times(1_500, 3_000);
        here.patrons().importerAlone().run(OpenVault.person("admin"), new NumberedPatrons(before), false, n -> {});
        List<Integer> alone = patronsByTransaction();
        assertThat(Collections.max(alone)).isBetween(501, 2_500);
        there.find("nobody");
        here.find("nobody");

        here.patrons()
                .importerAlone()
                .run(OpenVault.person("admin"), new NumberedPatrons(before + 1_200), false, n -> {});

        List<Integer> beside = new ArrayList<>(patronsByTransaction());
        alone.forEach(beside::remove);
        assertThat(beside).containsExactlyInAnyOrder(500, 500, 200);
    }

    /** How many patrons each transaction wrote that wrote any. */
    private List<Integer> patronsByTransaction() throws SQLException {
        List<Integer> sizes = new ArrayList<>();
        try (Connection connection = DriverManager.getConnection(here.jdbcUrl());
                ResultSet row = connection
                        .createStatement()
                        .executeQuery("SELECT count(*) FROM patron GROUP BY xmin::text ORDER BY 1")) {
            while (row.next()) {
                sizes.add(row.getInt(1));
            }
        }
        return sizes;
    }

    private static Object outcomeOf(Callable<Object> act) {
        try {
            return outcome(act);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** Each must read a second time in the middle of a read, and none may wait for another. */
    @Test
    void sessionsWhoseRowsAnotherNodeRemovedAreOverAtOnceHoweverManyAskTogether() throws Exception {
        here.employ("dora", PASSWORD, "circulation");
        List<String> tokens = new ArrayList<>();
        for (int n = 0; n < 12; n++) {
            tokens.add(here.vault()
                    .access()
                    .begin("dora", PASSWORD, Optional.empty(), SignInOrigin.of("198.51.100.1"))
                    .token());
        }
        Authority authority = there.vault().access().authority();
        AuditLog log = there.vault().log();
        AccessEvent event = log.event(Actor.VAULT, ActKind.TIDY, Outcome.COUNTED, AuditLog.newRequest());
        log.call(event, now -> {
            WriteTx tx = now.tx();
            authority.all(tx, "session", JsonNode.class).forEach(held -> authority.remove(tx, held));
            return Decision.done(event);
        });
        ExecutorService threads = Executors.newFixedThreadPool(tokens.size());
        try {
            List<Callable<Object>> asking = tokens.stream()
                    .<Callable<Object>>map(
                            token -> () -> outcomeOf(() -> here.vault().access().resolve(token)))
                    .toList();
            // A reader is waited for longer than that.
            for (Future<Object> end : threads.invokeAll(asking, 4, TimeUnit.SECONDS)) {
                assertThat(end.get()).isEqualTo(Problem.NOT_SIGNED_IN);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void wrongPasswordsOnOneNodeLockTheAccountOnTheOther() {
        here.employ("berta", PASSWORD, "circulation");
        for (int n = 0; n < 5; n++) {
            OpenVault node = n % 2 == 0 ? here : there;
            assertThat(outcomeOf(() -> node.vault()
                            .access()
                            .begin(
                                    "berta",
                                    "wrong password " + PASSWORD,
                                    Optional.empty(),
                                    SignInOrigin.of("198.51.100.1"))))
                    .isEqualTo(Problem.INVALID_CREDENTIALS);
        }
        for (OpenVault node : List.of(here, there)) {
            assertThat(outcomeOf(() -> node.vault()
                            .access()
                            .begin("berta", PASSWORD, Optional.empty(), SignInOrigin.of("198.51.100.1"))))
                    .isEqualTo(Problem.TOO_MANY_ATTEMPTS);
        }
    }

    @Tag(LongRun.TAG)
    @Test
    void wrongPinsOfACardOnBothNodesAreTooManyOnEither() {
        for (OpenVault node : List.of(here, there)) {
            node.whileStopped(() -> askForPins(node.home().settings()));
        }
        PatronId unused = here.register("'card':'PIN1','name':{'family':'P'}");
        for (int n = 0; n < 51; n++) {
            assertThat(isRight(n % 2 == 0 ? here : there, "000" + n)).isFalse();
            assertThat(n > 40 || isRight(here, "4711")).isTrue();
        }
        for (OpenVault node : List.of(here, there)) {
            Awaitility.await()
                    .untilAsserted(() -> assertThat(isRight(node, "4711")).isFalse());
        }
    }

    private static void askForPins(Path settings) {
        try {
            String pins = "\npins: {command: ['/bin/sh', '-c', 'grep -q pin...4711 || exit 1']}\n";
            Files.writeString(settings, pins, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isRight(OpenVault node, String pin) {
        Entitlements.Check check = new Entitlements.Check("PIN1", Optional.of(Sensitive.of(pin)), "ebooks");
        return node.vault()
                .privacy()
                .entitlements()
                .check(OpenVault.client("hoopla", "entitlement"), check)
                .entitled();
    }

    /** Sixty in ten minutes, wherever they are opened. */
    @Test
    void onePersonOpensAsManyOnBothAsOnOne() throws Exception {
        List<PatronId> patrons = new ArrayList<>();
        for (int n = 0; n < 80; n++) {
            patrons.add(here.register("'card':'L" + n + "','name':{'family':'L'}"));
        }
        List<Object> opened =
                race(() -> opened(here, patrons.subList(0, 40)), () -> opened(there, patrons.subList(40, 80)));
        assertThat((int) opened.get(0) + (int) opened.get(1)).isEqualTo(60);
    }

    private static Object opened(OpenVault node, List<PatronId> patrons) {
        int opened = 0;
        for (PatronId patron : patrons) {
            Object end = outcomeOf(() -> AuditLog.await(node.patrons()
                    .lookup()
                    .reveal(
                            OpenVault.person("circulation", true),
                            Optional.of(patron),
                            Set.of(PatronField.PHONE),
                            Optional.of(Purpose.ACCOUNT_SERVICE),
                            Optional.empty(),
                            AuditLog.newRequest())));
            opened += end instanceof Problem ? 0 : 1;
        }
        return opened;
    }

    @Test
    void manyUnitsOfBothAreOneLogThatVerifies() throws Exception {
        Callable<Object> mine = () -> append(here);
        Callable<Object> yours = () -> append(there);
        race(mine, yours);
        assertThat(there.vault().log().checkpoint().note())
                .isEqualTo(here.vault().log().checkpoint().note());
    }

    private static Object append(OpenVault node) {
        for (int n = 0; n < UNITS; n++) {
            AccessEvent event =
                    node.vault().log().event(Actor.VAULT, ActKind.READ_LOG, Outcome.SEARCHED, AuditLog.newRequest());
            node.vault().log().record(event);
        }
        return UNITS;
    }
}
