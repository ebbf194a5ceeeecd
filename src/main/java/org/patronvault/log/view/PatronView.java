package org.patronvault.log.view;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Consumer;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.keys.ring.UnsealedKeys;
import org.patronvault.core.log.read.LogReader;
import org.patronvault.core.log.read.PatronEntryFinder;
import org.patronvault.core.log.read.RingFreshnessCheck;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.ViewRows;
import org.patronvault.core.tlog.MerkleHash;

/**
 * The view by patron: which log entries may name a patron. It takes them from the blocks, from the entries in memory that
 * no block covers yet, and from the log itself wherever neither has them. So a new access shows at once, and a damaged
 * block makes an answer slower, never wrong. Safe for use by many threads.
 */
public final class PatronView implements PatronEntryFinder {
    private static final long LEAVES_AT_ONCE = 1_000;

    /** The state of the view that this node knows, under one state of the keys. */
    static final class Known {
        private final long keys;

        /** By the index of the first entry. A block begins where the one before it ends, unless one is missing. */
        private final ConcurrentNavigableMap<Long, ViewBlock.Head> blocks = new ConcurrentSkipListMap<>();

        /** The blocks that were found damaged, and those of a month whose key is destroyed. */
        private final Set<Long> damaged = ConcurrentHashMap.newKeySet();

        private final Set<Long> forgotten = ConcurrentHashMap.newKeySet();
        private volatile Optional<LogStretch> stretch = Optional.empty();

        private Known(long keys) {
            this.keys = keys;
        }

        Set<Long> damaged() {
            return damaged;
        }

        Set<Long> forgotten() {
            return forgotten;
        }

        /** Returns the first stretch without a block, as far as it was read. */
        LogStretch stretch(int most) {
            if (stretch.isEmpty()) {
                long first = 0;
                while (blocks.containsKey(first)) {
                    first = blocks.get(first).end();
                }
                Long next = blocks.higherKey(first);
                stretch = Optional.of(new LogStretch(first, next == null ? Long.MAX_VALUE : next, most));
            }
            return stretch.get();
        }

        /** Forgets a block, and the entries in memory, which may be after it. */
        void remove(long first) {
            blocks.remove(first);
            stretch = Optional.empty();
        }
    }

    private final Store store;
    private final KeyCustody custody;
    private Optional<Known> known = Optional.empty();

    /** Creates a view that knows no block yet. It reads them when it is first asked. */
    public PatronView(Store store, KeyCustody custody) {
        this.store = store;
        this.custody = custody;
    }

    Store store() {
        return store;
    }

    KeyCustody custody() {
        return custody;
    }

    /** Drops everything from memory. Called when the vault is sealed. */
    public synchronized void forget() {
        known = Optional.empty();
    }

    /** Returns what is known under these keys, and reads the heads of all blocks if they are others than before. */
    synchronized Known known(UnsealedKeys keys) {
        if (known.filter(one -> one.keys == keys.number()).isEmpty()) {
            Known read = new Known(keys.number());
            store.read(tx -> {
                tx.view().blocks().forEach(block -> add(tx, keys, read, block));
                return read;
            });
            known = Optional.of(read);
        }
        return known.get();
    }

    private static void add(Tx tx, UnsealedKeys keys, Known known, ViewRows.Block block) {
        if (!keys.hasContentKey(block.month())) {
            known.forgotten.add(block.first());
            return;
        }
        try {
            known.blocks.put(block.first(), head(tx, keys, block));
        } catch (IntegrityException e) {
            known.damaged.add(block.first());
        }
    }

    private static ViewBlock.Head head(Tx tx, UnsealedKeys keys, ViewRows.Block block) {
        ViewBlock.Head head = ViewBlock.head(
                seal(keys, block.month(), block.first()),
                page -> page == 0
                        ? block.sealed()
                        : pages(tx, block.first(), page, page).get(page));
        boolean isOfThisLog = tx.log()
                .leaf(head.end() - 1)
                .filter(leaf -> Arrays.equals(MerkleHash.leaf(leaf), head.lastLeaf()))
                .isPresent();
        if (!isOfThisLog) {
            throw new IntegrityException("view by patron: of another log");
        }
        return head;
    }

    private static ViewBlock.PageSeal seal(UnsealedKeys keys, int month, long first) {
        return new ViewBlock.PageSeal(keys.viewPages(month), keys.vaultId(), month, first);
    }

    /** Returns the pages of a block from one number to another, inclusive. */
    private static Map<Integer, byte[]> pages(Tx tx, long first, int from, int to) {
        Map<Integer, byte[]> pages = new HashMap<>();
        tx.view().forEachPage(first, from, to, pages::put);
        if (pages.size() <= to - from) {
            throw new IntegrityException("view by patron: page missing");
        }
        return pages;
    }

    /** Reads the block that begins at an entry from the database. Returns whether it exists and is whole. */
    boolean reload(Known into, UnsealedKeys keys, long first) {
        Optional<String> fault = store.read(tx -> fault(tx, keys, first, head -> {
            into.blocks.put(first, head);
            into.stretch = Optional.empty();
        }));
        return fault.isEmpty();
    }

    /** Returns what is wrong with a block that should exist, or passes on its head. */
    private static Optional<String> fault(Tx tx, UnsealedKeys keys, long first, Consumer<ViewBlock.Head> whole) {
        Optional<ViewRows.Block> block = tx.view().block(first);
        if (block.isEmpty()) {
            return Optional.of("missing");
        }
        try {
            ViewBlock.Head head = head(tx, keys, block.get());
            if (tx.view().count(first) < head.pages()) {
                return Optional.of("missing");
            }
            ViewBlock.PageSeal seal = seal(keys, head.month(), first);
            tx.view().forEachPage(first, head.pairsFrom(), head.pages(), (page, stored) -> {
                List<Long> unused = ViewBlock.find(seal, head, page, stored, 0);
            });
            whole.accept(head);
            return Optional.empty();
        } catch (IntegrityException e) {
            return Optional.of("changed");
        }
    }

    /**
     * Returns every entry that may name a patron. Reads the part of the log that no block covers a stretch at a time, so
     * it never blocks others for long.
     */
    @Override
    public NavigableSet<Long> about(PatronId patron) {
        long end = store.read(LogReader::size);
        // After the log: the ring then has the key of every month in it.
        UnsealedKeys keys = custody.keys();
        Known now = known(keys);
        NavigableSet<Long> found = new TreeSet<>();
        long at = 0;
        while (at < end) {
            LogStretch.Found next = next(now, keys, patron, at, end);
            found.addAll(next.entries());
            at = next.end();
        }
        return found;
    }

    /** Returns what the part of the log that begins at {@code at} has. */
    private LogStretch.Found next(Known now, UnsealedKeys keys, PatronId patron, long at, long end) {
        ViewBlock.Head head = now.blocks.get(at);
        if (head != null) {
            try {
                return new LogStretch.Found(store.read(tx -> find(tx, keys, head, patron)), head.end());
            } catch (IntegrityException e) {
                // Its month was forgotten just now, or the vault did not write this page. The log has every entry.
                now.damaged.add(at);
                return inLog(patron, at, head.end());
            }
        }
        Optional<LogStretch> stretch = now.stretch;
        Optional<LogStretch.Found> inMemory = stretch.filter(one -> one.first() == at)
                .map(one -> one.about(patron))
                .filter(one -> one.end() > at);
        if (inMemory.isPresent()) {
            return inMemory.get();
        }
        long to = stretch.map(LogStretch::first).filter(first -> first > at).orElse(end);
        Long block = now.blocks.higherKey(at);
        return inLog(patron, at, Math.min(end, block == null ? to : Math.min(to, block)));
    }

    private static List<Long> find(Tx tx, UnsealedKeys keys, ViewBlock.Head head, PatronId patron) {
        List<Long> found = new ArrayList<>(head.strays());
        long key = LogStretch.key(keys.viewPatrons(head.month()), patron.number());
        int[] range = head.pagesOf(key);
        if (range.length > 0) {
            ViewBlock.PageSeal seal = seal(keys, head.month(), head.first());
            pages(tx, head.first(), range[0], range[1])
                    .forEach((page, stored) -> found.addAll(ViewBlock.find(seal, head, page, stored, key)));
        }
        return found;
    }

    private LogStretch.Found inLog(PatronId patron, long from, long end) {
        List<Long> found = new ArrayList<>();
        for (long at = from; at < end; at += LEAVES_AT_ONCE) {
            long next = at;
            store.read(tx -> {
                LogReader.size(tx);
                UnsealedKeys keys = custody.keys();
                tx.log().forEachLeaf(next, Math.min(next + LEAVES_AT_ONCE, end), (index, leaf) -> {
                    if (mayName(keys, leaf, patron)) {
                        found.add(index);
                    }
                });
                return found;
            });
        }
        return new LogStretch.Found(found, end);
    }

    /** Whether an entry names a patron, or cannot be read. */
    private static boolean mayName(UnsealedKeys keys, byte[] leaf, PatronId patron) {
        try {
            return LogReader.open(keys, leaf).subjects().stream()
                    .anyMatch(subject -> subject.patron().equals(patron));
        } catch (IntegrityException e) {
            return true;
        }
    }

    /**
     * Opens every page of every block. A damaged block is then written again from the log.
     *
     * @param told called after each block; may throw, to stop the check
     * @return what is wrong: {@code missing} or {@code changed}
     */
    public Optional<String> check(Runnable told) {
        UnsealedKeys keys = custody.keys();
        Known now = known(keys);
        Set<Long> blocks = new TreeSet<>(now.blocks.keySet());
        store.read(tx -> {
            tx.view().blocks().stream()
                    .filter(block -> keys.hasContentKey(block.month()))
                    .forEach(block -> blocks.add(block.first()));
            return blocks;
        });
        for (long first : blocks) {
            // With a ring older than the log, another node may have deleted the block of a forgotten month.
            Optional<String> fault = store.read(tx ->
                    RingFreshnessCheck.knowsAllOf(tx, custody) ? fault(tx, keys, first, head -> {}) : Optional.empty());
            if (fault.isPresent()) {
                now.damaged.add(first);
                return fault;
            }
            told.run();
        }
        return now.damaged.isEmpty() ? Optional.empty() : Optional.of("changed");
    }
}
