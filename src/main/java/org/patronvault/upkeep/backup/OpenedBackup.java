package org.patronvault.upkeep.backup;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.patronvault.core.keys.ring.UnsealedKeys;
import org.patronvault.core.log.tree.LogAnchor;
import org.patronvault.core.log.tree.LogTailRestore;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.sql.StoreSettings;
import org.patronvault.core.store.table.LogHead;
import org.patronvault.store.copy.StoreCopy;

/** A decrypted backup: its database in a file that closing deletes. */
public final class OpenedBackup implements AutoCloseable {
    /** An export takes space three times: beside the database, in it, and as hashes. */
    private static final int TIMES_WRITTEN = 3;

    private final BackupDatabaseFile copy;

    private OpenedBackup(BackupDatabaseFile copy) {
        this.copy = copy;
    }

    /**
     * Decrypts a backup for reading. Every byte is what the vault encrypted. The content is not checked.
     *
     * @param directory that {@link Backup} wrote
     * @param home the home for the decrypted file
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
     * Writes a backup's database to a new file, for its owner alone, after it was decrypted and verified.
     *
     * @param directory that {@link Backup} wrote
     * @param log an export of the log, whose entries beyond the backup's are appended
     * @param node the directory that gets the log's anchor, if given and without one
     * @return the backup's ID
     * @throws Refused if the file exists, or the backup is foreign or changed, or the export does not continue its log.
     *     Then there is no file.
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
            // Reading the export refuses anything else.
            return 0;
        }
    }

    public Path database() {
        return copy.file();
    }

    @Override
    public void close() {
        copy.close();
    }
}
