package org.patronvault.upkeep;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.patronvault.audit.LogTail;
import org.patronvault.keys.UnsealedKeys;
import org.patronvault.model.IntegrityException;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;
import org.patronvault.store.Store;
import org.patronvault.store.StoreSettings;

/** A backup that was opened with the vault's keys: its database, in a file that is gone when this is closed. */
public final class OpenedBackup implements AutoCloseable {
    /** Beside the database, into it, and as hashes. */
    private static final int TIMES_WRITTEN = 3;

    private final OpenedCopy copy;

    private OpenedBackup(OpenedCopy copy) {
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
        OpenedCopy copy = OpenedCopy.in(home);
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
     * @return the backup's id
     * @throws Refused if the file is there, it is no backup under those keys, or was changed, or the export is not one of
     *     its log that goes on from there: then there is no file
     */
    public static String write(Path directory, UnsealedKeys keys, Path file, Optional<Path> log, Progress progress) {
        OpenedCopy.requireFree(file);
        BackupDirectory backup = new BackupDirectory(directory);
        BackupManifest manifest = backup.manifest(keys);
        try (OpenedCopy copy = OpenedCopy.beside(file)) {
            backup.requireProved(manifest, keys, copy.file(), progress);
            if (log.isPresent()) {
                append(copy.file(), manifest, keys, log.get(), progress);
            }
            copy.keepAs(file);
        }
        return manifest.id();
    }

    private static void append(
            Path database, BackupManifest manifest, UnsealedKeys keys, Path export, Progress progress) {
        Room.requireForACopy(database.toAbsolutePath().getParent(), TIMES_WRITTEN * bytes(export));
        try (Store store = Store.open(StoreSettings.sqlite(database))) {
            if (!store.<String>read(tx -> tx.schema())
                    .equals(manifest.contents().schema())) {
                throw new Refused(
                        Problem.INVALID,
                        "The backup was made by another version of the vault: open it with that version, and take the"
                                + " newer one when patrons are in line.");
            }
            LogTail.append(store, keys, export, read -> progress.at("Reading the log", read, 0));
        }
        // A database that is closed leaves nothing beside its file, unless there was no room for it.
        if (Files.exists(database.resolveSibling(database.getFileName() + "-wal"))) {
            throw new Refused(
                    Problem.STORE_FULL, "The disk is full, and nothing was written: make room there, and try again.");
        }
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
