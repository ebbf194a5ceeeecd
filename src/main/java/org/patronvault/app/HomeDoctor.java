package org.patronvault.app;

import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Supplier;
import org.patronvault.access.signon.OpenIdSettings;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.policy.Policy;
import org.patronvault.core.policy.PolicyFile;
import org.patronvault.core.store.sql.StoreSettings;
import org.patronvault.upkeep.doctor.AccessLook;
import org.patronvault.upkeep.doctor.AddressLook;
import org.patronvault.upkeep.doctor.AlertsLook;
import org.patronvault.upkeep.doctor.BackupLook;
import org.patronvault.upkeep.doctor.DatabaseLook;
import org.patronvault.upkeep.doctor.DiskLook;
import org.patronvault.upkeep.doctor.Doctor;
import org.patronvault.upkeep.doctor.FilesLook;
import org.patronvault.upkeep.doctor.HostLook;
import org.patronvault.upkeep.doctor.KeyCopiesLook;
import org.patronvault.upkeep.doctor.LedgerLook;
import org.patronvault.upkeep.doctor.LogLook;
import org.patronvault.upkeep.doctor.MachineLook;
import org.patronvault.upkeep.doctor.MovedLook;
import org.patronvault.upkeep.doctor.PassphraseLook;
import org.patronvault.upkeep.doctor.PolicyLook;
import org.patronvault.upkeep.doctor.ProgramLook;
import org.patronvault.upkeep.doctor.ProxiesLook;
import org.patronvault.upkeep.doctor.RetentionLook;
import org.patronvault.upkeep.doctor.ScheduleLook;
import org.patronvault.upkeep.doctor.SignOnLook;
import org.patronvault.upkeep.doctor.TlsLook;
import org.patronvault.upkeep.doctor.VendorLook;
import org.patronvault.web.http.ServerTls;
import org.patronvault.web.http.WebSettings;

/**
 * The doctor of a home. It reads the home's files again for each report, and gets from the server what no file holds.
 */
public final class HomeDoctor {
    private final Home home;
    private final Supplier<Map<String, String>> untold;
    private final Supplier<Set<String>> halfUsed;
    private final Supplier<List<String>> kept;
    private volatile ServeOptions started = ServeOptions.NOTHING;

    /** Creates the doctor of a home without a server. */
    public HomeDoctor(Home home) {
        this(home, Map::of, Set::of, List::of);
    }

    /**
     * Creates the doctor of a home that a server will use.
     *
     * @param untold reasons why alert receivers did not take the last message, by receiver
     * @param halfUsed clients that reached half of their entitlement checks a minute
     * @param kept sentences on key versions with passwords and client keys that nobody used in time
     */
    HomeDoctor(
            Home home,
            Supplier<Map<String, String>> untold,
            Supplier<Set<String>> halfUsed,
            Supplier<List<String>> kept) {
        this.home = home;
        this.untold = untold;
        this.halfUsed = halfUsed;
        this.kept = kept;
    }

    /** Tells the doctor how its server was started. */
    public void started(ServeOptions with) {
        started = with;
    }

    /** Checks the home and how its server was started. */
    public Doctor doctor() {
        return doctor(Optional.empty(), Optional.empty());
    }

    /**
     * Checks the home with these files in place of the server's, if they are given. An HSM PIN without either comes
     * from vault.yaml.
     */
    public Doctor doctor(Optional<Path> passphraseFile, Optional<Path> hsmPin) {
        Supplier<ServeOptions> now = () -> started.with(passphraseFile, hsmPin);
        Path directory = home.directory();
        Path keys = home.keys();
        Supplier<Settings> settings = () -> Settings.read(home);
        Supplier<StoreSettings> store = () -> settings.get().store(home);
        Supplier<Policy> policy = () -> PolicyFile.read(home.policy());
        Clock clock = Clock.systemUTC();
        DiskLook disks = new DiskLook(directory, keys, store);
        return new Doctor(
                List.of(
                        ProgramLook.here(),
                        () -> List.of(settings(store, now.get().settings())),
                        () -> List.of(Doctor.readable(
                                "policy",
                                () -> "policy.yaml has version " + policy.get().version() + " and carries out version "
                                        + policy.get().posted() + " of the posted policy.")),
                        new PolicyLook(
                                directory, store, policy, () -> settings.get().placeholders(), clock),
                        new FilesLook(directory, keys),
                        new DatabaseLook(store),
                        new MovedLook(directory, store),
                        new AccessLook(store, policy, home.policy(), clock),
                        new AlertsLook(() -> settings.get().alertsOf(home), untold),
                        new VendorLook(
                                store,
                                policy,
                                () -> settings.get().vendors().look(home),
                                () -> settings.get().vendors().sip2Of(home),
                                halfUsed),
                        new LogLook(store, () -> outside(settings.get()), home.node(), clock),
                        () -> List.of(Doctor.readable("keys", () -> slots(KeyCustody.at(keys, clock)))),
                        new KeyCopiesLook(store, keys, clock),
                        new LedgerLook(store, keys),
                        new PassphraseLook(
                                directory,
                                () -> now.get().passphraseFile(),
                                () -> now.get().exitOnSeal()),
                        new MachineLook(
                                directory,
                                keys,
                                home.node(),
                                () -> now.get().hsmPin().or(() -> settings.get().hsmPinFile(home))),
                        disks,
                        new HostLook(directory),
                        new ProxiesLook(() -> proxies(settings.get(), now.get().web())),
                        new TlsLook(
                                () -> now.get()
                                        .web()
                                        .map(web -> web.tls().map(used -> TlsFiles.look(home, used)))
                                        .orElseGet(() -> TlsFiles.look(home, settings.get())),
                                () -> settings.get().vendors().sip2TlsLook(home),
                                clock),
                        new SignOnLook(() -> settings.get().signOnOf(home), policy),
                        new AddressLook(
                                () -> addresses(home, settings.get(), now.get().web())),
                        new BackupLook(store, () -> settings.get().backup().planOf(home), clock),
                        new ScheduleLook(
                                store,
                                () -> settings.get().rotateAfterDays(),
                                () -> settings.get().destroyWaitDays(),
                                kept,
                                keys,
                                clock),
                        new RetentionLook(store, policy, home.node(), clock)),
                disks);
    }

    private Doctor.Line settings(Supplier<StoreSettings> store, Optional<Settings> used) {
        Doctor.Line read = Doctor.readable("settings", () -> {
            String url = store.get().jdbcUrl();
            return "vault.yaml can be read; the database is "
                    + (url.startsWith("jdbc:sqlite:") ? "SQLite." : "PostgreSQL.");
        });
        return read.verdict() == Doctor.Verdict.FINE && isAnother(used)
                ? new Doctor.Line(
                        "settings",
                        Doctor.Verdict.WRONG,
                        "vault.yaml was changed since the service started, and what these lines say of it is not in force:"
                                + " `systemctl restart patron-vault`, with somebody there who can open the vault.")
                : read;
    }

    private static String slots(KeyCustody custody) {
        int slots = custody.slots().size();
        return "Ring and slots can be read; " + slots + (slots == 1 ? " slot" : " slots")
                + " can open them. The weakest one rules.";
    }

    private boolean isAnother(Optional<Settings> settings) {
        return settings.filter(
                        then -> !then.written().equals(Settings.read(home).written()))
                .isPresent();
    }

    private static ProxiesLook.Said proxies(Settings settings, Optional<WebSettings> served) {
        return new ProxiesLook.Said(
                !settings.proxies().isEmpty(),
                settings.proxies().areMany(),
                served.filter(WebSettings::behindProxy).isPresent());
    }

    private static AddressLook.Said addresses(Home home, Settings settings, Optional<WebSettings> served) {
        Optional<VendorSettings.Gateway> gateway = settings.vendors().sip2();
        return new AddressLook.Said(
                served.map(WebSettings::host).orElse(settings.host()),
                served.map(WebSettings::port).orElse(settings.port()),
                served.map(WebSettings::publicPort).orElse(OptionalInt.empty()),
                served.map(web -> web.tls().isEmpty()).orElse(false),
                settings.publicUrl(),
                settings.signOnOf(home).map(OpenIdSettings::callback),
                served.map(WebSettings::tls)
                        .orElseGet(() -> TlsFiles.used(home, settings))
                        .map(ServerTls::names),
                !settings.proxies().isEmpty()
                        || served.filter(WebSettings::behindProxy).isPresent(),
                gateway.map(VendorSettings.Gateway::host),
                gateway.flatMap(VendorSettings.Gateway::tls).isPresent());
    }

    private static LogLook.Outside outside(Settings settings) {
        LogSettings log = settings.log();
        return new LogLook.Outside(
                log.witnesses(), log.witnessWait(), !log.dailyCheckpoint().isEmpty(), settings.checkDays());
    }
}
