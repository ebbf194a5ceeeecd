package org.patronvault.audit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.function.Supplier;
import org.patronvault.keys.DurableFile;
import org.patronvault.keys.KeyCustody;
import org.patronvault.model.IntegrityException;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;
import org.patronvault.store.LogHead;
import org.patronvault.store.Store;
import org.patronvault.store.Tx;
import org.patronvault.tlog.Frontier;
import org.patronvault.tlog.MalformedException;
import org.patronvault.tlog.MerkleHash;
import org.patronvault.tlog.Proofs;

/**
 * This node's own tree: what it has itself read back and hashed, in memory and in {@code node/log-head}. It signs
 * nothing else. Guarded by its own lock.
 */
final class OwnTree {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long CHUNK = 4_096;

    private final Store store;
    private final KeyCustody custody;
    private final Path file;
    private final TileRoots ahead = new TileRoots();
    private Frontier verified = Frontier.empty();

    OwnTree(Store store, KeyCustody custody, Path nodeDirectory) {
        this.store = store;
        this.custody = custody;
        this.file = nodeDirectory.resolve("log-head");
    }

    /**
     * Reads ahead, without keys, what {@link #resume} compares with what this node knew: of a log of a million entries
     * thousands of hashes, in a process that has made none yet. What is wrong with them is for that to find.
     *
     * @param keys waits until they are open; if it says that they are not, what was read is forgotten
     */
    boolean readAhead(Supplier<Boolean> keys) {
        boolean opened = false;
        try {
            readAhead();
            opened = keys.get();
            return opened;
        } finally {
            if (!opened) {
                ahead.forget();
            }
        }
    }

    private void readAhead() {
        try {
            byte[] unused = store.read(tx -> {
                long size = tx.log().head().map(LogHead::size).orElse(0L);
                return Proofs.root(size, StoredTiles.reader(tx, size, ahead));
            });
        } catch (RuntimeException e) {
            // Whatever a database that is not as it was makes of it.
            ahead.forget();
        }
    }

    /**
     * Takes up the tree this node knew, and follows the database from there.
     *
     * @throws Refused if the database's log is shorter than, or differs from, what this node has seen
     */
    synchronized void resume() {
        Optional<String> differs = difference();
        if (differs.isPresent()) {
            throw changed(differs.get());
        }
        try {
            follow();
        } catch (IntegrityException e) {
            throw changed("does not add up to its own head");
        }
    }

    /** Compares with what was read ahead, if anything was; whatever comes of it, the database is asked again after that. */
    void comparing(Runnable all) {
        try {
            all.run();
        } finally {
            ahead.forget();
        }
    }

    /** How the database's log is not the one this node knew, if it is not; the tree this node knew is taken up. */
    synchronized Optional<String> difference() {
        if (!Files.notExists(file)) {
            // Also where that is not known just now: then it cannot be read either, which is said.
            Frontier written = read();
            verified = written.size() > verified.size() ? written : verified;
            long known = verified.size();
            byte[] root = verified.root();
            return difference(known, root);
        }
        return Optional.empty();
    }

    /** How the database's log does not begin with the tree of that size and root, if it does not; in {@link #comparing}. */
    Optional<String> difference(long known, byte[] root) {
        return store.read(tx -> difference(tx, known, root, ahead));
    }

    /** The same in that snapshot, by what stands in it. */
    static Optional<String> difference(Tx tx, long known, byte[] root) {
        return difference(tx, known, root, new TileRoots());
    }

    private static Optional<String> difference(Tx tx, long known, byte[] root, TileRoots roots) {
        long size = tx.log().head().map(LogHead::size).orElse(0L);
        if (size < known) {
            return Optional.of(
                    "is shorter than what this node has seen (" + size + " entries, and " + known + " were there)");
        }
        try {
            boolean same = known == 0 || Arrays.equals(Proofs.root(known, StoredTiles.reader(tx, known, roots)), root);
            return same ? Optional.empty() : Optional.of("is not the one this node has seen");
        } catch (IntegrityException e) {
            return Optional.of("has gaps");
        }
    }

    /** Size and root of the tree this node knew, for the entry that gives it up. */
    synchronized String known() {
        return verified.size() + " " + Base64.getEncoder().encodeToString(verified.root());
    }

    /** The tree of that size, once all of it was followed. */
    Frontier at(long size) {
        return store.read(tx -> Frontier.at(size, StoredTiles.reader(tx, size)));
    }

    /** Gives up the tree this node knew; {@link #follow} reads the database's from its first leaf. */
    synchronized void relearn() {
        verified = Frontier.empty();
    }

    static Refused changed(String how) {
        return new Refused(
                Problem.KEYS_REFUSED,
                "The access log in the database " + how
                        + ". Run `log verify`, and put back the database that belongs to this home; if that is lost, two"
                        + " custodians can take this one by `log accept`.");
    }

    /** Reads back what is new, and returns the tree as it is then. A tree the database merely shows is never taken. */
    synchronized Frontier follow() {
        Optional<LogHead> settled = settled();
        while (true) {
            Frontier next = verified.copy();
            LogHead head = store.read(tx -> {
                LogHead now = settled.or(() -> tx.log().head()).orElseThrow(OwnTree::missing);
                long to = Math.min(now.size(), next.size() + CHUNK);
                tx.log().forEachLeaf(next.size(), to, (index, leaf) -> {
                    if (index != next.size()) {
                        throw new IntegrityException("log: leaf missing");
                    }
                    next.append(MerkleHash.leaf(leaf));
                });
                if (next.size() != to) {
                    throw new IntegrityException("log: leaf missing");
                }
                return now;
            });
            verified = next;
            if (next.size() == head.size()) {
                if (!Arrays.equals(next.encode(), head.frontier())) {
                    throw new IntegrityException("log head: differs from the leaves");
                }
                return next.copy();
            }
        }
    }

    /**
     * How far to follow. Of a database that is copied to others, what stood there at a commit of one's own is on them too:
     * a primary that crashed and came back shows what was never copied, and signed it would be missed if that one were
     * lost then.
     */
    private Optional<LogHead> settled() {
        if (store.isOfOneProcess()) {
            return Optional.empty();
        }
        LogHead shown = store.read(tx -> tx.log().head()).orElseThrow(OwnTree::missing);
        if (shown.size() <= verified.size()) {
            return Optional.of(shown);
        }
        return Optional.of(store.write(tx -> {
            tx.log().touchHead();
            return tx.head().orElseThrow(OwnTree::missing);
        }));
    }

    private static IntegrityException missing() {
        return new IntegrityException("log head: missing");
    }

    private byte[] mac(long revision, byte[] frontier) {
        return custody.keys().rows().newest().mac("node/log-head", new byte[0], revision, frontier);
    }

    /** Writes down how far this node has got. */
    synchronized void write(Frontier frontier) {
        long revision = custody.mark().revision();
        byte[] encoded = frontier.encode();
        var json = JSON.createObjectNode();
        json.put("format", "pv1.log-head");
        json.put("size", frontier.size());
        json.put("ringRevision", revision);
        json.put("frontier", Base64.getEncoder().encodeToString(encoded));
        json.put("mac", Base64.getEncoder().encodeToString(mac(revision, encoded)));
        DurableFile.write(file, json.toPrettyString().getBytes(StandardCharsets.UTF_8));
    }

    private Frontier read() {
        try {
            JsonNode json = JSON.readTree(Files.readAllBytes(file));
            byte[] frontier = Base64.getDecoder().decode(json.path("frontier").asText());
            long revision = json.path("ringRevision").asLong();
            byte[] mac = Base64.getDecoder().decode(json.path("mac").asText());
            if (!custody.keys()
                    .rows()
                    .any(rows -> rows.verify("node/log-head", new byte[0], revision, frontier, mac))) {
                throw new Refused(Problem.KEYS_REFUSED, "node/log-head was changed, or belongs to another vault.");
            }
            if (custody.mark().revision() < revision) {
                throw new Refused(Problem.KEYS_REFUSED, "keys/ is older than what this node has used; put it back.");
            }
            return Frontier.decode(frontier);
        } catch (IOException | IllegalArgumentException | MalformedException e) {
            throw new Refused(Problem.KEYS_REFUSED, "node/log-head cannot be read.");
        }
    }
}
