package org.patronvault.core.log.tree;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;
import org.patronvault.core.keys.ring.UnsealedKeys;
import org.patronvault.core.log.entry.LatestEntryFacts;
import org.patronvault.core.log.entry.Leaf;
import org.patronvault.core.log.read.LogKeys;
import org.patronvault.core.log.read.RowsBehindLog;
import org.patronvault.core.log.read.StoredTiles;
import org.patronvault.core.log.tree.LogVerifier.TrustAnchors;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.table.LogHead;
import org.patronvault.core.store.table.LogRows.CheckpointRow;
import org.patronvault.core.store.table.WriteTx;
import org.patronvault.core.tlog.Checkpoint;
import org.patronvault.core.tlog.Frontier;
import org.patronvault.core.tlog.MalformedException;
import org.patronvault.core.tlog.MerkleHash;
import org.patronvault.core.tlog.SignedNote;

/**
 * The recovery of lost log entries from an export. It appends the entries that a restored backup lacks. The rows stay
 * those of the backup, and the database says so. For one thread, and one use.
 */
public final class LogTailRestore {
    private static final int CHUNK = 4_096;

    private final WriteTx tx;
    private final ExportedLog export;
    private final LogHead before;
    private final Frontier frontier = Frontier.empty();
    private final List<byte[]> leaves = new ArrayList<>();
    private final LatestEntryFacts last = new LatestEntryFacts();
    private final LongConsumer told;
    private long first;

    private LogTailRestore(WriteTx tx, ExportedLog export, LongConsumer told) {
        this.tx = tx;
        this.export = export;
        this.told = told;
        this.before = tx.log().head().orElseThrow(() -> new IntegrityException("log head: missing"));
        this.first = before.size();
    }

    /**
     * Appends the entries, in one transaction.
     *
     * @param store a verified database that nobody else uses
     * @param keys of its vault
     * @param directory of the export, which anybody may have written
     * @param told receives now and then the number of entries read
     * @throws Refused if the export is inconsistent, does not extend the database's log, or is no longer than it; then
     *     nothing is written
     */
    public static void append(Store store, UnsealedKeys keys, Path directory, LongConsumer told) {
        LogReport report = LogVerifier.verify(directory, new TrustAnchors(List.of(), List.of(), Optional.empty()));
        if (!report.ok()) {
            throw refused("does not add up; `log verify --export` says where");
        }
        store.write(tx -> {
            new LogTailRestore(tx, new ExportedLog(directory), told).append(report.root(), keys);
            return report;
        });
    }

    private static Refused refused(String how) {
        return new Refused(Problem.INVALID, "The export of --log " + how + ". Nothing was written.");
    }

    private void append(byte[] root, UnsealedKeys keys) {
        last.begin(tx);
        export.forEachLeaf(this::take, (entry, what) -> {
            throw changed();
        });
        if (frontier.size() <= before.size()) {
            throw refused("has no entry that the backup has not: leave it out, or take a newer one");
        }
        flush();
        if (!Arrays.equals(frontier.root(), root)) {
            throw changed();
        }
        last.end(tx);
        keepCheckpoints();
        new RowsBehindLog(before.size(), frontier.size()).write(tx, keys);
    }

    private static Refused changed() {
        return refused("was changed while it was read");
    }

    private void take(long index, byte[] leaf) {
        frontier.append(MerkleHash.leaf(leaf));
        if (index >= before.size()) {
            leaves.add(leaf);
            last.take(index, Leaf.parse(leaf).event());
        } else if (frontier.size() == before.size() && !Arrays.equals(frontier.encode(), before.frontier())) {
            throw refused("is of another vault, or of one that went another way than the one of the backup");
        }
        if (frontier.size() % CHUNK == 0) {
            flush();
            told.accept(frontier.size());
        }
    }

    private void flush() {
        if (!leaves.isEmpty()) {
            tx.log().append(first, leaves, new LogHead(frontier.size(), frontier.encode()));
            StoredTiles.complete(tx, first, frontier.size());
            first = frontier.size();
            leaves.clear();
        }
    }

    /**
     * Keeps the checkpoints with the signatures of the log's own keys alone, since an untrusted export may have others.
     * The checkpoints that hand over say which key may sign the next ones.
     */
    private void keepCheckpoints() {
        LogKeys signers = LogKeys.of(tx, handedOver -> {});
        for (CheckpointRow row : export.checkpoints()) {
            try {
                SignedNote note = SignedNote.parse(row.note());
                Checkpoint checkpoint = Checkpoint.parse(note.text());
                if (signers.follow(note, checkpoint).isPresent()) {
                    throw changed();
                }
                String signed = signers.signedByThem(note).toText();
                tx.log().putCheckpoint(new CheckpointRow(checkpoint.size(), signed));
            } catch (MalformedException e) {
                throw changed();
            }
        }
    }
}
