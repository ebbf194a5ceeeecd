package org.patronvault.keys;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads files that somebody else may have written, of which none fills the memory, however long it is. */
public final class SmallFile {
    private SmallFile() {}

    /**
     * All of a file.
     *
     * @param mostBytes what one that is right has at most
     * @throws IOException if it is longer, or cannot be read
     */
    public static byte[] read(Path file, int mostBytes) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(mostBytes + 1);
            if (bytes.length > mostBytes) {
                throw new IOException("a file is longer than any that is right");
            }
            return bytes;
        }
    }

    /** The same of text; throws an IOException if it is not in UTF-8, too. */
    public static String readText(Path file, int mostBytes) throws IOException {
        return StandardCharsets.UTF_8
                .newDecoder()
                .decode(ByteBuffer.wrap(read(file, mostBytes)))
                .toString();
    }
}
