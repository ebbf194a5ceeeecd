package org.patronvault.audit;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.patronvault.model.IntegrityException;
import org.patronvault.store.LogRows.CheckpointRow;
import org.patronvault.store.Store;
import org.patronvault.store.Tx;
import org.patronvault.tlog.Checkpoint;
import org.patronvault.tlog.MalformedException;
import org.patronvault.tlog.NoteSignature;
import org.patronvault.tlog.SignedNote;

/**
 * Removes stored checkpoints, the more of them the older they are (format.md, "Which checkpoints are kept"): there is one
 * every few seconds, and whoever verifies the log reads them all. A turn looks at some thousand rows, and the next goes on
 * there. Several nodes, or a kill anywhere, leave the same rows. For one thread.
 */
public final class CheckpointThinning {
    private static final int AT_ONCE = 300;
    private static final int PARTS = 12;

    private final Store store;
    private final AuditLog log;
    private final int atOnce;
    private final List<Pass> passes =
            List.of(new Pass(Duration.ofDays(2), ChronoUnit.HOURS), new Pass(Duration.ofDays(31), ChronoUnit.DAYS));

    /** Thins those of that log, in that store. */
    public CheckpointThinning(Store store, AuditLog log) {
        this(store, log, AT_ONCE);
    }

    /** The same, with that many rows at most in one transaction. */
    CheckpointThinning(Store store, AuditLog log, int atOnce) {
        this.store = store;
        this.log = log;
        this.atOnce = atOnce;
    }

    /** The newest checkpoint, from which ages are counted, and who signed until then. */
    private record Newest(long size, Instant at, LogKeys keys) {}

    /** A checkpoint that may go, and who signed it. */
    private record DatedCheckpoint(CheckpointRow row, Instant at, Set<Integer> signers) {}

    /** Where a pass is: it has seen what is not above that size, and of the last hour or day this one is to stay. */
    private record Place(long size, Optional<DatedCheckpoint> stays) {}

    /** Removes what has become old enough, as far as one turn gets. */
    public void turn() {
        long size = log.checkpoint().size();
        Optional<Newest> newest = store.read(tx -> newest(tx, size));
        newest.ifPresent(known -> passes.forEach(pass -> pass.goOn(known)));
    }

    /** Empty if entries that it takes were changed; to say so is for whoever verifies the log. */
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

    /** Empty if it stays whatever its age: it hands over, or there is something wrong with it. */
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

    /** Leaves one of each hour, or day, that is older than an age. */
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

        /** Reads on as far as checkpoints are old enough. What is later than the newest never becomes so. */
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

        /** Which is to stay; of the same hour or day the other goes. */
        private DatedCheckpoint better(
                Optional<DatedCheckpoint> earlier, DatedCheckpoint later, List<CheckpointRow> gone) {
            if (earlier.filter(one -> each(one).equals(each(later))).isEmpty()) {
                return later;
            }
            boolean last = later.signers().size() >= earlier.get().signers().size();
            DatedCheckpoint stays = last ? later : earlier.get();
            DatedCheckpoint goes = last ? earlier.get() : later;
            // What a witness signed last is kept, though others signed what came after.
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
