package org.patronvault.upkeep.backup;

import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.patronvault.core.crypto.CanonicalBytes;
import org.patronvault.core.crypto.Envelope;
import org.patronvault.core.log.tree.LogReport;
import org.patronvault.core.log.tree.LogVerifier;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.store.table.LogHead;
import org.patronvault.core.store.table.LogRows.CheckpointRow;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.tlog.Frontier;
import org.patronvault.core.tlog.MalformedException;
import org.patronvault.store.copy.StoreCopy;

/**
 * The inventory of a database copy, without any of its values.
 *
 * @param schema the migrations that made its tables
 * @param logRoot of the tree over its {@code logSize} entries, Base64
 * @param checkpoint the newest signed note in it
 * @param kekVersions the KEK versions in use by field, ascending
 */
record BackupContents(
        String vault,
        String schema,
        long logSize,
        String logRoot,
        String checkpoint,
        long patrons,
        long values,
        long tombstones,
        long indexEntries,
        long authorityRows,
        SortedMap<String, List<Integer>> kekVersions) {

    private static final long TOLD_EVERY = 4_096;

    /** Returns the inventory by the database's own counts and the log's head. */
    static BackupContents counted(StoreCopy copy) {
        return copy.read(tx -> {
            SortedMap<String, List<Integer>> versions = new TreeMap<>();
            tx.wraps()
                    .countByKek()
                    .forEach((field, counts) -> versions.put(
                            field.wireName(), counts.keySet().stream().sorted().toList()));
            return of(tx, head(tx), tx.sweep().countValues(), versions);
        });
    }

    /**
     * Returns the inventory by a full sweep: the log by all its leaves, tiles and checkpoints, the values by parsing
     * each envelope.
     *
     * @throws IntegrityException if any part is damaged
     */
    static BackupContents swept(StoreCopy copy, Progress progress) {
        return copy.read(tx -> {
            LogReport log =
                    LogVerifier.verify(tx, new LogVerifier.TrustAnchors(List.of(), List.of(), Optional.empty()));
            if (!log.ok()) {
                throw new IntegrityException("backup: log");
            }
            long total = tx.sweep().countValues();
            long[] values = new long[1];
            SortedMap<String, SortedSet<Integer>> versions = new TreeMap<>();
            tx.sweep().forEachValue(value -> {
                versions.computeIfAbsent(value.field().wireName(), field -> new TreeSet<>())
                        .add(Envelope.parse(value.envelope()).kekVersion());
                if (++values[0] % TOLD_EVERY == 0) {
                    progress.at("Proving", values[0], total);
                }
            });
            SortedMap<String, List<Integer>> sorted = new TreeMap<>();
            versions.forEach((field, found) -> sorted.put(field, List.copyOf(found)));
            return of(tx, new Head(log.entries(), log.rootText()), values[0], sorted);
        });
    }

    /** Returns the same inventory of a copy that had that schema when it was made. */
    BackupContents of(String madeUnder) {
        return new BackupContents(
                vault,
                madeUnder,
                logSize,
                logRoot,
                checkpoint,
                patrons,
                values,
                tombstones,
                indexEntries,
                authorityRows,
                kekVersions);
    }

    private record Head(long size, String root) {}

    private static Head head(Tx tx) {
        LogHead head = tx.log().head().orElseThrow(() -> new IntegrityException("backup: log head"));
        try {
            byte[] root = Frontier.decode(head.frontier()).root();
            return new Head(head.size(), Base64.getEncoder().encodeToString(root));
        } catch (MalformedException e) {
            throw new IntegrityException("backup: log head", e);
        }
    }

    private static BackupContents of(Tx tx, Head head, long values, SortedMap<String, List<Integer>> versions) {
        return new BackupContents(
                tx.fact("vault").orElse(""),
                tx.schema(),
                head.size(),
                head.root(),
                tx.log().lastCheckpoint().map(CheckpointRow::note).orElse(""),
                tx.patrons().count(),
                values,
                tx.sweep().countErased(),
                tx.index().count(),
                tx.authority().count(),
                versions);
    }

    void encode(CanonicalBytes out) {
        out.lp(vault)
                .lp(schema)
                .u64(logSize)
                .lp(Base64.getDecoder().decode(logRoot))
                .lp(checkpoint)
                .u64(patrons)
                .u64(values)
                .u64(tombstones)
                .u64(indexEntries)
                .u64(authorityRows)
                .u32(kekVersions.size());
        kekVersions.forEach((field, versions) -> {
            out.lp(field).u32(versions.size());
            versions.forEach(out::u32);
        });
    }
}
