package org.patronvault.store;

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
 * The directory into which SQLite's library is unpacked: the library gets whatever mode the umask leaves, and is then
 * loaded, so that nobody else may enter. It goes with the process that ends in order; what one leaves that was killed the
 * next process removes, since each holds a lock in its own as long as it lives. One of that name without a lock, such as
 * that of another library that is deleted as soon as it is loaded, is removed once it is an hour old.
 */
final class UnpackedLibrary {
    private static final String BEGIN = "patron-vault-";
    private static final String LOCK = "lock";

    /** Much longer than anybody takes to load one. */
    private static final Duration LOADING = Duration.ofHours(1);

    /**
     * This process's own, and what holds their locks: a channel that nobody can reach is closed by the collector, and one
     * that is closed lets go of every lock that the process has on its file.
     */
    private static final Map<Path, FileChannel> HELD = new ConcurrentHashMap<>();

    private UnpackedLibrary() {}

    /** A new one in that directory of temporary files, for as long as the process lives. */
    static Path make(Path temporary) throws IOException {
        Path directory = Files.createTempDirectory(temporary, BEGIN);
        directory.toFile().deleteOnExit();
        Path unlocked = directory.resolve(LOCK + ".new");
        // Never closed: the system lets go of it with the process.
        FileChannel channel = FileChannel.open(unlocked, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        HELD.put(directory, channel);
        FileLock unused = channel.lock();
        // By that name it is never there without being held.
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
                    // Another process was faster, or it is none of these: it is left as it is.
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
