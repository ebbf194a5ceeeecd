package org.patronvault.upkeep;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.patronvault.audit.LogAnchor;
import org.patronvault.audit.LogTailRestore;
import org.patronvault.keys.UnsealedKeys;
import org.patronvault.model.IntegrityException;
import org.patronvault.model.Refused;
import org.patronvault.store.LogHead;
import org.patronvault.store.Store;
import org.patronvault.store.StoreCopy;
import org.patronvault.store.StoreSettings;

/** A backup that was opened with the vault's keys: its database, in a file that is gone when this is closed. */
public final class OpenedBackup implements AutoCloseable {
    /** Beside the database, into it, and as hashes. */
    private static final int TIMES_WRITTEN = 3;

    private final BackupDatabaseFile copy;

    private OpenedBackup(BackupDatabaseFile copy) {
        this.copy = copy;
    }

    /**
     * Opens one to be read: every byte is what the vault sealed. What the bytes say is not looked at.
     *
     * @param directory that {@link Backup} wrote
     * @param home where the opened file lies
     * @throws Refused if it is no backup under those keys, or was changed
     */
    public static OpenedBackup of(Path directory, UnsealedKeys keys, Path home, Progress progress) {
        BackupDirectory backup = new BackupDirectory(directory);
        BackupManifest manifest = backup.manifest(keys);
        BackupDatabaseFile copy = BackupDatabaseFile.in(home);
        try {
            backup.open(manifest, keys, copy.file(), progress);
            return new OpenedBackup(copy);
        } catch (IntegrityException | UncheckedIOException e) {
            copy.close();
            throw BackupDirectory.damaged(e);
        } catch (RuntimeException e) {
            copy.close();
            throw e;
        }
    }

    /**
     * Writes the database of one to a new file, for the owner alone, once it was opened and proved.
     *
     * @param directory that {@link Backup} wrote
     * @param log of an export of the log, whose entries beyond the backup's are put behind those
     * @param node gets the anchor of that log, if it is named and has none
     * @return the backup's id
     * @throws Refused if the file is there, it is no backup under those keys, or was changed, or the export is not one of
     *     its log that goes on from there: then there is no file
     */
    public static String write(
            Path directory, UnsealedKeys keys, Path file, Optional<Path> log, Optional<Path> node, Progress progress) {
        BackupDatabaseFile.requireFree(file);
        BackupDirectory backup = new BackupDirectory(directory);
        BackupManifest manifest = backup.manifest(keys);
        try (BackupDatabaseFile copy = BackupDatabaseFile.beside(file)) {
            backup.requireProved(manifest, keys, copy.file(), progress);
            if (log.isPresent()) {
                append(copy.file(), keys, log.get(), progress);
            }
            LogHead head = head(copy.file());
            copy.keepAs(file);
            node.ifPresent(of -> LogAnchor.make(of, keys, head));
        }
        return manifest.id();
    }

    private static LogHead head(Path database) {
        try (StoreCopy copy = StoreCopy.open(database)) {
            return copy.read(tx -> tx.log().head()).orElseThrow();
        }
    }

    private static void append(Path database, UnsealedKeys keys, Path export, Progress progress) {
        FreeSpace.requireForACopy(database.toAbsolutePath().getParent(), TIMES_WRITTEN * bytes(export));
        StoreCopy.upgrade(database);
        try (Store store = Store.open(StoreSettings.sqlite(database))) {
            LogTailRestore.append(store, keys, export, read -> progress.at("Reading the log", read, 0));
        }
        StoreCopy.requireAlone(database);
    }

    private static long bytes(Path export) {
        try (Stream<Path> files = Files.walk(export.toRealPath())) {
            return files.mapToLong(file -> file.toFile().length()).sum();
        } catch (IOException | UncheckedIOException e) {
            // What is no export is refused when it is read.
            return 0;
        }
    }

    /** The SQLite file. */
    public Path database() {
        return copy.file();
    }

    @Override
    public void close() {
        copy.close();
    }
}
