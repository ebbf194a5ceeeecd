package org.patronvault.core.keys.file;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A reader for files that may come from others: a file of any length cannot fill the memory. */
public final class SmallFile {
    private SmallFile() {}

    /**
     * Returns a whole file.
     *
     * @param mostBytes the most bytes of a valid file
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

    /** Returns a whole file as text; throws an IOException if it is longer, unreadable or not UTF-8. */
    public static String readText(Path file, int mostBytes) throws IOException {
        return StandardCharsets.UTF_8
                .newDecoder()
                .decode(ByteBuffer.wrap(read(file, mostBytes)))
                .toString();
    }
}
