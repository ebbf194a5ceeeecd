package org.patronvault.log.witness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.core.crypto.SigningKey;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.keys.ring.OpenedKeys;
import org.patronvault.core.log.LogTestVault;
import org.patronvault.core.log.read.SignedCheckpoint;
import org.patronvault.core.log.tree.CheckpointSigner;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.sql.StoreSettings;
import org.patronvault.core.tlog.AddCheckpoint;
import org.patronvault.core.tlog.Checkpoint;
import org.patronvault.core.tlog.NoteSignature;
import org.patronvault.core.tlog.SignedNote;
import org.patronvault.core.tlog.VerifierKey;

/** Tests of the checkpoints that a witness signs, refuses and keeps (witness.md). */
final class WitnessTest {
    private static final String NAME = "witness.example.org/w1";

    @TempDir
    Path directory;

    private KeyCustody custody;
    private LogTestVault vault;
    private Path state;
    private Witness witness;

    @BeforeEach
    void makeALogAndItsWitness() {
        custody = OpenedKeys.create(directory.resolve("keys"), "vault-a", LogTestVault.CLOCK);
        vault = LogTestVault.create(custody, directory, StoreSettings.sqlite(directory.resolve("vault.db")));
        state = directory.resolve("witness");
        witness = open(
                Optional.of(NAME), Optional.of(key(custody.keys().logSigning()).toString()));
    }

    @AfterEach
    void close() {
        witness.close();
        vault.close();
    }

    private Witness open(Optional<String> name, Optional<String> logs) {
        return Witness.open(state, name, logs, LogTestVault.CLOCK);
    }

    private static VerifierKey key(SigningKey key) {
        return CheckpointSigner.verifierKey("vault-a", key.publicKey());
    }

    /** Returns a checkpoint of the log with {@code entries} more. */
    private SignedCheckpoint grown(int entries) {
        vault.fill(entries);
        return vault.log.checkpoint();
    }

    private List<byte[]> proof(long from, long to) {
        return from == 0 ? List.of() : vault.log.reader().consistency(from, to);
    }

    private Witness.Reply add(long from, SignedCheckpoint to) {
        return add(from, proof(from, to.size()), to.note());
    }

    private Witness.Reply add(long from, List<byte[]> proof, String note) {
        SignedNote parsed = new SignedCheckpoint(0, note).parsed();
        return add(AddCheckpoint.of(from, proof, parsed).toText());
    }

    private Witness.Reply add(String body) {
        return witness.add(body.getBytes(StandardCharsets.UTF_8));
    }

    /** Returns a note of that text by the log's current key. */
    private String signed(Checkpoint checkpoint) {
        SigningKey by = custody.keys().logSigning();
        return SignedNote.sign(checkpoint.toNoteText(), key(by), by::sign).toText();
    }

    private Checkpoint checkpoint(SignedCheckpoint of) throws Exception {
        return Checkpoint.parse(of.parsed().text());
    }

    private Path own() throws IOException {
        try (var files = Files.list(state)) {
            return files.filter(Files::isDirectory).findFirst().orElseThrow();
        }
    }

    private List<String> names() throws IOException {
        try (var files = Files.list(own())) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void growthIsSignedAndTheLastCheckpointIsKeptWithBothSignaturesAcrossARestart() throws Exception {
        SignedCheckpoint first = grown(300);
        Witness.Reply signed = add(0, first);
        assertThat(signed.status()).isEqualTo(200);
        VerifierKey by = VerifierKey.parse(witness.verifierKey());
        SignedNote both = SignedNote.parse(first.note() + signed.body());
        assertThat(both.verify(List.of(by)).signatures().get(0).seconds())
                .hasValue(LogTestVault.CLOCK.instant().getEpochSecond());
        witness.close();
        witness = open(Optional.empty(), Optional.empty());
        SignedCheckpoint second = grown(700);
        assertThat(add(first.size(), second).status()).isEqualTo(200);
        assertThat(add(second.size(), second).status()).as("the same once more").isEqualTo(200);
        SignedNote kept = SignedNote.parse(
                witness.checkpoint(own().getFileName().toString()).orElseThrow());
        assertThat(kept.text()).isEqualTo(second.parsed().text());
        assertThat(kept.isSignedBy(by)).isTrue();
        assertThat(kept.isSignedBy(key(custody.keys().logSigning()))).isTrue();
        assertThat(names()).containsExactly("checkpoint");
    }

    @Test
    void otherSizesThanTheLastOneAreAnsweredWithIt() {
        SignedCheckpoint first = grown(9);
        assertThat(add(3, first)).isEqualTo(Witness.Reply.sizeIs(0));
        assertThat(add(0, first).status()).isEqualTo(200);
        SignedCheckpoint second = grown(5);
        for (long from : new long[] {0, 9, 11, 15}) {
            assertThat(add(from, second)).isEqualTo(new Witness.Reply(409, "text/x.tlog.size", first.size() + "\n"));
        }
        assertThat(add(first.size(), second).status()).isEqualTo(200);
        assertThat(add(0, first)).as("never back").isEqualTo(Witness.Reply.sizeIs(second.size()));
        assertThat(add(second.size(), List.of(), first.note()).status()).isEqualTo(400);
    }

    @Test
    void whatTheLogsKeyHasNotSignedIsRefusedWithoutATrace() throws Exception {
        SignedCheckpoint checkpoint = grown(9);
        KeyCustody stranger = OpenedKeys.create(directory.resolve("other"), "vault-a", LogTestVault.CLOCK);
        SigningKey other = stranger.keys().logSigning();
        String text = checkpoint.parsed().text();
        String foreign = SignedNote.sign(text, key(other), other::sign).toText();
        assertThat(add(0, List.of(), foreign).status()).isEqualTo(403);
        String broken = checkpoint.note().replace("\n" + checkpoint.size() + "\n", "\n11\n");
        assertThat(add(0, List.of(), broken).status()).isEqualTo(403);
        Checkpoint elsewhere = new Checkpoint("patron-vault/vault-b", 3, new byte[32]);
        assertThat(add(0, List.of(), signed(elsewhere)).status()).isEqualTo(404);
        for (String body : List.of("", "old 0\n\n", "old 0\n\nno note", checkpoint.note())) {
            assertThat(add(body).status()).as(body).isEqualTo(400);
        }
        assertThat(names()).isEmpty();
        assertThat(add(0, checkpoint).status()).isEqualTo(200);
    }

    @Test
    void treeThatDoesNotGrowFromTheSignedOneIsRefusedAndKeptAsAProof() throws Exception {
        SignedCheckpoint first = grown(9);
        assertThat(add(0, first).status()).isEqualTo(200);
        SignedCheckpoint second = grown(6);
        List<byte[]> proof = proof(first.size(), second.size());
        List<byte[]> wrong = new ArrayList<>(proof);
        wrong.set(0, new byte[32]);
        assertThat(add(first.size(), wrong, second.note()).status()).isEqualTo(422);
        assertThat(add(first.size(), List.of(), second.note()).status()).isEqualTo(422);
        for (int i = 0; i < 40; i++) {
            // A checkpoint that anybody can send after seeing the last one fills no place.
            byte[] path = new byte[32];
            path[0] = (byte) i;
            assertThat(add(first.size(), List.of(path), first.note()).status()).isEqualTo(422);
        }
        assertThat(names()).containsExactly("checkpoint", "refused-1");
        Checkpoint other = new Checkpoint(checkpoint(first).origin(), first.size(), new byte[32]);
        assertThat(add(first.size(), List.of(), signed(other)).status())
                .as("the same size, another root")
                .isEqualTo(422);
        String before = Files.readString(own().resolve("checkpoint"));
        for (int i = 0; i < 40; i++) {
            Checkpoint more = new Checkpoint(checkpoint(first).origin(), 100 + i, new byte[32]);
            assertThat(add(first.size(), proof, signed(more)).status()).isEqualTo(422);
        }
        assertThat(names()).hasSize(1 + 1 + 16).contains("checkpoint", "forked-1", "refused-1", "refused-16");
        assertThat(Files.readString(own().resolve("forked-1"))).endsWith(signed(other));
        assertThat(Files.readString(own().resolve("checkpoint"))).isEqualTo(before);
        assertThat(add(first.size(), second).status()).isEqualTo(200);
    }

    @Test
    void firstCheckpointNeedsNoProofAndAnEmptyTreeHasOneRoot() throws Exception {
        SignedCheckpoint checkpoint = grown(9);
        assertThat(add(0, List.of(new byte[32]), checkpoint.note()).status()).isEqualTo(422);
        Checkpoint empty = new Checkpoint(checkpoint(checkpoint).origin(), 0, new byte[32]);
        assertThat(add(0, List.of(), signed(empty)).status()).isEqualTo(422);
        assertThat(add(0, checkpoint).status()).isEqualTo(200);
    }

    @Test
    void keyIsHandedOverByBothAndTheFormerOneDoesNotComeBack() throws Exception {
        SigningKey old = custody.keys().logSigning();
        SignedCheckpoint first = grown(4);
        assertThat(add(0, first).status()).isEqualTo(200);
        custody.addVersion("log");
        SignedCheckpoint dual = grown(1);
        custody.retire("log", 1);
        SignedCheckpoint alone = grown(3);
        assertThat(add(first.size(), alone).status())
                .as("a key nobody vouched for")
                .isEqualTo(403);
        assertThat(add(first.size(), dual).status()).isEqualTo(200);
        witness.close();
        witness = open(Optional.of(NAME), Optional.empty());
        assertThat(add(dual.size(), alone).status()).isEqualTo(200);
        assertThat(names()).containsExactly("checkpoint", "handover-" + dual.size());
        SignedCheckpoint later = grown(2);
        String byTheOld =
                SignedNote.sign(later.parsed().text(), key(old), old::sign).toText();
        assertThat(add(alone.size(), proof(alone.size(), later.size()), byTheOld)
                        .status())
                .isEqualTo(403);
        NoteSignature more = NoteSignature.sign(later.parsed().text(), key(old), old::sign);
        String byBoth = later.parsed().with(more).toText();
        assertThat(add(alone.size(), proof(alone.size(), later.size()), byBoth).status())
                .isEqualTo(200);
    }

    @Test
    void nothingIsSignedThatCouldNotBeWrittenDown() throws Exception {
        SignedCheckpoint first = grown(4);
        assertThat(add(0, first).status()).isEqualTo(200);
        SignedCheckpoint second = grown(4);
        Path inTheWay = Files.createDirectories(own().resolve("checkpoint.new"));
        Files.createFile(inTheWay.resolve("x"));
        assertThatThrownBy(() -> add(first.size(), second)).isInstanceOf(java.io.UncheckedIOException.class);
        Files.delete(inTheWay.resolve("x"));
        assertThat(add(0, second)).isEqualTo(Witness.Reply.sizeIs(first.size()));
        assertThat(add(first.size(), second).status()).isEqualTo(200);
    }

    @Test
    void manyAtOnceNeverLeadItBack() throws Exception {
        List<SignedCheckpoint> all = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            all.add(grown(1 + i % 3));
        }
        List<SignedCheckpoint> shuffled = new ArrayList<>(all);
        Collections.shuffle(shuffled, new java.util.Random(7));
        ExecutorService callers = Executors.newFixedThreadPool(8);
        List<Future<Long>> signed = new ArrayList<>();
        for (SignedCheckpoint one : shuffled) {
            signed.add(callers.submit(() -> {
                long known = 0;
                while (known <= one.size()) {
                    Witness.Reply reply = add(known, one);
                    if (reply.status() == 200) {
                        return one.size();
                    }
                    assertThat(reply.status()).isEqualTo(409);
                    known = Long.parseLong(reply.body().strip());
                }
                return 0L;
            }));
        }
        long largest = 0;
        for (Future<Long> one : signed) {
            largest = Math.max(largest, one.get());
        }
        callers.shutdown();
        assertThat(largest).isEqualTo(all.get(19).size());
        assertThat(add(0, all.get(19))).isEqualTo(Witness.Reply.sizeIs(largest));
    }

    @Test
    void directoryBelongsToOneProcessAndItsNameAndKeyStay() throws Exception {
        String key = witness.verifierKey();
        assertProblem(Problem.HOME_IN_USE, Optional.empty());
        witness.close();
        assertProblem(Problem.INVALID, Optional.of("witness.example.org/w2"));
        assertThat(Files.readString(state.resolve("witness.vkey")).strip()).isEqualTo(key);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(state.resolve("witness.key"))))
                .isEqualTo("rw-------");
        assertThatThrownBy(() -> open(Optional.empty(), Optional.of(key)))
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.INVALID));
        witness = open(Optional.empty(), Optional.empty());
        assertThat(witness.verifierKey()).isEqualTo(key);
        assertThat(witness.origins()).containsExactly("patron-vault/vault-a");
        witness.close();
        for (String name : List.of("", "a b", "a+b", "a\nb", "x".repeat(201))) {
            state = directory.resolve("new" + name.hashCode());
            assertProblem(Problem.INVALID, Optional.of(name));
        }
        state = directory.resolve("nameless");
        assertProblem(Problem.INVALID, Optional.empty());
        state = directory.resolve("witness");
        witness = open(Optional.empty(), Optional.empty());
    }

    private void assertProblem(Problem problem, Optional<String> name) {
        assertThatThrownBy(() -> open(name, Optional.empty()))
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(problem));
    }

    @Test
    void stateThatWasEditedIsNotTakenUp() throws Exception {
        SignedCheckpoint first = grown(4);
        assertThat(add(0, first).status()).isEqualTo(200);
        witness.close();
        Path file = own().resolve("checkpoint");
        String kept = Files.readString(file);
        for (String edited : List.of("", kept.substring(1), kept.replace("\n" + first.size() + "\n", "\n2\n"))) {
            Files.writeString(file, edited);
            assertThatThrownBy(() -> open(Optional.empty(), Optional.empty())).isInstanceOf(IntegrityException.class);
        }
        Files.writeString(file, kept);
        witness = open(Optional.empty(), Optional.empty());
    }
}
