package org.patronvault.upkeep.doctor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.sql.StoreException;

/** The checks for common operator mistakes, each with its cure. The doctor changes nothing and needs no key. */
public final class Doctor {
    private static final Set<PosixFilePermission> OTHERS = EnumSet.of(
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.GROUP_EXECUTE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_WRITE,
            PosixFilePermission.OTHERS_EXECUTE);

    /** The result of a check. */
    public enum Verdict {
        FINE,
        NOTE,
        WRONG;

        /** The word at the start of a line. */
        public String mark() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** A check's result and text, with the cure. */
    public record Line(String check, Verdict verdict, String says) {}

    /** One check of the doctor. */
    public interface Look {
        /** Looks now, and returns what it found: no line if there is nothing to say. */
        List<Line> look();
    }

    private final List<Look> looks;
    private final DiskLook disks;

    /**
     * Creates the doctor of a home.
     *
     * @param looks the checks, in the order of their lines
     * @param disks the one of them that knows the free space
     */
    public Doctor(List<Look> looks, DiskLook disks) {
        this.looks = List.copyOf(looks);
        this.disks = disks;
    }

    /** Runs every check in order. */
    public List<Line> look() {
        return looks.stream().flatMap(look -> look.look().stream()).toList();
    }

    /**
     * A check that something can be read.
     *
     * @param look reads it and returns the line's text, or throws what says why it cannot be read
     */
    public static Line readable(String check, Supplier<String> look) {
        try {
            return new Line(check, Verdict.FINE, look.get());
        } catch (Refused | StoreException e) {
            return new Line(check, Verdict.WRONG, e.getMessage());
        }
    }

    static boolean isOpenToOthers(Path file) {
        try {
            return !Files.isSymbolicLink(file)
                    && Files.getPosixFilePermissions(file).stream().anyMatch(OTHERS::contains);
        } catch (IOException e) {
            return false;
        }
    }

    static boolean isProgram(String name) {
        Stream<Path> places = name.contains("/")
                ? Stream.of(Path.of(name))
                : Stream.of(System.getenv().getOrDefault("PATH", "").split(":", -1))
                        .map(d -> Path.of(d, name));
        return places.anyMatch(file -> Files.isRegularFile(file) && Files.isExecutable(file));
    }

    /** The free bytes on the home's disk, or on the database's if there are fewer. Not a number if unknown. */
    public double freeBytes() {
        return disks.freeBytes();
    }
}
