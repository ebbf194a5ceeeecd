package org.patronvault.sip2;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.patronvault.access.client.Clients;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.model.Sensitive;
import org.patronvault.core.policy.PolicyFile;
import org.patronvault.testing.Kiosk;
import org.patronvault.testing.OpenVault;

/** A vault with patrons of each kind that serves SIP2 in this process. */
final class ServedGateway implements AutoCloseable {
    static final String PASSWORD = "a kiosk by the door";
    static final Sip2Account KIOSK = new Sip2Account(
            "kiosk",
            Sensitive.of(PASSWORD.getBytes(StandardCharsets.US_ASCII)),
            "kiosk",
            "ebooks",
            Charset.forName("CP850"),
            false,
            false,
            Sip2Account.Refusal.BLN,
            false,
            "");

    private final OpenVault vault;
    private final Duration patience;
    private Sip2Gateway gateway;

    private ServedGateway(OpenVault vault, Duration patience) {
        this.vault = vault;
        this.patience = patience;
    }

    /** Returns a gateway with that account, and PINs checked by that program, which may be empty. */
    static ServedGateway of(Sip2Account account, String... pinCommand) {
        return of(List.of(account), Optional.empty(), 600, pinCommand);
    }

    static ServedGateway of(
            List<Sip2Account> accounts, Optional<SslContextFactory.Server> tls, int connections, String... pinCommand) {
        return of(accounts, tls, connections, Duration.ofSeconds(10), pinCommand);
    }

    static ServedGateway of(
            List<Sip2Account> accounts,
            Optional<SslContextFactory.Server> tls,
            int connections,
            Duration patience,
            String... pinCommand) {
        // Tests ask about one card more often than a kiosk does.
        String policy = new String(PolicyFile.defaultText(), StandardCharsets.UTF_8)
                .replace("cardMinute: 600", "cardMinute: 1000000")
                .replace("clientMinute: 600", "clientMinute: 1000000");
        ServedGateway served = new ServedGateway(OpenVault.under(policy), patience);
        served.vault.register("'card':'GOOD','name':{'family':'Sullivan','given':'Katherine'},"
                + "'phone':['203-555-0143'],'email':['kat@example.org']");
        served.vault.register("'card':'EXPIRED','name':{'family':'Ng'},'expires':'2026-11-23'");
        served.vault.register("'card':'BLOCKED','name':{'family':'Ng'},'status':'blocked'");
        if (pinCommand.length > 0) {
            served.vault.whileStopped(
                    () -> served.append("pins: {command: [\"" + String.join("\", \"", pinCommand) + "\"]}\n"));
        }
        served.vault.addVendor("kiosk");
        Sip2Settings settings = new Sip2Settings("127.0.0.1", 0, connections, "NC library", accounts);
        served.gateway = start(settings, tls, served);
        return served;
    }

    static Sip2Gateway start(Sip2Settings settings, Optional<SslContextFactory.Server> tls, ServedGateway served) {
        return Sip2Gateway.start(
                settings,
                tls,
                new Sip2Gateway.Parts(
                        served.vault.vault().access(),
                        served.vault.vault().privacy().entitlements(),
                        served.vault.vault().seal(),
                        served.vault.clock(),
                        ZoneOffset.UTC),
                served.patience);
    }

    private void append(String yaml) {
        try {
            Files.writeString(vault.home().settings(), yaml, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Revokes a client. */
    void revoke(String name) {
        Approvals.Answer unused = vault.vault()
                .access()
                .clients()
                .revoke(Approvals.Requester.alone(OpenVault.person("admin").actor()), name);
    }

    /** Gives a client another number of checks a minute. */
    void setChecks(String name, String checks) {
        Clients clients = vault.vault().access().clients();
        Approvals.Answer unused = clients.change(
                Approvals.Requester.alone(OpenVault.person("admin").actor()),
                name,
                clients.find(name).grant().checking(checks));
    }

    Kiosk signedIn() {
        return Kiosk.at(port(), "kiosk", PASSWORD);
    }

    int port() {
        return gateway.port();
    }

    Sip2Gateway gateway() {
        return gateway;
    }

    OpenVault vault() {
        return vault;
    }

    @Override
    public void close() {
        gateway.close();
        vault.close();
    }
}
