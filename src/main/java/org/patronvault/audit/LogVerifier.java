package org.patronvault.audit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import org.patronvault.model.IntegrityException;
import org.patronvault.store.LogHead;
import org.patronvault.store.LogRows.CheckpointRow;
import org.patronvault.store.Store;
import org.patronvault.store.Tx;
import org.patronvault.tlog.Checkpoint;
import org.patronvault.tlog.Frontier;
import org.patronvault.tlog.MalformedException;
import org.patronvault.tlog.MerkleHash;
import org.patronvault.tlog.SignedNote;
import org.patronvault.tlog.Tile;
import org.patronvault.tlog.Tiles;

/**
 * Checks a whole log without any key of the vault: every leaf is hashed again from its stored bytes, and what comes out
 * must be what every checkpoint signed, what the stored tiles hold and what the head says.
 */
public final class LogVerifier {
    private static final int MAX_PROBLEMS = 100;

    /** Something that is wrong, and the entry where it shows first. */
    public record Finding(long entry, String what) {}

    /** What was checked and what was found. */
    public record Report(long entries, byte[] root, List<Finding> problems) {

        /** Whether nothing is wrong. */
        public boolean ok() {
            return problems.isEmpty();
        }

        /** The root as Base64. */
        public String rootText() {
            return Base64.getEncoder().encodeToString(root);
        }
    }

    /** A checkpoint kept outside, such as a printed or mailed one; the name is used in findings. */
    public record Saved(String name, String note) {}

    private final List<Finding> problems = new ArrayList<>();
    private final Frontier frontier = Frontier.empty();
    private final Map<Integer, byte[]> tiles = new HashMap<>();
    private String vaultId = "";
    private Optional<LogKeys> keys = Optional.empty();

    private LogVerifier() {}

    /** As below, believing the key that the log's first entry names. */
    public static Report verify(Store store, List<Saved> saved) {
        return verify(store, saved, Optional.empty());
    }

    /**
     * Checks the log in {@code store}, and that every saved checkpoint is of this very log.
     *
     * @param published the published keys, one a line as C2SP writes them, each of which must have signed it; without
     *     any the key that the log's first entry names is believed, and those it was handed over to
     */
    public static Report verify(Store store, List<Saved> saved, Optional<String> published) {
        return store.read(tx -> verify(tx, saved, published));
    }

    /** The same, of the log that a transaction shows. */
    public static Report verify(Tx tx, List<Saved> saved, Optional<String> published) {
        return new LogVerifier().run(tx, saved, published);
    }

    private Report run(Tx tx, List<Saved> saved, Optional<String> published) {
        vaultId = tx.fact("vault").orElse("");
        List<Expected> expected = new ArrayList<>();
        tx.log().leaf(0).ifPresentOrElse(this::readKey, () -> found(0, "log-empty"));
        keys.ifPresent(known -> expect(tx, known, saved, expected));
        published
                .filter(all -> !keys.map(known -> known.hold(all)).orElse(false))
                .ifPresent(other -> found(0, "signing-key-differs"));
        expected.sort(java.util.Comparator.comparingLong(Expected::size));
        var due = new java.util.ArrayDeque<>(expected);
        tx.log().forEachLeaf(Long.MIN_VALUE, Long.MAX_VALUE, (index, leaf) -> {
            if (index < 0) {
                found(0, "leaf-misplaced");
                return;
            }
            if (index != frontier.size()) {
                found(frontier.size(), "leaf-missing");
                return;
            }
            take(tx, index, leaf);
            while (!due.isEmpty() && due.peek().size() <= frontier.size()) {
                compare(due.poll());
            }
        });
        due.forEach(e -> found(frontier.size(), "log-cut"));
        checkHead(tx);
        return new Report(frontier.size(), frontier.root(), List.copyOf(problems));
    }

    /** A tree that someone signed. */
    private record Expected(long size, byte[] root, String source) {}

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

    /** The stored ones first: they say which key signs what is kept elsewhere. */
    private void expect(Tx tx, LogKeys known, List<Saved> saved, List<Expected> expected) {
        for (CheckpointRow row : tx.log().checkpoints()) {
            expect(expected, row.note(), "checkpoint", row.size(), known::follow);
        }
        for (Saved one : saved) {
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

    /** What is wrong with who signed a checkpoint, if anything is. */
    private interface Signers extends BiFunction<SignedNote, Checkpoint, Optional<String>> {}

    private void expect(List<Expected> expected, String text, String source, long statedSize, Signers signers) {
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
            if (statedSize >= 0 && statedSize != checkpoint.size()) {
                found(statedSize, source + "-moved");
            }
            expected.add(new Expected(checkpoint.size(), checkpoint.root(), source));
        } catch (MalformedException e) {
            found(entry, source + "-malformed");
        }
    }

    private void take(Tx tx, long index, byte[] leaf) {
        try {
            Leaf.parse(leaf).event();
        } catch (IntegrityException e) {
            found(index, "leaf-malformed");
        }
        byte[] hash = MerkleHash.leaf(leaf);
        frontier.append(hash);
        place(tx, 0, index, hash);
    }

    /** Puts a hash into the tile it belongs to, and a tile that is full beside the stored one and into the one above. */
    private void place(Tx tx, int level, long position, byte[] hash) {
        byte[] tile = tiles.computeIfAbsent(level, l -> new byte[Tile.FULL_WIDTH * MerkleHash.SIZE_BYTES]);
        int place = (int) (position % Tile.FULL_WIDTH);
        System.arraycopy(hash, 0, tile, place * MerkleHash.SIZE_BYTES, MerkleHash.SIZE_BYTES);
        if (place == Tile.FULL_WIDTH - 1) {
            compareTile(tx, level, position / Tile.FULL_WIDTH, tile);
            place(tx, level + 1, position / Tile.FULL_WIDTH, Tiles.root(tile));
        }
    }

    private void compareTile(Tx tx, int level, long position, byte[] tile) {
        byte[] stored = tx.log().tile(level, position).orElse(new byte[0]);
        if (Arrays.equals(stored, tile)) {
            return;
        }
        int differs = stored.length == tile.length ? Arrays.mismatch(stored, tile) / MerkleHash.SIZE_BYTES : 0;
        long entry = (position * Tile.FULL_WIDTH + differs) << (8 * level);
        String what = level == 0 ? "leaf-changed" : "tile-changed";
        found(entry, stored.length == 0 ? "tile-missing" : what);
    }

    private void compare(Expected expected) {
        if (!Arrays.equals(frontier.root(), expected.root())) {
            found(
                    Math.max(0, expected.size() - 1),
                    "checkpoint".equals(expected.source()) ? "leaf-changed" : expected.source() + "-differs");
        }
    }

    private void checkHead(Tx tx) {
        Optional<LogHead> head = tx.log().head();
        if (head.isEmpty()) {
            found(0, "head-missing");
        } else if (head.get().size() != frontier.size()) {
            found(Math.min(head.get().size(), frontier.size()), "head-differs");
        } else if (!Arrays.equals(head.get().frontier(), frontier.encode())) {
            found(Math.max(0, frontier.size() - 1), "leaf-changed");
        }
    }

    private void found(long entry, String what) {
        Finding finding = new Finding(entry, what);
        if (problems.size() < MAX_PROBLEMS && !problems.contains(finding)) {
            problems.add(finding);
        }
    }
}
