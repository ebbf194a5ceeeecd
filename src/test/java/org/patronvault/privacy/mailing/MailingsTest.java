package org.patronvault.privacy.mailing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.access.Access;
import org.patronvault.access.QuickAccess;
import org.patronvault.core.dual.Approval;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Approver;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Alert;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.CurrentPolicy;
import org.patronvault.core.policy.PolicyFile;
import org.patronvault.patron.change.Protection;
import org.patronvault.testing.OpenSsl;
import org.patronvault.testing.OpenVault;
import org.patronvault.upkeep.backup.Progress;
import org.patronvault.upkeep.leakage.Report;
import org.patronvault.upkeep.leakage.ThiefGames;

/**
 * Tests of mailing lists (P9): the patrons in them, the people who may get them, and that nothing of them is stored.
 */
final class MailingsTest {
    private static final Caller OUTREACH = OpenVault.person("outreach");
    private static final Caller CLERK = OpenVault.person("circulation");
    private static final Actor DIRECTOR = OpenVault.person("director").actor();
    private static final String URL = "https://vault.example.org";

    @TempDir
    private static Path directory;

    private static String certificate;
    private static int files;

    private OpenVault vault;

    @BeforeAll
    static void makeARecipient() throws IOException {
        certificate = Files.readString(
                OpenSsl.certificate(directory, "post", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"));
    }

    @BeforeEach
    void open() {
        vault = OpenVault.onSqlite();
        open("http: {publicUrl: '" + URL + "'}\n", new String(PolicyFile.defaultText(), StandardCharsets.UTF_8));
    }

    private void open(String settings, String policy) {
        vault.whileStopped(() -> {
            write(vault.home().settings(), settings);
            write(vault.home().policy(), policy);
        });
        // So that the certificate, made today, is valid.
        vault.clock()
                .advance(Duration.between(vault.clock().instant(), Instant.now().plusSeconds(1)));
    }

    private static void write(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @AfterEach
    void close() {
        vault.close();
    }

    private PatronId patron(String card, String more) {
        return vault.register("'card':'" + card + "','name':{'family':'Ng'},'email':['" + card.toLowerCase(Locale.ROOT)
                + "@example.org']" + more);
    }

    private PatronId reader(String card) {
        PatronId patron = patron(card, "");
        vault.say(patron, "newsletter", true);
        return patron;
    }

    private Mailings mailings() {
        return vault.vault().privacy().mailings();
    }

    private static Mailings.Spec wanted(String purpose, int limit, String... libraries) {
        return new Mailings.Spec(purpose, List.of(libraries), OptionalInt.of(limit), certificate);
    }

    private Mailings.Result ask(Caller by, Optional<Actor> second, Mailings.Spec wanted) {
        return mailings().make(by, Approvals.Requester.of(by.actor(), second), () -> wanted);
    }

    private Mailing make(Mailings.Spec wanted) {
        return ask(OUTREACH, Optional.empty(), wanted).mailing().orElseThrow();
    }

    private static synchronized Path next() {
        return directory.resolve("mailing-" + ++files + ".cms");
    }

    private Path write(Caller by, Mailing mailing) throws IOException {
        Path sealed = next();
        mailings().file(by, mailing.id(), one -> Files.newOutputStream(sealed), (done, total) -> {});
        return sealed;
    }

    private List<String> lines(Path sealed) throws IOException {
        Path content = directory.resolve("content");
        assertThat(OpenSsl.decrypt(directory, "post", sealed, content)).isZero();
        return Files.readString(content).lines().toList();
    }

    /** Address to link. */
    private Map<String, String> addresses(String purpose, String... libraries) throws IOException {
        List<String> lines = lines(write(OUTREACH, make(wanted(purpose, 100, libraries))));
        assertThat(lines.get(0)).isEqualTo("email,unsubscribe");
        return lines.stream()
                .skip(1)
                .map(line -> line.split(",", -1))
                .collect(Collectors.toMap(cells -> cells[0], cells -> cells[1]));
    }

    private static void assertRefused(Problem problem, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        Refused.class, refused -> assertThat(refused.problem()).isEqualTo(problem));
    }

    private static String token(String link) {
        assertThat(link).startsWith(URL + "/unsubscribe/");
        return link.substring((URL + "/unsubscribe/").length());
    }

    @Test
    void onlyThoseWhoSaidYesToThatAreInTheFile() throws IOException {
        reader("ANN");
        patron("BEN", "");
        vault.say(patron("CID", ""), "fundraising", true);
        PatronId dan = vault.register("'card':'DAN','name':{'family':'Ng'}");
        vault.say(dan, "newsletter", true);
        vault.say(reader("EVE"), "newsletter", false);
        vault.say(reader("FAY"), "service", false);
        PatronId gus = reader("GUS");
        vault.patrons()
                .protection()
                .put(
                        OpenVault.person("director"),
                        Optional.of(gus),
                        OptionalLong.empty(),
                        new Protection.Request(Optional.empty(), Optional.of(true), Optional.empty()),
                        Optional.empty(),
                        AuditLog.newRequest());
        PatronId hal = patron("HAL", ",'status':'blocked','expires':'2020-01-01','library':'SO'");
        vault.say(hal, "newsletter", true);
        PatronId ida = vault.register(
                "'card':'IDA','name':{'family':'Ng'},'email':['first@example.org','second@example.org']");
        vault.say(ida, "newsletter", true);

        assertThat(addresses("newsletter")).containsOnlyKeys("ann@example.org", "hal@example.org", "first@example.org");
        assertThat(addresses("newsletter", "SO", "SO")).containsOnlyKeys("hal@example.org");
        assertThat(addresses("fundraising")).containsOnlyKeys("cid@example.org");
    }

    @Test
    void cellThatASpreadsheetWouldTakeForAFormulaIsNone() throws IOException {
        PatronId patron = vault.register("'card':'ANN','name':{'family':'Ng'},'email':['=ann@example.org']");
        vault.say(patron, "newsletter", true);
        assertThat(addresses("newsletter")).containsOnlyKeys("'=ann@example.org");
    }

    @Test
    void eachAddresseeIsNamedInTheLogInEntriesThatSayNothingInClear() throws IOException {
        List<PatronId> readers = new ArrayList<>();
        for (int i = 0; i < 25; i++) {
            readers.add(reader("R" + i));
        }
        long before = vault.logSize();
        write(OUTREACH, make(wanted("newsletter", 100)));

        List<AccessEvent> entries = vault.logSince(before);
        List<AccessEvent> opened = entries.stream()
                .filter(one -> one.outcome() == Outcome.DISCLOSED)
                .toList();
        assertThat(opened).hasSize(2).allSatisfy(one -> {
            assertThat(one.act()).isEqualTo(ActKind.MAILING);
            assertThat(one.purpose())
                    .hasValueSatisfying(p -> assertThat(p.name()).isEqualTo("newsletter"));
            assertThat(one.about()).isEmpty();
            assertThat(one.count()).isEmpty();
        });
        assertThat(opened.stream().flatMap(one -> one.subjects().stream()).toList())
                .hasSize(25)
                .allSatisfy(subject -> assertThat(subject.fields()).isEqualTo(Set.of(PatronField.EMAIL)));
        assertThat(opened.stream().flatMap(one -> one.subjects().stream()).map(Subject::patron))
                .containsExactlyInAnyOrderElementsOf(readers);
        assertThat(entries.get(0).act()).isEqualTo(ActKind.MAILING);
        assertThat(entries.get(1).outcome()).isEqualTo(Outcome.ALERT);
        assertThat(entries.get(1).about()).contains(Alert.MAILING_MADE.slug());
        assertThat(entries.get(entries.size() - 1).outcome()).isEqualTo(Outcome.CONFIGURATION);
    }

    @Test
    void whoUnsubscribesOrIsErasedWhileTheFileIsMadeIsNotInIt() throws IOException {
        reader("ANN");
        PatronId ben = reader("BEN");
        PatronId cid = reader("CID");
        String link = addresses("newsletter").get("ben@example.org");
        Mailing mailing = make(wanted("newsletter", 10));
        Path sealed = directory.resolve("midway.cms");
        mailings()
                .file(
                        OUTREACH,
                        mailing.id(),
                        one -> {
                            // All patrons were read by now, and none was opened.
                            vault.vault().privacy().unsubscribing().take(token(link));
                            var unused = vault.erase(cid);
                            return Files.newOutputStream(sealed);
                        },
                        (done, total) -> {});
        assertThat(lines(sealed)).hasSize(2).last().asString().startsWith("ann@example.org,");
        assertThat(vault.logSince(0).stream()
                        .filter(one -> one.act() == ActKind.MAILING && one.outcome() == Outcome.DISCLOSED)
                        .reduce((a, b) -> b)
                        .orElseThrow()
                        .subjects())
                .extracting(Subject::patron)
                .doesNotContain(ben, cid);
    }

    @Test
    void aboveASizeTwoAreNeededAndWhatOneAskedForAloneThatDayCountsTogether() throws IOException {
        Actor admin = new Actor(Actor.Kind.STAFF, "adam", "admin", "");
        vault.enrol(OUTREACH.actor(), DIRECTOR, admin);
        reader("ANN");
        make(wanted("newsletter", 500));
        Mailings.Spec more = wanted("newsletter", 1);
        long before = vault.logSize();
        Approval filed = ask(OUTREACH, Optional.empty(), more).filed().orElseThrow();
        assertThat(vault.logSince(before)).extracting(AccessEvent::outcome).containsExactly(Outcome.REQUESTED);
        assertThat(filed.sentence())
                .contains("at most 1 e-mail addresses", "newsletter")
                .doesNotContain("example.org");

        vault.vault().access().approvals().approve(DIRECTOR, filed.id(), Optional.empty());
        assertThat(ask(OUTREACH, Optional.empty(), wanted("newsletter", 2)).filed())
                .as("it is agreed to one, and not to two")
                .isPresent();
        Mailing mailing = make(more);
        assertThat(mailing.second()).isEqualTo(DIRECTOR.name());
        assertThat(lines(write(OUTREACH, mailing))).hasSize(2);
        assertThat(ask(OUTREACH, Optional.empty(), more).filed())
                .as("leave is good once")
                .isPresent();

        assertThat(ask(OUTREACH, Optional.of(admin), wanted("fundraising", 100_000))
                        .mailing())
                .hasValueSatisfying(one -> assertThat(one.second()).isEqualTo(admin.name()));
        AccessEvent last = vault.logSince(0).stream()
                .filter(one -> one.act() == ActKind.MAILING && one.outcome() == Outcome.CONFIGURATION)
                .reduce((a, b) -> b)
                .orElseThrow();
        assertThat(last.second()).contains(new Approver(admin.name(), Approver.Origin.SAME_TERMINAL));
        assertRefused(
                Problem.SECOND_PERSON_REQUIRED,
                () -> ask(OUTREACH, Optional.of(OUTREACH.actor()), wanted("newsletter", 501)));
        assertRefused(
                Problem.SECOND_PERSON_REQUIRED,
                () -> ask(OUTREACH, Optional.of(CLERK.actor()), wanted("newsletter", 501)));
        vault.clock().advance(Duration.ofHours(25));
        assertThat(make(more).second()).as("another day").isEmpty();
    }

    @Test
    void moreThanAskedForIsRefusedBeforeAnythingIsOpened() {
        reader("ANN");
        reader("BEN");
        Mailing mailing = make(wanted("newsletter", 1));
        long before = vault.logSize();
        assertRefused(Problem.INVALID, () -> write(OUTREACH, mailing));
        assertThat(vault.logSince(before)).singleElement().satisfies(one -> {
            assertThat(one.act()).isEqualTo(ActKind.MAILING);
            assertThat(one.outcome()).isEqualTo(Outcome.REFUSED);
        });
        assertThat(directory.resolve("mailing-" + files + ".cms")).doesNotExist();
    }

    @Test
    void mailingExpiresAndIsOfWhoAskedForItAlone() throws IOException {
        reader("ANN");
        Mailing mailing = make(wanted("newsletter", 1));
        assertRefused(Problem.NOT_FOUND, () -> mailings().find(other(), mailing.id()));
        assertRefused(Problem.NOT_FOUND, () -> write(other(), mailing));
        assertRefused(Problem.NOT_FOUND, () -> mailings().find(OUTREACH, "0".repeat(32)));
        write(OUTREACH, mailing);
        write(OUTREACH, mailing);
        assertThat(mailings().find(OUTREACH, mailing.id()).files()).isEqualTo(2);
        vault.clock().advance(Duration.ofHours(24));
        assertRefused(Problem.NOT_FOUND, () -> mailings().find(OUTREACH, mailing.id()));
        assertRefused(Problem.NOT_FOUND, () -> write(OUTREACH, mailing));
    }

    @Test
    void mailingOfATimeWhenTheClockWasAheadIsOverOnceItIsRightAndCountsOn() {
        reader("ANN");
        Mailings.Spec most = wanted("newsletter", 500);
        vault.clock().advance(Duration.ofHours(20));
        Mailing ahead = make(most);
        vault.clock().advance(Duration.ofHours(-20));
        assertRefused(Problem.NOT_FOUND, () -> mailings().find(OUTREACH, ahead.id()));
        assertRefused(Problem.NOT_FOUND, () -> write(OUTREACH, ahead));
        assertThat(ask(OUTREACH, Optional.empty(), most).filed())
                .as("nobody takes the list out by pieces")
                .isPresent();
        tidyByAClockThatGoesOnForAnHour();
        assertThat(mailings().find(OUTREACH, ahead.id()).made())
                .isEqualTo(vault.clock().instant().truncatedTo(ChronoUnit.SECONDS));
        vault.clock().advance(Duration.ofHours(24));
        assertRefused(Problem.NOT_FOUND, () -> mailings().find(OUTREACH, ahead.id()));
        assertThat(make(most).second()).as("another day").isEmpty();
    }

    private void tidyByAClockThatGoesOnForAnHour() {
        AtomicLong nanos = new AtomicLong();
        Access access = QuickAccess.of(
                vault.vault().store(),
                vault.vault().log(),
                vault.vault().custody(),
                new CurrentPolicy(vault.vault().access().policy()),
                vault.clock(),
                nanos::get);
        MailingRows unused = new MailingRows(access, vault.clock());
        assertThat(access.tidy()).isZero();
        nanos.addAndGet(Duration.ofHours(1).toNanos());
        vault.clock().advance(Duration.ofHours(1));
        assertThat(access.tidy()).isEqualTo(1);
    }

    private static Caller other() {
        Actor actor = new Actor(Actor.Kind.STAFF, "olga", "outreach", "NC");
        return new Caller(actor, Set.of(), Optional.empty(), Optional.empty(), OptionalInt.empty(), true);
    }

    @Test
    void whatCannotBeIsRefusedWithTheRuleNamed() {
        reader("ANN");
        for (String role : List.of("circulation", "director", "privacy-officer", "admin", "custodian", "page")) {
            assertRefused(
                    Problem.NOT_ALLOWED, () -> ask(OpenVault.person(role), Optional.empty(), wanted("newsletter", 1)));
        }
        for (String purpose : List.of("service", "checkout", "account-service", "profiling", "Newsletter", "")) {
            assertRefused(Problem.PURPOSE_UNKNOWN, () -> make(wanted(purpose, 1)));
        }
        assertRefused(Problem.INVALID, () -> make(wanted("newsletter", 1, "ZZ")));
        assertRefused(Problem.INVALID, () -> make(wanted("newsletter", 0)));
        assertRefused(Problem.INVALID, () -> make(wanted("newsletter", 100_001)));
        assertRefused(
                Problem.INVALID,
                () -> make(new Mailings.Spec("newsletter", List.of(), OptionalInt.empty(), "no certificate")));
        vault.clock().advance(Duration.ofDays(3));
        assertThatThrownBy(() -> make(wanted("newsletter", 1))).hasMessageContaining("has expired");
    }

    @Test
    void withoutAnAddressForItsLinksThereIsNoMailing() {
        open("# nothing is set\n", new String(PolicyFile.defaultText(), StandardCharsets.UTF_8));
        assertThatThrownBy(() -> make(wanted("newsletter", 1)))
                .isInstanceOf(Refused.class)
                .hasMessageContaining("http.publicUrl");
    }

    @Test
    void policyThatShowsOutreachItsOwnLibraryOrMasksAddressesHoldsForMailingsToo() throws IOException {
        String policy = new String(PolicyFile.defaultText(), StandardCharsets.UTF_8);
        open(
                "http: {publicUrl: '" + URL + "'}\n",
                policy.replace("    opens: [email]\n", "    opens: [email]\n    libraries: own\n"));
        reader("ANN");
        vault.say(patron("HAL", ",'library':'SO'"), "newsletter", true);
        assertThat(addresses("newsletter")).containsOnlyKeys("ann@example.org");
    }

    @Test
    void maskedAddressIsNone() throws IOException {
        String policy = new String(PolicyFile.defaultText(), StandardCharsets.UTF_8);
        open(
                "http: {publicUrl: '" + URL + "'}\n",
                policy.replace("    opens: [email]\n", "    opens: [email]\n    masks: {email: domain}\n"));
        reader("ANN");
        assertThat(addresses("newsletter")).isEmpty();
    }

    @Test
    void whatBreaksOffIsNoFileAndSaysSoInTheLog() throws IOException {
        for (int i = 0; i < 450; i++) {
            reader("R" + i);
        }
        Mailing mailing = make(wanted("newsletter", 500));
        Path cut = directory.resolve("cut.cms");
        long before = vault.logSize();
        assertThatThrownBy(() -> mailings()
                        .file(OUTREACH, mailing.id(), one -> breaking(Files.newOutputStream(cut)), (d, t) -> {}))
                .isInstanceOf(IOException.class);
        assertThat(Files.size(cut)).isPositive();
        assertThat(OpenSsl.decrypt(directory, "post", cut, directory.resolve("of-cut")))
                .isNotZero();
        List<AccessEvent> entries = vault.logSince(before);
        assertThat(entries.get(entries.size() - 1).outcome()).isEqualTo(Outcome.FAILED);
        assertThat(entries.get(entries.size() - 1).about()).contains(mailing.id());
        assertThat(mailings().find(OUTREACH, mailing.id()).files()).isZero();
        assertThat(lines(write(OUTREACH, mailing)))
                .as("it can be fetched again")
                .hasSize(451);

        Path half = directory.resolve("half.cms");
        assertThatThrownBy(() -> mailings()
                        .file(OUTREACH, mailing.id(), one -> Files.newOutputStream(half), (done, total) -> {
                            if (done < total) {
                                vault.vault().custody().seal();
                            }
                        }))
                .isInstanceOf(Refused.class);
        assertThat(OpenSsl.decrypt(directory, "post", half, directory.resolve("of-half")))
                .as("the vault was sealed in the midst of it")
                .isNotZero();
        vault.unseal();
        assertThat(mailings().find(OUTREACH, mailing.id()).files()).isEqualTo(1);
    }

    private static OutputStream breaking(OutputStream to) {
        return new OutputStream() {
            private int left = 20_000;

            @Override
            public void write(int b) throws IOException {
                write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int from, int count) throws IOException {
                left -= count;
                if (left < 0) {
                    throw new IOException("broken");
                }
                to.write(bytes, from, count);
            }
        };
    }

    @Test
    void nothingOfAMailingIsInTheHome() throws IOException {
        reader("ZYZZYVA");
        String token = token(addresses("newsletter").get("zyzzyva@example.org"));
        vault.vault().privacy().unsubscribing().take(token);
        try (Stream<Path> all = Files.walk(vault.home().directory())) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
                        .as(file.toString())
                        .doesNotContain("zyzzyva", token);
            }
        }
    }

    @Test
    void checkAndLeakageHaveNothingToSayOfMailingsAndWhoUnsubscribed() throws IOException {
        for (int i = 0; i < 25; i++) {
            reader("R" + i);
        }
        String token = token(addresses("newsletter").get("r7@example.org"));
        vault.vault().privacy().unsubscribing().take(token);
        vault.vault().privacy().unsubscribing().take(token);
        vault.vault().privacy().logCounts();
        assertThat(vault.vault()
                        .check()
                        .run(OpenVault.person("custodian"), Progress.UNSEEN)
                        .listed())
                .isEmpty();
        assertThat(vault.leakage()
                        .run(OpenVault.person("custodian"), Progress.UNSEEN)
                        .faults())
                .isEmpty();
        assertThat(new ThiefGames(vault.vault()).play(ThiefGames.SAMPLE).games())
                .isNotEmpty()
                .allSatisfy(
                        game -> assertThat(game.verdict()).as(game.toString()).isNotEqualTo(Report.Verdict.BROKEN));
    }

    @Test
    void patronWhoseRowsWereTamperedWithIsLeftOutAndSomebodyIsTold() throws Exception {
        PatronId ann = reader("ANN");
        reader("BEN");
        try (var connection = vault.connect();
                var statement = connection.prepareStatement("UPDATE patron SET library = 'XX' WHERE id = ?")) {
            statement.setLong(1, ann.number());
            assertThat(statement.executeUpdate()).isEqualTo(1);
        }
        long before = vault.logSize();
        assertThat(addresses("newsletter")).containsOnlyKeys("ben@example.org");
        assertThat(vault.logSince(before))
                .filteredOn(one ->
                        one.outcome() == Outcome.ALERT && one.about().equals(Optional.of(Alert.NOT_AS_WRITTEN.slug())))
                .isNotEmpty()
                .allSatisfy(one ->
                        assertThat(one.subjects()).extracting(Subject::patron).containsExactly(ann));
    }
}
