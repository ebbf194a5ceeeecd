package org.patronvault.upkeep.backup;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.patronvault.core.crypto.CanonicalBytes;
import org.patronvault.core.crypto.Prf;
import org.patronvault.core.crypto.SealedStream;
import org.patronvault.core.crypto.SecureBytes;
import org.patronvault.core.keys.file.DurableFile;
import org.patronvault.core.keys.ring.UnsealedKeys;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.sql.StoreException;
import org.patronvault.core.store.table.Tx;
import org.patronvault.store.copy.StoreCopy;

/** The directory of one backup: an encrypted copy of the database, and a manifest written last. */
final class BackupDirectory {
    private static final String SEALED = "vault.db.sealed";
    private static final String MANIFEST = "manifest.json";

    private final Path directory;

    BackupDirectory(Path directory) {
        this.directory = directory;
    }

    /** The encrypted copy of the database. */
    Path sealed() {
        return directory.resolve(SEALED);
    }

    /** The manifest, which exists if this is a backup. */
    Path manifestFile() {
        return directory.resolve(MANIFEST);
    }

    /**
     * Creates the directory with an empty file for the copy, for its owner alone. Its name is synced to disk on return,
     * so that a valid backup survives a power failure.
     *
     * @param home must not contain the directory
     * @param copies the place of the unencrypted copy
     * @param bytes the approximate size of either file
     * @throws Refused if the directory is not empty, because nothing is overwritten, or if space is short
     */
    void begin(Path home, Path copies, long bytes) {
        requireFree();
        FreeSpace.requireForABackup(copies, directory, bytes);
        DurableFile.makeDirectory(directory);
        try {
            if (directory.toRealPath().startsWith(home.toRealPath())) {
                throw new Refused(
                        Problem.INVALID,
                        "A backup in the home is lost with the home; name a directory outside it, best on another disk.");
            }
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
            Files.createFile(
                    sealed(), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
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
        if (Files.exists(manifestFile())) {
            throw new Refused(
                    Problem.HOME_EXISTS,
                    "There is a finished backup in that directory, and none is ever written over; name a new or an empty"
                            + " one.");
        }
        if (Files.exists(sealed())) {
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

    /**
     * Encrypts a copy of the database into the directory, synced to disk on return.
     *
     * @throws Refused if its disk is full
     */
    void seal(String id, UnsealedKeys keys, Path copy, Progress progress) {
        long total = copy.toFile().length();
        try {
            try (InputStream in = Files.newInputStream(copy);
                    OutputStream out = Files.newOutputStream(sealed())) {
                stream(id, keys.fingerprints().newest())
                        .seal(aad(id), in, out, done -> progress.at("Sealing", done, total));
            }
            try (FileChannel file = FileChannel.open(sealed(), Set.of(StandardOpenOption.WRITE))) {
                file.force(true);
            }
        } catch (IOException e) {
            if (FreeSpace.free(directory) < total - sealed().toFile().length()) {
                throw new Refused(
                        Problem.STORE_FULL,
                        "The disk of the backup is full, and what is there is no backup: remove it, make room, and try"
                                + " again.");
            }
            throw new UncheckedIOException("the copy cannot be sealed into the directory of the backup", e);
        }
    }

    private static SealedStream stream(String id, Prf fingerprint) {
        byte[] key =
                fingerprint.full(CanonicalBytes.begin("pv1.backup.key").lp(id).bytes());
        try {
            return SealedStream.of(key);
        } finally {
            SecureBytes.wipe(key);
        }
    }

    private static byte[] aad(String id) {
        return CanonicalBytes.begin(BackupManifest.FORMAT).lp(id).bytes();
    }

    /** Writes the manifest, syncs it and reads it back. Returns its SHA-256. */
    String finish(BackupManifest manifest, UnsealedKeys keys) {
        byte[] signed = manifest.signed(keys);
        DurableFile.write(manifestFile(), signed);
        if (!BackupManifest.open(manifestFile(), keys).equals(manifest)) {
            throw new IntegrityException("backup: manifest");
        }
        return BackupFile.sha256(signed);
    }

    /** Whether the directory is on the same disk as {@code other}. */
    boolean isOnDiskOf(Path other) {
        try {
            return DiskIdentity.holds(directory, other);
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Returns the manifest of a finished backup.
     *
     * @throws Refused if there is none, or this vault did not write it
     */
    BackupManifest manifest(UnsealedKeys keys) {
        if (!Files.isDirectory(directory)) {
            throw new Refused(Problem.NOT_FOUND, "There is no such directory; name the one that `backup` wrote.");
        }
        if (!Files.exists(manifestFile())) {
            throw new Refused(
                    Problem.NOT_FOUND,
                    "There is no finished backup in that directory (no manifest.json); name the one that `backup` wrote.");
        }
        try {
            return BackupManifest.open(manifestFile(), keys);
        } catch (IntegrityException e) {
            throw new Refused(
                    Problem.INVALID,
                    "manifest.json was changed, or is of another vault or other keys; take another copy of this backup,"
                            + " or another backup.");
        }
    }

    /** Returns the manifest if these keys made one. Foreign files are no error. */
    Optional<BackupManifest> manifestIfOurs(UnsealedKeys keys) {
        try {
            return Files.isRegularFile(manifestFile(), LinkOption.NOFOLLOW_LINKS)
                    ? Optional.of(BackupManifest.open(manifestFile(), keys))
                    : Optional.empty();
        } catch (IntegrityException | UncheckedIOException e) {
            return Optional.empty();
        }
    }

    /** Whether the directory holds only a begun backup without a manifest. */
    boolean isUnfinished() {
        try (Stream<Path> files = Files.list(directory)) {
            return files.allMatch(file -> file.equals(sealed()) || file.equals(begunManifest()));
        } catch (IOException e) {
            return false;
        }
    }

    /** The manifest during its writing. */
    private Path begunManifest() {
        return directory.resolve(MANIFEST + ".new");
    }

    /**
     * Removes both files, the manifest last, so that an interrupted removal can be repeated. Removes the directory if
     * empty.
     */
    void remove() {
        try {
            Files.deleteIfExists(sealed());
            Files.deleteIfExists(begunManifest());
            Files.deleteIfExists(manifestFile());
            try (Stream<Path> files = Files.list(directory)) {
                if (files.findAny().isPresent()) {
                    return;
                }
            }
            Files.delete(directory);
        } catch (IOException e) {
            throw new UncheckedIOException("a backup cannot be removed", e);
        }
    }

    /**
     * Decrypts the copy into an empty file, if its bytes match the manifest.
     *
     * @throws IntegrityException if they do not
     * @throws Refused if space is short
     */
    void open(BackupManifest manifest, UnsealedKeys keys, Path into, Progress progress) {
        boolean whole = manifest.files().equals(List.of(BackupFile.of(sealed(), progress)));
        if (!whole) {
            throw new IntegrityException("backup: file");
        }
        long total = sealed().toFile().length();
        FreeSpace.requireForACopy(into.toAbsolutePath().getParent(), total);
        try {
            IntegrityException other = new IntegrityException("backup: key version");
            for (Prf fingerprint : keys.fingerprints().all()) {
                try (InputStream in = Files.newInputStream(sealed());
                        OutputStream out = Files.newOutputStream(into)) {
                    stream(manifest.id(), fingerprint)
                            .open(aad(manifest.id()), in, out, done -> progress.at("Opening", done, total));
                    return;
                } catch (IntegrityException e) {
                    other = e; // The copy may be encrypted under another version.
                }
            }
            throw other;
        } catch (IOException e) {
            throw new Refused(
                    Problem.STORE_FULL,
                    "The backup cannot be read, or its opened copy not be written: see that both disks are there, make room"
                            + " on the second, and try again.");
        }
    }

    /**
     * Decrypts the copy into an empty file and verifies it all: the stored bytes, the pages, the log from every leaf,
     * and each value's envelope. All of it must match the manifest.
     *
     * @throws IntegrityException if it does not
     * @throws Refused if space is short
     */
    void prove(BackupManifest manifest, UnsealedKeys keys, Path into, Progress progress) {
        open(manifest, keys, into, progress);
        try {
            String schema = soundSchema(into);
            try (StoreCopy copy = StoreCopy.open(into)) {
                if (!BackupContents.swept(copy, progress).of(schema).equals(manifest.contents())) {
                    throw new IntegrityException("backup: contents");
                }
            }
        } catch (StoreException e) {
            throw new IntegrityException("backup: database", e);
        }
    }

    /** Returns the schema of an opened copy without a fault in its pages. Version 0.1.0's tables are brought up to date. */
    private static String soundSchema(Path opened) {
        boolean isFirstLayout;
        String schema;
        try (StoreCopy copy = StoreCopy.open(opened)) {
            if (!copy.isSound()) {
                throw new IntegrityException("backup: contents");
            }
            schema = copy.read(Tx::schema);
            isFirstLayout = copy.read(tx -> tx.catalogue().tables()).stream()
                    .anyMatch(table -> table.name().equals("patron_value"));
        }
        if (isFirstLayout) {
            StoreCopy.upgrade(opened);
        }
        return schema;
    }

    /** Runs {@link #prove}, and turns an error into a refusal. */
    void requireProved(BackupManifest manifest, UnsealedKeys keys, Path into, Progress progress) {
        try {
            prove(manifest, keys, into, progress);
        } catch (IntegrityException | UncheckedIOException e) {
            throw damaged(e);
        }
    }

    /** Returns the refusal for an error of {@link #prove} or {@link #open}. */
    static Refused damaged(RuntimeException e) {
        return new Refused(
                Problem.INVALID,
                "The backup is not what its manifest says (" + e.getMessage()
                        + "): it was changed or damaged. Nothing was changed here; take another copy of it, or another"
                        + " backup.");
    }
}
