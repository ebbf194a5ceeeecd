package org.patronvault.patron.erasure;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.patronvault.access.client.ClientGrant;
import org.patronvault.access.client.Clients;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.dual.IdempotencyStore;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.vault.PairwiseResets;
import org.patronvault.patron.change.Protection;
import org.patronvault.patron.lookup.PairwiseSubjects;
import org.patronvault.testing.OpenVault;
import org.patronvault.upkeep.leakage.Report;
import org.patronvault.upkeep.leakage.Report.Verdict;
import org.patronvault.upkeep.leakage.ThiefGames;

/** Tests of a patron's reset at a vendor (P8): no stored data names the vendor. */
final class PairwiseResetTest {
    private static final Caller CLERK = OpenVault.person("circulation");
    private static final Approvals.Requester ADMIN =
            Approvals.Requester.alone(OpenVault.person("admin").actor());
    private static final String HOOPLA = "hoopla-example";
    private static final String KANOPY = "kanopy-example";

    private OpenVault vault;
    private PatronId ann;
    private PatronId bob;

    @BeforeEach
    void register() {
        vault = OpenVault.onSqlite();
        vault.addVendor(HOOPLA);
        vault.addVendor(KANOPY);
        ann = vault.register("'card':'ANN1','name':{'family':'Ames'}");
        bob = vault.register("'card':'BOB1','name':{'family':'Bell'}");
    }

    @AfterEach
    void close() {
        vault.close();
    }

    private Clients clients() {
        return vault.vault().access().clients();
    }

    private PairwiseReset.Result forget(Caller caller, PatronId id, OptionalLong expected, String vendor) {
        return vault.patrons()
                .forgetting()
                .forget(caller, Optional.of(id), expected, () -> vendor, Optional.empty(), AuditLog.newRequest());
    }

    private static void assertRefused(Problem problem, Runnable act) {
        assertThatThrownBy(act::run)
                .isInstanceOfSatisfying(
                        Refused.class, refused -> assertThat(refused.problem()).isEqualTo(problem));
    }

    private AccessEvent last() {
        return vault.logSince(vault.logSize() - 1).get(0);
    }

    @Test
    void subjectChangesForThatVendorAndThatPatronAloneEachTimeAnew() {
        String first = vault.subject(HOOPLA, "ANN1");
        String elsewhere = vault.subject(KANOPY, "ANN1");
        String another = vault.subject(HOOPLA, "BOB1");
        Set<String> seen = new HashSet<>(List.of(first, elsewhere, another));
        for (int times = 1; times <= 3; times++) {
            assertThat(vault.forget(ann, HOOPLA).version()).isEqualTo(1 + times);
            String now = vault.subject(HOOPLA, "ANN1");
            assertThat(seen.add(now)).as("new after %d times", times).isTrue();
            assertThat(vault.subject(HOOPLA, "ANN1")).isEqualTo(now).hasSameSizeAs(first);
        }
        assertThat(vault.subject(KANOPY, "ANN1")).isEqualTo(elsewhere);
        assertThat(vault.subject(HOOPLA, "BOB1")).isEqualTo(another);
        vault.forget(ann, KANOPY);
        assertThat(seen.add(vault.subject(KANOPY, "ANN1"))).isTrue();
    }

    @Test
    void newSubjectOutlivesChangesAnotherCardARestartAndReencryption() {
        vault.forget(ann, HOOPLA);
        String now = vault.subject(HOOPLA, "ANN1");
        vault.patch(ann, 2, "{'phone':['203-555-0199']}");
        vault.say(ann, "newsletter", true);
        vault.patrons()
                .protection()
                .put(
                        OpenVault.person("director"),
                        Optional.of(ann),
                        OptionalLong.empty(),
                        new Protection.Request(Optional.of(true), Optional.empty(), Optional.empty()),
                        Optional.empty(),
                        AuditLog.newRequest());
        vault.patrons()
                .cardReplacement()
                .replace(CLERK, Optional.of(ann), () -> "ANN2", Optional.empty(), AuditLog.newRequest());
        vault.rotate("meta");
        vault.rotate("search");
        vault.restart();
        assertThat(vault.subject(HOOPLA, "ANN2")).isEqualTo(now);
    }

    @Test
    void vendorGoesByAnySpellingOfItsNameAndByTheOneItHadThoughItWasEnded() {
        vault.forget(ann, " HOOPLA-Example ");
        String first = vault.subject(HOOPLA, "ANN1");
        clients().revoke(ADMIN, HOOPLA);
        vault.forget(ann, HOOPLA);
        assertThat(vault.subject(HOOPLA, "ANN1")).isNotEqualTo(first);
        assertThat(vault.patrons().forgetting().vendors()).containsExactly(HOOPLA, KANOPY);
    }

    @Test
    void whatIsNoVendorIsNotFound() {
        clients()
                .add(
                        ADMIN,
                        "koha",
                        new ClientGrant(Set.of("ils"), Set.of(), Set.of(), OptionalInt.of(10), "", Optional.empty()));
        for (String other : List.of("koha", "nobody", "", "not a name!")) {
            long before = vault.logSize();
            assertRefused(Problem.NOT_FOUND, () -> vault.forget(ann, other));
            assertThat(vault.logSince(before)).singleElement().satisfies(entry -> {
                assertThat(entry.act()).isEqualTo(ActKind.FORGET);
                assertThat(entry.outcome()).isEqualTo(Outcome.REFUSED);
                assertThat(entry.about()).isEmpty();
            });
        }
        assertThat(vault.patrons().forgetting().vendors()).doesNotContain("koha");
    }

    @Test
    void whoMayNotTakeConsentsDownIsRefusedAndThatIsLoggedWithThePatron() {
        String before = vault.subject(HOOPLA, "ANN1");
        for (String role : List.of("outreach", "custodian", "admin", "page")) {
            assertRefused(Problem.NOT_ALLOWED, () -> forget(OpenVault.person(role), ann, OptionalLong.empty(), HOOPLA));
            assertThat(last().outcome()).isEqualTo(Outcome.REFUSED);
            assertThat(last().act()).isEqualTo(ActKind.FORGET);
            assertThat(last().subjects()).extracting(Subject::patron).containsExactly(ann);
        }
        assertRefused(
                Problem.NOT_ALLOWED,
                () -> forget(OpenVault.client(HOOPLA, "entitlement"), ann, OptionalLong.empty(), HOOPLA));
        assertRefused(Problem.NOT_FOUND, () -> vault.forget(new PatronId(5), HOOPLA));
        assertThat(vault.subject(HOOPLA, "ANN1")).isEqualTo(before);
    }

    @Test
    void staleVersionIsRefusedBeforeTheVendorIsLookedFor() {
        vault.forget(ann, HOOPLA);
        assertRefused(Problem.VERSION_STALE, () -> forget(CLERK, ann, OptionalLong.of(1), "nobody"));
        assertThat(forget(CLERK, ann, OptionalLong.of(2), KANOPY).version()).isEqualTo(3);
    }

    @Test
    void whatIsSentAgainWithItsKeyIsDoneOnce() {
        IdempotencyStore replay = vault.vault().access().replay();
        Optional<IdempotencyStore.Key> key = replay.key(CLERK, Optional.of("k1"), "DELETE /x", new byte[0]);
        PairwiseReset.Result written = vault.patrons()
                .forgetting()
                .forget(CLERK, Optional.of(ann), OptionalLong.empty(), () -> HOOPLA, key, AuditLog.newRequest());
        assertThat(replay.answered(key)).contains(written.json());
        assertRefused(
                Problem.CHANGED_MEANWHILE,
                () -> vault.patrons()
                        .forgetting()
                        .forget(
                                CLERK,
                                Optional.of(ann),
                                OptionalLong.empty(),
                                () -> HOOPLA,
                                key,
                                AuditLog.newRequest()));
    }

    @Test
    void logNamesThePatronSealedAndNoVendor() {
        long before = vault.logSize();
        vault.forget(ann, HOOPLA);
        assertThat(vault.logSince(before)).singleElement().satisfies(entry -> {
            assertThat(entry.act()).isEqualTo(ActKind.FORGET);
            assertThat(entry.outcome()).isEqualTo(Outcome.WRITTEN);
            assertThat(entry.actor()).isEqualTo(CLERK.actor());
            assertThat(entry.about()).isEmpty();
            assertThat(entry.reason()).isEmpty();
            assertThat(entry.count()).isEmpty();
            assertThat(entry.purpose()).isEmpty();
            assertThat(entry.subjects()).singleElement().satisfies(subject -> {
                assertThat(subject.patron()).isEqualTo(ann);
                assertThat(subject.fields()).containsExactly(PatronField.META);
            });
        });
    }

    private String filesOf(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            StringBuilder all = new StringBuilder();
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                all.append(new String(Files.readAllBytes(file), ISO_8859_1));
            }
            return all.toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int occurrences(String all, String text) {
        return all.split(Pattern.quote(text), -1).length - 1;
    }

    @Test
    void copyOfTheDatabaseAndOfTheKeysNamesTheVendorNoMoreOftenThanBeforeAndNotItsTag() {
        String[] copies = new String[2];
        vault.whileStopped(() -> copies[0] = filesOf(vault.home().directory()));
        vault.forget(ann, HOOPLA);
        vault.forget(ann, HOOPLA);
        vault.forget(bob, HOOPLA);
        long number = new PairwiseSubjects(vault.vault().custody()).tag(HOOPLA);
        byte[] tag = HexFormat.of().parseHex(String.format("%016x", number));
        vault.whileStopped(() -> copies[1] = filesOf(vault.home().directory()));
        assertThat(occurrences(copies[0], HOOPLA)).as("the client's own row").isPositive();
        assertThat(occurrences(copies[1], HOOPLA)).isEqualTo(occurrences(copies[0], HOOPLA));
        assertThat(copies[1])
                .doesNotContain(new String(tag, ISO_8859_1))
                .doesNotContainIgnoringCase(String.format("%016x", number));
    }

    @Test
    void linesOfTheLedgerAreOfOneLengthAndNeverTwiceAlike() throws IOException {
        for (int times = 0; times < 11; times++) {
            vault.forget(ann, HOOPLA);
        }
        vault.forget(ann, KANOPY);
        vault.forget(bob, HOOPLA);
        List<String> sealed = Files.readAllLines(vault.home().keys().resolve("ledger")).stream()
                .filter(line -> line.startsWith("forgotten "))
                .map(line -> line.split(" ", -1)[2])
                .toList();
        assertThat(sealed).hasSize(13).doesNotHaveDuplicates();
        assertThat(sealed).extracting(String::length).containsOnly(sealed.get(0).length());
    }

    private int metaLength(PatronId id) {
        return vault.vault()
                .store()
                .read(tx -> tx.patrons().find(id))
                .orElseThrow()
                .value(PatronField.META)
                .orElseThrow()
                .envelope()
                .length;
    }

    @Test
    void eightVendorsDoNotMakeTheCellLonger() {
        vault.say(ann, "newsletter", true);
        vault.say(ann, "newsletter", false);
        for (int vendor = 0; vendor < 8; vendor++) {
            vault.addVendor("vendor-" + vendor);
            vault.forget(ann, "vendor-" + vendor);
        }
        assertThat(metaLength(ann)).isEqualTo(metaLength(bob));
        Report report = leakage();
        assertThat(report.games()).extracting(Report.Game::verdict).doesNotContain(Verdict.BROKEN);
    }

    private Report leakage() {
        return new ThiefGames(vault.vault()).play(0);
    }

    @Test
    void entryThatNamedTheVendorWouldBeFound() {
        AuditLog log = vault.vault().log();
        log.record(log.event(CLERK.actor(), ActKind.FORGET, Outcome.WRITTEN, AuditLog.newRequest())
                .about(HOOPLA));
        Report.Game repeats = leakage().game("repeats");
        assertThat(repeats.verdict()).isEqualTo(Verdict.BROKEN);
        assertThat(repeats.says()).contains("what it is about");
    }

    @Test
    void moreThanThirtyTwoVendorsAreRefusedAndNothingOfItIsRemembered() throws IOException {
        for (int vendor = 0; vendor < PairwiseResets.MOST; vendor++) {
            vault.addVendor("vendor-" + vendor);
            vault.forget(ann, "vendor-" + vendor);
        }
        String before = vault.subject(HOOPLA, "ANN1");
        byte[] ledger = Files.readAllBytes(vault.home().keys().resolve("ledger"));
        assertRefused(Problem.INVALID, () -> vault.forget(ann, HOOPLA));
        assertThat(Files.readAllBytes(vault.home().keys().resolve("ledger"))).isEqualTo(ledger);
        assertThat(vault.subject(HOOPLA, "ANN1")).isEqualTo(before);
        assertThat(vault.forget(ann, "vendor-0").version()).isEqualTo(PairwiseResets.MOST + 2);
    }

    @Test
    void whoTookTheServiceBackIsForgottenTooAndKeepsThatWhenItIsGivenAgain() {
        String before = vault.subject(HOOPLA, "ANN1");
        vault.say(ann, "service", false);
        vault.forget(ann, HOOPLA);
        vault.say(ann, "service", true);
        assertThat(vault.subject(HOOPLA, "ANN1")).isNotEqualTo(before);
    }
}
