package org.patronvault.upkeep.backup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The user that runs this process. */
public final class ProcessUser {
    private ProcessUser() {}

    /**
     * Returns the name as {@link Files#getOwner} does, so that it compares with file owners. It is a number for a user
     * without a name, as in the container, where Java's {@code user.name} is {@code ?}.
     */
    public static String name() {
        try {
            return Files.getOwner(Path.of("/proc/self")).getName();
        } catch (IOException e) {
            // On systems such as macOS.
            return System.getProperty("user.name");
        }
    }
}
