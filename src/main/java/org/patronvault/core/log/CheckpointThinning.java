package org.patronvault.core.log;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.patronvault.core.log.entry.Leaf;
import org.patronvault.core.log.read.LogKeys;
import org.patronvault.core.log.read.SignedCheckpoint;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.table.LogRows.CheckpointRow;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.tlog.Checkpoint;
import org.patronvault.core.tlog.MalformedException;
import org.patronvault.core.tlog.NoteSignature;
import org.patronvault.core.tlog.SignedNote;

/**
 * A background task that removes old stored checkpoints, and keeps fewer the older they are (format.md, "Which
 * checkpoints are kept"). The vault signs one every few seconds, and every verifier reads them all. A turn reads some
 * thousand rows, and the next turn continues there. Several nodes, or a kill at any point, leave the same rows. For one
 * thread.
 */
public final class CheckpointThinning {
    private static final int AT_ONCE = 300;
    private static final int PARTS = 12;

    private final Store store;
    private final AuditLog log;
    private final int atOnce;
    private final List<Pass> passes =
            List.of(new Pass(Duration.ofDays(2), ChronoUnit.HOURS), new Pass(Duration.ofDays(31), ChronoUnit.DAYS));

    /** Creates the task for a log and its store. */
    public CheckpointThinning(Store store, AuditLog log) {
        this(store, log, AT_ONCE);
    }

    /** Creates the task with a limit of rows for each transaction. */
    CheckpointThinning(Store store, AuditLog log, int atOnce) {
        this.store = store;
        this.log = log;
        this.atOnce = atOnce;
    }

    /** The newest checkpoint, from which ages are counted, and the keys that signed until then. */
    private record Newest(long size, Instant at, LogKeys keys) {}

    /** A checkpoint that may be removed, and the keys that signed it. */
    private record DatedCheckpoint(CheckpointRow row, Instant at, Set<Integer> signers) {}

    /** The position of a pass: it has read up to that size, and keeps this checkpoint of the last hour or day. */
    private record Place(long size, Optional<DatedCheckpoint> stays) {}

    /** Removes checkpoints that have become old enough, as many as fit one turn. */
    public void turn() {
        long size = log.checkpoint().size();
        Optional<Newest> newest = store.read(tx -> newest(tx, size));
        newest.ifPresent(known -> passes.forEach(pass -> pass.goOn(known)));
    }

    /**
     * Returns the newest checkpoint. Empty if its entries were changed, which is for a verifier of the log to report.
     */
    private static Optional<Newest> newest(Tx tx, long size) {
        try {
            LogKeys keys = LogKeys.of(tx, handOver -> {});
            return time(tx, size).map(at -> new Newest(size, at, keys));
        } catch (IntegrityException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static Optional<Instant> time(Tx tx, long size) {
        return tx.log().leaf(size - 1).map(leaf -> Leaf.parse(leaf).event().time());
    }

    /**
     * Returns a checkpoint that may be removed. Empty if it stays at any age: it hands over, or has something wrong.
     */
    private static Optional<DatedCheckpoint> made(Tx tx, CheckpointRow row, LogKeys keys) {
        try {
            SignedNote note = SignedNote.parse(row.note());
            boolean stays = Checkpoint.parse(note.text()).size() != row.size()
                    || new SignedCheckpoint(row.size(), row.note()).handsOver()
                    || !keys.isSigned(note, row.size());
            return stays
                    ? Optional.empty()
                    : time(tx, row.size()).map(at -> new DatedCheckpoint(row, at, signers(note)));
        } catch (MalformedException | IntegrityException e) {
            return Optional.empty();
        }
    }

    private static Set<Integer> signers(SignedNote note) {
        return note.signatures().stream().map(NoteSignature::keyId).collect(Collectors.toSet());
    }

    /** One pass, which leaves one checkpoint of each hour, or day, that is older than an age. */
    private final class Pass {
        private final Duration age;
        private final ChronoUnit each;
        private Place place = new Place(0, Optional.empty());

        private Pass(Duration age, ChronoUnit each) {
            this.age = age;
            this.each = each;
        }

        private void goOn(Newest newest) {
            for (int part = 0; part < PARTS; part++) {
                List<CheckpointRow> gone = new ArrayList<>();
                Place next = store.read(tx -> look(tx, newest, gone));
                if (next.equals(place)) {
                    return;
                }
                if (!gone.isEmpty()) {
                    store.write(tx -> {
                        tx.log().removeCheckpoints(gone);
                        return gone;
                    });
                }
                place = next;
            }
        }

        /** Reads on while checkpoints are old enough. A checkpoint later than the newest never becomes so. */
        private Place look(Tx tx, Newest newest, List<CheckpointRow> gone) {
            Instant before = newest.at().minus(age).truncatedTo(each);
            Place now = place;
            for (CheckpointRow row : tx.log().checkpointsBetween(place.size(), newest.size(), atOnce)) {
                Optional<DatedCheckpoint> made = made(tx, row, newest.keys());
                Instant at = made.map(DatedCheckpoint::at).orElse(Instant.MAX);
                if (at.isBefore(before)) {
                    now = new Place(row.size(), Optional.of(better(now.stays(), made.orElseThrow(), gone)));
                } else if (at.isAfter(newest.at())) {
                    now = new Place(row.size(), now.stays());
                } else {
                    break;
                }
            }
            return now;
        }

        /** Returns the checkpoint to keep of two in one hour or day. The other is removed. */
        private DatedCheckpoint better(
                Optional<DatedCheckpoint> earlier, DatedCheckpoint later, List<CheckpointRow> gone) {
            if (earlier.filter(one -> each(one).equals(each(later))).isEmpty()) {
                return later;
            }
            boolean last = later.signers().size() >= earlier.get().signers().size();
            DatedCheckpoint stays = last ? later : earlier.get();
            DatedCheckpoint goes = last ? earlier.get() : later;
            // The last checkpoint a witness signed is kept, though others signed later ones.
            if (stays.signers().containsAll(goes.signers())) {
                gone.add(goes.row());
            }
            return stays;
        }

        private Instant each(DatedCheckpoint one) {
            return one.at().truncatedTo(each);
        }
    }
}
