package org.patronvault.upkeep;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.patronvault.model.Refused;
import org.patronvault.store.StoreSettings;

/** What the doctor says of the machine: its disks, its clock. */
final class HostLook {
    private static final String DISK = "disk";
    private static final String VOLUMES = "volumes";
    private static final String CLOCK = "clock";
    private static final Pattern SHARES =
            Pattern.compile("nfs.*|cifs|smb.*|fuse\\.sshfs|9p|afs|ceph|glusterfs|fuse\\.glusterfs");
    /** What chrony, ntpd, ntpsec and openntpd leave below /run while they run. */
    private static final List<String> TIME_SERVICES =
            List.of("chrony", "chrony.pid", "chronyd.pid", "ntpd.pid", "ntpd.sock", "ntpsec", "openntpd.pid");

    private static final String UNIT = "patron-vault.service";
    private static final int LONGEST_PATH = 94;
    private static final long LOW_DISK_BYTES = 1L << 30;
    private static final Instant BUILT = Instant.parse("2026-11-24T00:00:00Z");

    private final Path home;
    private final Path keys;
    private final Supplier<StoreSettings> settings;

    HostLook(Path home, Path keys, Supplier<StoreSettings> settings) {
        this.home = home;
        this.keys = keys;
        this.settings = settings;
    }

    List<Doctor.Line> look() {
        List<Doctor.Line> lines = new ArrayList<>();
        Optional<Path> file = file();
        lines.add(file.isEmpty() ? ofAServer() : volumes());
        file.flatMap(HostLook::type).flatMap(HostLook::share).ifPresent(lines::add);
        lines.add(disk(freeBytes(), file.map(HostLook::size).orElse(0L)));
        lines.add(clock(ZoneId.systemDefault()));
        clock(Path.of("/run")).ifPresent(lines::add);
        String group = text(Path.of("/proc/self/cgroup"));
        swap(text(Path.of("/proc/swaps")), isKeptFromSwap(group, Path.of("/sys/fs/cgroup")))
                .ifPresent(lines::add);
        enabled(group, Path.of("/etc/systemd/system")).ifPresent(lines::add);
        longPath(home).ifPresent(lines::add);
        return lines;
    }

    /** The database's; empty where it is on a server, or the settings are wrong. */
    private Optional<Path> file() {
        try {
            return settings.get().file();
        } catch (Refused e) {
            return Optional.of(home);
        }
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            return 0;
        }
    }

    private static Optional<String> type(Path file) {
        try {
            return Optional.of(Files.getFileStore(file).type());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return "";
        }
    }

    static Optional<Doctor.Line> share(String fileSystem) {
        return SHARES.matcher(fileSystem).matches()
                ? Optional.of(new Doctor.Line(
                        VOLUMES,
                        Doctor.Verdict.WRONG,
                        "The database's file lies on another machine (" + fileSystem
                                + "), where SQLite's locks and syncs"
                                + " cannot be relied on: put the home on a disk of this machine, or use PostgreSQL."))
                : Optional.empty();
    }

    /**
     * Of a service that has not set the clock, and of a machine on which no service is seen that does. Of a container, which
     * has no systemd, nothing is said: its host has the clock.
     *
     * @param run where services leave signs of themselves
     */
    static Optional<Doctor.Line> clock(Path run) {
        Path timesync = run.resolve("systemd/timesync");
        if (Files.isDirectory(timesync)) {
            return Files.exists(timesync.resolve("synchronized"))
                    ? Optional.empty()
                    : Optional.of(new Doctor.Line(
                            CLOCK,
                            Doctor.Verdict.NOTE,
                            "systemd-timesyncd has not set the clock since the machine started: see `timedatectl"
                                    + " timesync-status`."));
        }
        return Files.isDirectory(run.resolve("systemd/system"))
                        && TIME_SERVICES.stream().noneMatch(sign -> Files.exists(run.resolve(sign)))
                ? Optional.of(new Doctor.Line(
                        CLOCK,
                        Doctor.Verdict.NOTE,
                        "No service is seen that sets the clock: run `apt-get install systemd-timesyncd`, unless another does,"
                                + " or what this machine runs in."))
                : Optional.empty();
    }

    /** Whether this process, which is the service where one runs, gets no swap (cgroups, version 2). */
    static boolean isKeptFromSwap(String ownGroup, Path groups) {
        return ownGroup.lines()
                .filter(line -> line.startsWith("0::/"))
                .map(line -> groups.resolve(line.substring("0::/".length())).resolve("memory.swap.max"))
                .anyMatch(most -> text(most).strip().equals("0"));
    }

    /** With {@code /node/socket} behind it: the address of a socket has 106 bytes at most. */
    static Optional<Doctor.Line> longPath(Path home) {
        return home.toAbsolutePath().toString().getBytes(StandardCharsets.UTF_8).length > LONGEST_PATH
                ? Optional.of(new Doctor.Line(
                        "path",
                        Doctor.Verdict.WRONG,
                        "The home's path is longer than " + LONGEST_PATH
                                + " bytes, so the command socket cannot be made"
                                + " and the service does not start: move it."))
                : Optional.empty();
    }

    /**
     * What lies in compressed memory stays in memory.
     *
     * @param kept whether this process, which is the service where one runs, gets none; commands that are typed do
     */
    static Optional<Doctor.Line> swap(String swaps, boolean kept) {
        boolean isOn = swaps.lines().skip(1).anyMatch(line -> !line.isBlank() && !line.startsWith("/dev/zram"));
        return isOn
                ? Optional.of(new Doctor.Line(
                        "swap",
                        Doctor.Verdict.NOTE,
                        kept
                                ? "Swap is on. The service gets none, but a passphrase or names in a command that is typed may get"
                                        + " to a disk and stay there: turn swap off, or encrypt it."
                                : "Swap is on, so keys and names may get to a disk and stay there: turn it off, encrypt it, or give"
                                        + " the service MemorySwapMax=0, as the Debian package does."))
                : Optional.empty();
    }

    /**
     * Whether the service that this process is comes back when the machine is started.
     *
     * @param ownGroup of this process
     * @param units where systemd has what is enabled
     */
    static Optional<Doctor.Line> enabled(String ownGroup, Path units) {
        return ownGroup.strip().endsWith("/system.slice/" + UNIT) && !isWanted(units)
                ? Optional.of(new Doctor.Line(
                        "start",
                        Doctor.Verdict.NOTE,
                        "The service does not start with the machine: run `systemctl enable patron-vault`."))
                : Optional.empty();
    }

    private static boolean isWanted(Path units) {
        try (DirectoryStream<Path> targets = Files.newDirectoryStream(units, "*.{wants,requires}")) {
            for (Path target : targets) {
                if (Files.isSymbolicLink(target.resolve(UNIT))) {
                    return true;
                }
            }
            return false;
        } catch (IOException e) {
            // Who cannot look does not know.
            return true;
        }
    }

    private static Doctor.Line ofAServer() {
        return new Doctor.Line(
                VOLUMES,
                Doctor.Verdict.FINE,
                "The data are where the database server has them; keep keys/ off its disks.");
    }

    private Doctor.Line volumes() {
        try {
            return Disk.holds(keys, home)
                    ? new Doctor.Line(
                            VOLUMES,
                            Doctor.Verdict.NOTE,
                            "keys/ and data share a volume: one stolen disk holds both. Put keys/ on another one.")
                    : new Doctor.Line(VOLUMES, Doctor.Verdict.FINE, "keys/ and data are on different volumes.");
        } catch (IOException e) {
            return new Doctor.Line(VOLUMES, Doctor.Verdict.WRONG, "The volumes cannot be looked at.");
        }
    }

    /** Free on the disk of the home; not a number if that cannot be told. */
    double freeBytes() {
        try {
            return Files.getFileStore(home).getUsableSpace();
        } catch (IOException e) {
            return Double.NaN;
        }
    }

    static Doctor.Line disk(double free, long database) {
        if (Double.isNaN(free)) {
            return new Doctor.Line(DISK, Doctor.Verdict.WRONG, "The disk cannot be looked at.");
        }
        String says = (long) free / (1 << 20) + " MiB are free.";
        if (free < LOW_DISK_BYTES) {
            return new Doctor.Line(
                    DISK,
                    Doctor.Verdict.WRONG,
                    says
                            + " A full disk stops the vault: make room (custody-backup.md says what may go, and what never).");
        }
        return free < 2.0 * database
                ? new Doctor.Line(
                        DISK,
                        Doctor.Verdict.NOTE,
                        says
                                + " That is less than twice the database, which a backup or `restore` may take: make room.")
                : new Doctor.Line(DISK, Doctor.Verdict.FINE, says);
    }

    /** @param zone of this process, which is the service where one runs */
    static Doctor.Line clock(ZoneId zone) {
        if (Clock.systemUTC().instant().isBefore(BUILT)) {
            return new Doctor.Line(
                    CLOCK, Doctor.Verdict.WRONG, "The clock is behind this program's own date: set it, and use NTP.");
        }
        boolean universal = zone.normalized().equals(ZoneOffset.UTC);
        return new Doctor.Line(
                CLOCK,
                universal ? Doctor.Verdict.NOTE : Doctor.Verdict.FINE,
                "The clock is past this program's own date. Days, a card's last one too, end in the time zone " + zone
                        + "."
                        + (universal
                                ? " If that is not the library's: `timedatectl set-timezone America/New_York`, or"
                                        + " wherever it is (TZ in a container), and start the service anew."
                                : ""));
    }
}
