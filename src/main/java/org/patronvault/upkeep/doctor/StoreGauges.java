package org.patronvault.upkeep.doctor;

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
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.sql.StoreException;
import org.patronvault.custody.rotate.BackupRegister;

/**
 * The gauges of a database: backup age, sizes and failures. Rows are read without verifying their MACs, sealed or not,
 * so nothing is decided by them.
 */
public final class StoreGauges {
    private final Store store;
    private final Clock clock;

    /** Creates the gauges of a database. */
    public StoreGauges(Store store, Clock clock) {
        this.store = store;
        this.clock = clock;
    }

    /**
     * The seconds since the newest verified backup's copy was begun. Not a number if there is none, it is unreadable,
     * or its time is in the future.
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

    /** The size of the database's file, or empty if it is no file. */
    public OptionalLong fileBytes() {
        return bytes("");
    }

    /** The size of its write-ahead log, or empty if the database is no file. */
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
            // The file does not exist yet, or no longer.
            return 0;
        }
    }

    /** The failures since this process opened the database, by kind. */
    public Map<String, Long> failures() {
        Map<String, Long> counts = new TreeMap<>();
        store.failures().forEach((kind, count) -> counts.put(kind.name().toLowerCase(Locale.ROOT), count));
        return counts;
    }
}
