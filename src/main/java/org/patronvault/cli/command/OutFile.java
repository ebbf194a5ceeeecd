package org.patronvault.cli.command;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/**
 * The new file of {@code --out}, readable by its owner alone. It gets its name once all of it is on disk. Until then
 * its name ends in {@code .part}, so that nobody takes half of it for the whole.
 *
 * @param syncs whether its directory can be synced. It is tested before the command acts, because some file systems and
 *     write-only directories cannot. A failure after the act, which cannot be undone, would come too late.
 */
public record OutFile(Path path, boolean syncs) {

    /** Writes the whole content. */
    public interface Content<T> {
        T to(OutputStream out) throws IOException;
    }

    /** Refuses a file that exists or cannot be created. */
    public static OutFile require(Path path) {
        if (Files.exists(path)) {
            throw new Refused(Problem.NAME_IN_USE, "The file of --out is there already; name another.");
        }
        Path directory = path.toAbsolutePath().getParent();
        if (!Files.isDirectory(directory)) {
            throw new Refused(Problem.INVALID, "The directory of --out is not there.");
        }
        ServicePaths.requireWritable(directory);
        OutFile file = new OutFile(path, syncs(directory));
        if (Files.exists(file.part())) {
            throw new Refused(
                    Problem.NAME_IN_USE,
                    "Beside the file of --out is one by its name and .part: what is left of one that was cut short, or one"
                            + " that is being written. Remove it if nobody writes it, or name another.");
        }
        return file;
    }

    private Path part() {
        return path.resolveSibling(path.getFileName() + ".part");
    }

    /** Writes the whole file or leaves nothing. Files that other commands are writing stay untouched. */
    public <T> T write(Content<T> writing) {
        try {
            OutputStream out = open();
            try (out) {
                T result = writing.to(out);
                out.close();
                finish();
                return result;
            } catch (IOException | RuntimeException e) {
                removePart(e);
                throw e;
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the file of --out could not be written", e);
        }
    }

    /** Calls {@link #write(Content)} with ready bytes. */
    public void write(byte[] bytes) {
        int unused = write(out -> {
            out.write(bytes);
            return bytes.length;
        });
    }

    private void removePart(Exception why) {
        try {
            Files.deleteIfExists(part());
        } catch (IOException e) {
            why.addSuppressed(e);
        }
    }

    private void finish() throws IOException {
        try {
            Files.createLink(path, part());
        } catch (FileAlreadyExistsException e) {
            throw new Refused(Problem.NAME_IN_USE, "Somebody made the file of --out meanwhile; name another.");
        } catch (UnsupportedOperationException | FileSystemException e) {
            // A file system without links, as on most memory sticks.
            Files.move(part(), path);
        }
        try {
            Files.deleteIfExists(part());
            if (syncs) {
                sync(path.toAbsolutePath().getParent());
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the file of --out is there, but may not be on disk", e);
        }
    }

    static boolean syncs(Path directory) {
        try (FileChannel names = FileChannel.open(directory)) {
            return syncs(names);
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean syncs(FileChannel names) throws IOException {
        try {
            names.force(true);
            return true;
        } catch (IOException e) {
            // A file system that cannot sync fails each time. Linux reports a failed disk write only once.
            names.force(true);
            throw new Refused(Problem.STORE_FULL, "The disk of --out has failed to write; name a file on another.");
        }
    }

    private static void sync(Path directory) throws IOException {
        try (FileChannel names = FileChannel.open(directory)) {
            names.force(true);
        }
    }

    private OutputStream open() throws IOException {
        FileChannel channel = FileChannel.open(
                part(),
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        return new FilterOutputStream(Channels.newOutputStream(channel)) {
            @Override
            public void write(byte[] bytes, int from, int length) throws IOException {
                out.write(bytes, from, length);
            }

            @Override
            public void close() throws IOException {
                if (channel.isOpen()) {
                    channel.force(true);
                }
                super.close();
            }
        };
    }
}
