package org.patronvault.upkeep.doctor;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.sql.StoreSettings;

/** The doctor's check for the old database file after a move. */
public final class MovedLook implements Doctor.Look {
    private static final Path FILE = Path.of("data", "vault.db");

    private final Path home;
    private final Supplier<StoreSettings> settings;

    public MovedLook(Path home, Supplier<StoreSettings> settings) {
        this.home = home;
        this.settings = settings;
    }

    /** Returns nothing if the database is a file, or the old file is gone. */
    @Override
    public List<Doctor.Line> look() {
        return line().stream().toList();
    }

    private Optional<Doctor.Line> line() {
        try {
            boolean left = settings.get().file().isEmpty() && Files.exists(home.resolve(FILE));
            return left
                    ? Optional.of(new Doctor.Line(
                            "moved",
                            Doctor.Verdict.NOTE,
                            FILE
                                    + " is what the database was moved out of, and holds everybody still: once PostgreSQL is"
                                    + " backed up delete it, and -wal and -shm beside it."))
                    : Optional.empty();
        } catch (Refused e) {
            // The line of the settings reports it.
            return Optional.empty();
        }
    }
}
