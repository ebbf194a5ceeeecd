package org.patronvault.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file system that is not that of a test's directory. */
public final class OtherDisk {
    private static final Path MEMORY = Path.of("/dev/shm");

    private OtherDisk() {}

    /** A directory on it, which others use too; the test is skipped where there is none. */
    public static Path than(Path directory) throws IOException {
        Skips.pointless(
                !Files.isDirectory(MEMORY) || Files.getFileStore(MEMORY).equals(Files.getFileStore(directory)),
                "there is no other file system");
        return MEMORY;
    }
}
