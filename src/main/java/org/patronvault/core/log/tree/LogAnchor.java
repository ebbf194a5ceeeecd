package org.patronvault.core.log.tree;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.Optional;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.keys.file.DurableFile;
import org.patronvault.core.keys.file.TwoSlotFile;
import org.patronvault.core.keys.ring.UnsealedKeys;
import org.patronvault.core.log.read.LogReader;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.table.LogHead;
import org.patronvault.core.tlog.Frontier;
import org.patronvault.core.tlog.MalformedException;
import org.patronvault.core.tlog.MerkleHash;

/**
 * The file {@code node/head}: the size and root of this node's own tree, under a MAC of the ring (format.md, "Files of
 * a home"). A killed process loses nothing of it. After power loss it may be behind the log, and is never ahead of it.
 * For one thread.
 */
public final class LogAnchor implements AutoCloseable {
    private static final String NAME = "head";

    /** The file of version 0.1.0 that this file replaces. */
    private static final String OLD_NAME = "log-head";

    private static final int RETRY_SECONDS = 60;
    private static final String TABLE = "node/head";
    private static final byte[] NO_NAME = {};
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final byte[] FORM = {'p', 'v', '1', '.', 'h', 'e', 'a', 'd'};
    private static final int MAC_AT = FORM.length + Integer.BYTES + 3 * Long.BYTES + MerkleHash.SIZE_BYTES;
    private static final int SLOT_BYTES = MAC_AT + MerkleHash.SIZE_BYTES;

    /**
     * The recorded state of the log.
     *
     * @param size entries of this node's own tree
     * @param seen entries that this node has seen in the database, at least {@code size}
     * @param revision of the ring at that time
     * @param root of the tree
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Known(long size, long seen, long revision, byte[] root) {
        Known(Frontier tree, long seen, UnsealedKeys keys) {
            this(tree.size(), Math.max(tree.size(), seen), keys.revision(), tree.root());
        }

        /** Returns size and root, for an entry of the log. */
        public String told() {
            return size + " " + Base64.getEncoder().encodeToString(root);
        }
    }

    private final Path node;
    private final KeyCustody custody;
    private final TwoSlotFile file;

    LogAnchor(Path node, KeyCustody custody) {
        this.node = node;
        this.custody = custody;
        this.file = new TwoSlotFile(node.resolve(NAME));
    }

    /** Whether a directory has an anchor, of this version or of 0.1.0. */
    public static boolean isIn(Path node) {
        return Files.exists(node.resolve(NAME)) || Files.exists(node.resolve(OLD_NAME));
    }

    /**
     * Reads the file in a directory without checking its MAC. For callers that have no key and decide nothing by it.
     */
    public static Optional<Known> unproven(Path node) {
        try (TwoSlotFile file = new TwoSlotFile(node.resolve(NAME))) {
            return file.slots().stream().flatMap(slot -> parsed(slot).stream()).max(Comparator.comparing(Known::size));
        } catch (UncheckedIOException e) {
            return Optional.empty();
        }
    }

    /** Creates the anchor of a new log, or of a database that was just verified. An existing anchor stays. */
    public static void make(Path node, UnsealedKeys keys, LogHead head) {
        DurableFile.makeDirectory(node);
        try (TwoSlotFile file = new TwoSlotFile(node.resolve(NAME))) {
            if (!isIn(node)) {
                file.begin(sealed(new Known(LogReader.tree(head), 0, keys), keys));
            }
        }
    }

    /**
     * Returns the last written state. Empty if there is no anchor, or no key of the ring made it.
     *
     * @throws Refused if the ring is older than the anchor's, or an anchor of version 0.1.0 is damaged
     */
    Optional<Known> read() {
        Optional<Known> newest = file.slots().stream()
                .filter(this::isProven)
                .flatMap(slot -> parsed(slot).stream())
                .max(Comparator.comparing(Known::size));
        Optional<Known> known = newest.isPresent() ? newest : old();
        if (known.filter(one -> custody.keys().revision() < one.revision()).isPresent()) {
            throw refused("keys/ is older than what this node has used; put it back.");
        }
        return known;
    }

    private static Refused refused(String why) {
        return new Refused(Problem.KEYS_REFUSED, why);
    }

    private static Optional<Known> parsed(byte[] slot) {
        ByteBuffer in = ByteBuffer.wrap(slot, 0, MAC_AT);
        byte[] form = new byte[FORM.length];
        in.get(form);
        int unused = in.getInt();
        Known known = new Known(in.getLong(), in.getLong(), in.getLong(), new byte[MerkleHash.SIZE_BYTES]);
        in.get(known.root());
        return Arrays.equals(form, FORM) && known.size() >= 0 ? Optional.of(known) : Optional.empty();
    }

    private boolean isProven(byte[] slot) {
        UnsealedKeys keys = custody.keys();
        int version = ByteBuffer.wrap(slot).getInt(FORM.length);
        byte[] mac = Arrays.copyOfRange(slot, MAC_AT, SLOT_BYTES);
        return !keys.isRetiredForRows(version)
                && keys.rows()
                        .version(version)
                        .filter(rows -> rows.verify(TABLE, NO_NAME, version, Arrays.copyOf(slot, MAC_AT), mac))
                        .isPresent();
    }

    /** Returns the bytes of a slot. */
    static byte[] sealed(Known known, UnsealedKeys keys) {
        int version = keys.rows().newestVersion();
        byte[] said = ByteBuffer.allocate(MAC_AT)
                .put(FORM)
                .putInt(version)
                .putLong(known.size())
                .putLong(known.seen())
                .putLong(known.revision())
                .put(known.root())
                .array();
        return ByteBuffer.allocate(SLOT_BYTES)
                .put(said)
                .put(keys.rows().newest().mac(TABLE, NO_NAME, version, said))
                .array();
    }

    /**
     * Re-creates the file with that slot, and deletes the file of version 0.1.0.
     *
     * @throws Refused if it cannot be written
     */
    void begin(byte[] slot) {
        try {
            file.begin(slot);
        } catch (DurableFile.Unwritable e) {
            throw new Refused(
                    Problem.STORE_FULL,
                    "node/head cannot be written, so nothing is opened: make room on the disk of node/, and give it to the user"
                            + " that the service runs as.",
                    RETRY_SECONDS);
        }
        try {
            boolean unused = Files.deleteIfExists(node.resolve(OLD_NAME));
        } catch (IOException e) {
            // The next start tries again. While the other file counts, nobody reads this one.
        }
    }

    /** Writes the slot whose turn it is. */
    void write(byte[] slot) {
        file.write(slot);
    }

    /** Forces the file to disk. */
    void sync() {
        file.sync();
    }

    @Override
    public void close() {
        file.close();
    }

    /** Returns the state that version 0.1.0 wrote. */
    private Optional<Known> old() {
        Path old = node.resolve(OLD_NAME);
        if (Files.notExists(old)) {
            return Optional.empty();
        }
        try {
            JsonNode json = JSON.readTree(Files.readAllBytes(old));
            byte[] tree = Base64.getDecoder().decode(json.path("frontier").asText());
            long revision = json.path("ringRevision").asLong();
            byte[] mac = Base64.getDecoder().decode(json.path("mac").asText());
            // Version 0.1.0 had no other version of the key. A thief of that one could make such a file.
            UnsealedKeys keys = custody.keys();
            if (keys.isRetiredForRows(1)
                    || keys.rows()
                            .version(1)
                            .filter(rows -> rows.verify("node/log-head", NO_NAME, revision, tree, mac))
                            .isEmpty()) {
                throw refused("node/log-head was changed, or belongs to another vault.");
            }
            Frontier frontier = Frontier.decode(tree);
            return Optional.of(new Known(frontier.size(), frontier.size(), revision, frontier.root()));
        } catch (IOException | IllegalArgumentException | MalformedException e) {
            throw refused("node/log-head cannot be read.");
        }
    }
}
