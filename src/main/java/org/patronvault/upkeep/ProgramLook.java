package org.patronvault.upkeep;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What the doctor says of the program that runs, and of the Java under it: an update of either is not in force by itself. */
final class ProgramLook {
    private final List<Path> files;
    private final Instant started;

    /**
     * A look at files that were read when the process began.
     *
     * @param started when that was
     */
    ProgramLook(List<Path> files, Instant started) {
        this.files = List.copyOf(files);
        this.started = started;
    }

    /** That of this process. */
    static ProgramLook here() {
        // By how long it runs: a clock that was set since would have made it older than its own files.
        Instant started =
                Instant.now().minusMillis(ManagementFactory.getRuntimeMXBean().getUptime());
        return new ProgramLook(
                List.of(
                        Path.of(System.getProperty("java.class.path").split(java.io.File.pathSeparator, 2)[0]),
                        Path.of(System.getProperty("java.home"), "lib", "modules")),
                started);
    }

    Doctor.Line look() {
        String says = Optional.ofNullable(ProgramLook.class.getPackage().getImplementationVersion())
                        .map(version -> "Version " + version + " on Java ")
                        .orElse("Java ")
                + Runtime.version();
        return files.stream().anyMatch(this::isNewer)
                ? new Doctor.Line(
                        "program",
                        Doctor.Verdict.NOTE,
                        says
                                + " runs, and of either another was installed since it was started: `systemctl restart"
                                + " patron-vault`, with somebody there who can open the vault.")
                : new Doctor.Line("program", Doctor.Verdict.FINE, says + ".");
    }

    /** By when it was put there, which a package's date of its files does not say; what cannot be told is not newer. */
    private boolean isNewer(Path file) {
        try {
            return Files.getAttribute(file, "unix:ctime") instanceof FileTime put
                    && put.toInstant().isAfter(started);
        } catch (NoSuchFileException e) {
            // Removed since, as with the Java of an older Debian.
            return true;
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }
}
