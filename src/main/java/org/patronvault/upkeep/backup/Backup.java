package org.patronvault.upkeep.backup;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.patronvault.access.Access;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.keys.ring.UnsealedKeys;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Permission;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.sql.StoreException;
import org.patronvault.custody.rotate.BackupRegister;
import org.patronvault.store.copy.StoreCopy;

/**
 * The maker of backups while others read and write: an encrypted copy of the database, never of keys, with a signed
 * manifest. A backup counts only after it was verified from its own bytes, and is then in the register.
 */
public final class Backup {
    private static final SecureRandom RANDOM = new SecureRandom();

    /** The content of a backup in numbers. */
    public record Result(String id, long patrons, long values, long entries, long bytes) {}

    private final Store store;
    private final KeyCustody custody;
    private final AuditLog log;
    private final Access access;
    private final Path home;

    /** Creates the maker for a vault and its home. */
    public Backup(Store store, KeyCustody custody, AuditLog log, Access access, Path home) {
        this.store = store;
        this.custody = custody;
        this.log = log;
        this.access = access;
        this.home = home;
    }

    /**
     * Makes a backup.
     *
     * @param directory new or empty
     * @throws Refused if the directory is not empty, or the disk of the home or the backup is full. Then there is no
     *     manifest, and so no backup.
     */
    public Result make(Caller caller, Path directory, Progress progress) {
        String id = newId();
        AccessEvent event = event(caller.actor(), id);
        access.require(caller, Permission.BACKUP, event.ending(Outcome.REFUSED));
        return log.logging(event.ending(Outcome.REFUSED), () -> make(id, event, directory, progress));
    }

    /** Makes a backup on behalf of the vault, without a policy check. */
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
        return log.event(by, ActKind.BACKUP, Outcome.WRITTEN, AuditLog.newRequest())
                .about(id);
    }

    /** The vault's keys. */
    KeyCustody custody() {
        return custody;
    }

    /** The vault's log. */
    AuditLog log() {
        return log;
    }

    /** The register of verified backups. */
    BackupRegister register() {
        return new BackupRegister(store, log, access);
    }

    private Result make(String id, AccessEvent event, Path into, Progress progress) {
        Instant made = log.now().truncatedTo(java.time.temporal.ChronoUnit.SECONDS);
        BackupDirectory directory = new BackupDirectory(into);
        long expected = StoreCopy.expectedBytes(store);
        directory.begin(home, BackupDatabaseFile.directory(home), expected);
        // The backup thus holds a signed tree of the present.
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

    /** The database's directory, or the home if the database is on a server. */
    private Path database() {
        return databaseFile().map(Path::getParent).orElse(home);
    }

    /** The database's file, or empty if it is on a server. */
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

    /** Requires that the copy's log is a beginning of this log, whatever the copy says about itself. */
    private void requireThisLog(BackupContents contents) {
        byte[] root = log.reader().root(contents.logSize());
        if (!Arrays.equals(root, Base64.getDecoder().decode(contents.logRoot()))) {
            throw new IntegrityException("backup: log");
        }
    }
}
