package org.patronvault.core.log.entry;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.tlog.EntryBundle;
import org.patronvault.core.tlog.MerkleHash;

/**
 * A pipeline that passes entries of a log on in order, with their hashes. Another thread hashes each leaf and checks
 * its form while the next are fetched. For one thread.
 */
public final class HashedLeaves {
    /** Leaves in one part: so many that handing over a part costs little beside hashing it. */
    static final int PART = 1_024;

    /** Bytes in one part, if its leaves are longer than most. */
    static final int PART_BYTES = 1 << 20;

    /**
     * One part that is hashed and one that waits, since the reader is slower. With the part being read, all are in
     * memory.
     */
    static final int PARTS_UNDER_WAY = 2;

    /** The longest leaf that any log has. A forged leaf may be of any size. */
    static final int LONG_BYTES = EntryBundle.MAX_ENTRY_BYTES;

    /**
     * A leaf and its hash.
     *
     * @param index as stored
     * @param hash of the leaf, 32 bytes
     * @param readable whether the leaf has the form of an entry
     */
    @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
    public record HashedLeaf(long index, byte[] leaf, byte[] hash, boolean readable) {

        private static HashedLeaf of(long index, byte[] leaf) {
            return new HashedLeaf(index, leaf, MerkleHash.leaf(leaf), isReadable(leaf));
        }

        private static boolean isReadable(byte[] leaf) {
            try {
                AccessEvent unused = Leaf.parse(leaf).event();
                return true;
            } catch (IntegrityException e) {
                return false;
            }
        }
    }

    private record StoredLeaf(long index, byte[] leaf) {}

    /** Consecutive leaves. Their hashes, or the failure, can be read once the task is over. */
    private static final class Part implements Runnable {
        private final List<StoredLeaf> stored = new ArrayList<>(PART);
        private final List<HashedLeaf> hashed = new ArrayList<>(PART);
        private long bytes;
        private Throwable failed;
        private CompletableFuture<Void> task;

        private boolean isFull() {
            return stored.size() == PART || bytes >= PART_BYTES;
        }

        private void begin() {
            task = CompletableFuture.runAsync(this);
        }

        @Override
        public void run() {
            try {
                stored.forEach(one -> hashed.add(HashedLeaf.of(one.index(), one.leaf())));
            } catch (Throwable e) {
                // Passed on as it is: with no memory left, another exception around it might not be made.
                failed = e;
            }
        }

        private List<HashedLeaf> await() {
            task.join();
            if (failed instanceof Error error) {
                throw error;
            }
            if (failed instanceof RuntimeException exception) {
                throw exception;
            }
            return hashed;
        }
    }

    private final Consumer<HashedLeaf> next;
    private final ArrayDeque<Part> underWay = new ArrayDeque<>();
    private Part part = new Part();

    /**
     * Creates a pipeline.
     *
     * @param next receives each entry, in the order of adding, on the thread that adds
     */
    public HashedLeaves(Consumer<HashedLeaf> next) {
        this.next = next;
    }

    /** Adds the next entry. Earlier entries may be passed on meanwhile. */
    public void add(long index, byte[] leaf) {
        if (leaf.length > LONG_BYTES) {
            end();
            next.accept(HashedLeaf.of(index, leaf));
            return;
        }
        part.stored.add(new StoredLeaf(index, leaf));
        part.bytes += leaf.length;
        if (part.isFull()) {
            begin();
        }
    }

    /** Passes on all entries that are left. More may be added afterwards. */
    public void end() {
        begin();
        while (!underWay.isEmpty()) {
            takeFirst();
        }
    }

    private void begin() {
        if (underWay.size() == PARTS_UNDER_WAY) {
            takeFirst();
        }
        part.begin();
        underWay.add(part);
        part = new Part();
    }

    private void takeFirst() {
        underWay.remove().await().forEach(next);
    }
}
