package org.patronvault.upkeep;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.patronvault.access.Access;
import org.patronvault.access.Caller;
import org.patronvault.access.Permission;
import org.patronvault.access.Question;
import org.patronvault.audit.AccessEvent;
import org.patronvault.audit.Act;
import org.patronvault.audit.AuditLog;
import org.patronvault.audit.Outcome;
import org.patronvault.custody.Backups;
import org.patronvault.keys.KeyCustody;
import org.patronvault.model.IntegrityException;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;
import org.patronvault.store.Store;
import org.patronvault.store.StoreCopy;
import org.patronvault.store.StoreException;

/**
 * Makes backups while others read and write: a copy of the database, never of keys, and a manifest. It counts as a
 * backup once it was proved from its own bytes, and is in the register then.
 */
public final class Backup {
    private static final SecureRandom RANDOM = new SecureRandom();

    /** What was backed up. */
    public record Made(String id, long patrons, long values, long entries, long bytes) {}

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
     * @throws Refused if something is there already, or the disk is full: then there is no manifest, and so no backup
     */
    public Made make(Caller caller, Path directory, Progress progress) {
        byte[] random = new byte[8];
        RANDOM.nextBytes(random);
        String id = HexFormat.of().formatHex(random);
        AccessEvent event = log.event(caller.actor(), Act.BACKUP, Outcome.WRITTEN, AuditLog.newRequest())
                .about(id);
        access.require(caller, Question.may(Permission.BACKUP), event.ending(Outcome.REFUSED));
        return log.logging(
                event.ending(Outcome.REFUSED), () -> make(id, event, new BackupDirectory(directory), progress));
    }

    private Made make(String id, AccessEvent event, BackupDirectory directory, Progress progress) {
        Instant made = log.now().truncatedTo(java.time.temporal.ChronoUnit.SECONDS);
        directory.begin(home);
        // So that a signed tree of now is in it.
        log.checkpoint();
        copy(directory, progress);
        BackupContents contents;
        try (StoreCopy copy = StoreCopy.open(directory.database())) {
            contents = BackupContents.counted(copy);
        }
        requireThisLog(contents);
        BackupFile file = BackupFile.of(directory.database(), progress);
        BackupManifest manifest = new BackupManifest(id, made, custody.mark().revision(), contents, List.of(file));
        directory.prove(manifest, progress);
        String digest = directory.finish(manifest, custody.keys().rows());
        new Backups(store, log, access)
                .record(
                        event.counting(contents.patrons()),
                        new Backups.Proven(
                                id,
                                made,
                                contents.logSize(),
                                digest,
                                manifest.ringRevision(),
                                event.actor().name(),
                                directory.isOnDiskOf(home)));
        return new Made(id, contents.patrons(), contents.values(), contents.logSize(), file.bytes());
    }

    private void copy(BackupDirectory directory, Progress progress) {
        long expected =
                store.settings().file().map(file -> file.toFile().length()).orElse(0L);
        try {
            StoreCopy.make(store, directory.database(), done -> progress.at("Copying", done, expected));
        } catch (StoreException e) {
            throw e.kind() == StoreException.Kind.FULL ? full() : e;
        }
        directory.synchronise();
    }

    private static Refused full() {
        return new Refused(
                Problem.STORE_FULL,
                "The disk of the backup is full, and what is there is no backup: remove it, make room, and try again.");
    }

    /** The copy's log must be a beginning of this very log, whatever the copy says of itself. */
    private void requireThisLog(BackupContents contents) {
        byte[] root = log.reader().root(contents.logSize());
        if (!Arrays.equals(root, Base64.getDecoder().decode(contents.logRoot()))) {
            throw new IntegrityException("backup: log");
        }
    }
}
