package org.patronvault.upkeep.backup;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.patronvault.core.keys.file.DurableFile;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/**
 * The file of a backup's unencrypted database. Its owner alone can read it, and closing deletes it. It is in the home,
 * where the live database is unencrypted too, and never where backups are kept.
 */
public final class BackupDatabaseFile implements AutoCloseable {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final String BEGIN = "backup-";
    private static final String END = ".opened";

    /** The files that SQLite puts beside a database. */
    private static final List<String> BESIDE = List.of("-journal", "-wal", "-shm");

    private final Path file;

    private BackupDatabaseFile(Path file) {
        this.file = file;
    }

    /** Creates an empty file in the home. */
    static BackupDatabaseFile in(Path home) {
        return new BackupDatabaseFile(newFile(directory(home)));
    }

    /** The directory for these files in a home. */
    static Path directory(Path home) {
        return home.resolve("data");
    }

    /** Creates an empty file in the directory of its later name. */
    static BackupDatabaseFile beside(Path wanted) {
        return new BackupDatabaseFile(newFile(wanted.toAbsolutePath().getParent()));
    }

    private static Path newFile(Path directory) {
        byte[] random = new byte[8];
        RANDOM.nextBytes(random);
        DurableFile.makeDirectory(directory);
        try {
            return Files.createFile(
                    directory.resolve(BEGIN + HexFormat.of().formatHex(random) + END),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        } catch (IOException e) {
            throw new UncheckedIOException("a copy of the database cannot be begun", e);
        }
    }

    /** Removes files that killed processes left in a home. Nobody else may be using the home. */
    public static void removeLeftovers(Path home) {
        Path directory = directory(home);
        if (!Files.isDirectory(directory)) {
            return;
        }
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.filter(BackupDatabaseFile::isOne).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("what is left of a backup in data/ cannot be removed", e);
        }
    }

    /** Whether the file is one of these, or a file of SQLite beside one. */
    private static boolean isOne(Path file) {
        return file.getFileName()
                .toString()
                .matches(BEGIN + "[0-9a-f]{16}\\" + END + "(" + String.join("|", BESIDE) + ")?");
    }

    Path file() {
        return file;
    }

    /**
     * Gives the file its final name, synced to disk on return.
     *
     * @throws Refused if the name exists
     */
    void keepAs(Path name) {
        try (FileChannel channel = FileChannel.open(file, Set.of(StandardOpenOption.WRITE))) {
            channel.force(true);
        } catch (IOException e) {
            throw new UncheckedIOException("the opened copy cannot be put onto its disk", e);
        }
        requireFree(name);
        try {
            Files.move(file, name);
            try (FileChannel names = FileChannel.open(name.toAbsolutePath().getParent())) {
                names.force(true);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the opened copy cannot be given its name", e);
        }
    }

    /** Refuses an existing name: nothing is overwritten, and no database meets the log of another. */
    static void requireFree(Path name) {
        if (Files.exists(name)) {
            throw new Refused(
                    Problem.NAME_IN_USE,
                    "The file that the database is to be in is there already; name another with --open.");
        }
        for (String beside : BESIDE) {
            if (Files.exists(name.resolveSibling(name.getFileName() + beside))) {
                throw new Refused(
                        Problem.NAME_IN_USE,
                        "Beside the file that the database is to be in lies one by its name and " + beside
                                + ", of the database that was there before: move it away.");
            }
        }
    }

    @Override
    public void close() {
        try {
            Files.deleteIfExists(file);
            for (String beside : BESIDE) {
                Files.deleteIfExists(file.resolveSibling(file.getFileName() + beside));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("an opened copy of the database cannot be removed", e);
        }
    }
}
