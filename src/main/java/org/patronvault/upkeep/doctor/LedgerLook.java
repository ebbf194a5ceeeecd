package org.patronvault.upkeep.doctor;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.patronvault.core.keys.Ledger;
import org.patronvault.core.keys.LedgerLine;
import org.patronvault.core.log.read.LogReader;
import org.patronvault.core.log.read.RowsBehindLog;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.sql.StoreException;
import org.patronvault.core.store.sql.StoreSettings;

/** The doctor's check of keys/ledger. It does not verify MACs, so nothing is decided by it. */
public final class LedgerLook implements Doctor.Look {
    private static final String CHECK = "ledger";

    /** The ledger is written at the latest after this many entries, and follows the log within seconds. */
    private static final long BEHIND = 2_000;

    private final Supplier<StoreSettings> settings;
    private final Path keys;

    public LedgerLook(Supplier<StoreSettings> settings, Path keys) {
        this.settings = settings;
        this.keys = keys;
    }

    @Override
    public List<Doctor.Line> look() {
        return List.of(line());
    }

    Doctor.Line line() {
        try (Store store = Store.openToRead(settings.get())) {
            if (store.read(RowsBehindLog::areSaid)) {
                return new Doctor.Line(
                        CHECK,
                        Doctor.Verdict.WRONG,
                        "The database is of an older log than the one above it, as `restore --log` makes one: nobody is"
                                + " served from it until two custodians accept that with `log accept`, and then who was"
                                + " erased since is erased again.");
            }
            return line(store.read(LogReader::size), Ledger.unproven(keys));
        } catch (Refused | StoreException | IntegrityException e) {
            return new Doctor.Line(CHECK, Doctor.Verdict.WRONG, "It cannot be held against the log; see the database.");
        }
    }

    static Doctor.Line line(long entries, Optional<LedgerLine.Head> head) {
        if (head.isEmpty()) {
            return new Doctor.Line(
                    CHECK,
                    Doctor.Verdict.WRONG,
                    "keys/ledger is missing or cannot be read: put the newest keys/ back. The next start makes one of what"
                            + " the database knows, so see first that it is the database that was there all along.");
        }
        long size = head.get().size();
        if (size > entries) {
            return new Doctor.Line(
                    CHECK,
                    Doctor.Verdict.WRONG,
                    "keys/ledger has seen " + size + " entries of the log, and the database has " + entries
                            + ": it was put back. Put the right one in place; if that is lost, see `log accept`.");
        }
        if (entries - size > BEHIND) {
            return new Doctor.Line(
                    CHECK,
                    Doctor.Verdict.WRONG,
                    "keys/ledger is " + (entries - size)
                            + " entries behind the log: see that keys/ can be written, by its"
                            + " disk and its mode. Who is erased meanwhile comes back with a database that is put back.");
        }
        return new Doctor.Line(CHECK, Doctor.Verdict.FINE, "keys/ledger remembers who was erased.");
    }
}
