package org.patronvault.core.log.read;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.keys.ring.UnsealedKeys;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.Leaf;
import org.patronvault.core.log.entry.LogQuery;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.table.LogHead;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.tlog.Frontier;
import org.patronvault.core.tlog.MalformedException;
import org.patronvault.core.tlog.MerkleHash;
import org.patronvault.core.tlog.Proofs;
import org.patronvault.core.tlog.SignedNote;
import org.patronvault.core.tlog.Tile;
import org.patronvault.core.tlog.TlogProof;

/**
 * A reader of the log: entries with their subjects opened, and proofs. Callers must ask the policy and log the access
 * first.
 */
public final class LogReader {
    /** The most entries of one answer. */
    public static final int MAX_ENTRIES = 1_000;

    /** An entry and its index. */
    public record Entry(long index, AccessEvent event) {}

    /** Entries, and the index to go on from. */
    public record Page(List<Entry> entries, long next) {
        /** Returns this page without the entries that match. */
        public Page without(Predicate<Entry> like) {
            return new Page(entries.stream().filter(like.negate()).toList(), next);
        }
    }

    /** A proof that an entry is in the tree of a size. */
    public record Inclusion(long index, long size, byte[] leafHash, List<byte[]> path) {}

    private final Store store;
    private final KeyCustody custody;
    private final Optional<PatronEntryFinder> finder;

    /**
     * Creates a reader.
     *
     * @param finder if empty, a search for a patron opens every entry
     */
    public LogReader(Store store, KeyCustody custody, Optional<PatronEntryFinder> finder) {
        this.store = store;
        this.custody = custody;
        this.finder = finder;
    }

    public <T> T read(Function<Tx, T> work) {
        return store.read(work);
    }

    /** Returns the number of entries. */
    public long size() {
        return store.read(LogReader::size);
    }

    /** Returns the number of entries in a snapshot. */
    public static long size(Tx tx) {
        return tx.log().head().map(LogHead::size).orElse(0L);
    }

    /** Returns the tree of a head. */
    public static Frontier tree(LogHead head) {
        try {
            Frontier frontier = Frontier.decode(head.frontier());
            if (frontier.size() != head.size()) {
                throw new IntegrityException("log head: size");
            }
            return frontier;
        } catch (MalformedException e) {
            throw new IntegrityException("log head: frontier", e);
        }
    }

    /** Whether the log ends with that tree, as its head says. */
    public static boolean isAt(Tx tx, long size, byte[] root) {
        try {
            return tx.log()
                    .head()
                    .filter(head ->
                            head.size() == size && Arrays.equals(tree(head).root(), root))
                    .isPresent();
        } catch (IntegrityException e) {
            return false;
        }
    }

    /** Returns the time of the log's first entry. Empty if there is none. */
    public static Optional<Instant> begun(Tx tx) {
        return tx.log().leaf(0).map(leaf -> Leaf.parse(leaf).event().time());
    }

    /** Returns entries from {@code from} (inclusive) to {@code to} (exclusive), at most {@value #MAX_ENTRIES}. */
    public Page entries(long from, long to) {
        return store.read(tx -> {
            long end = Math.min(Math.min(to, size(tx)), from + MAX_ENTRIES);
            // After the log: the ring then has the key of every month in it.
            UnsealedKeys keys = custody.keys();
            List<Entry> entries = new ArrayList<>();
            tx.log().forEachLeaf(from, end, (index, leaf) -> entries.add(new Entry(index, open(keys, leaf))));
            return new Page(entries, Math.max(from, end));
        });
    }

    /**
     * Returns the patrons written or erased by entries from {@code from} (inclusive) to {@code to} (exclusive), of at
     * most {@value #MAX_ENTRIES} entries. Opens the subjects of no other entry.
     */
    public LogChanges changes(long from, long to) {
        return store.read(tx -> changes(tx, from, to));
    }

    /** Returns the patrons written or erased as {@link #changes(long, long)} does, from a snapshot. */
    public LogChanges changes(Tx tx, long from, long to) {
        return changes(tx, from, to, leaf -> {});
    }

    /** Returns the changes in a snapshot, and passes on each leaf that it reads. */
    public LogChanges changes(Tx tx, long from, long to, Consumer<byte[]> leaves) {
        long end = Math.min(Math.min(to, size(tx)), from + MAX_ENTRIES);
        if (!RingFreshnessCheck.knowsAllOf(tx, custody)) {
            throw new Refused(Problem.BUSY, "Another process changed the keys; seal and unseal this one.", 5);
        }
        // After the log, so that the ring has every key.
        UnsealedKeys keys = custody.keys();
        List<LogChanges.ChangedPatron> changes = new ArrayList<>();
        List<LogChanges.Revocation> revocations = new ArrayList<>();
        Map<Integer, Long> unread = new HashMap<>();
        List<RowsBehindLog> older = new ArrayList<>();
        tx.log().forEachLeaf(from, end, (index, leaf) -> {
            leaves.accept(leaf);
            Leaf.ParsedLeaf parsed = Leaf.parse(leaf);
            AccessEvent said = parsed.event();
            if (said.outcome() == Outcome.WRITTEN || said.outcome() == Outcome.ERASED) {
                List<Subject> subjects = open(keys, leaf).subjects();
                for (int place = 0; place < subjects.size(); place++) {
                    int month = parsed.month().orElseThrow();
                    changes.add(new LogChanges.ChangedPatron(index, month, said, place, subjects.get(place)));
                }
                parsed.month()
                        .filter(month -> !keys.hasContentKey(month))
                        .ifPresent(month -> unread.put(month, index + 1));
            }
            if (said.outcome() == Outcome.REVOKED) {
                said.about().ifPresent(name -> revocations.add(new LogChanges.Revocation(index, said.act(), name)));
            }
            MissingContentKeys.forgotten(said).ifPresent(month -> unread.put(month, 0L));
            RowsBehindLog.accepted(said).ifPresent(older::add);
        });
        return new LogChanges(changes, revocations, unread, older, Math.max(from, end));
    }

    /** Returns every entry that names a patron and can still be opened, oldest first. */
    public List<Entry> about(PatronId patron) {
        List<Entry> entries = new ArrayList<>();
        search().forEach(LogQuery.of(patron), entries::add, unreadable -> {});
        return entries;
    }

    public static IntegrityException missing() {
        return new IntegrityException("log: leaf missing");
    }

    /** Returns a search by content. */
    public LogSearch search() {
        return new LogSearch(store, custody, finder, event -> false);
    }

    /** Opens a leaf. Its event has no subjects if the key of its month is destroyed. */
    public static AccessEvent open(UnsealedKeys keys, byte[] leaf) {
        Leaf.ParsedLeaf parsed = Leaf.parse(leaf);
        if (parsed.month().isEmpty() || !keys.hasContentKey(parsed.month().get())) {
            return parsed.event();
        }
        return parsed.open(keys.vaultId(), keys.logContent(parsed.month().get()));
    }

    /** Proves that entry {@code index} is in the tree of {@code size} (RFC 6962, 2.1.1). */
    public Inclusion inclusion(long index, long size) {
        return store.read(tx -> {
            requireSize(tx, size);
            if (index < 0 || index >= size) {
                throw new Refused(Problem.INVALID, "The log of that size has no such entry.");
            }
            byte[] leaf = tx.log().leaf(index).orElseThrow();
            return new Inclusion(
                    index, size, MerkleHash.leaf(leaf), Proofs.inclusion(index, size, StoredTiles.reader(tx, size)));
        });
    }

    /** Proves that the tree of {@code to} extends the tree of {@code from} (RFC 6962, 2.1.2). */
    public List<byte[]> consistency(long from, long to) {
        return store.read(tx -> {
            requireSize(tx, to);
            if (from < 1 || from > to) {
                throw new Refused(Problem.INVALID, "from must be 1 to the size asked for.");
            }
            return Proofs.consistency(from, to, StoredTiles.reader(tx, to));
        });
    }

    /** Whether a path of C2SP tlog-tiles names a bundle of entries, and not hashes. */
    public static boolean isBundle(String path) {
        return path.startsWith("tile/entries/");
    }

    /**
     * Returns the bytes of a tile or bundle.
     *
     * @param path as C2SP tlog-tiles writes it, without a leading slash
     * @throws Refused with {@code not-found} if the log does not hold all of it, or it is no such path
     */
    public byte[] tile(String path) {
        try {
            return tile(Tile.parse(path));
        } catch (MalformedException e) {
            throw noTile();
        }
    }

    /** Returns the bytes of a tile or bundle. Refused with {@code not-found} if the log does not hold all of it. */
    public byte[] tile(Tile tile) {
        return store.read(tx -> {
            if (!tile.isWithin(size(tx))) {
                throw noTile();
            }
            return tile.isEntries() ? StoredTiles.bundle(tx, tile) : StoredTiles.bytes(tx, tile);
        });
    }

    private static Refused noTile() {
        return new Refused(Problem.NOT_FOUND, "The log holds no such tile.");
    }

    /**
     * Returns a file that proves, with a verifier key alone, that an entry is in the log of a checkpoint (C2SP
     * tlog-proof).
     *
     * @throws Refused if there is no such entry in it
     */
    public String receipt(long index, SignedCheckpoint checkpoint) {
        List<byte[]> path = inclusion(index, checkpoint.size()).path();
        byte[] leaf = store.read(tx -> tx.log().leaf(index)).orElseThrow();
        try {
            return new TlogProof(leaf, index, path, SignedNote.parse(checkpoint.note())).toText();
        } catch (MalformedException e) {
            throw new IllegalStateException("a checkpoint of ours does not parse", e);
        }
    }

    /**
     * The verifier keys that signed the log so far, oldest first, and each checkpoint that handed over.
     *
     * @param from the size from which the newest key alone counts
     */
    public record Signers(List<String> keys, List<String> handOvers, long from) {}

    /** Returns the version of the key that signs the log, as its checkpoints say. For callers without keys. */
    public static int signingVersion(Tx tx) {
        return LogKeys.of(tx, handedOver -> {}).all().size();
    }

    /** Returns the keys that signed the log so far. */
    public Signers signers() {
        return store.read(tx -> {
            List<String> handOvers = new ArrayList<>();
            LogKeys keys = LogKeys.of(tx, handOvers::add);
            return new Signers(
                    keys.all(), handOvers, Collections.max(keys.sizes().values()));
        });
    }

    /** Returns the month (yyyymm) whose content key would seal the subjects of an entry of that time. */
    public int sealingMonth(Instant time) {
        return custody.keys().contentMonth(Leaf.monthOf(time));
    }

    /** Returns the root of the tree of a size. */
    public byte[] root(long size) {
        return store.read(tx -> {
            requireSize(tx, size);
            return Proofs.root(size, StoredTiles.reader(tx, size));
        });
    }

    private static void requireSize(Tx tx, long size) {
        if (size < 1 || size > size(tx)) {
            throw new Refused(Problem.INVALID, "The log never had that size.");
        }
    }
}
