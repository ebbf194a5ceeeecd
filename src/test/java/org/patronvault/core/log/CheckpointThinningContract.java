package org.patronvault.core.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.core.crypto.SigningKey;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.keys.ring.OpenedKeys;
import org.patronvault.core.log.read.LogReader;
import org.patronvault.core.log.tree.CheckpointSigner;
import org.patronvault.core.log.tree.LogVerifier;
import org.patronvault.core.log.tree.LogVerifier.Finding;
import org.patronvault.core.log.tree.LogVerifier.SavedCheckpoint;
import org.patronvault.core.store.sql.StoreSettings;
import org.patronvault.core.store.table.LogRows.CheckpointRow;
import org.patronvault.core.tlog.Checkpoint;
import org.patronvault.core.tlog.Frontier;
import org.patronvault.core.tlog.MerkleHash;
import org.patronvault.core.tlog.NoteSignature;
import org.patronvault.core.tlog.SignatureType;
import org.patronvault.core.tlog.SignedNote;
import org.patronvault.core.tlog.VerifierKey;

/** Tests of the checkpoints that thinning leaves, in logs with one of every size, on a real database. */
abstract class CheckpointThinningContract {
    /** Earlier than entry 0. Its checkpoint may be there or not, and stays like one later than the newest. */
    static final Instant NEWEST = Instant.parse("2026-11-24T09:20:00Z");

    @TempDir
    Path directory;

    private KeyCustody custody;
    LogTestVault vault;
    private SigningKey signing;
    private final List<String> handOvers = new ArrayList<>();

    abstract StoreSettings fresh(Path emptyDirectory);

    @BeforeEach
    void createVault() {
        custody = OpenedKeys.create(directory.resolve("keys"), "vault-a", LogTestVault.CLOCK);
        signing = custody.keys().logSigning();
        vault = LogTestVault.create(custody, directory, fresh(directory));
    }

    @AfterEach
    void closeVault() {
        vault.close();
    }

    /** Appends entries of those times, and signs a checkpoint of each size as the vault's turn does. */
    void fillAt(List<Instant> times) {
        long from = vault.log.reader().size();
        vault.fillAt(times);
        VerifierKey key = CheckpointSigner.verifierKey("vault-a", signing.publicKey());
        store(
                from + 1,
                root -> SignedNote.sign(root.toNoteText(), key, signing::sign).toText());
    }

    private interface Signer {
        String note(Checkpoint checkpoint);
    }

    private void store(long fromSize, Signer signer) {
        Frontier frontier = Frontier.empty();
        vault.store.write(tx -> {
            tx.log().forEachLeaf(0, Long.MAX_VALUE, (index, leaf) -> {
                frontier.append(MerkleHash.leaf(leaf));
                if (frontier.size() >= fromSize) {
                    Checkpoint checkpoint = new Checkpoint("patron-vault/vault-a", frontier.size(), frontier.root());
                    tx.log().putCheckpoint(new CheckpointRow(frontier.size(), signer.note(checkpoint)));
                }
            });
            return null;
        });
    }

    static List<Instant> every(Duration step, Instant from, Instant to) {
        return Stream.iterate(from, time -> !time.isAfter(to), time -> time.plus(step))
                .toList();
    }

    static Instant ago(String time) {
        return NEWEST.minus(Duration.parse(time));
    }

    private List<CheckpointRow> rows() {
        return vault.store.read(tx -> tx.log().checkpoints());
    }

    /** Returns the sizes of the checkpoints left, without that of the vault's own first entry. */
    List<Long> sizes() {
        return rows().stream().map(CheckpointRow::size).filter(size -> size > 1).toList();
    }

    private CheckpointRow row(long size) {
        return rows().stream().filter(row -> row.size() == size).findFirst().orElseThrow();
    }

    private void replace(long size, String note) {
        vault.store.write(tx -> {
            tx.log().cosign(new CheckpointRow(size, note));
            return null;
        });
    }

    /** Returns the checkpoint sizes from {@code from} on that are kept, given their times in order. */
    private static Set<Long> kept(long from, List<Instant> times) {
        Map<String, Long> last = new HashMap<>();
        for (int i = 0; i < times.size(); i++) {
            Instant time = times.get(i);
            boolean day = time.isBefore(NEWEST.minus(Duration.ofDays(31)).truncatedTo(ChronoUnit.DAYS));
            boolean hour = time.isBefore(NEWEST.minus(Duration.ofDays(2)).truncatedTo(ChronoUnit.HOURS));
            String of = time.toString().substring(0, day ? 10 : hour ? 13 : 20);
            last.put(of, from + i);
        }
        return new TreeSet<>(last.values());
    }

    CheckpointThinning thinning() {
        return new CheckpointThinning(vault.store, vault.log);
    }

    private List<Finding> problems(Collection<SavedCheckpoint> saved) {
        return LogVerifier.verify(vault.store, List.copyOf(saved)).problems();
    }

    @Test
    void ageSaysHowManyAreKeptAndTheLogVerifiesAsBefore() {
        List<Instant> times = new ArrayList<>(every(Duration.ofMinutes(20), ago("P33D"), ago("P30D")));
        times.addAll(every(Duration.ofHours(5), ago("P29D"), ago("P3D")));
        times.addAll(every(Duration.ofMinutes(20), ago("P2DT20H"), NEWEST));
        fillAt(times);
        List<CheckpointRow> before = rows();
        LogReader.Signers signers = vault.log.reader().signers();
        thinning().turn();
        assertThat(sizes()).containsExactlyElementsOf(kept(2, times));
        assertThat(vault.log.lastCheckpoint().orElseThrow().size()).isEqualTo(times.size() + 1L);
        assertThat(vault.log.reader().signers()).isEqualTo(signers);

        List<SavedCheckpoint> saved = before.stream()
                .filter(row -> !sizes().contains(row.size()))
                .map(row -> new SavedCheckpoint("saved", row.note()))
                .toList();
        assertThat(saved).hasSizeGreaterThan(200);
        assertThat(problems(List.of())).isEmpty();
        assertThat(problems(saved)).isEmpty();
        String gone = saved.get(7).note();
        assertThat(problems(List.of(new SavedCheckpoint("saved", gone.replace("vault-a\n", "vault-a\n1")))))
                .as("a saved one is not believed because no row gainsays it")
                .containsExactly(new Finding(0, "saved-signature"));

        List<Long> once = sizes();
        thinning().turn();
        assertThat(sizes()).as("the next start finds nothing to do").isEqualTo(once);
    }

    @Test
    void whoeverThinsInWhateverPartsTheSameOnesAreLeft() {
        List<Instant> times = new ArrayList<>(every(Duration.ofMinutes(15), ago("P33D"), ago("P31D")));
        times.addAll(every(Duration.ofHours(9), ago("P29D"), NEWEST));
        fillAt(times);
        CheckpointThinning one = new CheckpointThinning(vault.store, vault.log, 8);
        CheckpointThinning other = new CheckpointThinning(vault.store, vault.log, 11);
        for (int round = 0; round < 8; round++) {
            int before = rows().size();
            CompletableFuture<Void> node = CompletableFuture.runAsync(one::turn);
            other.turn();
            node.join();
            assertThat(before - rows().size()).as("a turn's work is bounded").isLessThan(2 * 12 * (8 + 11));
            if (round % 3 == 0) {
                // As after a kill.
                one = new CheckpointThinning(vault.store, vault.log, 8);
            }
        }
        assertThat(sizes()).containsExactlyElementsOf(kept(2, times));
        assertThat(problems(List.of())).isEmpty();
    }

    @Test
    void laterTurnGoesOnWhereTheOneBeforeStopped() {
        List<Instant> first = every(Duration.ofMinutes(20), ago("P4D"), ago("P3D"));
        List<Instant> second = every(Duration.ofMinutes(20), ago("P3D").plusSeconds(60), NEWEST);
        fillAt(first);
        CheckpointThinning thinning = thinning();
        thinning.turn();
        int left = rows().size();
        fillAt(second);
        assertThat(rows()).hasSizeGreaterThan(left);
        thinning.turn();
        List<Instant> all = Stream.concat(first.stream(), second.stream()).toList();
        assertThat(sizes()).containsExactlyElementsOf(kept(2, all));
    }

    private void cosign(long size, int witnesses) throws Exception {
        SignedNote note = SignedNote.parse(row(size).note());
        for (int i = 1; i <= witnesses; i++) {
            SigningKey witness = SigningKey.ofSeed(new byte[32]);
            VerifierKey key = VerifierKey.of("w" + i, SignatureType.COSIGNATURE_V1, witness.publicKey());
            note = note.with(
                    NoteSignature.cosign(Checkpoint.parse(note.text()), key, NEWEST.getEpochSecond(), witness::sign));
        }
        replace(size, note.toText());
    }

    @Test
    void mostSignaturesWinOfThoseTheLast() throws Exception {
        fillAt(every(
                Duration.ofMinutes(5), Instant.parse("2026-11-20T08:00:00Z"), Instant.parse("2026-11-20T09:59:00Z")));
        fillAt(List.of(NEWEST));
        // The sizes 2 to 13 are of hour 8, and 14 to 25 of hour 9.
        cosign(4, 2);
        cosign(6, 2);
        cosign(8, 1);
        cosign(14, 1);
        new CheckpointThinning(vault.store, vault.log, 5).turn();
        assertThat(sizes()).contains(26L).contains(6L, 14L).doesNotContain(4L, 8L, 13L, 25L);
        fillAt(List.of(NEWEST.plus(Duration.ofDays(40))));
        thinning().turn();
        assertThat(sizes()).containsExactly(6L, 26L, 27L);
    }

    /** Adds a checkpoint that hands over, and ten of the new key, ten minutes apart. */
    private void handOver(Instant at) throws Exception {
        custody.addVersion("log");
        vault.fillAt(List.of(at));
        handOvers.add(vault.log.checkpoint().note());
        custody.retire("log", custody.keys().logSigningVersion() - 1);
        signing = custody.keys().logSigning();
        fillAt(every(Duration.ofMinutes(10), at.plusSeconds(600), at.plusSeconds(6_000)));
        // More signatures than the two that hand over.
        cosign(vault.log.reader().size() - 9, 3);
    }

    @Test
    void handOversStayAndWhatWasSavedUnderEachKeyIsGood() throws Exception {
        fillAt(every(Duration.ofMinutes(10), ago("P50D"), ago("P50D").plusSeconds(6_000)));
        handOver(ago("P45D"));
        handOver(ago("P10D"));
        fillAt(List.of(NEWEST));
        LogReader.Signers signers = vault.log.reader().signers();
        assertThat(signers.handOvers()).isEqualTo(handOvers).hasSize(2);
        List<SavedCheckpoint> saved = rows().stream()
                .map(row -> new SavedCheckpoint("saved", row.note()))
                .toList();
        thinning().turn();
        assertThat(rows()).hasSizeLessThan(saved.size() / 2);
        assertThat(rows()).extracting(CheckpointRow::note).containsAll(handOvers);
        assertThat(vault.log.reader().signers()).isEqualTo(signers);
        LogVerifier.TrustAnchors known = new LogVerifier.TrustAnchors(
                saved, List.of(), Optional.of(String.join("\n", signers.keys())), List.of());
        assertThat(LogVerifier.verify(vault.store, known).problems()).isEmpty();
    }

    @Test
    void clockThatWasPutBackTakesNothingMore() {
        Instant day = Instant.parse("2026-11-20T10:00:00Z");
        List<Instant> times = new ArrayList<>();
        times.addAll(every(Duration.ofMinutes(20), day, day.plusSeconds(3_000)));
        times.addAll(every(Duration.ofMinutes(20), day.minus(Duration.ofDays(30)), day.minus(Duration.ofDays(30))));
        times.addAll(every(Duration.ofMinutes(20), day.plusSeconds(60), day.plusSeconds(3_060)));
        times.add(NEWEST.plus(Duration.ofDays(3_000)));
        times.add(NEWEST.plus(Duration.ofDays(3_000)).plusSeconds(1));
        times.addAll(every(Duration.ofMinutes(20), day.plusSeconds(7_200), day.plusSeconds(9_000)));
        times.add(NEWEST);
        fillAt(times);
        thinning().turn();
        // 2 3 4 | 5 | 6 7 8 | later than the newest: 9 10 | 11 12 | 13
        assertThat(sizes()).containsExactly(4L, 5L, 8L, 9L, 10L, 12L, 13L);
        fillAt(List.of(day.minus(Duration.ofDays(300))));
        thinning().turn();
        assertThat(sizes()).containsExactly(4L, 5L, 8L, 9L, 10L, 12L, 13L, 14L);
    }

    @Test
    void whatIsAFindingStaysAndTakesThePlaceOfNone() throws Exception {
        fillAt(every(
                Duration.ofMinutes(5), Instant.parse("2026-11-20T08:00:00Z"), Instant.parse("2026-11-20T08:59:00Z")));
        fillAt(List.of(NEWEST));
        String text = SignedNote.parse(row(13).note()).text();
        SigningKey thief = SigningKey.ofSeed(new byte[32]);
        VerifierKey key = CheckpointSigner.verifierKey("vault-a", thief.publicKey());
        replace(13, SignedNote.sign(text, key, thief::sign).toText());
        replace(12, row(9).note());
        replace(11, "none");
        List<Finding> before = problems(List.of());
        assertThat(before)
                .containsExactlyInAnyOrder(
                        new Finding(13, "handover-missing"),
                        new Finding(12, "checkpoint-moved"),
                        new Finding(11, "checkpoint-malformed"));
        thinning().turn();
        assertThat(sizes()).containsExactly(10L, 11L, 12L, 13L, 14L);
        assertThat(problems(List.of())).isEqualTo(before);
        assertThat(vault.broken).isEmpty();
    }
}
