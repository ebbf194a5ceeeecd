package org.patronvault.cli;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;

/** The file of {@code --out}: a new one, for its owner alone, on disk when it is closed. */
record OutFile(Path path) {

    /** Refused if it is there already, or cannot be made. */
    static OutFile require(Path path) {
        if (Files.exists(path)) {
            throw new Refused(Problem.NAME_IN_USE, "The file of --out is there already; name another.");
        }
        Path directory = path.toAbsolutePath().getParent();
        if (!Files.isDirectory(directory) || !Files.isWritable(directory)) {
            throw new Refused(Problem.INVALID, "The directory of --out is not there, or not yours to write to.");
        }
        return new OutFile(path);
    }

    /** Takes away what was written of it: it is not all. */
    void discard() throws IOException {
        Files.deleteIfExists(path);
    }

    /** A file beside it, to be {@link #finish finished}: as long as not all is written, none is there by this name. */
    OutFile unfinished() {
        OutFile part = new OutFile(path.resolveSibling(path.getFileName() + ".part"));
        if (Files.exists(part.path)) {
            throw new Refused(
                    Problem.NAME_IN_USE,
                    "Beside the file of --out is one by its name and .part: what is left of an export that was cut"
                            + " short, or one that is being written. Remove it if nobody writes it, or name another.");
        }
        return part;
    }

    /** Gives what {@link #unfinished} was written, and closed, its name; refused if somebody else took it meanwhile. */
    void finish(OutFile part) throws IOException {
        try {
            Files.createLink(path, part.path);
            part.discard();
        } catch (UnsupportedOperationException e) {
            // A file system without links.
            Files.move(part.path, path);
        } catch (FileAlreadyExistsException e) {
            throw new Refused(Problem.NAME_IN_USE, "Somebody made the file of --out meanwhile; name another.");
        }
    }

    OutputStream open() throws IOException {
        FileChannel channel = FileChannel.open(
                path,
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
