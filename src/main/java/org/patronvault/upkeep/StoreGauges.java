package org.patronvault.upkeep;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.patronvault.custody.BackupRegister;
import org.patronvault.model.IntegrityException;
import org.patronvault.store.Store;
import org.patronvault.store.StoreException;

/**
 * What stands on the gauges of a database: its age in copies, its sizes, its failures. The rows are read without their
 * MACs, sealed or not, so nothing is decided by them.
 */
public final class StoreGauges {
    private final Store store;
    private final Clock clock;

    /** Of that database. */
    public StoreGauges(Store store, Clock clock) {
        this.store = store;
        this.clock = clock;
    }

    /**
     * Since the copy of the newest proved backup was begun; not a number while there is none, or it cannot be read, or its
     * time is still to come.
     */
    public double backupAgeSeconds() {
        Instant now = clock.instant();
        try {
            return store.read(BackupRegister::newestWritten)
                    .filter(newest -> !newest.isAheadOf(now))
                    .map(newest -> (double)
                            Math.max(0, Duration.between(newest.made(), now).toSeconds()))
                    .orElse(Double.NaN);
        } catch (StoreException | IntegrityException e) {
            return Double.NaN;
        }
    }

    /** Of the database's file; empty where it is none. */
    public OptionalLong fileBytes() {
        return bytes("");
    }

    /** Of the write-ahead log beside it; empty where the database is no file. */
    public OptionalLong writeAheadBytes() {
        return bytes("-wal");
    }

    private OptionalLong bytes(String ending) {
        return store.settings()
                .file()
                .map(file -> OptionalLong.of(size(Path.of(file + ending))))
                .orElse(OptionalLong.empty());
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            // None yet, or none any more.
            return 0;
        }
    }

    /** How often it failed since this process opened it, by the name of the kind. */
    public Map<String, Long> failures() {
        Map<String, Long> counts = new TreeMap<>();
        store.failures().forEach((kind, count) -> counts.put(kind.name().toLowerCase(Locale.ROOT), count));
        return counts;
    }
}
