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
import org.patronvault.access.PolicyFile;
import org.patronvault.access.PostedFiles;
import org.patronvault.audit.LogAnchor;
import org.patronvault.keys.DurableFile;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;
import org.patronvault.store.FileSystemType;
import org.patronvault.store.StoreSettings;
import org.patronvault.upkeep.BackupDatabaseFile;

/**
 * The directory of one vault. Everything in it may be moved or copied as a whole.
 *
 * @param databaseUrl stands in place of what vault.yaml says of the database
 */
public record Home(Path directory, Optional<String> databaseUrl) {

    /** The directory, with the database that its vault.yaml names. */
    public Home(Path directory) {
        this(directory, Optional.empty());
    }

    /** What keeps a second process from using the home; released when the process ends, however it ends. */
    public static final class Lock implements AutoCloseable {
        private final FileChannel channel;
        private final Path home;
        private Runnable unwatch = () -> {};

        private Lock(FileChannel channel, Path home) {
            this.channel = channel;
            this.home = home;
        }

        /** Has that told, until this is closed, when a file of the home could not be put on disk. */
        void onBroken(Consumer<String> onBroken) {
            unwatch = DurableFile.watch(home, onBroken);
        }

        @Override
        public void close() {
            unwatch.run();
            try {
                // Which releases it, and does nothing the second time.
                channel.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Where the key ring, slots and ledger are. */
    public Path keys() {
        return directory.resolve("keys");
    }

    /** Where this node keeps its own log head and its socket. */
    public Path node() {
        return directory.resolve("node");
    }

    /** Where commands reach a running server. */
    public Path socket() {
        return node().resolve("socket");
    }

    /** Where checkpoints are put as files. */
    public Path published() {
        return directory.resolve("published");
    }

    /** The settings. */
    public Path settings() {
        return directory.resolve("vault.yaml");
    }

    /** The policy. */
    public Path policy() {
        return directory.resolve("policy.yaml");
    }

    /** The SQLite database. */
    public Path database() {
        return directory.resolve("data").resolve("vault.db");
    }

    /** The home that such a file lies in as {@link #database}, if it does. */
    public static Optional<Home> ofDatabase(Path file) {
        return Optional.ofNullable(file.toAbsolutePath().normalize().getParent())
                .map(Path::getParent)
                .map(Home::new)
                .filter(Home::exists);
    }

    /** The SQLite file that vault.yaml names; empty if it names a database that is no file. */
    public Optional<Path> databaseFile() {
        return Settings.read(this).store(this).file();
    }

    /** Whether a vault was made here, as far as this user sees. */
    public boolean exists() {
        return Files.isRegularFile(settings()) && Files.isDirectory(keys());
    }

    /** Refuses with the cure if no vault is seen here. */
    public Home requireExists() {
        if (!exists()) {
            throw new Refused(Problem.NOT_FOUND, HomeDiagnosis.why(this));
        }
        return this;
    }

    /**
     * Refuses with the cure a home on a file system where SQLite is not reliable. Refuses also if this node has used a
     * database whose file is gone, so that none is begun in its place.
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

    /** Where this node keeps what it knows of the log in that file; empty if the file is not the home's, or it knows one. */
    public Optional<Path> nodeToAnchor(Path file) {
        boolean isKnown = LogAnchor.isIn(node()) || Files.exists(published().resolve("checkpoint"));
        return databaseFile()
                .filter(own -> !isKnown
                        && own.toAbsolutePath()
                                .normalize()
                                .equals(file.toAbsolutePath().normalize()))
                .map(own -> node());
    }

    /** Whether nothing is there yet. */
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

    /** Refuses a directory in which something lies already. */
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

    /** Removes a directory with everything in it, if it is there. */
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

    /** Makes the directories, the two configuration files and the default posted policy of a new vault. */
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
     * Takes the home for this process, making what is a node's own, and removing what a killed one left of a backup;
     * refused with {@code home-in-use} if another has it.
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
                // Another vault of this very process has it.
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
