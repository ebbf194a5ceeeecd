package org.patronvault.core.keys.file;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

/**
 * The writing of files that survive a crash: afterwards either the old or the new file exists, complete. Only the owner
 * can read it.
 */
public final class DurableFile {
    private static final Map<Path, Consumer<String>> WATCHED = new ConcurrentHashMap<>();

    /**
     * Threads that call fsync, since nothing interrupts them. An interrupted thread loses its channel, and with it the
     * disk's failure, which Linux reports once.
     */
    private static final Executor ASKING = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "vault-sync");
        thread.setDaemon(true);
        return thread;
    });

    private DurableFile() {}

    /**
     * Watches a directory: {@code onBroken} runs if a file below it could not be put on disk. It may run on any thread
     * and more than once, before {@link SyncFailed} is thrown to the writer.
     *
     * @param onBroken must not throw
     * @return ends the watch
     */
    public static Runnable watch(Path directory, Consumer<String> onBroken) {
        Path watched = whole(directory);
        WATCHED.merge(watched, onBroken, (before, now) -> now);
        return () -> {
            boolean unused = WATCHED.remove(watched, onBroken);
        };
    }

    private static Path whole(Path path) {
        return path.toAbsolutePath().normalize();
    }

    /**
     * Replaces the content of {@code file}; it is on disk when this returns.
     *
     * @throws Unwritable if it cannot be written
     * @throws SyncFailed if it could not be put on disk
     */
    public static void write(Path file, byte[] content) {
        Path beside = file.resolveSibling(file.getFileName() + ".new");
        Path directory = file.toAbsolutePath().getParent();
        // Opened before anything is written: if no file can be opened, nothing was changed.
        try (FileChannel names = FileChannel.open(directory)) {
            Files.deleteIfExists(beside);
            try (FileChannel out = FileChannel.open(
                    beside,
                    Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
                ByteBuffer left = ByteBuffer.wrap(content);
                while (left.hasRemaining()) {
                    out.write(left);
                }
                force(out, beside);
            }
            Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            force(names, directory);
        } catch (IOException e) {
            throw new Unwritable(e);
        }
    }

    /** Puts an open file's data, or an open directory's entries, on disk. */
    public static void force(FileChannel open, Path path) {
        try {
            CompletableFuture.runAsync(() -> force(open), ASKING).join();
        } catch (CompletionException e) {
            throw told(path, new IOException(e.getCause()));
        }
    }

    private static void force(FileChannel open) {
        try {
            open.force(true);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Puts a directory's entries on disk. */
    public static void sync(Path directory) {
        try (FileChannel names = FileChannel.open(directory)) {
            force(names, directory);
        } catch (IOException e) {
            // The entries may or may not survive a crash, and no later call would find out.
            throw told(directory, e);
        }
    }

    /** Notifies every watch of that path that the disk failed, and returns the exception to throw. */
    static SyncFailed told(Path path, IOException cause) {
        SyncFailed failure = new SyncFailed(cause);
        Path whole = whole(path);
        WATCHED.forEach((directory, onBroken) -> {
            if (whole.startsWith(directory)) {
                onBroken.accept(failure.getMessage());
            }
        });
        return failure;
    }

    /** Thrown if a file cannot be written, as on a full disk; the old content is still there. */
    public static final class Unwritable extends UncheckedIOException {
        private static final long serialVersionUID = 1L;

        public Unwritable(IOException cause) {
            super("a file of the home cannot be written", cause);
        }
    }

    /** Thrown if a file exists but cannot be read now. A caller that took it for missing would overwrite it. */
    public static final class Unreadable extends UncheckedIOException {
        private static final long serialVersionUID = 1L;

        /** Makes the exception for that reason. */
        public Unreadable(IOException cause) {
            super("a file of the home cannot be read", cause);
        }
    }

    /** Thrown if the disk failed once. It may report success the next time, so nothing is certain from then on. */
    public static final class SyncFailed extends UncheckedIOException {
        private static final long serialVersionUID = 1L;

        private SyncFailed(IOException cause) {
            super("a file of the home could not be put on disk", cause);
        }
    }

    /**
     * Makes a directory and its missing parents, for the owner only. Each new name is on disk when this returns.
     * Otherwise a crash could lose the name, and with it all files put there.
     *
     * @throws SyncFailed if one could not be put on disk
     */
    public static void makeDirectory(Path directory) {
        List<Path> named = new ArrayList<>();
        for (Path one = directory.toAbsolutePath(); !Files.exists(one); one = one.getParent()) {
            named.add(one.getParent());
        }
        try {
            Files.createDirectories(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } catch (IOException e) {
            throw new UncheckedIOException("a directory of the home cannot be made", e);
        }
        named.forEach(DurableFile::sync);
    }
}
