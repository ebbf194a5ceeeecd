package org.patronvault.patron.check;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.log.read.LogChanges;
import org.patronvault.core.log.read.MissingContentKeys;
import org.patronvault.core.log.read.RowsBehindLog;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;

/**
 * The last writes that the log records for each patron in a range of ids: for every field the generation, the beginning
 * of the row hash, and the log entry. Packed, since it holds hundreds of thousands of patrons at once. For one thread.
 */
public final class LastWrites {
    /** About what one patron takes in memory, in bytes. */
    public static final int BYTES_EACH = 392;

    /** Enough of a hash that no other row with an equal one can be found. */
    private static final int HASH_BYTES = 16;

    private static final int FIELDS = PatronField.values().length;

    private static int place(PatronField field) {
        return field.code() - 1;
    }

    /** The last writes of one patron. */
    static final class LastWrite {
        private final long[] generations = new long[FIELDS];
        private final long[] entries = new long[FIELDS];
        private final byte[] hashes = new byte[FIELDS * HASH_BYTES];
        private boolean erased;
        private boolean seen;
        private final long first;

        /** A carried patron existed before this entry. */
        private LastWrite(LogChanges.ChangedPatron changed) {
            this.first = changed.carried() ? 0 : changed.entry();
        }

        private void add(long entry, Subject.Write write) {
            int place = place(write.field());
            // Generations never fall, so an older write repeated after a newer one does not count.
            if (write.generation() >= generations[place]) {
                generations[place] = write.generation();
                entries[place] = entry;
                System.arraycopy(write.rowHash(), 0, hashes, place * HASH_BYTES, HASH_BYTES);
            }
        }

        boolean isErased() {
            return erased;
        }

        /** Whether that field was ever written. */
        boolean isWritten(PatronField field) {
            return generations[place(field)] > 0;
        }

        private boolean isWrittenBefore(long entry) {
            return IntStream.range(0, FIELDS).anyMatch(at -> generations[at] > 0 && entries[at] < entry);
        }

        private boolean isWrittenFrom(long entry) {
            return IntStream.range(0, FIELDS).anyMatch(at -> generations[at] > 0 && entries[at] >= entry);
        }

        /** The generation that was written last; 0 for none. */
        long generation(PatronField field) {
            return generations[place(field)];
        }

        /** Whether that was the last write of its field. */
        boolean is(Subject.Write write) {
            int at = place(write.field()) * HASH_BYTES;
            return generation(write.field()) == write.generation()
                    && Arrays.equals(hashes, at, at + HASH_BYTES, write.rowHash(), 0, HASH_BYTES);
        }
    }

    private final long from;
    private final long to;
    private final Map<PatronId, LastWrite> patrons = new HashMap<>();
    private final MissingContentKeys lost = new MissingContentKeys();
    private final List<RowsBehindLog> older = new ArrayList<>();
    private long size;

    /** An empty table for patrons with numbers {@code from} to {@code to}, both included. */
    public LastWrites(long from, long to) {
        this.from = from;
        this.to = to;
    }

    /** How many patrons of the range the log knows so far. */
    public int patrons() {
        return patrons.size();
    }

    /** Marks a patron as checked, because it was before a stop. */
    public void skip(PatronId patron) {
        see(patron);
    }

    /** The first number of the range. */
    public long from() {
        return from;
    }

    /** The last number of the range. */
    public long to() {
        return to;
    }

    /** The first log entry not yet read. */
    public long size() {
        return size;
    }

    /** Adds the next page of the log, which must begin where the one before ended. */
    public void add(LogChanges page) {
        for (LogChanges.ChangedPatron changed : page.changes()) {
            PatronId patron = changed.patron();
            if (patron.number() >= from && patron.number() <= to) {
                LastWrite last = patrons.computeIfAbsent(patron, id -> new LastWrite(changed));
                last.erased |= changed.isErased();
                changed.subject().writes().forEach(write -> last.add(changed.entry(), write));
            }
        }
        lost.add(page);
        older.addAll(page.older());
        size = page.next();
    }

    /** Returns the patron's last writes and marks the patron as checked. */
    Optional<LastWrite> see(PatronId patron) {
        Optional<LastWrite> last = Optional.ofNullable(patrons.get(patron));
        last.ifPresent(one -> one.seen = true);
        return last;
    }

    /** Whether the log may have had later writes of that patron, in a part that can no longer be read. */
    boolean isDoubtful(PatronId patron) {
        long end = lost.end();
        LastWrite last = patrons.get(patron);
        return end > 0 && (last == null || (!last.erased && last.isWrittenBefore(end)));
    }

    /**
     * Whether all of that patron's writes, from the first on, are among those that accepted, restored rows miss. Then
     * there is no row, and nothing is wrong with that.
     */
    boolean isLost(PatronId patron) {
        LastWrite last = patrons.get(patron);
        return older.stream().anyMatch(rows -> rows.isMissed(last.first) && !last.isWrittenFrom(rows.log()));
    }

    /** Patrons in the log that were never checked, since their rows were not found. */
    public List<PatronId> unseen() {
        return patrons.entrySet().stream()
                .filter(one -> !one.getValue().seen)
                .map(Map.Entry::getKey)
                .toList();
    }
}
