package org.patronvault.keys;

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

/** Writes a whole file so that after a crash either the old or the new one is there, readable by the owner alone. */
public final class DurableFile {
    private static final Map<Path, Consumer<String>> WATCHED = new ConcurrentHashMap<>();

    /**
     * Ask the disk, since nobody interrupts them: a thread that is interrupted meanwhile loses its channel, and with it
     * what Linux says once and to nobody else, that the disk failed.
     */
    private static final Executor ASKING = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "vault-sync");
        thread.setDaemon(true);
        return thread;
    });

    private DurableFile() {}

    /**
     * From now on has somebody told, by any thread and maybe more than once, when a file below that directory could not be
     * put on disk, before {@link SyncFailed} is thrown to whoever wrote it.
     *
     * @param onBroken must not throw
     * @return what ends that
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
     * Puts {@code content} in place of what {@code file} held, on disk when this returns.
     *
     * @throws Unwritable if it cannot be written
     * @throws SyncFailed if it could not be put on disk
     */
    public static void write(Path file, byte[] content) {
        Path beside = file.resolveSibling(file.getFileName() + ".new");
        Path directory = file.toAbsolutePath().getParent();
        // Opened before anything is written: where no file can be opened just now, nothing was done.
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

    /** Puts what was written to that file, or what is in that directory by name, on disk for good; it is open here. */
    static void force(FileChannel open, Path path) {
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

    /** Puts what is in a directory by name on disk for good. */
    public static void sync(Path directory) {
        try (FileChannel names = FileChannel.open(directory)) {
            force(names, directory);
        } catch (IOException e) {
            // What was written there may or may not be there after a crash, and nobody would ask again.
            throw told(directory, e);
        }
    }

    /** Tells everybody who watches that path that the disk failed it, and returns what is to be thrown. */
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

    /** It cannot be written, as on a full disk; what was there before is there. */
    public static final class Unwritable extends UncheckedIOException {
        private static final long serialVersionUID = 1L;

        Unwritable(IOException cause) {
            super("a file of the home cannot be written", cause);
        }
    }

    /** It is there, and cannot be read just now: who took it for none would write over it. */
    public static final class Unreadable extends UncheckedIOException {
        private static final long serialVersionUID = 1L;

        /** For that reason. */
        public Unreadable(IOException cause) {
            super("a file of the home cannot be read", cause);
        }
    }

    /** The disk did not do what it was asked for once, and may say the next time that it has: nothing is sure from then on. */
    public static final class SyncFailed extends UncheckedIOException {
        private static final long serialVersionUID = 1L;

        private SyncFailed(IOException cause) {
            super("a file of the home could not be put on disk", cause);
        }
    }

    /**
     * Makes a directory, and those above it, that only the owner can enter. The name of each that was not there is on disk
     * when this returns: files that are put there one by one are gone with it otherwise.
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
