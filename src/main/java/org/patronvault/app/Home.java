package org.patronvault.app;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.patronvault.access.posted.PostedFiles;
import org.patronvault.core.keys.file.DurableFile;
import org.patronvault.core.log.tree.LogAnchor;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.PolicyFile;
import org.patronvault.core.store.sql.StoreSettings;
import org.patronvault.store.sqlite.FileSystemType;
import org.patronvault.upkeep.backup.BackupDatabaseFile;

/**
 * The home directory of one vault. All of it may be moved or copied as a whole.
 *
 * @param databaseUrl overrides the database that vault.yaml names
 */
public record Home(Path directory, Optional<String> databaseUrl) {

    /** Creates a home with the database that its vault.yaml names. */
    public Home(Path directory) {
        this(directory, Optional.empty());
    }

    /** The lock that keeps other processes out of the home. It ends with the process, however the process ends. */
    public static final class Lock implements AutoCloseable {
        private final FileChannel channel;
        private final Path home;
        private Runnable unwatch = () -> {};

        private Lock(FileChannel channel, Path home) {
            this.channel = channel;
            this.home = home;
        }

        /** Calls {@code onBroken} if a file of the home cannot be written to disk, until this is closed. */
        void onBroken(Consumer<String> onBroken) {
            unwatch = DurableFile.watch(home, onBroken);
        }

        @Override
        public void close() {
            unwatch.run();
            try {
                // Closing releases the lock, and does nothing the second time.
                channel.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** The key ring, slots and ledger. */
    public Path keys() {
        return directory.resolve("keys");
    }

    /** This node's log head and socket. */
    public Path node() {
        return directory.resolve("node");
    }

    /** The socket on which commands reach a running server. */
    public Path socket() {
        return node().resolve("socket");
    }

    /** The directory of published checkpoints. */
    public Path published() {
        return directory.resolve("published");
    }

    public Path settings() {
        return directory.resolve("vault.yaml");
    }

    public Path policy() {
        return directory.resolve("policy.yaml");
    }

    public Path database() {
        return directory.resolve("data").resolve("vault.db");
    }

    /** Returns the home whose {@link #database} is {@code file}, if there is one. */
    public static Optional<Home> ofDatabase(Path file) {
        return Optional.ofNullable(file.toAbsolutePath().normalize().getParent())
                .map(Path::getParent)
                .map(Home::new)
                .filter(Home::exists);
    }

    /** Returns the SQLite file that vault.yaml names, or empty if its database is no file. */
    public Optional<Path> databaseFile() {
        return Settings.read(this).store(this).file();
    }

    /** Whether a vault exists here, as far as this user can see. */
    public boolean exists() {
        return Files.isRegularFile(settings()) && Files.isDirectory(keys());
    }

    /** Refuses, with advice, if this user sees no vault here. */
    public Home requireExists() {
        if (!exists()) {
            throw new Refused(Problem.NOT_FOUND, HomeDiagnosis.why(this));
        }
        return this;
    }

    /**
     * Refuses, with advice, a file system on which SQLite is unreliable. Also refuses if this node has used a database
     * whose file is gone, so that no new one replaces it.
     */
    public StoreSettings requireDatabase(StoreSettings store) {
        store.file().ifPresent(file -> FileSystemType.require(directory));
        boolean gone = store.file().filter(file -> !Files.exists(file)).isPresent();
        if (gone && LogAnchor.isIn(node())) {
            throw new Refused(
                    Problem.NOT_FOUND,
                    "The database of this home is gone, and no other is begun in its place: put its file back where"
                            + " vault.yaml says.");
        }
        return store;
    }

    /**
     * Returns the directory for this node's log anchor. Empty if {@code file} is not the home's database, or the node
     * has an anchor or a published checkpoint.
     */
    public Optional<Path> nodeToAnchor(Path file) {
        boolean isKnown = LogAnchor.isIn(node()) || Files.exists(published().resolve("checkpoint"));
        return databaseFile()
                .filter(own -> !isKnown
                        && own.toAbsolutePath()
                                .normalize()
                                .equals(file.toAbsolutePath().normalize()))
                .map(own -> node());
    }

    /** Whether the directory is empty or absent. */
    public boolean isFree() {
        if (!Files.exists(directory)) {
            return true;
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.findAny().isEmpty();
        } catch (IOException e) {
            return false;
        }
    }

    /** Refuses a directory that is not empty. */
    public void requireFree() {
        if (exists()) {
            throw new Refused(Problem.HOME_EXISTS, "There is a vault in the home directory already.");
        }
        HomeDiagnosis.hidden(this).ifPresent(says -> {
            throw new Refused(Problem.HOME_EXISTS, says);
        });
        if (!isFree()) {
            throw new Refused(Problem.HOME_EXISTS, "The home directory is not empty; name a new or an empty one.");
        }
    }

    /** Deletes a directory with all its content, if it exists. */
    public static void delete(Path directory) {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("a directory cannot be removed", e);
        }
    }

    /** Creates the directories, both configuration files and the default posted policy of a new vault. */
    public void create(Clock clock) {
        requireFree();
        for (Path part :
                List.of(directory, keys(), node(), published(), database().getParent())) {
            DurableFile.makeDirectory(part);
        }
        try (InputStream in = Home.class.getResourceAsStream("vault.yaml")) {
            DurableFile.write(policy(), PolicyFile.defaultText());
            DurableFile.write(settings(), in.readAllBytes());
            PostedFiles.create(directory, LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Locks the home for this process. Creates the node's directories, and removes what a killed process left of a
     * backup. Refuses with {@code home-in-use} if another process has the lock.
     */
    public Lock lock() {
        DurableFile.makeDirectory(node());
        DurableFile.makeDirectory(published());
        try {
            FileChannel channel = FileChannel.open(
                    node().resolve("lock"),
                    Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            FileLock lock = null;
            try {
                lock = channel.tryLock();
            } catch (OverlappingFileLockException e) {
                // Another vault of this process has it.
            }
            if (lock == null) {
                channel.close();
                throw new Refused(Problem.HOME_IN_USE, "Another process uses this home; stop it, or wait for it.");
            }
            BackupDatabaseFile.removeLeftovers(directory);
            return new Lock(channel, directory);
        } catch (IOException e) {
            throw new Refused(Problem.HOME_IN_USE, "node/lock cannot be written; check the home's permissions.");
        }
    }
}
