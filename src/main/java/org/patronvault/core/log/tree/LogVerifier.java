package org.patronvault.core.log.tree;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.HashedLeaves;
import org.patronvault.core.log.entry.Leaf;
import org.patronvault.core.log.read.LogKeys;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.table.LogRows.CheckpointRow;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.tlog.Checkpoint;
import org.patronvault.core.tlog.Frontier;
import org.patronvault.core.tlog.MalformedException;
import org.patronvault.core.tlog.MerkleHash;
import org.patronvault.core.tlog.Proofs;
import org.patronvault.core.tlog.SignatureType;
import org.patronvault.core.tlog.SignedNote;
import org.patronvault.core.tlog.Tile;
import org.patronvault.core.tlog.TlogProof;
import org.patronvault.core.tlog.UnverifiedException;
import org.patronvault.core.tlog.VerifierKey;

/**
 * A verifier of a whole log, without any key of the vault. It hashes every leaf again from its stored bytes. The tree
 * must match every signed checkpoint, the stored tiles, and the head.
 */
public final class LogVerifier {
    private static final int MAX_PROBLEMS = 100;
    private static final int TOLD_OF = 1_000;
    private static final Progress UNSEEN = (done, of) -> {};

    /** A fault, and the first entry that shows it. */
    public record Finding(long entry, String what) {}

    /** A checkpoint kept outside, such as a printed or mailed one. Findings use its name. */
    public record SavedCheckpoint(String name, String note) {}

    /**
     * The facts known of the log from elsewhere.
     *
     * @param checkpoints each must be of exactly this log
     * @param receipts proof files ({@code tlog-proof}) of entries, as text
     * @param keys the published keys, one a line as C2SP writes them, each of which must have signed the log. If
     *     empty, the key in the log's first entry and its successors are trusted
     * @param witnesses verifier keys of witnesses whose signatures, if any, must be right
     */
    public record TrustAnchors(
            List<SavedCheckpoint> checkpoints, List<String> receipts, Optional<String> keys, List<String> witnesses) {

        /** Creates anchors without witnesses. */
        public TrustAnchors(List<SavedCheckpoint> checkpoints, List<String> receipts, Optional<String> keys) {
            this(checkpoints, receipts, keys, List.of());
        }
    }

    /** A receiver of progress, now and then. It may throw to end the verification. */
    @FunctionalInterface
    public interface Progress {
        /**
         * Reports that {@code done} of {@code of} entries are read; {@code of} is 0 if the log does not say its size.
         */
        void at(long done, long of);
    }

    private final LogSource log;
    private final Progress progress;
    private final List<TlogProof> proofs = new ArrayList<>();
    private final List<Finding> problems = new ArrayList<>();
    private final Frontier frontier = Frontier.empty();
    private final VerifiedTiles tiles = new VerifiedTiles();
    private final Cosigners cosigners;
    private String vaultId = "";
    private Optional<LogKeys> keys = Optional.empty();

    private LogVerifier(LogSource log, List<String> witnesses, Progress progress) {
        this.log = log;
        this.progress = progress;
        this.cosigners = Cosigners.of(witnesses);
    }

    /** Returns the faults in this node's own log, compared with the tree that this node itself hashed. */
    public static List<Finding> verify(Store store, AuditLog log) {
        SavedCheckpoint own;
        try {
            own = new SavedCheckpoint("own-tree", log.checkpoint().note());
        } catch (IntegrityException e) {
            return List.of(new Finding(0, "own-tree-differs"));
        }
        return verify(store, List.of(own)).problems();
    }

    /**
     * Verifies the log in {@code store} as {@link #verify(Tx, TrustAnchors)} does. Trusts the key in its first entry.
     */
    public static LogReport verify(Store store, List<SavedCheckpoint> saved) {
        return verify(store, new TrustAnchors(saved, List.of(), Optional.empty()));
    }

    /** Verifies the log in {@code store} as {@link #verify(Tx, TrustAnchors)} does. */
    public static LogReport verify(Store store, TrustAnchors known) {
        return verify(store, known, UNSEEN);
    }

    /** Verifies the log in {@code store}, and reports progress. */
    public static LogReport verify(Store store, TrustAnchors known, Progress progress) {
        return store.read(tx -> new LogVerifier(new StoredLog(tx), known.witnesses(), progress).run(known));
    }

    /** Verifies the log in a snapshot, and checks the known facts against it. */
    public static LogReport verify(Tx tx, TrustAnchors known) {
        return new LogVerifier(new StoredLog(tx), known.witnesses(), UNSEEN).run(known);
    }

    /** Verifies an export in a directory. The export must list the keys that signed it. */
    public static LogReport verify(Path export, TrustAnchors known) {
        return verify(export, known, UNSEEN);
    }

    /** Verifies an export in a directory, and reports progress. */
    public static LogReport verify(Path export, TrustAnchors known, Progress progress) {
        ExportedLog log = new ExportedLog(export);
        LogVerifier verifier = new LogVerifier(log, known.witnesses(), progress);
        Optional<String> listed = log.text(ExportedLog.KEYS);
        if (listed.isEmpty()) {
            verifier.found(0, "signing-key-missing");
        }
        Optional<String> both = known.keys()
                .map(keys -> keys + listed.map(more -> "\n" + more).orElse(""))
                .or(() -> listed);
        return verifier.run(new TrustAnchors(known.checkpoints(), known.receipts(), both, known.witnesses()));
    }

    private LogReport run(TrustAnchors known) {
        vaultId = log.vaultId();
        List<ExpectedTree> expected = new ArrayList<>();
        log.leaf(0).ifPresentOrElse(this::readKey, () -> found(0, "log-empty"));
        List<SavedCheckpoint> saved = new ArrayList<>(known.checkpoints());
        known.receipts()
                .forEach(receipt -> proof(receipt).ifPresent(proof -> {
                    proofs.add(proof);
                    saved.add(new SavedCheckpoint("receipt", proof.checkpoint().toText()));
                }));
        keys.ifPresent(signers -> expect(signers, saved, expected));
        known.keys()
                .filter(all -> !keys.map(signers -> signers.hold(all)).orElse(false))
                .ifPresent(other -> found(0, "signing-key-differs"));
        expected.sort(Comparator.comparingLong(ExpectedTree::size));
        ArrayDeque<ExpectedTree> due = new ArrayDeque<>(expected);
        HashedLeaves leaves = new HashedLeaves(leaf -> take(leaf, due));
        long size = log.size();
        BiConsumer<Long, byte[]> add = (index, leaf) -> {
            if (index >= 0 && index % TOLD_OF == 0) {
                progress.at(index, size);
            }
            leaves.add(index, leaf);
        };
        log.forEachLeaf(add, (entry, what) -> {
            // An earlier fault is reported first.
            leaves.end();
            found(entry, what);
        });
        leaves.end();
        due.forEach(e -> found(frontier.size(), "log-cut"));
        proofs.stream()
                .filter(proof -> proof.index() >= frontier.size())
                .forEach(proof -> found(frontier.size(), "log-cut"));
        log.partialTiles(frontier.size()).forEach(tiles::compare);
        log.checkEnd(frontier, this::found);
        return new LogReport(
                frontier.size(),
                frontier.root(),
                List.copyOf(problems),
                cosigners.signed(),
                keys.map(LogKeys::sizes).orElse(Map.of()));
    }

    private Optional<TlogProof> proof(String receipt) {
        try {
            return Optional.of(TlogProof.parse(receipt));
        } catch (MalformedException e) {
            found(0, "receipt-malformed");
            return Optional.empty();
        }
    }

    /** A tree that somebody signed. */
    private record ExpectedTree(long size, byte[] root, String source) {}

    private void readKey(byte[] leaf) {
        try {
            AccessEvent first = Leaf.parse(leaf).event();
            keys = first.publicKey().map(k -> new LogKeys(CheckpointSigner.verifierKey(vaultId, k)));
        } catch (IntegrityException | IllegalArgumentException e) {
            found(0, "leaf-malformed");
        }
        if (keys.isEmpty()) {
            found(0, "signing-key-missing");
        }
    }

    /** Expects the stored checkpoints first, since they say which key signs the ones kept elsewhere. */
    private void expect(LogKeys known, List<SavedCheckpoint> saved, List<ExpectedTree> expected) {
        for (CheckpointRow row : log.checkpoints()) {
            expect(expected, row.note(), "checkpoint", row.size(), known::follow);
        }
        for (SavedCheckpoint one : saved) {
            expect(
                    expected,
                    one.note(),
                    one.name(),
                    -1,
                    (note, checkpoint) -> known.isSigned(note, checkpoint.size())
                            ? Optional.empty()
                            : Optional.of(one.name() + "-signature"));
        }
    }

    /** A check of who signed a checkpoint. Returns what is wrong, if anything. */
    private interface Signers extends BiFunction<SignedNote, Checkpoint, Optional<String>> {}

    private void expect(List<ExpectedTree> expected, String text, String source, long statedSize, Signers signers) {
        long entry = Math.max(0, statedSize);
        try {
            SignedNote note = SignedNote.parse(text);
            Checkpoint checkpoint = Checkpoint.parse(note.text());
            Optional<String> wrong = checkpoint.origin().equals(CheckpointSigner.origin(vaultId))
                    ? signers.apply(note, checkpoint)
                    : Optional.of(source + "-signature");
            if (wrong.isPresent()) {
                found(entry, wrong.get());
                return;
            }
            if (!cosigners.follow(note, checkpoint.size())) {
                found(entry, "cosignature");
            }
            if (statedSize >= 0 && statedSize != checkpoint.size()) {
                found(statedSize, source + "-moved");
            }
            expected.add(new ExpectedTree(checkpoint.size(), checkpoint.root(), source));
        } catch (MalformedException e) {
            found(entry, source + "-malformed");
        }
    }

    private void take(HashedLeaves.HashedLeaf leaf, ArrayDeque<ExpectedTree> due) {
        if (leaf.index() < 0) {
            found(0, "leaf-misplaced");
            return;
        }
        if (leaf.index() != frontier.size()) {
            found(frontier.size(), "leaf-missing");
            return;
        }
        if (!leaf.readable()) {
            found(leaf.index(), "leaf-malformed");
        }
        frontier.append(leaf.hash(), tiles::put);
        for (TlogProof proof : proofs) {
            if (proof.index() == leaf.index() && !isOf(proof, leaf.leaf(), leaf.hash())) {
                found(leaf.index(), "receipt-differs");
            }
        }
        while (!due.isEmpty() && due.peek().size() <= frontier.size()) {
            compare(due.poll());
        }
    }

    /** Whether a proof is of that entry. Its checkpoint shows whether its tree is this one. */
    private static boolean isOf(TlogProof proof, byte[] leaf, byte[] hash) {
        try {
            Checkpoint checkpoint = Checkpoint.parse(proof.checkpoint().text());
            return Arrays.equals(proof.extra(), leaf)
                    && Proofs.verifyInclusion(hash, proof.index(), checkpoint.size(), proof.path(), checkpoint.root());
        } catch (MalformedException e) {
            return false;
        }
    }

    private void compare(ExpectedTree expected) {
        if (!Arrays.equals(frontier.root(), expected.root())) {
            found(
                    Math.max(0, expected.size() - 1),
                    "checkpoint".equals(expected.source()) ? "leaf-changed" : expected.source() + "-differs");
        }
    }

    private void found(long entry, String what) {
        Finding finding = new Finding(entry, what);
        if (problems.size() < MAX_PROBLEMS && !problems.contains(finding)) {
            problems.add(finding);
        }
    }

    /** The tiles of a tree that grows from its leaves. Each full tile is compared with the stored one. */
    private final class VerifiedTiles {
        private final Map<Integer, byte[]> growing = new HashMap<>();

        /** Takes the hash of a perfect subtree that has become whole. Most are inside a tile, and in none. */
        private void put(int height, long position, byte[] hash) {
            if (height % Tile.HEIGHT != 0) {
                return;
            }
            int level = height / Tile.HEIGHT;
            byte[] tile = growing.computeIfAbsent(level, l -> new byte[Tile.FULL_WIDTH * MerkleHash.SIZE_BYTES]);
            int place = (int) (position % Tile.FULL_WIDTH);
            System.arraycopy(hash, 0, tile, place * MerkleHash.SIZE_BYTES, MerkleHash.SIZE_BYTES);
            if (place == Tile.FULL_WIDTH - 1) {
                compare(new Tile(level, position / Tile.FULL_WIDTH, Tile.FULL_WIDTH));
            }
        }

        /** Compares the growing tile of a level with the stored one, up to its width. */
        private void compare(Tile tile) {
            byte[] expected = Arrays.copyOf(growing.get(tile.level()), tile.width() * MerkleHash.SIZE_BYTES);
            byte[] stored = log.tile(tile).orElse(new byte[0]);
            if (Arrays.equals(stored, expected)) {
                return;
            }
            int differs =
                    stored.length == expected.length ? Arrays.mismatch(stored, expected) / MerkleHash.SIZE_BYTES : 0;
            long entry = (tile.start() + differs) << (Tile.HEIGHT * tile.level());
            String what = tile.level() == 0 ? "leaf-changed" : "tile-changed";
            found(entry, stored.length == 0 ? "tile-missing" : what);
        }
    }

    /** The witnesses that have signed a log, each with the largest size it signed. */
    private static final class Cosigners {
        private final List<VerifierKey> witnesses = new ArrayList<>();
        private final Map<String, Long> signed = new TreeMap<>();

        private Cosigners() {}

        /**
         * Creates the set of witnesses whose signatures are checked.
         *
         * @param verifierKeys as C2SP writes them
         * @throws Refused if a key is not a verifier key of a witness
         */
        private static Cosigners of(List<String> verifierKeys) {
            Cosigners cosigners = new Cosigners();
            for (String text : verifierKeys) {
                VerifierKey key = keyOf(text);
                cosigners.witnesses.add(key);
                cosigners.signed.put(key.name(), 0L);
            }
            return cosigners;
        }

        private static VerifierKey keyOf(String text) {
            try {
                VerifierKey key = VerifierKey.parse(text);
                if (key.type() == SignatureType.COSIGNATURE_V1) {
                    return key;
                }
            } catch (MalformedException e) {
                // Refused below.
            }
            throw new Refused(Problem.INVALID, "What is named as a witness's verifier key is none.");
        }

        /** Reads a checkpoint's signatures. Returns whether none of them is wrong. */
        private boolean follow(SignedNote note, long size) {
            List<VerifierKey> there = witnesses.stream()
                    .filter(key -> note.signatures().stream().anyMatch(key::isNamedBy))
                    .toList();
            if (there.isEmpty()) {
                return true;
            }
            try {
                note.verify(there)
                        .signatures()
                        .forEach(one -> signed.merge(one.key().name(), size, Math::max));
                return true;
            } catch (UnverifiedException e) {
                return false;
            }
        }

        /** Returns the largest size each witness signed, by the witness's name; 0 for none. */
        private Map<String, Long> signed() {
            return signed;
        }
    }
}
