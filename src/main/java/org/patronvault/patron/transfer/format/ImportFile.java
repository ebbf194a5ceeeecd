package org.patronvault.patron.transfer.format;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Optional;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/** The byte stream of a file to import, which counts the bytes read. Not safe for use by several threads. */
final class ImportFile extends FilterInputStream {

    /** Size and time of a file; another size or time means that the file was written to. */
    private record FileState(long bytes, FileTime modified) {
        private static Optional<FileState> at(Path file) throws IOException {
            BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
            return now.isRegularFile()
                    ? Optional.of(new FileState(now.size(), now.lastModifiedTime()))
                    : Optional.empty();
        }
    }

    private final Optional<Path> path;
    private final Optional<FileState> atFirst;
    private long bytesRead;

    private ImportFile(InputStream in, Optional<Path> path, Optional<FileState> atFirst) {
        super(in);
        this.path = path;
        this.atFirst = atFirst;
    }

    /**
     * Opens {@code file}.
     *
     * @throws Refused {@code invalid} if it cannot be read
     */
    static ImportFile open(Path file) {
        if (Files.isDirectory(file)) {
            throw new Refused(Problem.INVALID, "The import needs a file and was given a directory.");
        }
        try {
            Optional<FileState> look = FileState.at(file);
            return new ImportFile(Files.newInputStream(file), Optional.of(file), look);
        } catch (IOException e) {
            throw new Refused(Problem.INVALID, "The file to import is not there or cannot be read.");
        }
    }

    /** A stream of unknown length, unless {@code in} is an import file itself. */
    static ImportFile of(InputStream in) {
        return in instanceof ImportFile file ? file : new ImportFile(in, Optional.empty(), Optional.empty());
    }

    /** How far it has been read; empty if it is not a plain file. */
    Optional<PatronReader.Position> position() {
        return atFirst.map(look -> new PatronReader.Position(bytesRead, look.bytes()));
    }

    /** Whether the file has been written to, moved away or removed since it was opened. */
    boolean changed() {
        try {
            return atFirst.isPresent() && !atFirst.equals(FileState.at(path.orElseThrow()));
        } catch (IOException e) {
            return true;
        }
    }

    @Override
    public int read() throws IOException {
        int b = super.read();
        bytesRead += b < 0 ? 0 : 1;
        return b;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        int n = super.read(buffer, offset, length);
        bytesRead += Math.max(0, n);
        return n;
    }

    @Override
    public long skip(long n) throws IOException {
        long skipped = super.skip(n);
        bytesRead += skipped;
        return skipped;
    }

    @Override
    public boolean markSupported() {
        return false;
    }
}
