package org.patronvault.upkeep;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The user that this process runs as. */
public final class ProcessUser {
    private ProcessUser() {}

    /**
     * As {@link Files#getOwner} calls it, so that it can be compared with who owns a file: the number where the user has no
     * name, as in the container, where Java's {@code user.name} is {@code ?}.
     */
    public static String name() {
        try {
            return Files.getOwner(Path.of("/proc/self")).getName();
        } catch (IOException e) {
            // As on macOS.
            return System.getProperty("user.name");
        }
    }
}
