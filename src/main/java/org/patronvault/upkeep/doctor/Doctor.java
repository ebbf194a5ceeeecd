package org.patronvault.upkeep.doctor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Clock;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Policy;
import org.patronvault.core.store.sql.StoreException;
import org.patronvault.core.store.sql.StoreSettings;

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

    private final Path home;
    private final Path keys;
    private final Supplier<StoreSettings> settings;
    private final BooleanSupplier changed;
    private final Supplier<Policy> policy;
    private final AlertsLook alerts;
    private final ProxiesLook proxies;
    private final ScheduleLook schedule;
    private final PassphraseLook passphrase;
    private final DiskLook disks;
    private final HostLook host;
    private final MachineLook machines;
    private final LogLook log;
    private final PolicyLook posted;
    private final VendorLook vendors;
    private final BackupLook backups;
    private final TlsLook tls;
    private final SignOnLook signOn;
    private final AddressLook addresses;

    /**
     * Creates the doctor of a home.
     *
     * @param settings reads vault.yaml, and throws Refused if it is wrong
     * @param changed whether vault.yaml differs from the running server's, and throws Refused if it is wrong
     * @param policy reads policy.yaml, and throws Refused if it is wrong
     * @param alerts checks the receivers of alerts
     * @param proxies checks whose X-Forwarded-For is trusted
     * @param schedule checks for keys that are due
     * @param passphrase checks the file that unseals the service
     * @param machines checks slots that machines open
     * @param log checks the outside copies of checkpoints
     * @param posted checks the posted policy
     * @param vendors checks vendors' connections
     * @param backups checks the newest backup
     * @param tls checks the server's certificate
     * @param signOn checks the provider of staff sign-on
     * @param addresses checks the vault's addresses
     */
    public Doctor(
            Path home,
            Path keys,
            Supplier<StoreSettings> settings,
            BooleanSupplier changed,
            Supplier<Policy> policy,
            AlertsLook alerts,
            ProxiesLook proxies,
            ScheduleLook schedule,
            PassphraseLook passphrase,
            MachineLook machines,
            LogLook log,
            PolicyLook posted,
            VendorLook vendors,
            BackupLook backups,
            TlsLook tls,
            SignOnLook signOn,
            AddressLook addresses) {
        this.home = home;
        this.keys = keys;
        this.settings = settings;
        this.changed = changed;
        this.policy = policy;
        this.alerts = alerts;
        this.proxies = proxies;
        this.schedule = schedule;
        this.passphrase = passphrase;
        this.disks = new DiskLook(home, keys, settings);
        this.host = new HostLook(home);
        this.machines = machines;
        this.log = log;
        this.posted = posted;
        this.vendors = vendors;
        this.backups = backups;
        this.tls = tls;
        this.signOn = signOn;
        this.addresses = addresses;
    }

    /** Runs every check in order. */
    public List<Line> look() {
        List<Line> lines = new ArrayList<>();
        lines.add(ProgramLook.here().look());
        lines.add(settings());
        lines.add(refusable(
                "policy",
                () -> "policy.yaml carries out version " + policy.get().version() + "."));
        lines.addAll(posted.look());
        lines.add(new FilesLook(home, keys).look());
        lines.addAll(new DatabaseLook(settings).look());
        new MovedLook(home, settings).look().ifPresent(lines::add);
        lines.addAll(new AccessLook(settings, policy, home.resolve("policy.yaml"), Clock.systemUTC()).look());
        lines.add(alerts.look());
        lines.addAll(vendors.look());
        lines.addAll(log.look());
        lines.add(refusable("keys", () -> {
            int slots = KeyCustody.at(keys, Clock.systemUTC()).slots().size();
            return "Ring and slots can be read; " + slots + (slots == 1 ? " slot" : " slots")
                    + " can open them. The weakest one rules.";
        }));
        lines.add(new KeyCopiesLook(settings, keys, Clock.systemUTC()).look());
        lines.add(new LedgerLook(settings, keys).look());
        passphrase.look().ifPresent(lines::add);
        lines.addAll(machines.look());
        lines.addAll(disks.look());
        lines.addAll(host.look());
        lines.add(proxies.look());
        lines.addAll(tls.look());
        lines.addAll(signOn.look());
        lines.addAll(addresses.look());
        lines.add(backups.look());
        lines.add(schedule.look());
        lines.addAll(new RetentionLook(settings, policy, home.resolve("node"), Clock.systemUTC()).look());
        return lines;
    }

    private Line settings() {
        Line read = refusable("settings", () -> {
            String url = settings.get().jdbcUrl();
            return "vault.yaml can be read; the database is "
                    + (url.startsWith("jdbc:sqlite:") ? "SQLite." : "PostgreSQL.");
        });
        return read.verdict() == Verdict.FINE && changed.getAsBoolean()
                ? new Line(
                        "settings",
                        Verdict.WRONG,
                        "vault.yaml was changed since the service started, and what these lines say of it is not in force:"
                                + " `systemctl restart patron-vault`, with somebody there who can open the vault.")
                : read;
    }

    private static Line refusable(String check, Supplier<String> look) {
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
