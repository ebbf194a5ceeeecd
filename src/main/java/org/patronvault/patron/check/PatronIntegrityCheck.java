package org.patronvault.patron.check;

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
import org.patronvault.core.index.EncryptedIndex;
import org.patronvault.core.index.Posting;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.log.read.LogReader;
import org.patronvault.core.model.CaseId;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.store.table.CurrentRows.CurrentPatron;
import org.patronvault.core.store.table.PatronRow;
import org.patronvault.core.store.table.StoredPatron;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.ValueRow;
import org.patronvault.patron.record.PatronContext;
import org.patronvault.search.IndexReading;

/**
 * A check of stored patrons against the last writes in the log, and against the index. It makes nothing readable: a row
 * is sound if its hash is the logged one and its DEK unwraps and fits its commitment. Such a row opens to what was
 * written. Safe for use by many threads, each with {@link LastWrites} of its own.
 */
public final class PatronIntegrityCheck {
    /** The field name of a finding on the row as a whole. */
    public static final String ROW = "row";

    /** The field name of a finding on the index. */
    public static final String INDEX = "index";

    /** The field name of a finding on the log itself, without which no patron can be checked. */
    public static final String LOG = "log";

    /** The field name of a finding on the log's view by patron, which is rebuilt automatically. */
    public static final String LOG_VIEW = "log-view";

    /** The field name of a finding on the database's own indexes. */
    public static final String DATABASE = "database";

    /** The field name of a finding on a disclosure case or a patron's permission. */
    public static final String CASE = "case";

    private static final Finding KEY_USE = new Finding(Optional.empty(), "key-use", "changed");

    /** The finding that the log may have had more on a patron, in a month whose key was lost. */
    public static final Finding LOST = new Finding(Optional.empty(), LOG, "unreadable");

    /**
     * Something that was altered or damaged.
     *
     * @param patron the patron; empty for an index entry that belongs to none
     * @param inCase the number of the case or permission, if it is one
     * @param field the wire name of a field, or {@link #ROW}, {@link #INDEX}, {@link #LOG}, {@link #LOG_VIEW},
     *     {@link #DATABASE} or {@link #CASE}
     * @param what a stable word: {@code rolled-back}, {@code changed}, {@code missing}, {@code added}, {@code deleted},
     *     {@code not-sealed}, {@code unreadable}, {@code foreign}, {@code damaged}
     */
    public record Finding(Optional<PatronId> patron, Optional<CaseId> inCase, String field, String what) {

        /** A finding without a case. */
        public Finding(Optional<PatronId> patron, String field, String what) {
            this(patron, Optional.empty(), field, what);
        }

        /** A damaged case or permission. */
        public static Finding of(CaseId damaged) {
            return new Finding(Optional.empty(), Optional.of(damaged), CASE, "damaged");
        }

        private static Finding of(PatronId patron, PatronField field, String what) {
            return new Finding(Optional.of(patron), field.wireName(), what);
        }

        private static Finding of(PatronId patron, String where, String what) {
            return new Finding(Optional.of(patron), where, what);
        }

        /** The fields that the log entry names. */
        public Set<PatronField> fields() {
            return Set.of(
                    PatronField.ofWireName(field).orElse(field.equals(INDEX) ? PatronField.LABELS : PatronField.META));
        }
    }

    /** One patron in one snapshot. */
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

        /** The patron's id. */
        public PatronId id() {
            return stored.id();
        }

        long indexGeneration() {
            return stored.row().indexGeneration();
        }
    }

    /**
     * A patron's labels in the searched version of the index, and the entries found there; empty without such labels.
     */
    private record Entries(IndexReading index, byte[] labels, Map<ByteBuffer, byte[]> found) {}

    /**
     * The findings on one patron.
     *
     * @param values how many were checked
     */
    public record Result(int values, List<Finding> findings) {}

    private final PatronContext parts;

    public PatronIntegrityCheck(PatronContext parts) {
        this.parts = parts;
    }

    /** The check of the index as a whole against the patrons. */
    public IndexIntegrityCheck index() {
        return new IndexIntegrityCheck(parts);
    }

    /**
     * Reads the log on, nearly to its end, unless it names too many patrons.
     *
     * @param atMost the most patrons
     * @param told receives the number of entries read, after each page
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

    /** Reads on to the end of the log in that snapshot. */
    public void catchUp(Tx tx, LastWrites last) {
        LogReader reader = parts.log().reader();
        long end = LogReader.size(tx);
        while (last.size() < end) {
            last.add(reader.changes(tx, last.size(), end));
        }
    }

    /** Patrons in that snapshot, beside the log of the same snapshot; must be the first read in it. */
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

    /** The finding that a patron's rows cannot even be read: they hold what the vault never writes. */
    public static Finding unreadable(PatronId patron) {
        return Finding.of(patron, ROW, "unreadable");
    }

    /** Checks a patron's rows and entries. */
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
            // No envelope: perhaps unencrypted data.
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

    /** Checks the entries: each label must have an entry, and each live entry must be of this very row. */
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
     * Findings on patrons who are in the log but have no row. A patron not erased must have a row. An erased patron
     * must have left a tombstone, without which the id could be given again.
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

    /** Whether {@code key_use} counts what the cells say. */
    public List<Finding> keyUse(Tx tx) {
        return tx.wraps().counted().equals(tx.wraps().countByKek()) ? List.of() : List.of(KEY_USE);
    }

    /** A patron before every range of ids: ids are drawn at random, and none is the smallest possible one. */
    public List<Finding> outside(Tx tx) {
        PatronId first = new PatronId(Long.MIN_VALUE);
        return tx.patrons().everUsed(first) ? List.of(Finding.of(first, ROW, "added")) : List.of();
    }
}
