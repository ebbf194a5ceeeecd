package org.patronvault.upkeep.backup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The identity of disks, as far as the system tells: two partitions of one disk count as two. */
public final class DiskIdentity {
    private static final String NUMBER = "unix:dev";

    private DiskIdentity() {}

    /**
     * Whether one file system holds both paths. Compares device numbers, because {@code FileStore} takes two volumes of
     * a container for two disks even if they are directories of one.
     */
    public static boolean holds(Path one, Path other) throws IOException {
        return Files.getAttribute(one, NUMBER).equals(Files.getAttribute(other, NUMBER));
    }
}
