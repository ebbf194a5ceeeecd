package org.patronvault.upkeep.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.AuditReceipt;
import org.patronvault.core.log.CheckpointThinning;
import org.patronvault.core.log.Lane;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.LogReceipt;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.read.SignedCheckpoint;
import org.patronvault.core.log.tree.LogReport;
import org.patronvault.core.log.tree.LogVerifier;
import org.patronvault.core.log.tree.LogVerifier.Finding;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.testing.LongRun;
import org.patronvault.testing.OpenVault;

/** Tests of the log's export, with a full tile, a partial one, and a replaced signing key. */
final class LogExportTest {
    private static final Caller OFFICER = OpenVault.person("privacy-officer");
    private static final LogVerifier.TrustAnchors NOTHING =
            new LogVerifier.TrustAnchors(List.of(), List.of(), Optional.empty());

    @TempDir
    Path directory;

    private OpenVault vault;
    private Path export;

    @BeforeEach
    void makeLog() {
        vault = OpenVault.onSqlite();
        export = directory.resolve("export");
        fill(20);
        vault.rotate("log");
        fill(280);
    }

    @AfterEach
    void close() {
        vault.close();
    }

    private AuditLog log() {
        return vault.vault().log();
    }

    private void fill(int entries) {
        List<CompletableFuture<AuditReceipt>> all = new ArrayList<>();
        for (int i = 0; i < entries; i++) {
            all.add(log().submit(
                            AuditLog.entry(
                                    log().event(Actor.VAULT, ActKind.FACTS, Outcome.COUNTED, AuditLog.newRequest())),
                            Lane.DESK));
        }
        all.forEach(AuditLog::await);
    }

    private SignedCheckpoint make(Progress progress) {
        return new LogExport(log(), vault.vault().access()).make(OFFICER, export, progress);
    }

    private SignedCheckpoint make() {
        return make(Progress.UNSEEN);
    }

    private List<Finding> problems(LogVerifier.TrustAnchors known) {
        return LogVerifier.verify(export, known).problems();
    }

    private List<Finding> problems() {
        return problems(NOTHING);
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.walk(export)) {
            return all.filter(Files::isRegularFile).sorted().toList();
        }
    }

    private List<String> names() throws IOException {
        return files().stream().map(file -> export.relativize(file).toString()).toList();
    }

    private String receipt(long index) {
        return log().reader().receipt(index, log().checkpoint());
    }

    private String keys() throws IOException {
        return Files.readString(export.resolve("log.vkey"));
    }

    @Test
    void verifyingTellsHowFarItIsOfAsManyEntriesAsTheLogSays() {
        SignedCheckpoint made = make();
        List<String> told = new ArrayList<>();
        LogVerifier.Progress progress = (done, of) -> told.add(done + " of " + of);
        LogReport exported = LogVerifier.verify(export, NOTHING, progress);
        LogReport stored = LogVerifier.verify(vault.vault().store(), NOTHING, progress);
        assertThat(exported.entries()).isEqualTo(made.size());
        assertThat(told).containsExactly("0 of " + exported.entries(), "0 of " + stored.entries());
    }

    @Test
    void exportIsLaidOutAsTilesAndIsWholeWithoutTheVault() throws IOException {
        String kept = log().checkpoint().note();
        SignedCheckpoint made = make();
        long size = made.size();
        assertThat(names())
                .containsExactlyInAnyOrder(
                        "checkpoint",
                        "handover-2",
                        "log.vkey",
                        "tile/0/000",
                        "tile/0/001.p/" + size % 256,
                        "tile/1/000.p/1",
                        "tile/entries/000",
                        "tile/entries/001.p/" + size % 256);
        assertThat(export.resolve("tile/0/000")).hasSize(8_192);
        assertThat(export.resolve("tile/1/000.p/1")).hasSize(32);
        assertThat(keys().lines()).hasSize(2);
        LogReport report = LogVerifier.verify(
                export,
                new LogVerifier.TrustAnchors(
                        List.of(new LogVerifier.SavedCheckpoint("kept", kept)),
                        List.of(receipt(7)),
                        Optional.of(keys())));
        assertThat(report.problems()).isEmpty();
        assertThat(report.entries()).isEqualTo(size);
        assertThat(report.root()).isEqualTo(log().reader().root(size));
    }

    @Test
    void everyFileThatIsChangedInOneOfAHundredPlacesOrMissingIsFound() throws IOException {
        make();
        for (Path file : files()) {
            byte[] bytes = Files.readAllBytes(file);
            int step = Math.max(1, bytes.length / LongRun.times(19, 97));
            for (int at = 0; at < bytes.length; at += step) {
                byte[] flipped = bytes.clone();
                flipped[at] ^= (byte) (1 << (at % 8));
                Files.write(file, flipped);
                assertThat(problems()).as("byte %d of %s", at, file).isNotEmpty();
            }
            Files.delete(file);
            assertThat(problems()).as("without %s", file).isNotEmpty();
            Files.write(file, bytes);
        }
        assertThat(problems()).isEmpty();
    }

    @Test
    void entriesThatAreSwappedOrCutAreFoundWhereTheyWere() throws IOException {
        make();
        Path bundle = export.resolve("tile/entries/000");
        byte[] bytes = Files.readAllBytes(bundle);
        Files.write(bundle, List.of(), StandardCharsets.UTF_8);
        assertThat(problems()).contains(new Finding(0, "bundle-malformed"));
        bytes[bytes.length - 1] ^= 1;
        Files.write(bundle, bytes);
        Files.delete(export.resolve(names().stream()
                .filter(name -> name.startsWith("tile/entries/001"))
                .findFirst()
                .orElseThrow()));
        assertThat(problems())
                .containsSubsequence(
                        new Finding(255, "leaf-changed"),
                        new Finding(256, "bundle-missing"),
                        new Finding(256, "log-cut"));
    }

    @Test
    void sameDirectoryIsBroughtUpToDateAndFullTilesStayAsTheyAre() throws IOException {
        SignedCheckpoint first = make();
        Object full = Files.readAttributes(export.resolve("tile/entries/000"), "unix:ino")
                .get("ino");
        fill(300);
        SignedCheckpoint second = make();
        assertThat(second.size()).isGreaterThan(first.size() + 300);
        assertThat(problems(new LogVerifier.TrustAnchors(
                        List.of(new LogVerifier.SavedCheckpoint("first", first.note())), List.of(), Optional.empty())))
                .isEmpty();
        assertThat(Files.readAttributes(export.resolve("tile/entries/000"), "unix:ino")
                        .get("ino"))
                .isEqualTo(full);
        assertThat(names())
                .contains("tile/0/001", "tile/0/002.p/" + second.size() % 256)
                .doesNotContain("tile/0/001.p/" + first.size() % 256, "tile/entries/001.p/" + first.size() % 256);
        assertThat(export.resolve("tile/0/001.p")).doesNotExist();
    }

    @Test
    void interruptedExportIsGoneOnWithAndAnOlderOneStaysWhole() {
        Progress stop = (step, done, total) -> {
            if (done > 256) {
                throw new IllegalStateException("stopped");
            }
        };
        assertThatThrownBy(() -> make(stop)).hasMessage("stopped");
        assertThat(problems()).contains(new Finding(0, "checkpoint-missing"));
        make();
        assertThat(problems()).isEmpty();
        fill(600);
        assertThatThrownBy(() -> make(stop)).hasMessage("stopped");
        assertThat(problems()).isEmpty();
        make();
        assertThat(problems()).isEmpty();
    }

    @Test
    void exportAndReceiptOfACheckpointThatIsKeptNoLongerAreGood() throws IOException {
        SignedCheckpoint first = make();
        LogVerifier.TrustAnchors known = new LogVerifier.TrustAnchors(
                List.of(new LogVerifier.SavedCheckpoint("first", first.note())),
                List.of(receipt(7)),
                Optional.of(keys()));
        fill(3);
        log().checkpoint();
        vault.clock().advance(Duration.ofDays(40));
        fill(1);
        new CheckpointThinning(vault.vault().store(), log()).turn();
        assertThat(vault.vault().store().<Optional<String>>read(tx -> tx.log().checkpoint(first.size())))
                .isEmpty();
        assertThat(LogVerifier.verify(vault.vault().store(), known).problems()).isEmpty();
        assertThat(make().size()).isGreaterThan(first.size());
        assertThat(problems(known)).isEmpty();
        assertThat(names()).contains("handover-2");
    }

    @Test
    void directoryOfSomethingElseOrOfAnotherLogIsRefusedAndLeftAsItIs() throws IOException {
        Files.createDirectories(export);
        Files.writeString(export.resolve("letter"), "dear");
        assertRefused(Problem.HOME_EXISTS);
        Files.delete(export.resolve("letter"));
        Files.delete(export);
        Files.writeString(export, "a file");
        assertRefused(Problem.HOME_EXISTS);
        Files.delete(export);
        // It has equal keys, and so an equal name.
        try (OpenVault other = OpenVault.onSqlite()) {
            other.vault().log().checkpoint();
            new LogExport(other.vault().log(), other.vault().access()).make(OFFICER, export, Progress.UNSEEN);
        }
        List<String> before = names();
        assertRefused(Problem.HOME_EXISTS);
        assertThat(names()).isEqualTo(before);
    }

    private void assertRefused(Problem problem) {
        assertThatThrownBy(this::make)
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(problem));
    }

    @Test
    void onlyWhoMayReadTheLogExportsItAndThatIsLogged() throws IOException {
        for (String role : List.of("circulation", "custodian", "admin")) {
            assertThatThrownBy(() -> new LogExport(log(), vault.vault().access())
                            .make(OpenVault.person(role), export, Progress.UNSEEN))
                    .isInstanceOfSatisfying(
                            Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.NOT_ALLOWED));
        }
        assertThat(export).doesNotExist();
        long before = vault.logSize();
        SignedCheckpoint made = make();
        AccessEvent entry = vault.logSince(before).get(0);
        assertThat(entry.act()).isEqualTo(ActKind.READ_LOG);
        assertThat(entry.outcome()).isEqualTo(Outcome.SEARCHED);
        assertThat(entry.actor()).isEqualTo(OFFICER.actor());
        assertThat(entry.about()).contains("export");
        assertThat(made.size()).isGreaterThan(before);
    }

    @Test
    void receiptHoldsWithTheKeyAloneAndNoByteOfItCanBeChanged() throws IOException {
        make();
        String receipt = receipt(258);
        LogReceipt held = LogReceipt.check(receipt, keys());
        assertThat(held.index()).isEqualTo(258);
        assertThat(held.event().act()).isEqualTo(ActKind.FACTS);
        String firstKey = keys().lines().findFirst().orElseThrow();
        assertThatThrownBy(() -> LogReceipt.check(receipt, firstKey))
                .as("signed by the key that was handed over to")
                .isInstanceOf(IntegrityException.class);
        byte[] bytes = receipt.getBytes(StandardCharsets.UTF_8);
        String keys = keys();
        for (int at = 0; at < bytes.length; at++) {
            byte[] flipped = bytes.clone();
            flipped[at] ^= (byte) (1 << (at % 8));
            String changed = new String(flipped, StandardCharsets.ISO_8859_1);
            assertThatThrownBy(() -> LogReceipt.check(changed, keys))
                    .as("byte %d", at)
                    .isInstanceOfAny(Refused.class, IntegrityException.class);
        }
    }

    @Test
    void receiptOfAnotherLogOrOfAnotherEntryIsFoundInTheLog() {
        make();
        String ours = receipt(30);
        String later;
        fill(1);
        later = receipt(log().reader().size() - 1);
        assertThat(problems(known(ours))).isEmpty();
        assertThat(problems(known(later))).extracting(Finding::what).contains("log-cut");
        String moved = ours.replace("index 30\n", "index 31\n");
        assertThat(problems(known(moved))).containsExactly(new Finding(31, "receipt-differs"));
        assertThat(problems(known("no receipt"))).containsExactly(new Finding(0, "receipt-malformed"));
        try (OpenVault other = OpenVault.onSqlite()) {
            String foreign =
                    other.vault().log().reader().receipt(0, other.vault().log().checkpoint());
            assertThat(problems(known(foreign))).isNotEmpty();
        }
    }

    private static LogVerifier.TrustAnchors known(String receipt) {
        return new LogVerifier.TrustAnchors(List.of(), List.of(receipt), Optional.empty());
    }
}
