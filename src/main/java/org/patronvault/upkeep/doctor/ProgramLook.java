package org.patronvault.upkeep.doctor;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The doctor's check of the running program and Java: an update of either needs a restart. */
public final class ProgramLook implements Doctor.Look {
    private final List<Path> files;
    private final Instant started;

    /**
     * Creates the check of files that the process read at its start.
     *
     * @param started the start
     */
    ProgramLook(List<Path> files, Instant started) {
        this.files = List.copyOf(files);
        this.started = started;
    }

    /** Creates the check of this process. */
    public static ProgramLook here() {
        // Uses the uptime: after a change of the clock, the start time could predate the files.
        Instant started =
                Instant.now().minusMillis(ManagementFactory.getRuntimeMXBean().getUptime());
        return new ProgramLook(
                List.of(
                        Path.of(System.getProperty("java.class.path").split(java.io.File.pathSeparator, 2)[0]),
                        Path.of(System.getProperty("java.home"), "lib", "modules")),
                started);
    }

    @Override
    public List<Doctor.Line> look() {
        return List.of(line());
    }

    Doctor.Line line() {
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

    /** Uses the ctime, because a package keeps the files' own dates. Unknown counts as not newer. */
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
