package org.patronvault.patron;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.patronvault.audit.LogReader;
import org.patronvault.audit.Subject;
import org.patronvault.model.CaseId;
import org.patronvault.model.IntegrityException;
import org.patronvault.model.PatronField;
import org.patronvault.model.PatronId;
import org.patronvault.search.EncryptedIndex;
import org.patronvault.search.IndexReading;
import org.patronvault.search.Posting;
import org.patronvault.store.CurrentRows.CurrentPatron;
import org.patronvault.store.PatronRow;
import org.patronvault.store.StoredPatron;
import org.patronvault.store.Tx;
import org.patronvault.store.ValueRow;

/**
 * Holds stored patrons against what the log says was written of them last, and against the index. Makes nothing
 * readable: a row whose hash is the logged one and whose DEK opens and fits its commitment opens to what was written.
 * Safe for use by many threads, each with {@link LastWrites} of its own.
 */
public final class PatronIntegrityCheck {
    /** What is wrong with the row as a whole, or with the index, stands at no field of its own. */
    public static final String ROW = "row";

    /** See {@link #ROW}. */
    public static final String INDEX = "index";

    /** What is wrong with the log itself, without which nothing can be held against it. */
    public static final String LOG = "log";

    /** What is wrong with the log's view by patron, which is made anew by itself. */
    public static final String LOG_VIEW = "log-view";

    /** What the database finds its rows by. */
    public static final String DATABASE = "database";

    /** What is known of a disclosure case, or that a patron permitted. */
    public static final String CASE = "case";

    /** That of somebody the log may have said more, in a month whose key was lost. */
    public static final Finding LOST = new Finding(Optional.empty(), LOG, "unreadable");

    /**
     * Something that is not as it was written.
     *
     * @param patron whose; empty for an entry of the index that is nobody's
     * @param inCase the number of the case or permission that it is, if it is one
     * @param field the wire name of a field, or {@link #ROW}, {@link #INDEX}, {@link #LOG}, {@link #LOG_VIEW},
     *     {@link #DATABASE} or {@link #CASE}
     * @param what a stable word: {@code rolled-back}, {@code changed}, {@code missing}, {@code added}, {@code deleted},
     *     {@code not-sealed}, {@code unreadable}, {@code foreign}, {@code damaged}
     */
    public record Finding(Optional<PatronId> patron, Optional<CaseId> inCase, String field, String what) {

        /** Something that is no case. */
        public Finding(Optional<PatronId> patron, String field, String what) {
            this(patron, Optional.empty(), field, what);
        }

        /** A case or a permission. */
        public static Finding of(CaseId damaged) {
            return new Finding(Optional.empty(), Optional.of(damaged), CASE, "damaged");
        }

        private static Finding of(PatronId patron, PatronField field, String what) {
            return new Finding(Optional.of(patron), field.wireName(), what);
        }

        private static Finding of(PatronId patron, String where, String what) {
            return new Finding(Optional.of(patron), where, what);
        }

        /** What the log's entry names. */
        public Set<PatronField> fields() {
            return Set.of(
                    PatronField.ofWireName(field).orElse(field.equals(INDEX) ? PatronField.LABELS : PatronField.META));
        }
    }

    /** One patron as one snapshot showed it. */
    public static final class Snapshot {
        private final StoredPatron stored;
        private final Optional<LastWrites.LastWrite> last;
        private final boolean doubtful;
        private final Optional<Entries> entries;

        private Snapshot(StoredPatron stored, LastWrites logged, Optional<Entries> entries) {
            this.stored = stored;
            this.last = logged.see(stored.id());
            this.doubtful = logged.isDoubtful(stored.id());
            this.entries = entries;
        }

        /** Who. */
        public PatronId id() {
            return stored.id();
        }

        long indexGeneration() {
            return stored.row().indexGeneration();
        }
    }

    /** A patron's labels in the version that is searched, and what stood there; empty where there are no such labels. */
    private record Entries(IndexReading index, byte[] labels, Map<ByteBuffer, byte[]> found) {}

    /**
     * What there is to say of a patron.
     *
     * @param values that were looked at
     */
    public record Result(int values, List<Finding> findings) {}

    private static final int MAX_ORPHANS = 1_000;

    private final PatronContext parts;

    PatronIntegrityCheck(PatronContext parts) {
        this.parts = parts;
    }

    /** What holds the index as a whole against the patrons. */
    public IndexIntegrityCheck index() {
        return new IndexIntegrityCheck(parts);
    }

    /**
     * Reads on in the log to its end, or nearly, unless there are too many patrons.
     *
     * @param atMost how many there may be
     * @param told how many entries were read, after each page
     * @return whether there was room
     */
    public boolean readLog(LastWrites last, long atMost, LongConsumer told) {
        LogReader reader = parts.log().reader();
        long end = reader.size();
        while (last.size() < end && last.patrons() <= atMost) {
            last.add(reader.changes(last.size(), end));
            told.accept(last.size());
        }
        return last.patrons() <= atMost;
    }

    /** Reads on to the end of the log as that snapshot shows it. */
    public void catchUp(Tx tx, LastWrites last) {
        LogReader reader = parts.log().reader();
        long end = LogReader.size(tx);
        while (last.size() < end) {
            last.add(reader.changes(tx, last.size(), end));
        }
    }

    /** Patrons as that snapshot shows them, beside the log of the same snapshot; the first to read in it. */
    public List<Snapshot> show(Tx tx, LastWrites last, Supplier<List<PatronId>> asked) {
        IndexReading index = parts.index().in(tx);
        index().requireWhole(tx);
        catchUp(tx, last);
        Collection<StoredPatron> stored = tx.patrons().findAll(asked.get()).values();
        List<byte[]> labels = new ArrayList<>();
        for (StoredPatron patron : stored) {
            labels.add(parts.vault()
                    .labelsAlone(patron)
                    .flatMap(all -> all.in(index.version()))
                    .orElse(new byte[0]));
        }
        ByteBuffer all = ByteBuffer.allocate(
                labels.stream().mapToInt(some -> some.length).sum());
        labels.forEach(all::put);
        Map<ByteBuffer, byte[]> found = tx.index().findAll(all.array());
        List<Snapshot> shown = new ArrayList<>();
        for (StoredPatron patron : stored) {
            byte[] own = labels.get(shown.size());
            shown.add(new Snapshot(
                    patron, last, own.length == 0 ? Optional.empty() : Optional.of(new Entries(index, own, found))));
        }
        return shown;
    }

    /** That a patron's rows cannot even be read: somebody wrote into them what the vault never does. */
    public static Finding unreadable(PatronId patron) {
        return Finding.of(patron, ROW, "unreadable");
    }

    /** What is wrong with a patron's rows and entries. */
    public Result judge(Snapshot shown) {
        PatronId id = shown.stored.id();
        List<Finding> findings = new ArrayList<>();
        if (shown.doubtful) {
            findings.add(LOST);
        }
        if (shown.last.isEmpty() || shown.last.get().isErased()) {
            findings.add(Finding.of(id, ROW, "added"));
        } else {
            for (PatronField field : PatronField.values()) {
                judge(shown.stored, shown.last.get(), field)
                        .ifPresent(what -> findings.add(Finding.of(id, field, what)));
            }
        }
        Optional<String> wrong = shown.entries.isPresent()
                ? judge(shown.stored, shown.entries.get())
                : Optional.of("missing").filter(what -> Set.of(LOST).containsAll(findings));
        wrong.ifPresent(what -> findings.add(Finding.of(id, INDEX, what)));
        return new Result(shown.stored.values().size(), findings);
    }

    private Optional<String> judge(StoredPatron stored, LastWrites.LastWrite last, PatronField field) {
        Optional<ValueRow> row = stored.value(field);
        if (row.isEmpty()) {
            return last.isWritten(field) ? Optional.of("missing") : Optional.empty();
        }
        Subject.Write write;
        try {
            write = parts.vault().writes(stored.row(), List.of(row.get())).get(0);
        } catch (IntegrityException e) {
            // No envelope: something in clear, perhaps.
            return Optional.of("not-sealed");
        }
        if (last.is(write)) {
            return parts.vault().isWrapped(Optional.of(stored.row()), row.get())
                    ? Optional.empty()
                    : Optional.of("unreadable");
        }
        if (!last.isWritten(field)) {
            return Optional.of("added");
        }
        return Optional.of(write.generation() < last.generation(field) ? "rolled-back" : "changed");
    }

    /** What is wrong with the entries: each label must have one, and each live one be of this very row. */
    private static Optional<String> judge(StoredPatron stored, Entries entries) {
        for (int at = 0; at < entries.labels().length; at += EncryptedIndex.LABEL_BYTES) {
            byte[] label = Arrays.copyOfRange(entries.labels(), at, at + EncryptedIndex.LABEL_BYTES);
            byte[] value = entries.found().get(ByteBuffer.wrap(label));
            if (value == null) {
                return Optional.of("missing");
            }
            try {
                Optional<Posting> posting = entries.index().open(label, value);
                if (posting.filter(one -> !isOf(one, stored.row())).isPresent()) {
                    return Optional.of("rolled-back");
                }
            } catch (IntegrityException e) {
                return Optional.of("changed");
            }
        }
        return Optional.empty();
    }

    static boolean isOf(Posting posting, PatronRow row) {
        return posting.patron().equals(row.id()) && posting.indexGeneration() == row.indexGeneration();
    }

    /**
     * What is wrong about patrons whom the log knows and no row shows: who is not erased must be there, and who is must
     * have left a tombstone, without which the id could be given again.
     */
    public List<Finding> absent(Tx tx, Collection<PatronId> ids, LastWrites last) {
        Map<PatronId, CurrentPatron> now = tx.current().of(ids);
        List<Finding> findings = new ArrayList<>();
        for (PatronId id : ids) {
            boolean erased = last.see(id).filter(LastWrites.LastWrite::isErased).isPresent();
            Optional<CurrentPatron> current = Optional.ofNullable(now.get(id));
            boolean gone = current.filter(one -> !one.isErased()).isEmpty();
            if (!erased && gone && !last.isLost(id)) {
                findings.add(Finding.of(id, ROW, "deleted"));
                if (last.isDoubtful(id)) {
                    findings.add(LOST);
                }
            } else if (erased && current.isEmpty()) {
                findings.add(Finding.of(id, ROW, "missing"));
            }
        }
        return findings;
    }

    /** Patrons of whom there are values and no row, a few of them. */
    public List<Finding> orphans(Tx tx) {
        // Numbers are drawn at random, and none is the first there is: no stretch of numbers begins before it.
        PatronId first = new PatronId(Long.MIN_VALUE);
        return Stream.concat(
                        tx.sweep().orphans(MAX_ORPHANS).stream(),
                        tx.patrons().everUsed(first) ? Stream.of(first) : Stream.empty())
                .map(id -> Finding.of(id, ROW, "added"))
                .toList();
    }
}
