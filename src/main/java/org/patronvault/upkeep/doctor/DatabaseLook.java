package org.patronvault.upkeep.doctor;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.sql.StoreException;
import org.patronvault.core.store.sql.StoreSettings;
import org.patronvault.upkeep.backup.SecretFile;

/** The doctor's check of the database's settings and its password file. */
public final class DatabaseLook implements Doctor.Look {
    private static final String CHECK = "database";

    private final Supplier<StoreSettings> settings;

    public DatabaseLook(Supplier<StoreSettings> settings) {
        this.settings = settings;
    }

    @Override
    public List<Doctor.Line> look() {
        List<Doctor.Line> lines = new ArrayList<>();
        try (Store store = Store.openToRead(settings.get())) {
            long entries = store.read(tx -> tx.log().count());
            lines.add(new Doctor.Line(
                    CHECK,
                    Doctor.Verdict.FINE,
                    "Its settings are as strong as promised; the log has " + entries + " entries."));
            store.remarks().forEach(remark -> lines.add(new Doctor.Line(CHECK, Doctor.Verdict.NOTE, remark)));
        } catch (Refused | StoreException | IntegrityException e) {
            lines.add(new Doctor.Line(CHECK, Doctor.Verdict.WRONG, e.getMessage()));
        }
        passwordFile()
                .flatMap(SecretFile::fault)
                .ifPresent(fault ->
                        lines.add(new Doctor.Line(CHECK, Doctor.Verdict.WRONG, "databasePasswordFile" + fault)));
        return lines;
    }

    private Optional<Path> passwordFile() {
        try {
            return settings.get().passwordFile().filter(Files::exists);
        } catch (Refused e) {
            // The line of the settings reports it.
            return Optional.empty();
        }
    }
}
