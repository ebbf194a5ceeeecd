package org.patronvault.upkeep;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.stream.Stream;
import org.patronvault.crypto.RowMac;
import org.patronvault.keys.DurableFile;
import org.patronvault.model.IntegrityException;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;
import org.patronvault.store.StoreCopy;
import org.patronvault.store.StoreException;

/** The directory of one backup: a copy of the database, and a manifest that is written last. */
final class BackupDirectory {
    private static final String DATABASE = "vault.db";
    private static final String MANIFEST = "manifest.json";

    private final Path directory;

    BackupDirectory(Path directory) {
        this.directory = directory;
    }

    /** The copy of the database. */
    Path database() {
        return directory.resolve(DATABASE);
    }

    /**
     * Makes it, with an empty file for the copy, for the owner alone.
     *
     * @param home what it must not lie in
     * @throws Refused if anything is in it: nothing is ever written over
     */
    void begin(Path home) {
        requireFree();
        DurableFile.makeDirectory(directory);
        try {
            if (directory.toRealPath().startsWith(home.toRealPath())) {
                throw new Refused(
                        Problem.INVALID,
                        "A backup in the home is lost with the home; name a directory outside it, best on another disk.");
            }
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
            Files.createFile(
                    database(), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        } catch (IOException e) {
            throw new UncheckedIOException("the directory of the backup cannot be made ready", e);
        }
    }

    private void requireFree() {
        if (!Files.exists(directory)) {
            return;
        }
        if (!Files.isDirectory(directory)) {
            throw new Refused(Problem.HOME_EXISTS, "What is named is not a directory; name a new or an empty one.");
        }
        if (Files.exists(directory.resolve(MANIFEST))) {
            throw new Refused(
                    Problem.HOME_EXISTS,
                    "There is a finished backup in that directory, and none is ever written over; name a new or an empty"
                            + " one.");
        }
        if (Files.exists(database())) {
            throw new Refused(
                    Problem.HOME_EXISTS,
                    "There is a backup in that directory that was never finished (it has no manifest.json): remove it, or"
                            + " name a new or an empty one.");
        }
        try (Stream<Path> files = Files.list(directory)) {
            if (files.findAny().isPresent()) {
                throw new Refused(Problem.HOME_EXISTS, "That directory is not empty; name a new or an empty one.");
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the directory of the backup cannot be read", e);
        }
    }

    /** Puts the copy onto its disk. */
    void synchronise() {
        try (FileChannel file = FileChannel.open(database(), Set.of(StandardOpenOption.WRITE))) {
            file.force(true);
        } catch (IOException e) {
            throw new UncheckedIOException("the copy cannot be put onto its disk", e);
        }
    }

    /** Writes the manifest, on disk when this returns, and reads it back; gives its SHA-256. */
    String finish(BackupManifest manifest, RowMac rows) {
        byte[] sealed = manifest.sealed(rows);
        DurableFile.write(directory.resolve(MANIFEST), sealed);
        if (!read(rows).equals(manifest)) {
            throw new IntegrityException("backup: manifest");
        }
        return BackupFile.sha256(sealed);
    }

    private BackupManifest read(RowMac rows) {
        try {
            return BackupManifest.open(Files.readAllBytes(directory.resolve(MANIFEST)), rows);
        } catch (IOException e) {
            throw new UncheckedIOException("manifest.json cannot be read", e);
        }
    }

    /** Whether it is on the same disk as that. */
    boolean isOnDiskOf(Path home) {
        try {
            return Files.getFileStore(directory).equals(Files.getFileStore(home));
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * The manifest of a finished backup.
     *
     * @throws Refused if there is none, or it is not what this vault wrote
     */
    BackupManifest manifest(RowMac rows) {
        if (!Files.isDirectory(directory)) {
            throw new Refused(Problem.NOT_FOUND, "There is no such directory; name the one that `backup` wrote.");
        }
        if (!Files.exists(directory.resolve(MANIFEST))) {
            throw new Refused(
                    Problem.NOT_FOUND,
                    "There is no finished backup in that directory (no manifest.json); name the one that `backup` wrote.");
        }
        try {
            return read(rows);
        } catch (IntegrityException e) {
            throw new Refused(
                    Problem.INVALID,
                    "manifest.json was changed, or is of another vault or other keys; take another copy of this backup,"
                            + " or another backup.");
        }
    }

    /**
     * Proves the copy: its bytes, its pages, its log from every leaf, its values each in its envelope, and that all of it
     * is what the manifest says.
     *
     * @throws IntegrityException if it is not
     */
    void prove(BackupManifest manifest, Progress progress) {
        try {
            boolean whole = manifest.files().equals(java.util.List.of(BackupFile.of(database(), progress)));
            if (!whole) {
                throw new IntegrityException("backup: file");
            }
            try (StoreCopy copy = StoreCopy.open(database())) {
                if (!copy.isSound() || !BackupContents.swept(copy, progress).equals(manifest.contents())) {
                    throw new IntegrityException("backup: contents");
                }
            }
        } catch (StoreException e) {
            throw new IntegrityException("backup: database", e);
        }
    }
}
