package org.patronvault.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.function.Function;

/**
 * What tests of the jar share, made by the first of them in whichever JVM: a home with its accounts, and the archive of
 * the classes its server loaded. Kept beside the jar, for this jar and this Java only. On PostgreSQL, which is one for
 * each JVM, the home is one for each JVM too.
 */
final class PreparedHome {
    /** The JVM's option before the archive of classes, which must be there. */
    static final String ARCHIVE_OPTION = "-XX:SharedArchiveFile=";

    private static Path ofThisJvm;

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
     * @param maker makes a home that stays, and its {@link #shares}, given the options of its server's JVM; returns where
     *     it is
     */
    static Path home(Function<String[], Path> maker) {
        try {
            Path directory = Files.createDirectories(directory());
            Path home = directory.resolve("home");
            try (FileChannel lock =
                    FileChannel.open(directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                lock.lock();
                if (Databases.ON_POSTGRES) {
                    if (ofThisJvm == null) {
                        ofThisJvm = made(maker);
                    }
                    return ofThisJvm;
                }
                if (!Files.exists(home)) {
                    Path made = made(maker);
                    Path copy = directory.resolve("unfinished");
                    RunningVault.remove(copy);
                    RunningVault.copy(made, copy);
                    Files.copy(shares(made), shares(home), StandardCopyOption.REPLACE_EXISTING);
                    Files.move(copy, home, StandardCopyOption.ATOMIC_MOVE);
                }
                return home;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where the words of the shares stand that open a home. */
    static Path shares(Path home) {
        return home.resolveSibling("shares");
    }

    /** Makes a home, and the archive of classes if there is none. */
    private static Path made(Function<String[], Path> maker) throws IOException {
        if (Files.exists(classes())) {
            return maker.apply(new String[0]);
        }
        Path unfinished = classes().resolveSibling("unfinished.jsa");
        Path made = maker.apply(new String[] {"-XX:ArchiveClassesAtExit=" + unfinished});
        if (Files.exists(unfinished)) {
            Files.move(unfinished, classes(), StandardCopyOption.ATOMIC_MOVE);
        }
        return made;
    }
}
