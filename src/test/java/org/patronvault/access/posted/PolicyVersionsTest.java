package org.patronvault.access.posted;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.access.AccessTestVault;
import org.patronvault.access.QuickAccess;
import org.patronvault.access.Refusals;
import org.patronvault.access.watch.PolicyWatch;
import org.patronvault.core.dual.IdempotencyStore;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Problem;
import org.patronvault.core.policy.PolicyFile;

/** Tests of posted policy versions (P12): a posted version stays, even if files and rows are changed. */
final class PolicyVersionsTest {
    private static final LocalDate TODAY = LocalDate.parse("2026-11-24");

    private Path home;
    private AccessTestVault vault;
    private PostedFiles files;
    private Actor dora;

    @BeforeEach
    void begin(@TempDir Path directory) {
        home = directory;
        vault = new AccessTestVault(directory);
        dora = vault.staff("dora", "director");
        PostedFiles.create(home, TODAY);
        files = vault.access().postedFiles(home);
        files.begin();
    }

    @AfterEach
    void close() {
        vault.close();
    }

    private PolicyVersions versions() {
        return vault.access().policyVersions();
    }

    private static PostedPolicy policy(String version, String text) {
        return PostedPolicy.of(version, "2026-01-15", "2027-06-15", text, TODAY);
    }

    private void post(PostedPolicy policy) {
        versions()
                .post(
                        dora,
                        policy,
                        IdempotencyStore.Once.withoutKey(),
                        vault.access().replay(),
                        AuditLog.newRequest());
    }

    private Path file(String version) {
        return PostedFiles.in(home).resolve(version + ".md");
    }

    private void save(String version, PostedPolicy says) throws IOException {
        Files.write(file(version), PostedFile.write(says));
        files.look();
        files.look();
    }

    private List<AccessEvent> since(long size) {
        return vault.entriesFrom(size);
    }

    @Test
    void theDefaultIsPostedFromItsFileAndIsTheCurrentOne() {
        assertThat(versions().current()).map(PostedPolicy::version).hasValue("2018-05");
        AccessEvent entry = vault.lastEntry();
        assertThat(entry.actor()).isEqualTo(Actor.VAULT);
        assertThat(entry.act()).isEqualTo(ActKind.POLICY);
        assertThat(entry.outcome()).isEqualTo(Outcome.CONFIGURATION);
        assertThat(entry.about()).hasValue("policies/2018-05.md");
        assertThat(entry.policyDigest())
                .hasValueSatisfying(d -> assertThat(d)
                        .isEqualTo(versions().current().orElseThrow().sha256()));
    }

    @Test
    void aVersionIsPostedOnceAndStaysAsItIs() {
        PostedPolicy next = policy("2026-01", "Next.");
        post(next);
        long size = vault.log().reader().size();
        post(next);
        assertThat(vault.log().reader().size()).isEqualTo(size);
        assertThat(Refusals.problemOf(() -> post(policy("2026-01", "Other.")))).isEqualTo(Problem.NAME_IN_USE);
        assertThat(Refusals.problemOf(
                        () -> post(PostedPolicy.of("2026-01", "2026-01-16", "2027-06-15", "Next.", TODAY))))
                .isEqualTo(Problem.NAME_IN_USE);
        assertThat(versions().find("2026-01")).hasValue(next);
        assertThat(versions().all()).extracting(PostedPolicy::version).containsExactly("2026-01", "2018-05");
    }

    @Test
    void everyVersionWillDoForAConsentAndNoOther() {
        post(policy("2026-01", "Next."));
        assertThatCode(() -> versions().require("2018-05", "policy")).doesNotThrowAnyException();
        assertThatCode(() -> versions().require("2026-01", "policy")).doesNotThrowAnyException();
        assertThat(Refusals.refusedBy(() -> versions().require("2017-01", "policy"))
                        .getMessage())
                .startsWith("policy must be a version of the policy that was posted");
    }

    @Test
    void aVersionThatAnotherNodePostsIsKnownAtOnce() {
        versions().all();
        PostedPolicy next = policy("2026-01", "Next.");
        new QuickNode()
                .versions.post(
                        dora,
                        next,
                        IdempotencyStore.Once.withoutKey(),
                        vault.access().replay(),
                        AuditLog.newRequest());
        assertThat(versions().find("2026-01")).hasValue(next);
        assertThatCode(() -> post(next)).doesNotThrowAnyException();
        assertThat(versions().all()).hasSize(2);
    }

    /** Access of its own over the same database. */
    private final class QuickNode {
        private final PolicyVersions versions = QuickAccess.of(
                        vault.store(), vault.log(), vault.custody, vault.policy, vault.clock, vault.nanos::get)
                .policyVersions();
    }

    @Test
    void aRowThatWasEditedIsNoVersion() {
        assertThat(
                        vault.tamper(
                                "UPDATE authority SET body = replace(body, 'confidential', 'public') WHERE kind = 'policy-version'"))
                .isEqualTo(1);
        vault.nanos.addAndGet(Duration.ofSeconds(2).toNanos());
        assertThatThrownBy(() -> versions().current()).isInstanceOf(IntegrityException.class);
    }

    @Test
    void whileSealedTheRowsAreShownWithoutProof() {
        vault.custody.seal();
        vault.nanos.addAndGet(Duration.ofSeconds(2).toNanos());
        assertThat(versions().isProven()).isFalse();
        assertThat(versions().current()).map(PostedPolicy::version).hasValue("2018-05");
        assertThat(versions().find("2026-01")).isEmpty();
    }

    @Test
    void whatIsInARowWithoutBeingAVersionIsShownToNobodySealedOrNot() {
        for (String change : List.of("'confidential', 'public'", "'2018-05-01', 'soon'", "'\"text\"', '\"words\"'")) {
            assertThat(vault.tamper(
                            "UPDATE authority SET body = replace(body, " + change + ") WHERE kind = 'policy-version'"))
                    .isEqualTo(1);
            assertThatThrownBy(() -> vault.store().read(PolicyVersions::unproven))
                    .isInstanceOf(IntegrityException.class);
        }
    }

    @Test
    void aFileThatChangesAfterwardsIsNotTakenAndToldOfOnce() throws IOException {
        PostedPolicy before = versions().current().orElseThrow();
        long size = vault.log().reader().size();
        save("2018-05", policy("2018-05", "We sell it all."));
        assertThat(versions().current()).hasValue(before);
        assertThat(since(size))
                .extracting(AccessEvent::outcome, e -> e.about().orElse(""))
                .containsExactly(tuple(Outcome.FAILED, "policies/2018-05.md"), tuple(Outcome.ALERT, "policy-file"));
        files.look();
        assertThat(since(size)).hasSize(2);
        assertThat(PostedFiles.faults(home, versions().all(), TODAY))
                .singleElement()
                .satisfies(fault -> assertThat(fault.says()).contains("stays as it is: remove it"));

        Files.delete(file("2018-05"));
        files.look();
        assertThat(PostedFile.read(file("2018-05"), TODAY)).isEqualTo(before);
        assertThat(PostedFiles.faults(home, versions().all(), TODAY)).isEmpty();
    }

    @Test
    void aNewFileIsTakenOnceItStaysAsItIs() throws IOException {
        Files.write(file("2026-01"), PostedFile.write(policy("2026-01", "Half.")));
        files.look();
        Files.write(file("2026-01"), PostedFile.write(policy("2026-01", "Half, and the rest.")));
        files.look();
        assertThat(versions().find("2026-01")).isEmpty();
        files.look();
        assertThat(versions().find("2026-01")).map(PostedPolicy::text).hasValue("Half, and the rest.\n");
        assertThat(vault.lastEntry().about()).hasValue("policies/2026-01.md");
    }

    @Test
    void aFileThatIsNoVersionIsNotTakenAndItsNameNotToldUnlessItCouldBeOne() throws IOException {
        long size = vault.log().reader().size();
        Files.writeString(file("Notes on Ann Ames"), "hello");
        save("2026-02", policy("2026-01", "Under another name."));
        assertThat(versions().all()).hasSize(1);
        assertThat(since(size))
                .filteredOn(e -> e.outcome() == Outcome.FAILED)
                .extracting(e -> e.about().orElse(""))
                .containsExactly("policies/2026-02.md", "policies");
    }

    @Test
    void whatIsUploadedIsWrittenAsAFile() {
        PostedPolicy next = policy("2026-01", "Next.");
        post(next);
        files.look();
        assertThat(PostedFile.read(file("2026-01"), TODAY)).isEqualTo(next);
        assertThat(file("2026-01").toFile().canRead()).isTrue();
    }

    @Test
    void theReviewIsRemindedOfOnceWhenItIsNearAndOnceWhenItIsOverdue() {
        LocalDate review = versions().current().orElseThrow().nextReview();
        long size = vault.log().reader().size();
        turnOn(review.minusDays(61));
        assertThat(policyEntries(size)).isEmpty();
        turnOn(review.minusDays(60));
        turnOn(review);
        vault.restart();
        turnOn(review);
        assertThat(policyEntries(size))
                .extracting(AccessEvent::outcome, e -> e.about().orElse(""))
                .containsExactly(
                        tuple(Outcome.CONFIGURATION, "policies/2018-05.md"), tuple(Outcome.ALERT, "policy-review"));
        turnOn(review.plusDays(1));
        turnOn(review.plusDays(400));
        turnOn(review.minusDays(1));
        assertThat(policyEntries(size)).hasSize(4);
    }

    private List<AccessEvent> policyEntries(long size) {
        return since(size).stream()
                .filter(entry -> entry.act() == ActKind.POLICY)
                .toList();
    }

    private void turnOn(LocalDate day) {
        vault.clock.set(day.atTime(LocalTime.NOON).toInstant(ZoneOffset.UTC));
        vault.access().policyReview().turn();
    }

    @Test
    void eachEntrySaysUnderWhichVersionItWasMade() throws IOException {
        String shipped = new String(PolicyFile.defaultText(), StandardCharsets.UTF_8);
        Path file = home.resolve("policy.yaml");
        Files.writeString(file, shipped);
        long size = vault.log().reader().size();
        PolicyWatch watch = vault.access().watch(file);
        vault.log().record(vault.event());
        watch.begin();
        vault.log().record(vault.event());
        post(policy("2026-01", "Next."));
        Files.writeString(file, shipped.replace("\"2018-05\"", "\"2026-01\""));
        watch.look();
        AccessEvent before = vault.event();
        watch.look();
        vault.log().record(before);
        vault.log().record(vault.event());
        assertThat(since(size))
                .extracting(e -> e.act().wireName() + " " + e.policy().orElse("-"))
                .containsExactly(
                        "facts -",
                        "policy 2018-05",
                        "facts 2018-05",
                        "policy 2018-05",
                        "policy 2026-01",
                        // Decided before the change, written down after it.
                        "facts 2018-05",
                        "facts 2026-01");
        assertThat(versions().current()).map(PostedPolicy::version).isEqualTo(Optional.of("2026-01"));
    }
}
