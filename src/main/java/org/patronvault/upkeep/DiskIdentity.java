package org.patronvault.upkeep;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Which disk something is on, as far as the system says it: two partitions of one disk are two. */
final class DiskIdentity {
    private static final String NUMBER = "unix:dev";

    private DiskIdentity() {}

    /**
     * Whether one file system has both. By its number and not as {@code FileStore} compares, for which two volumes of a
     * container are two disks though they are directories of one.
     */
    static boolean holds(Path one, Path other) throws IOException {
        return Files.getAttribute(one, NUMBER).equals(Files.getAttribute(other, NUMBER));
    }
}
