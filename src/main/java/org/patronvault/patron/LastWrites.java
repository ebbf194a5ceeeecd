package org.patronvault.patron;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.patronvault.audit.LogChanges;
import org.patronvault.audit.MissingContentKeys;
import org.patronvault.audit.RowsBehindLog;
import org.patronvault.audit.Subject;
import org.patronvault.model.PatronField;
import org.patronvault.model.PatronId;

/**
 * What the log says was written last of each patron whose id lies in a range: of every field the generation, the
 * beginning of the row hash, and where it says so. Packed, since it is held for hundreds of thousands at once. For one thread.
 */
public final class LastWrites {
    /** About what one patron takes in memory, in bytes. */
    public static final int BYTES_EACH = 392;

    /** Enough of a hash that nobody finds another row with the same. */
    private static final int HASH_BYTES = 16;

    private static final int FIELDS = PatronField.values().length;

    private static int place(PatronField field) {
        return field.code() - 1;
    }

    /** One patron. */
    static final class LastWrite {
        private final long[] generations = new long[FIELDS];
        private final long[] entries = new long[FIELDS];
        private final byte[] hashes = new byte[FIELDS * HASH_BYTES];
        private boolean erased;
        private boolean seen;
        private final long first;

        /** Whoever is carried was there before. */
        private LastWrite(LogChanges.ChangedPatron changed) {
            this.first = changed.carried() ? 0 : changed.entry();
        }

        private void add(long entry, Subject.Write write) {
            int place = place(write.field());
            // Generations never go back, so what is said again after a newer write is none.
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

    /** Of patrons with numbers {@code from} to {@code to}, both included; nothing is read yet. */
    public LastWrites(long from, long to) {
        this.from = from;
        this.to = to;
    }

    /** How many patrons of the range the log knows so far. */
    public int patrons() {
        return patrons.size();
    }

    /** Counts as looked at, without having been: somebody did so before a stop. */
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

    /** Up to which entry the log was read, exclusive. */
    public long size() {
        return size;
    }

    /** Takes the next page of the log, which must begin where the one before ended. */
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

    /** Whoever has been looked at is not looked for again. */
    Optional<LastWrite> see(PatronId patron) {
        Optional<LastWrite> last = Optional.ofNullable(patrons.get(patron));
        last.ifPresent(one -> one.seen = true);
        return last;
    }

    /** Whether, after what the log says of that patron, it may have said more that can no longer be read. */
    boolean isDoubtful(PatronId patron) {
        long end = lost.end();
        LastWrite last = patrons.get(patron);
        return end > 0 && (last == null || (!last.erased && last.isWrittenBefore(end)));
    }

    /**
     * Whether all that the log says of that patron, from the first on, is what rows that were accepted miss: then there is
     * no row, and nothing is wrong with that.
     */
    boolean isLost(PatronId patron) {
        LastWrite last = patrons.get(patron);
        return older.stream().anyMatch(rows -> rows.isMissed(last.first) && !last.isWrittenFrom(rows.log()));
    }

    /** Patrons nobody has looked at, since their rows were not where the others are. */
    public List<PatronId> unseen() {
        return patrons.entrySet().stream()
                .filter(one -> !one.getValue().seen)
                .map(Map.Entry::getKey)
                .toList();
    }
}
