package org.patronvault.app;

import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import org.patronvault.access.OpenIdSettings;
import org.patronvault.access.PolicyFile;
import org.patronvault.upkeep.AddressLook;
import org.patronvault.upkeep.BackupLook;
import org.patronvault.upkeep.Doctor;
import org.patronvault.upkeep.LogLook;
import org.patronvault.upkeep.MachineLook;
import org.patronvault.upkeep.PolicyLook;
import org.patronvault.upkeep.SignOnLook;
import org.patronvault.upkeep.TlsLook;
import org.patronvault.upkeep.VendorLook;
import org.patronvault.web.ServerTls;

/** The doctor of a home, who reads its files anew at each look. */
public final class HomeDoctor {
    private HomeDoctor() {}

    /**
     * A doctor for that home.
     *
     * @param passphraseFile the file the service is unsealed with, if it is
     * @param hsmPin the file with the PIN of an HSM; without it the one vault.yaml names
     */
    public static Doctor of(Home home, Optional<Path> passphraseFile, Optional<Path> hsmPin) {
        return new Doctor(
                home.directory(),
                home.keys(),
                () -> Settings.read(home).store(home),
                () -> PolicyFile.read(home.policy()),
                () -> Settings.read(home).alertsOf(home),
                () -> !Settings.read(home).proxies().isEmpty(),
                () -> Settings.read(home).rotateAfterDays(),
                passphraseFile,
                new MachineLook(
                        home.directory(),
                        home.keys(),
                        home.node(),
                        () -> hsmPin.or(() -> Settings.read(home).hsmPinFile(home))),
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
                        () -> TlsFiles.look(home, Settings.read(home)),
                        () -> Settings.read(home).vendors().sip2TlsLook(home),
                        Clock.systemUTC()),
                new SignOnLook(() -> Settings.read(home).signOnOf(home), () -> PolicyFile.read(home.policy())),
                new AddressLook(() -> addresses(home, Settings.read(home))));
    }

    private static AddressLook.Said addresses(Home home, Settings settings) {
        Optional<VendorSettings.Gateway> gateway = settings.vendors().sip2();
        return new AddressLook.Said(
                settings.host(),
                settings.publicUrl(),
                settings.signOnOf(home).map(OpenIdSettings::callback),
                TlsFiles.used(home, settings).map(ServerTls::names),
                !settings.proxies().isEmpty(),
                gateway.map(VendorSettings.Gateway::host),
                gateway.flatMap(VendorSettings.Gateway::tls).isPresent());
    }

    private static LogLook.Outside outside(Settings settings) {
        LogSettings log = settings.log();
        return new LogLook.Outside(
                log.witnesses(), log.witnessWait(), !log.dailyCheckpoint().isEmpty(), settings.checkDays());
    }
}
