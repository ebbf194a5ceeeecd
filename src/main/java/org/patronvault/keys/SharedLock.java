package org.patronvault.keys;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;

/**
 * A file in {@code keys/} that is locked by whoever, of all processes that share it, changes another beside it: that takes
 * milliseconds. A node that stands still, or a share that hangs, is waited for a while, and not again by each who comes
 * next.
 */
final class SharedLock implements AutoCloseable {
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
     * Locks it until that is closed. For one thread of this process at a time.
     *
     * @throws Refused if it cannot be had
     */
    static SharedLock of(Path file) throws IOException {
        FileChannel channel = open(file);
        try {
            return new SharedLock(channel, await(channel, file.getFileName().toString()));
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** A file for the owner alone, which is made if it is missing. */
    static FileChannel open(Path file) throws IOException {
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

    boolean isHeld() {
        return lock.isValid();
    }

    /** Gives it back. */
    @Override
    public void close() throws IOException {
        channel.close();
    }
}
