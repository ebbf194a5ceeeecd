package org.patronvault.store.sqlite;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The temporary directory into which SQLite's native library is unpacked. The library gets whatever mode the umask
 * leaves, and is then loaded, so nobody else may enter. A process that ends in order deletes its directory. The next
 * process deletes the directory of a killed process, since a living process holds a lock in its own. A directory of
 * that name without a lock is deleted once it is an hour old. It may belong to another library that is deleted as soon
 * as it is loaded.
 */
final class UnpackedLibrary {
    private static final String BEGIN = "patron-vault-";
    private static final String LOCK = "lock";

    /** Much longer than a library takes to load. */
    private static final Duration LOADING = Duration.ofHours(1);

    /**
     * This process's own directories, with the channels that hold their locks. The collector closes an unreachable
     * channel, and closing one releases every lock that the process has on its file.
     */
    private static final Map<Path, FileChannel> HELD = new ConcurrentHashMap<>();

    private UnpackedLibrary() {}

    /** Creates a new directory in a directory of temporary files, for the lifetime of the process. */
    static Path make(Path temporary) throws IOException {
        Path directory = Files.createTempDirectory(temporary, BEGIN);
        directory.toFile().deleteOnExit();
        Path unlocked = directory.resolve(LOCK + ".new");
        // Never closed: the system releases it with the process.
        FileChannel channel = FileChannel.open(unlocked, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        HELD.put(directory, channel);
        FileLock unused = channel.lock();
        // Under that name it never exists without a lock.
        Path lock = Files.move(unlocked, directory.resolve(LOCK));
        lock.toFile().deleteOnExit();
        removeLeftovers(temporary, Files.getOwner(directory));
        return directory;
    }

    private static void removeLeftovers(Path temporary, UserPrincipal owner) throws IOException {
        try (DirectoryStream<Path> all = Files.newDirectoryStream(temporary, BEGIN + "*")) {
            for (Path one : all) {
                try {
                    boolean ours = Files.isDirectory(one, LinkOption.NOFOLLOW_LINKS)
                            && Files.getOwner(one, LinkOption.NOFOLLOW_LINKS).equals(owner)
                            && !HELD.containsKey(one);
                    if (ours && !isHeld(one.resolve(LOCK))) {
                        remove(one);
                    }
                } catch (IOException e) {
                    // Another process was faster, or it is not such a directory: it is left as it is.
                }
            }
        }
    }

    private static boolean isHeld(Path lock) throws IOException {
        try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
                FileLock got = channel.tryLock()) {
            return got == null;
        } catch (OverlappingFileLockException e) {
            return true;
        } catch (NoSuchFileException e) {
            FileTime made = Files.getLastModifiedTime(lock.getParent(), LinkOption.NOFOLLOW_LINKS);
            return made.toInstant().plus(LOADING).isAfter(Instant.now());
        }
    }

    private static void remove(Path directory) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                Files.delete(file);
            }
        }
        Files.delete(directory);
    }
}
