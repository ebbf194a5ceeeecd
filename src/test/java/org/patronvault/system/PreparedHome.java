package org.patronvault.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.function.UnaryOperator;

/**
 * What tests of the jar share, made by the first of them in whichever JVM: a home with its accounts, and the archive of
 * the classes its server loaded. Kept beside the jar, for this jar and this Java only.
 */
final class PreparedHome {
    /** The JVM's option before the archive of classes, which must be there. */
    static final String ARCHIVE_OPTION = "-XX:SharedArchiveFile=";

    private PreparedHome() {}

    private static Path directory() {
        try {
            long made = Files.getLastModifiedTime(VaultProcess.jar()).toMillis();
            String name = "prepared-" + Long.toHexString(made) + "-" + System.getProperty("java.runtime.version");
            return VaultProcess.jar().resolveSibling(name);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where the archive of classes is, or will be. */
    static Path classes() {
        return directory().resolve("classes.jsa");
    }

    /**
     * The home, made if need be.
     *
     * @param maker makes a home, given where the archive of classes shall be put; returns where the home is
     */
    static Path home(UnaryOperator<Path> maker) {
        try {
            Path directory = Files.createDirectories(directory());
            Path home = directory.resolve("home");
            try (FileChannel lock =
                    FileChannel.open(directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                lock.lock();
                if (!Files.exists(home)) {
                    Path unfinished = directory.resolve("unfinished.jsa");
                    Path made = maker.apply(unfinished);
                    Path copy = directory.resolve("unfinished");
                    RunningVault.remove(copy);
                    RunningVault.copy(made, copy);
                    if (Files.exists(unfinished)) {
                        Files.move(unfinished, classes(), StandardCopyOption.ATOMIC_MOVE);
                    }
                    Files.move(copy, home, StandardCopyOption.ATOMIC_MOVE);
                }
                return home;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
