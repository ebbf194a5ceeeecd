package org.patronvault.upkeep.doctor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.sql.StoreSettings;
import org.patronvault.store.sqlite.FileSystemType;
import org.patronvault.upkeep.backup.DiskIdentity;

/** The doctor's check of the disks of keys and data, and their free space. */
public final class DiskLook implements Doctor.Look {
    private static final String DISK = "disk";
    private static final String VOLUMES = "volumes";
    private static final long LOW_DISK_BYTES = 1L << 30;

    private final Path home;
    private final Path keys;
    private final Supplier<StoreSettings> settings;

    public DiskLook(Path home, Path keys, Supplier<StoreSettings> settings) {
        this.home = home;
        this.keys = keys;
        this.settings = settings;
    }

    @Override
    public List<Doctor.Line> look() {
        List<Doctor.Line> lines = new ArrayList<>();
        Optional<Path> file = file();
        lines.add(file.map(this::volumes).orElseGet(DiskLook::ofAServer));
        file.flatMap(DiskLook::type).flatMap(DiskLook::share).ifPresent(lines::add);
        lines.add(disk(freeBytes(), file.map(DiskLook::size).orElse(0L)));
        return lines;
    }

    /** The database's file, or empty if it is on a server or the settings are wrong. */
    private Optional<Path> file() {
        try {
            return settings.get().file();
        } catch (Refused e) {
            return Optional.of(home);
        }
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            return 0;
        }
    }

    private static Optional<String> type(Path file) {
        try {
            return Optional.of(Files.getFileStore(file).type());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    static Optional<Doctor.Line> share(String fileSystem) {
        return FileSystemType.fault(fileSystem).map(says -> new Doctor.Line(VOLUMES, Doctor.Verdict.WRONG, says));
    }

    private static Doctor.Line ofAServer() {
        return new Doctor.Line(
                VOLUMES,
                Doctor.Verdict.FINE,
                "The data are where the database server has them; keep keys/ off its disks.");
    }

    private Doctor.Line volumes(Path data) {
        try {
            return DiskIdentity.holds(keys, there(data))
                    ? new Doctor.Line(
                            VOLUMES,
                            Doctor.Verdict.NOTE,
                            "keys/ and data share a volume: one stolen disk holds both. Put keys/ on another one.")
                    : new Doctor.Line(VOLUMES, Doctor.Verdict.FINE, "keys/ and data are on different volumes.");
        } catch (IOException e) {
            return new Doctor.Line(VOLUMES, Doctor.Verdict.WRONG, "The volumes cannot be looked at.");
        }
    }

    /** The database's file, or its directory if the file is absent. */
    private static Path there(Path data) {
        return Files.exists(data) ? data : data.toAbsolutePath().getParent();
    }

    /** The free bytes on the home's disk, or on the database's if there are fewer. Not a number if unknown. */
    double freeBytes() {
        try {
            long free = Files.getFileStore(home).getUsableSpace();
            Optional<Path> data = file().map(DiskLook::there);
            return data.isEmpty()
                    ? free
                    : Math.min(free, Files.getFileStore(data.get()).getUsableSpace());
        } catch (IOException e) {
            return Double.NaN;
        }
    }

    static Doctor.Line disk(double free, long database) {
        if (Double.isNaN(free)) {
            return new Doctor.Line(DISK, Doctor.Verdict.WRONG, "The disk cannot be looked at.");
        }
        String says = (long) free / (1 << 20) + " MiB are free.";
        if (free < LOW_DISK_BYTES) {
            return new Doctor.Line(
                    DISK,
                    Doctor.Verdict.WRONG,
                    says
                            + " A full disk stops the vault: make room (custody-backup.md says what may go, and what never).");
        }
        return free < 2.0 * database
                ? new Doctor.Line(
                        DISK,
                        Doctor.Verdict.NOTE,
                        says
                                + " That is less than twice the database, which a backup or `restore` may take: make room.")
                : new Doctor.Line(DISK, Doctor.Verdict.FINE, says);
    }
}
