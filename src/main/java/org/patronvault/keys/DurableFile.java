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
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Writes a whole file so that after a crash either the old or the new one is there, readable by the owner alone. */
public final class DurableFile {
    private DurableFile() {}

    /** Puts {@code content} in place of what {@code file} held, on disk when this returns. */
    public static void write(Path file, byte[] content) {
        Path beside = file.resolveSibling(file.getFileName() + ".new");
        try {
            Files.deleteIfExists(beside);
            try (FileChannel out = FileChannel.open(
                    beside,
                    Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
                ByteBuffer left = ByteBuffer.wrap(content);
                while (left.hasRemaining()) {
                    out.write(left);
                }
                force(out);
            }
            Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException("a file of the home cannot be written", e);
        }
        sync(file.toAbsolutePath().getParent());
    }

    /** Puts what was written to a file on disk for good. */
    static void force(FileChannel file) {
        try {
            file.force(true);
        } catch (IOException e) {
            throw new SyncFailed("a file of the home could not be put on disk", e);
        }
    }

    /** What {@code writing} gives; if the disk fails it, who must know is told before it is thrown. */
    public static <T> T telling(Consumer<String> onBroken, Supplier<T> writing) {
        try {
            return writing.get();
        } catch (SyncFailed e) {
            onBroken.accept(e.getMessage());
            throw e;
        }
    }

    /** Puts what is in a directory by name on disk for good. */
    public static void sync(Path directory) {
        try (FileChannel names = FileChannel.open(directory)) {
            names.force(true);
        } catch (IOException e) {
            throw new Unsynced(e);
        }
    }

    /** The disk did not do what it was asked for once, and may say the next time that it has: nothing is sure from then on. */
    public static class SyncFailed extends UncheckedIOException {
        private static final long serialVersionUID = 1L;

        private SyncFailed(String what, IOException cause) {
            super(what, cause);
        }
    }

    /** The new content is there, but whether a crash leaves it there is not known. */
    public static final class Unsynced extends SyncFailed {
        private static final long serialVersionUID = 1L;

        private Unsynced(IOException cause) {
            super("a file of the home was written, but whether it is on disk for good is not known", cause);
        }
    }

    /** Makes a directory, and those above it, that only the owner can enter. */
    public static void makeDirectory(Path directory) {
        try {
            Files.createDirectories(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } catch (IOException e) {
            throw new UncheckedIOException("a directory of the home cannot be made", e);
        }
    }
}
