package org.patronvault.app;

import java.time.Clock;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;
import org.patronvault.access.OpenIdSettings;
import org.patronvault.access.PolicyFile;
import org.patronvault.upkeep.AddressLook;
import org.patronvault.upkeep.BackupLook;
import org.patronvault.upkeep.Doctor;
import org.patronvault.upkeep.LogLook;
import org.patronvault.upkeep.MachineLook;
import org.patronvault.upkeep.PassphraseLook;
import org.patronvault.upkeep.PolicyLook;
import org.patronvault.upkeep.ScheduleLook;
import org.patronvault.upkeep.SignOnLook;
import org.patronvault.upkeep.TlsLook;
import org.patronvault.upkeep.VendorLook;
import org.patronvault.web.ServerTls;
import org.patronvault.web.WebSettings;

/** The doctor of a home, who reads its files anew at each look, and knows what its server was started with. */
public final class HomeDoctor {
    private final Home home;
    private volatile StartedWith started = StartedWith.NOTHING;

    /** One of a home that nothing serves yet. */
    HomeDoctor(Home home) {
        this.home = home;
    }

    /** What its server was started with; nothing where none runs. */
    public StartedWith started() {
        return started;
    }

    /** Tells it of that. */
    public void started(StartedWith with) {
        started = with;
    }

    /** Looks at the home, and at what its server was started with by then. */
    public Doctor doctor() {
        return of(home, this::started);
    }

    /**
     * A doctor for that home.
     *
     * @param started what its server was started with; for an HSM's PIN that it names none of, vault.yaml's is looked at
     */
    public static Doctor of(Home home, Supplier<StartedWith> started) {
        return new Doctor(
                home.directory(),
                home.keys(),
                () -> Settings.read(home).store(home),
                () -> PolicyFile.read(home.policy()),
                () -> Settings.read(home).alertsOf(home),
                () -> !Settings.read(home).proxies().isEmpty(),
                new ScheduleLook(
                        () -> Settings.read(home).store(home),
                        () -> Settings.read(home).rotateAfterDays(),
                        () -> Settings.read(home).destroyWaitDays(),
                        home.keys(),
                        Clock.systemUTC()),
                new PassphraseLook(
                        home.directory(),
                        () -> started.get().passphraseFile(),
                        () -> started.get().exitOnSeal()),
                new MachineLook(
                        home.directory(),
                        home.keys(),
                        home.node(),
                        () -> started.get()
                                .hsmPin()
                                .or(() -> Settings.read(home).hsmPinFile(home))),
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
                        () -> Settings.read(home).vendors().sip2Of(home)),
                new BackupLook(
                        () -> Settings.read(home).store(home),
                        () -> Settings.read(home).backup().planOf(home),
                        Clock.systemUTC()),
                new TlsLook(
                        () -> started.get()
                                .web()
                                .map(web -> web.tls().map(used -> TlsFiles.look(home, used)))
                                .orElseGet(() -> TlsFiles.look(home, Settings.read(home))),
                        () -> Settings.read(home).vendors().sip2TlsLook(home),
                        Clock.systemUTC()),
                new SignOnLook(() -> Settings.read(home).signOnOf(home), () -> PolicyFile.read(home.policy())),
                new AddressLook(
                        () -> addresses(home, Settings.read(home), started.get().web())));
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
