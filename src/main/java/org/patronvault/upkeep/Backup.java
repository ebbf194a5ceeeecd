package org.patronvault.upkeep;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.patronvault.access.Access;
import org.patronvault.access.AccessRequest;
import org.patronvault.access.Caller;
import org.patronvault.access.Permission;
import org.patronvault.audit.AccessEvent;
import org.patronvault.audit.Act;
import org.patronvault.audit.AuditLog;
import org.patronvault.audit.Outcome;
import org.patronvault.custody.BackupRegister;
import org.patronvault.keys.KeyCustody;
import org.patronvault.keys.UnsealedKeys;
import org.patronvault.model.Actor;
import org.patronvault.model.IntegrityException;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;
import org.patronvault.store.Store;
import org.patronvault.store.StoreCopy;
import org.patronvault.store.StoreException;

/**
 * Makes backups while others read and write: a copy of the database, never of keys, sealed as a whole, and a signed
 * manifest. It counts as a backup once it was proved from its own bytes, and is in the register then.
 */
public final class Backup {
    private static final SecureRandom RANDOM = new SecureRandom();

    /** What was backed up. */
    public record Result(String id, long patrons, long values, long entries, long bytes) {}

    private final Store store;
    private final KeyCustody custody;
    private final AuditLog log;
    private final Access access;
    private final Path home;

    /** Backups of the vault over those parts, in that home. */
    public Backup(Store store, KeyCustody custody, AuditLog log, Access access, Path home) {
        this.store = store;
        this.custody = custody;
        this.log = log;
        this.access = access;
        this.home = home;
    }

    /**
     * Makes one.
     *
     * @param directory new or empty
     * @throws Refused if something is there already, or a disk is full, the home's or its own: then there is no manifest,
     *     and so no backup
     */
    public Result make(Caller caller, Path directory, Progress progress) {
        String id = newId();
        AccessEvent event = event(caller.actor(), id);
        access.require(caller, AccessRequest.may(Permission.BACKUP), event.ending(Outcome.REFUSED));
        return log.logging(event.ending(Outcome.REFUSED), () -> make(id, event, directory, progress));
    }

    /** The same by the vault itself, which asks nobody. */
    Result makeByItself(Path directory, Progress progress) {
        String id = newId();
        AccessEvent event = event(Actor.VAULT, id);
        return log.logging(event.ending(Outcome.REFUSED), () -> make(id, event, directory, progress));
    }

    private static String newId() {
        byte[] random = new byte[8];
        RANDOM.nextBytes(random);
        return HexFormat.of().formatHex(random);
    }

    private AccessEvent event(Actor by, String id) {
        return log.event(by, Act.BACKUP, Outcome.WRITTEN, AuditLog.newRequest()).about(id);
    }

    /** Where those are that were proved. */
    BackupRegister register() {
        return new BackupRegister(store, log, access);
    }

    private Result make(String id, AccessEvent event, Path into, Progress progress) {
        Instant made = log.now().truncatedTo(java.time.temporal.ChronoUnit.SECONDS);
        BackupDirectory directory = new BackupDirectory(into);
        long expected = StoreCopy.expectedBytes(store);
        directory.begin(home, BackupDatabaseFile.directory(home), expected);
        // So that a signed tree of now is in it.
        log.checkpoint();
        UnsealedKeys keys = custody.keys();
        BackupContents contents;
        try (BackupDatabaseFile plain = BackupDatabaseFile.in(home)) {
            copy(plain.file(), expected, progress);
            try (StoreCopy copy = StoreCopy.open(plain.file())) {
                contents = BackupContents.counted(copy);
            }
            requireThisLog(contents);
            directory.seal(id, keys, plain.file(), progress);
        }
        BackupFile file = BackupFile.of(directory.sealed(), progress);
        BackupManifest manifest = new BackupManifest(id, made, custody.mark().revision(), contents, List.of(file));
        try (BackupDatabaseFile again = BackupDatabaseFile.in(home)) {
            directory.prove(manifest, keys, again.file(), progress);
        }
        String digest = directory.finish(manifest, keys);
        register()
                .record(
                        event.counting(contents.patrons()),
                        new BackupRegister.VerifiedBackup(
                                id,
                                made,
                                contents.logSize(),
                                digest,
                                manifest.ringRevision(),
                                event.actor().name(),
                                directory.isOnDiskOf(database())));
        return new Result(id, contents.patrons(), contents.values(), contents.logSize(), file.bytes());
    }

    /** Where the database is, or the home, if it is on a server. */
    private Path database() {
        return databaseFile().map(Path::getParent).orElse(home);
    }

    /** The database's; empty if it is on a server. */
    Optional<Path> databaseFile() {
        return store.settings().file().map(Path::toAbsolutePath);
    }

    private void copy(Path file, long expected, Progress progress) {
        try {
            StoreCopy.make(store, file, done -> progress.at("Copying", done, expected));
        } catch (StoreException e) {
            if (e.kind() == StoreException.Kind.FULL) {
                throw new Refused(
                        Problem.STORE_FULL,
                        "The home's disk is full before a copy of the database is made: make room there. What is in the"
                                + " backup's directory is no backup: remove it.");
            }
            throw e;
        }
    }

    /** The copy's log must be a beginning of this very log, whatever the copy says of itself. */
    private void requireThisLog(BackupContents contents) {
        byte[] root = log.reader().root(contents.logSize());
        if (!Arrays.equals(root, Base64.getDecoder().decode(contents.logRoot()))) {
            throw new IntegrityException("backup: log");
        }
    }
}
