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
import org.patronvault.core.policy.PolicyFile;
import org.patronvault.upkeep.doctor.AddressLook;
import org.patronvault.upkeep.doctor.AlertsLook;
import org.patronvault.upkeep.doctor.BackupLook;
import org.patronvault.upkeep.doctor.Doctor;
import org.patronvault.upkeep.doctor.LogLook;
import org.patronvault.upkeep.doctor.MachineLook;
import org.patronvault.upkeep.doctor.PassphraseLook;
import org.patronvault.upkeep.doctor.PolicyLook;
import org.patronvault.upkeep.doctor.ProxiesLook;
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
        return new Doctor(
                home.directory(),
                home.keys(),
                () -> Settings.read(home).store(home),
                () -> isAnother(now.get().settings()),
                () -> PolicyFile.read(home.policy()),
                new AlertsLook(() -> Settings.read(home).alertsOf(home), untold),
                new ProxiesLook(() -> proxies(Settings.read(home), now.get().web())),
                new ScheduleLook(
                        () -> Settings.read(home).store(home),
                        () -> Settings.read(home).rotateAfterDays(),
                        () -> Settings.read(home).destroyWaitDays(),
                        kept,
                        home.keys(),
                        Clock.systemUTC()),
                new PassphraseLook(
                        home.directory(),
                        () -> now.get().passphraseFile(),
                        () -> now.get().exitOnSeal()),
                new MachineLook(
                        home.directory(),
                        home.keys(),
                        home.node(),
                        () -> now.get().hsmPin().or(() -> Settings.read(home).hsmPinFile(home))),
                new LogLook(
                        () -> Settings.read(home).store(home),
                        () -> outside(Settings.read(home)),
                        home.node(),
                        Clock.systemUTC()),
                new PolicyLook(
                        home.directory(),
                        () -> Settings.read(home).store(home),
                        () -> PolicyFile.read(home.policy()),
                        () -> Settings.read(home).placeholders(),
                        Clock.systemUTC()),
                new VendorLook(
                        () -> Settings.read(home).store(home),
                        () -> PolicyFile.read(home.policy()),
                        () -> Settings.read(home).vendors().look(home),
                        () -> Settings.read(home).vendors().sip2Of(home),
                        halfUsed),
                new BackupLook(
                        () -> Settings.read(home).store(home),
                        () -> Settings.read(home).backup().planOf(home),
                        Clock.systemUTC()),
                new TlsLook(
                        () -> now.get()
                                .web()
                                .map(web -> web.tls().map(used -> TlsFiles.look(home, used)))
                                .orElseGet(() -> TlsFiles.look(home, Settings.read(home))),
                        () -> Settings.read(home).vendors().sip2TlsLook(home),
                        Clock.systemUTC()),
                new SignOnLook(() -> Settings.read(home).signOnOf(home), () -> PolicyFile.read(home.policy())),
                new AddressLook(
                        () -> addresses(home, Settings.read(home), now.get().web())));
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
