package org.patronvault.upkeep.leakage;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.patronvault.core.index.EncryptedIndex;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.table.IndexRows;
import org.patronvault.core.store.table.PatronRow;
import org.patronvault.core.store.table.ReadableRows;
import org.patronvault.core.store.table.StoredPatron;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.ValueRow;
import org.patronvault.upkeep.backup.Progress;
import org.patronvault.upkeep.leakage.Report.Verdict;

/**
 * The game of a thief who came twice and sees which patrons and which index entries were written between. The entries
 * must not show which data of a patron changed, and nothing encrypted again may be unchanged. For one thread.
 */
final class TwoSnapshots {
    private static final String GAME = "two-snapshots";
    private static final int PATRONS_AT_ONCE = 256;
    private static final int ENTRIES_AT_ONCE = 4_096;

    /** More than any patron is written. */
    private static final long UNKNOWN = 1L << 40;

    private final Tx before;
    private final Tx now;
    private final Progress progress;
    private final Map<PatronField, Long> written = new EnumMap<>(PatronField.class);
    private final Map<PatronField, Long> alike = new EnumMap<>(PatronField.class);
    private long here;
    private long gone;
    private long goneWrites;
    private long unreadable;
    private long changed;
    private long indexed;
    private long added;
    private long removed;
    private long rewritten;
    private long same;

    private TwoSnapshots(Tx before, Tx now, Progress progress) {
        this.before = before;
        this.now = now;
        this.progress = progress;
    }

    /**
     * Refuses copies that cannot be compared.
     *
     * @throws Refused if they differ in vault or schema, or the older one's index is incomplete
     */
    static void requireOfOneVault(Tx before, Tx now) {
        if (!before.fact("vault").equals(now.fact("vault")) || !before.schema().equals(now.schema())) {
            throw new Refused(
                    Problem.INVALID,
                    "The older copy is of another vault, or of another version of it; name a backup of this one.");
        }
        if (before.isIndexStaged()) {
            throw new Refused(
                    Problem.INVALID,
                    "The older copy was made while an import was under way, whose patrons were not all indexed;"
                            + " name another.");
        }
    }

    /** Compares two copies of one vault. */
    static Report.Game compare(Tx before, Tx now, Progress progress) {
        TwoSnapshots snapshots = new TwoSnapshots(before, now, progress);
        snapshots.patrons();
        snapshots.entries();
        return snapshots.game();
    }

    /** The result without an older copy. */
    static Report.Game notPlayed() {
        return new Figures()
                .game(
                        GAME,
                        Verdict.NOT_PLAYED,
                        "What he learns who comes twice was not looked at: name an older copy with --before.");
    }

    private void patrons() {
        long after = Long.MIN_VALUE;
        List<PatronId> ids;
        do {
            ids = before.patrons().idsAfter(after, PATRONS_AT_ONCE);
            Map<PatronId, PatronRow> then = ReadableRows.of(ids, before.patrons()::inClear);
            Map<PatronId, PatronRow> since = ReadableRows.of(ids, now.patrons()::inClear);
            List<PatronId> both = ids.stream()
                    .filter(then::containsKey)
                    .filter(since::containsKey)
                    .toList();
            List<PatronId> others = both.stream()
                    .filter(id -> since.get(id).version() != then.get(id).version())
                    .toList();
            long left = ids.stream()
                    .filter(id -> !since.containsKey(id) && !isThere(id))
                    .count();
            gone += left;
            goneWrites += ids.stream()
                    .filter(id -> !since.containsKey(id))
                    .mapToLong(id -> then.containsKey(id) ? then.get(id).indexGeneration() : UNKNOWN)
                    .sum();
            unreadable += ids.size() - both.size() - left;
            here += ids.size();
            changed += others.size();
            indexed += others.stream()
                    .filter(id ->
                            since.get(id).indexGeneration() != then.get(id).indexGeneration())
                    .count();
            // Compares all patrons, because the vault also re-encrypts unchanged ones.
            fields(ReadableRows.of(both, before.patrons()::findAll), ReadableRows.of(both, now.patrons()::findAll));
            after = ids.isEmpty() ? after : ids.get(ids.size() - 1).number();
            progress.at("Comparing patrons", here, 0);
        } while (!ids.isEmpty());
    }

    /** Whether the patron exists now, even with an unreadable row. */
    private boolean isThere(PatronId id) {
        return now.patrons().idsAfter(id.number() - 1, 1).contains(id);
    }

    private void fields(Map<PatronId, StoredPatron> then, Map<PatronId, StoredPatron> since) {
        then.forEach((id, patron) -> patron.values()
                .forEach((field, value) ->
                        field(value, Optional.ofNullable(since.get(id)).flatMap(one -> one.value(field)))));
    }

    private void field(ValueRow then, Optional<ValueRow> since) {
        if (since.filter(one -> one.generation() == then.generation()).isEmpty()) {
            written.merge(then.field(), 1L, Long::sum);
        }
        if (since.filter(one -> Resealed.isAlike(then, one)).isPresent()) {
            alike.merge(then.field(), 1L, Long::sum);
        }
    }

    /** Reads both indexes in label order. */
    private void entries() {
        Reading then = new Reading(before.index());
        Reading since = new Reading(now.index());
        while (then.has() || since.has()) {
            int order = !then.has() ? 1 : !since.has() ? -1 : Arrays.compareUnsigned(then.label(), since.label());
            if (order < 0) {
                removed++;
                then.next();
            } else if (order > 0) {
                added++;
                since.next();
            } else {
                rewritten += Arrays.equals(then.value(), since.value()) ? 0 : 1;
                same++;
                then.next();
                since.next();
            }
        }
    }

    /** A reader of one index, entry by entry. */
    private final class Reading {
        private final IndexRows rows;
        private IndexRows.Range stretch;
        private int at;
        private long read;

        private Reading(IndexRows rows) {
            this.rows = rows;
            this.stretch = rows.after(Optional.empty(), ENTRIES_AT_ONCE);
        }

        private boolean has() {
            return at < stretch.entries().size();
        }

        private byte[] label() {
            return stretch.entries().label(at);
        }

        private byte[] value() {
            return stretch.entries().value(at);
        }

        private void next() {
            if (++at == stretch.entries().size()) {
                read += at;
                progress.at("Comparing the index", read, 0);
                stretch = rows.after(stretch.last(), ENTRIES_AT_ONCE);
                at = 0;
            }
        }
    }

    private Report.Game game() {
        long came = now.patrons().count() - (here - gone);
        boolean rebuilt = same == 0 && removed > 0;
        long writes = rebuilt ? 0 : IndexWrites.most(before, now, goneWrites);
        boolean explained = rebuilt
                || (removed == 0
                        && added % EncryptedIndex.ENTRIES == 0
                        && added <= EncryptedIndex.ENTRIES * writes
                        && isExplained(rewritten - EncryptedIndex.ENTRIES * (indexed + gone)));
        Figures figures = new Figures()
                .with("came", came)
                .with("changed", changed)
                .with("erased", gone)
                .with("unreadable", unreadable)
                .with("fieldsWritten", byName(written))
                .with("sealedAlike", byName(alike))
                .with("entriesAdded", added)
                .with("entriesRewritten", rewritten)
                .with("entriesRemoved", removed)
                .with("rebuilt", rebuilt);
        String since =
                Figures.said("Patrons since the older copy: %,d new, %,d changed, %,d erased; ", came, changed, gone);
        if (!alike.isEmpty()) {
            return figures.game(
                    GAME,
                    Verdict.BROKEN,
                    "%sof values that were written again the old and the new have sealed bytes in common, in %s: what"
                            + " ought to be drawn anew for each was not.",
                    since,
                    String.join(", ", byName(alike).keySet()));
        }
        if (!explained) {
            return figures.game(
                    GAME,
                    Verdict.BROKEN,
                    "%sthe entries of the index that changed are not %d for each of them, so what changed shows."
                            + " Run `check`.",
                    since,
                    EncryptedIndex.ENTRIES);
        }
        String index = rebuilt
                ? "the index was rebuilt, and no entry of the one is known in the other"
                : "in the index each of them is the same %d entries rewritten or added, whatever was written";
        return figures.game(
                GAME,
                Verdict.HOLDS,
                "%s" + index + "%s. Which fields of whom were written is on the list below.",
                rebuilt
                        ? new Object[] {since, ""}
                        : new Object[] {since, EncryptedIndex.ENTRIES, came + indexed + gone == 1 ? single() : ""});
    }

    private static Map<String, Object> byName(Map<PatronField, Long> counts) {
        Map<String, Object> byName = new LinkedHashMap<>();
        counts.forEach((field, count) -> byName.put(field.wireName(), count));
        return byName;
    }

    /** For unreadable patrons it is unknown whether entries were rewritten, but each has all rewritten or none. */
    private boolean isExplained(long more) {
        return more >= 0 && more <= EncryptedIndex.ENTRIES * unreadable && more % EncryptedIndex.ENTRIES == 0;
    }

    private static String single() {
        return "; since it was one patron alone, he knows which entries are whose, and nothing of what they say";
    }
}
