package org.patronvault.upkeep.doctor;

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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The doctor's check of the machine: its clock, swap and restarts. */
public final class HostLook implements Doctor.Look {
    private static final String CLOCK = "clock";
    /** Files of chrony, ntpd, ntpsec and openntpd below /run while they run. */
    private static final List<String> TIME_SERVICES =
            List.of("chrony", "chrony.pid", "chronyd.pid", "ntpd.pid", "ntpd.sock", "ntpsec", "openntpd.pid");

    private static final Pattern RESTART = Pattern.compile("^\\s*Unattended-Upgrade::Automatic-Reboot\\s+\"(\\w+)\"");

    private static final String UNIT = "patron-vault.service";
    private static final int LONGEST_PATH = 94;
    static final Instant BUILT = Instant.parse("2026-12-02T00:00:00Z");

    private final Path home;

    public HostLook(Path home) {
        this.home = home;
    }

    @Override
    public List<Doctor.Line> look() {
        List<Doctor.Line> lines = new ArrayList<>();
        lines.add(clock(ZoneId.systemDefault()));
        clock(Path.of("/run")).ifPresent(lines::add);
        String group = text(Path.of("/proc/self/cgroup"));
        swap(text(Path.of("/proc/swaps")), isKeptFromSwap(group, Path.of("/sys/fs/cgroup")))
                .ifPresent(lines::add);
        enabled(group, Path.of("/etc/systemd/system")).ifPresent(lines::add);
        restart(Path.of("/etc/apt/apt.conf.d")).ifPresent(lines::add);
        longPath(home).ifPresent(lines::add);
        return lines;
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return "";
        }
    }

    /**
     * Returns a line if the time service has not set the clock, or no time service is visible. A container without
     * systemd gets no line, because its host has the clock.
     *
     * @param run the directory in which services leave traces
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

    /** Whether this process, which is the service if one runs, gets no swap (cgroups, version 2). */
    static boolean isKeptFromSwap(String ownGroup, Path groups) {
        return ownGroup.lines()
                .filter(line -> line.startsWith("0::/"))
                .map(line -> groups.resolve(line.substring("0::/".length())).resolve("memory.swap.max"))
                .anyMatch(most -> text(most).strip().equals("0"));
    }

    /** The home plus {@code /node/socket} must fit a socket address of at most 106 bytes. */
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
     * Compressed memory counts as memory, not as swap.
     *
     * @param kept whether this process, which is the service if one runs, gets no swap. Typed commands do.
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
     * Whether this service starts again with the machine.
     *
     * @param ownGroup of this process
     * @param units the directory of systemd's enabled units
     */
    static Optional<Doctor.Line> enabled(String ownGroup, Path units) {
        return ownGroup.strip().endsWith("/system.slice/" + UNIT) && !isWanted(units)
                ? Optional.of(new Doctor.Line(
                        "start",
                        Doctor.Verdict.NOTE,
                        "The service does not start with the machine: run `systemctl enable patron-vault`."))
                : Optional.empty();
    }

    /**
     * Whether the machine restarts automatically, after which a person must unseal the vault.
     *
     * @param configuration of apt, whose files count in name order
     */
    static Optional<Doctor.Line> restart(Path configuration) {
        boolean restarts = false;
        try (Stream<Path> files = Files.list(configuration)) {
            for (Path file : files.sorted().toList()) {
                for (String line : text(file).lines().toList()) {
                    Matcher says = RESTART.matcher(line);
                    restarts = says.find() ? says.group(1).equals("true") : restarts;
                }
            }
        } catch (IOException e) {
            return Optional.empty();
        }
        return restarts
                ? Optional.of(new Doctor.Line(
                        "restart",
                        Doctor.Verdict.NOTE,
                        "unattended-upgrades starts this machine anew by itself, and the vault is sealed then until somebody"
                                + " opens it: set Unattended-Upgrade::Automatic-Reboot to \"false\" in "
                                + configuration + "."))
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
            // An unreadable directory counts as unknown.
            return true;
        }
    }

    /** @param zone of this process, which is the service if one runs */
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
