package org.patronvault.custody.rotate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.access.Access;
import org.patronvault.access.account.SignIn;
import org.patronvault.access.account.SignInOrigin;
import org.patronvault.access.client.ClientGrant;
import org.patronvault.core.crypto.CanonicalBytes;
import org.patronvault.core.crypto.RowMac;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.keys.ring.KeyName;
import org.patronvault.core.keys.ring.KeyState;
import org.patronvault.core.keys.ring.KeyVersions;
import org.patronvault.core.keys.ring.OpenedKeys;
import org.patronvault.core.keys.ring.RingKey;
import org.patronvault.core.keys.slot.SlotMaker;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.tree.LogVerifier;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.custody.destroy.KeyDestruction;
import org.patronvault.custody.destroy.KeyStatus;
import org.patronvault.patron.erasure.ErasureCertificate;
import org.patronvault.testing.Authenticator;
import org.patronvault.testing.OpenVault;
import org.patronvault.upkeep.backup.OpenedBackup;
import org.patronvault.upkeep.backup.Progress;

/** Tests of a rotation of the rest: all work continues, and a thief with the old keys can do nothing new. */
final class RestRotationTest {
    private static final String PASSWORD = "a quiet reading room";
    private static final Actor CORA = new Actor(Actor.Kind.STAFF, "cora", "custodian", "");
    private static final Actor CARL = new Actor(Actor.Kind.STAFF, "carl", "custodian", "");

    private OpenVault vault;
    private PatronId patron;

    @TempDir
    Path directory;

    @BeforeEach
    void fill() {
        vault = OpenVault.onSqlite();
        vault.employ("anna", PASSWORD, "circulation");
        vault.enrol(CORA, CARL);
        vault.addVendor("films");
        patron = vault.register("'card':'D1','name':{'family':'Doe'},'phone':['203-555-0143']");
        vault.forget(patron, "films");
    }

    @AfterEach
    void close() {
        vault.close();
    }

    private Access access() {
        return vault.vault().access();
    }

    private void rotate() {
        Operation ended = vault.rotate(Rotations.REST);
        assertThat(ended.state()).isEqualTo(Operation.DONE);
        assertThat(ended.done()).isEqualTo(ended.total());
    }

    private List<RingKey> ofTheRest() {
        return vault.vault().custody().keys().inventory().stream()
                .filter(key -> KeyName.rest().contains(key.name()))
                .toList();
    }

    private KeyState state(String name, int version) {
        return ofTheRest().stream()
                .filter(key -> key.name().equals(name) && key.version() == version)
                .findFirst()
                .orElseThrow()
                .state();
    }

    /** Every first version, as if all waiting times were over. */
    private void destroyTheFirst() {
        vault.whileStopped(() ->
                KeyName.rest().forEach(name -> OpenedKeys.destroy(vault.home().keys(), name, 1)));
    }

    private String code(String secret) {
        return Authenticator.code(secret, vault.clock().instant());
    }

    private SignIn.Identity signIn(String otp) {
        return access().signIn().prove(new SignIn.Credentials("anna", PASSWORD, otp), SignInOrigin.HOST);
    }

    private static void assertRefused(Problem problem, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(problem));
    }

    @Test
    void signInSecondFactorClientKeyAndSealedTextsGoOnWithoutTheFirstVersions() {
        String secret = access().secondFactor().begin(signIn("")).secret();
        List<String> recovery =
                access().signIn().confirm(new SignIn.Credentials("anna", PASSWORD, code(secret)), SignInOrigin.HOST);
        String key = addKiosk();
        vault.say(vault.register("'card':'D2','name':{'family':'Roe'}"), "service", false);
        String subject = subject();

        rotate();
        vault.clock().advance(Duration.ofMinutes(1));

        assertThat(access().resolve(key).actor().name()).isEqualTo("kiosk");
        assertThat(signIn(code(secret)).secondFactor()).isTrue();
        assertRefused(Problem.INVALID_CREDENTIALS, () -> signIn(recovery.get(0)));
        vault.vault().log().ledger().follow();
        destroyTheFirst();
        vault.clock().advance(Duration.ofMinutes(1));
        assertThat(access().resolve(key).actor().name()).isEqualTo("kiosk");
        assertThat(access().clients().find("kiosk").grant().reference()).isEqualTo("contract 7");
        assertThat(signIn(code(secret)).secondFactor()).isTrue();
        assertThat(vault.patrons().erasures().asked(OpenVault.person("supervisor"), AuditLog.newRequest()))
                .hasSize(1);
        assertThat(subject()).isEqualTo(subject);
        assertThat(vault.vault().custody().ledger().isWhole()).isTrue();
        assertThat(vault.vault().log().ledger().forgotten()).containsOnlyKeys(patron);
        assertThat(LogVerifier.verify(vault.vault().store(), List.of()).problems())
                .isEmpty();
        assertThat(vault.reveal(patron).phone()).contains(List.of("+12035550143"));
    }

    private String subject() {
        return vault.subject("films", "D1");
    }

    private String addKiosk() {
        return access().clients()
                .add(
                        Approvals.Requester.alone(OpenVault.person("admin").actor()),
                        "kiosk",
                        ClientGrant.parse(List.of("entitlement"), List.of(), List.of(), "10", "contract 7", "none"))
                .secret()
                .orElseThrow();
    }

    @Test
    void sessionEndsAndTheDaysCounterOfAPersonStays() {
        String token = access().begin("anna", PASSWORD, Optional.empty(), SignInOrigin.HOST)
                .token();
        Actor anna = access().resolve(token).actor();
        PatronId another = vault.register("'card':'D2','name':{'family':'Roe'}");
        look(anna, patron);
        look(anna, another);
        rotate();
        assertRefused(Problem.NOT_SIGNED_IN, () -> access().resolve(token));
        look(anna, patron);
        assertThat(opened()).as("the patrons of today are known").isEqualTo(2);
        look(anna, vault.register("'card':'D3','name':{'family':'Poe'}"));
        assertThat(opened()).as("and counted").isEqualTo(3);
    }

    private void look(Actor anna) {
        look(anna, patron);
    }

    private void look(Actor anna, PatronId id) {
        vault.patrons()
                .lookup()
                .reveal(
                        new Caller(anna, Set.of(), Optional.empty(), Optional.empty(), OptionalInt.empty(), true),
                        Optional.of(id),
                        Set.of(PatronField.PHONE),
                        Optional.of(Purpose.ACCOUNT_SERVICE),
                        Optional.empty(),
                        AuditLog.newRequest())
                .join();
    }

    private int opened() {
        return vault.vault().store().read(tx -> tx.authority().find("limit", "STAFF:anna")).stream()
                .map(row -> OpenVault.json(row.body()).path("opened").asInt())
                .findFirst()
                .orElseThrow();
    }

    @Test
    void rowUnderTheOldVersionIsRefusedOnceTheRotationHasEnded() throws SQLException {
        RowMac stolen = vault.vault().custody().keys().rows().newest();
        rotate();
        assertThatCode(() -> signIn("")).doesNotThrowAnyException();
        forge(stolen);
        assertThatThrownBy(() -> access().accounts().list()).isInstanceOf(IntegrityException.class);
        assertThat(vault.rotate(Rotations.REST).state()).isEqualTo(Operation.FAILED);
        assertThatThrownBy(() -> access().accounts().list()).isInstanceOf(IntegrityException.class);
        assertRefused(Problem.KEYS_REFUSED, vault::restart);
    }

    /** Gives anna another role, with a MAC of that key. */
    private void forge(RowMac key) throws SQLException {
        try (Connection connection = vault.connect();
                PreparedStatement write = connection.prepareStatement(
                        "UPDATE authority SET generation = ?, body = ?, mac = ? WHERE kind = 'staff' AND name = 'anna'")) {
            long generation;
            String body;
            // Closed before the write: a snapshot that is still read cannot write after a commit of the vault.
            try (PreparedStatement read = connection.prepareStatement(
                            "SELECT generation, body FROM authority WHERE kind = 'staff' AND name = 'anna'");
                    ResultSet row = read.executeQuery()) {
                assertThat(row.next()).isTrue();
                generation = row.getLong(1) + 1;
                body = row.getString(2).replace("circulation", "director");
            }
            write.setLong(1, generation);
            write.setString(2, body);
            write.setBytes(
                    3,
                    key.mac(
                            "staff",
                            "anna".getBytes(StandardCharsets.UTF_8),
                            generation,
                            body.getBytes(StandardCharsets.UTF_8)));
            assertThat(write.executeUpdate()).isEqualTo(1);
        }
    }

    @Test
    void thiefWithTheOldRingOpensNoNewBackupNorSignsACertificate() {
        Path stolen = directory.resolve("stolen");
        OpenVault.copyOf(vault.home().keys(), stolen);
        byte[] signer = vault.vault().custody().keys().statements().newest().publicKey();
        Path before = directory.resolve("before");
        vault.backup().make(OpenVault.person("custodian"), before, Progress.UNSEEN);
        rotate();
        Path after = directory.resolve("after");
        vault.backup().make(OpenVault.person("custodian"), after, Progress.UNSEEN);
        ErasureCertificate certificate = vault.erase(patron);

        KeyCustody thief = OpenedKeys.at(stolen, vault.clock());
        assertRefused(Problem.INVALID, () -> open(after, thief));
        assertThatCode(() -> open(before, thief)).doesNotThrowAnyException();
        assertThatCode(() -> open(before, vault.vault().custody())).doesNotThrowAnyException();
        assertThatCode(() -> open(after, vault.vault().custody())).doesNotThrowAnyException();
        assertThat(certificate.json())
                .doesNotContain(Base64.getEncoder().encodeToString(signer).substring(4, 30));
        destroyTheFirst();
        assertRefused(Problem.INVALID, () -> open(before, vault.vault().custody()));
        assertThatCode(() -> open(after, vault.vault().custody())).doesNotThrowAnyException();
    }

    private void open(Path backup, KeyCustody keys) {
        OpenedBackup.of(backup, keys.keys(), vault.home().directory(), Progress.UNSEEN)
                .close();
    }

    @Test
    void thiefWithTheOldRingAndALaterCopyHasNoSeedOfASecondFactor() {
        Path stolen = directory.resolve("stolen");
        OpenVault.copyOf(vault.home().keys(), stolen);
        String unused = access().secondFactor().begin(signIn("")).secret();
        KeyCustody thief = OpenedKeys.at(stolen, vault.clock());
        assertThatCode(() -> thief.keys().totp().open(aad(), pending())).doesNotThrowAnyException();
        rotate();
        assertThatThrownBy(() -> thief.keys().totp().open(aad(), pending())).isInstanceOf(IntegrityException.class);
    }

    private byte[] aad() {
        return CanonicalBytes.begin("pv1.second-factor")
                .lp(vault.vault().custody().vaultId())
                .lp("anna")
                .bytes();
    }

    private byte[] pending() {
        return vault.vault().store().read(tx -> tx.authority().find("second-factor", "anna")).stream()
                .map(row -> OpenVault.json(row.body()).path("pending").asText())
                .map(Base64.getDecoder()::decode)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void damagedRowIsCountedAndKeepsTheOldVersions() {
        vault.runAll(List.of("UPDATE authority SET body = replace(body, 'films', 'filmz') WHERE kind = 'client-key'"));
        Operation ended = vault.rotate(Rotations.REST);
        assertThat(ended.state()).isEqualTo(Operation.FAILED);
        assertThat(ended.failed()).isEqualTo(1);
        assertThat(ended.done()).isEqualTo(ended.total() - 1);
        assertThat(KeyName.rest()).allSatisfy(name -> assertThat(state(name, 1)).isEqualTo(KeyState.ACTIVE));
    }

    @Test
    void passwordKeepsItsVersionUntilItIsUsedOrItsDayIsOver() {
        AtomicLong nanos = new AtomicLong();
        KeyDestruction destruction = new KeyDestruction(vault.destruction(7), nanos::get);
        rotate();
        vault.backup().make(OpenVault.person("custodian"), directory.resolve("b"), Progress.UNSEEN);
        assertThat(state(KeyName.PEPPER, 1)).isEqualTo(KeyState.ACTIVE);
        assertThat(state(KeyName.ROW, 1)).isEqualTo(KeyState.RETIRED);
        assertThat(counts(KeyName.PEPPER)).isEqualTo(List.of(4L, 0L));
        SignIn.Identity unused = signIn("");
        assertThat(counts(KeyName.PEPPER)).isEqualTo(List.of(3L, 1L));
        assertThatThrownBy(() -> ask(destruction, KeyName.PEPPER))
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.KEY_IN_USE))
                .hasMessageStartingWith("3 client keys, passwords");
        vault.clock().advance(Duration.ofDays(31));
        assertThat(destruction
                        .ask(Approvals.Requester.alone(CORA), KeyName.PEPPER, 1, List.of())
                        .filed()
                        .orElseThrow()
                        .sentence())
                .contains("These then need a new password, client key or sign-on: carl, cora, root.");
        ask(destruction, KeyName.PEPPER);
        ask(destruction, KeyName.ROW);
        nanos.addAndGet(Duration.ofDays(8).toNanos());
        destruction.turn();
        assertThat(state(KeyName.PEPPER, 1)).isEqualTo(KeyState.DESTROYED);
        assertThat(state(KeyName.ROW, 1)).isEqualTo(KeyState.DESTROYED);
        assertThatCode(() -> signIn("")).doesNotThrowAnyException();
        assertRefused(
                Problem.INVALID_CREDENTIALS,
                () -> access().signIn().prove("root", "an early morning walk", SignInOrigin.HOST));
        assertThat(vault.vault().keyStatus().keptTooLong())
                .last()
                .asString()
                .contains("pepper 1: 3 passwords", "version is destroyed. Give each a new one: `staff password NAME`.");
    }

    @Test
    void versionIsDueOnceTheLastClientKeyUnderItWasUsed() {
        String key = addKiosk();
        rotate();
        assertThat(kept(KeyName.TOKEN)).containsExactly("films", "kiosk");
        assertThat(due(KeyName.TOKEN)).containsExactly(false, false);
        vault.vault()
                .access()
                .clients()
                .revoke(Approvals.Requester.alone(OpenVault.person("admin").actor()), "films");
        assertThat(access().resolve(key).actor().name()).isEqualTo("kiosk");
        await().untilAsserted(() -> assertThat(kept(KeyName.TOKEN)).isEmpty());
        assertThat(due(KeyName.TOKEN)).containsExactly(true, false);
    }

    private List<String> kept(String key) {
        return vault.vault().keyStatus().kept().stream()
                .filter(one -> one.field().equals(key))
                .flatMap(one -> one.owners().stream())
                .toList();
    }

    private List<Boolean> due(String key) {
        return vault.vault().keyStatus().now().keys().stream()
                .filter(one -> one.field().equals(key))
                .flatMap(one -> one.versions().stream())
                .map(one -> one.retired().isPresent())
                .toList();
    }

    private List<Long> counts(String key) {
        return vault.vault().keyStatus().now().keys().stream()
                .filter(one -> one.field().equals(key))
                .flatMap(one -> one.versions().stream())
                .map(KeyStatus.Version::values)
                .toList();
    }

    private static void ask(KeyDestruction destruction, String key) {
        assertThat(destruction
                        .ask(Approvals.Requester.of(CORA, Optional.of(CARL)), key, 1, List.of())
                        .filed())
                .isEmpty();
    }

    @Test
    void destructionSaysWhichBackupsEnd() {
        vault.backup().make(OpenVault.person("custodian"), directory.resolve("before"), Progress.UNSEEN);
        String id = new BackupRegister(vault.vault().store(), vault.vault().log(), access())
                .newestProven()
                .orElseThrow()
                .id();
        vault.clock().advance(Duration.ofMinutes(1));
        rotate();
        KeyDestruction destruction = new KeyDestruction(vault.destruction(7), System::nanoTime);
        assertRefused(Problem.BACKUP_REQUIRED, () -> ask(destruction, KeyName.FINGERPRINT));
        vault.clock().advance(Duration.ofMinutes(1));
        vault.backup().make(OpenVault.person("custodian"), directory.resolve("after"), Progress.UNSEEN);
        assertThat(destruction
                        .ask(Approvals.Requester.alone(CORA), KeyName.FINGERPRINT, 1, List.of())
                        .filed()
                        .orElseThrow()
                        .sentence())
                .contains("These backups then open nowhere any more: " + id + ".");
    }

    @Test
    void pairwiseKeyGivesVendorsNewSubjectsAndEndsNothingElse() {
        String token = access().begin("anna", PASSWORD, Optional.empty(), SignInOrigin.HOST)
                .token();
        String before = subject();
        assertThat(vault.vault().rotations().consequences(KeyName.PAIRWISE))
                .singleElement()
                .asString()
                .endsWith("Vendors: 1.");
        assertThat(vault.rotate(KeyName.PAIRWISE).state()).isEqualTo(Operation.DONE);
        assertThat(subject()).isNotEqualTo(before);
        assertThat(access().resolve(token).actor().name()).isEqualTo("anna");
    }

    @Test
    void systemThatCallsAllTheTimeIsServedWhileTheRestIsRotatedAgainAndAgain() throws Exception {
        String key = addKiosk();
        AtomicBoolean over = new AtomicBoolean();
        ExecutorService caller = Executors.newSingleThreadExecutor();
        Future<Integer> served = caller.submit(() -> {
            int times = 0;
            while (!over.get()) {
                assertThat(vault.check(access().resolve(key), "D1", "ebooks").entitled())
                        .isTrue();
                look(OpenVault.person("circulation").actor());
                times++;
            }
            return times;
        });
        for (int n = 0; n < 3; n++) {
            rotate();
        }
        over.set(true);
        assertThat(served.get()).isPositive();
        caller.shutdown();
    }

    @Test
    void entriesAfterTheRotationAreUnderAnotherContentKey() {
        look(OpenVault.person("circulation").actor());
        int before = month();
        rotate();
        look(OpenVault.person("circulation").actor());
        assertThat(month()).isEqualTo(before + 1);
        assertThat(vault.vault().custody().keys().hasContentKey(before)).isTrue();
        vault.restart();
        look(OpenVault.person("circulation").actor());
        assertThat(month()).isEqualTo(before + 1);
        assertThat(LogVerifier.verify(vault.vault().store(), List.of()).problems())
                .isEmpty();
    }

    /** The month whose content key seals what is logged now. */
    private int month() {
        return vault.vault().log().reader().sealingMonth(vault.clock().instant());
    }

    @Test
    void everythingLeavesTheRootIfWorkOnOneOfTheKeysBeganMeanwhile() {
        for (int card = 3; card < 9; card++) {
            vault.register("'card':'D" + card + "','name':{'family':'Poe'}");
        }
        Rotations rotations = vault.vault().rotations();
        rotations.begin(OpenVault.person("custodian"), "name", 1, Optional::empty, AuditLog.newRequest());
        int slot = slot();
        assertRefused(Problem.OPERATION_RUNNING, this::rotateEverything);
        assertThat(slot()).isEqualTo(slot);
        assertThat(state(KeyName.ROW, 1)).isEqualTo(KeyState.PRIMARY);
    }

    @Test
    void everythingIsOneUnitOfTheLog() {
        long from = vault.logSize();
        int slot = slot();
        rotateEverything().forEach(one -> vault.vault().operations().await(one.id()));
        assertThat(slot()).isGreaterThan(slot);
        List<AccessEvent> unit = vault.logSince(from).stream()
                .filter(entry -> entry.act() == ActKind.ROTATE)
                .limit(5)
                .toList();
        assertThat(unit)
                .extracting(entry -> entry.about().orElse(""))
                .containsExactly("root", "all", "search", "log", "rest");
        assertThat(unit).extracting(AccessEvent::time).containsOnly(unit.get(0).time());
        assertThat(LogVerifier.verify(vault.vault().store(), List.of()).problems())
                .isEmpty();
    }

    @Test
    void everythingIsTypedAgainAfterAKillLeftTheRingAheadOfTheLog() {
        vault.vault().custody().addVersion("phone", "card");
        vault.vault().custody().addVersion(KeyName.LOG_SIGNING);
        vault.vault().custody().closeContentKeys();
        vault.restart();
        try (SlotMaker made = vault.vault().slots().newRoot()) {
            made.addShares(2, 2).forEach(made::prove);
            vault.vault().custody().rotateRoot(made);
        }
        assertThat(rotateEverything())
                .extracting(one -> vault.vault().operations().await(one.id()).state())
                .containsOnly(Operation.DONE);
        assertThat(vault.reveal(patron).phone()).contains(List.of("+12035550143"));
        assertThat(LogVerifier.verify(vault.vault().store(), List.of()).problems())
                .isEmpty();
    }

    private int slot() {
        return vault.vault().custody().slots().get(0).id();
    }

    private List<Operation> rotateEverything() {
        try (SlotMaker made = vault.vault().slots().newRoot()) {
            made.addShares(2, 2).forEach(made::prove);
            return vault.vault()
                    .rotations()
                    .everything(
                            OpenVault.person("custodian"),
                            Optional.empty(),
                            made,
                            vault.vault().slots(),
                            List.of(Rotations.ALL, "search", KeyName.LOG_SIGNING, Rotations.REST),
                            0);
        }
    }

    @Test
    void versionThatAnotherProcessMadeIsReadFromTheRingOnDisk() {
        KeyCustody other = OpenedKeys.at(vault.home().keys(), vault.clock());
        KeyVersions<RowMac> before = other.keys().rows();
        vault.vault().custody().addVersion(KeyName.ROW);
        byte[] none = {};
        byte[] mac = vault.vault().custody().keys().rows().newest().mac("table", none, 1, none);
        assertThat(before.find(rows -> rows.verify("table", none, 1, none, mac)))
                .hasValue(2);
    }
}
