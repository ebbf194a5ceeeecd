package org.patronvault.core.keys.file;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/**
 * A lock file in {@code keys/}. A process holds it, for milliseconds, while it changes another file there. A stopped
 * node or a hanging network share is waited for once. Later callers do not wait again.
 */
public final class SharedLock implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(3);
    private static final Duration PAUSE = Duration.ofMillis(10);
    private static final int RETRY_SECONDS = 5;
    private static volatile long waitedUntil = System.nanoTime() - PATIENCE.toNanos();

    private final FileChannel channel;
    private final FileLock lock;

    private SharedLock(FileChannel channel, FileLock lock) {
        this.channel = channel;
        this.lock = lock;
    }

    /**
     * Takes the lock until it is closed. For one thread of this process at a time.
     *
     * @throws Refused if it is not available in time
     */
    public static SharedLock of(Path file) throws IOException {
        FileChannel channel = open(file);
        try {
            return new SharedLock(channel, await(channel, file.getFileName().toString()));
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** Opens a file for the owner only, and creates it if it is missing. */
    public static FileChannel open(Path file) throws IOException {
        return FileChannel.open(
                file,
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }

    private static FileLock await(FileChannel channel, String name) throws IOException {
        long now = System.nanoTime();
        long until = now - waitedUntil < PATIENCE.toNanos() ? now : now + PATIENCE.toNanos();
        FileLock lock = channel.tryLock();
        while (lock == null) {
            if (System.nanoTime() - until >= 0) {
                waitedUntil = System.nanoTime();
                throw new Refused(
                        Problem.BUSY,
                        "Another process holds keys/" + name + "; see which, and try again.",
                        RETRY_SECONDS);
            }
            LockSupport.parkNanos(PAUSE.toNanos());
            lock = channel.tryLock();
        }
        return lock;
    }

    public boolean isHeld() {
        return lock.isValid();
    }

    /** Releases the lock. */
    @Override
    public void close() throws IOException {
        channel.close();
    }
}
