package org.patronvault.cli;

import java.io.PrintStream;
import java.time.Clock;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.patronvault.app.Home;
import org.patronvault.app.PendingUnseal;
import org.patronvault.app.ServeOptions;
import org.patronvault.app.Service;
import org.patronvault.app.Settings;
import org.patronvault.app.TlsFiles;
import org.patronvault.app.VaultInstance;
import org.patronvault.cli.command.ExitCodes;
import org.patronvault.cli.command.HeapGuard;
import org.patronvault.cli.command.HomeOptions;
import org.patronvault.cli.command.Invocation;
import org.patronvault.cli.command.JsonLog;
import org.patronvault.cli.command.KeyOptions;
import org.patronvault.cli.command.SecretSource;
import org.patronvault.core.keys.MachineSlots;
import org.patronvault.core.keys.hsm.HsmPin;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.custody.slot.AutoUnseal;
import org.patronvault.web.http.ServerTls;
import org.patronvault.web.http.WebSettings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command {@code serve}, which runs the service. */
@Command(
        name = "serve",
        mixinStandardHelpOptions = true,
        description =
                "Serves the vault over HTTP until it is stopped. Starts sealed unless --passphrase-file, an HSM whose PIN it"
                        + " has, or AWS KMS opens it.")
public final class ServeCommand implements Callable<Integer> {
    public static final String LOG_FORMAT = "--log-format";

    private final Invocation invocation;

    @Mixin
    private HomeOptions homeOptions;

    @Mixin
    private KeyOptions keys;

    @Option(names = "--host", paramLabel = "ADDRESS", description = "Where to listen (default: 127.0.0.1).")
    private String host;

    @Option(names = "--port", paramLabel = "PORT", description = "Which port (default: 8080; 0 for any free one).")
    private Integer port;

    @Option(names = "--tls-cert", paramLabel = "F", description = "Certificate chain, PEM.")
    private String tlsCert;

    @Option(names = "--tls-key", paramLabel = "F", description = "Its key, PEM, PKCS #8.")
    private String tlsKey;

    @Option(names = "--behind-proxy", description = "A proxy of yours ends TLS; name it in vault.yaml, http.proxies.")
    private boolean behindProxy;

    @Option(
            names = "--public-port",
            paramLabel = "P",
            description = "Serve the pages for the public, and nothing else, on a listener of their own too.")
    private Integer publicPort;

    @Option(
            names = "--exit-on-seal",
            description = "End when the vault is sealed, so that no copy of a key is left in memory.")
    private boolean exitOnSeal;

    @Option(
            names = LOG_FORMAT,
            paramLabel = "text|json",
            defaultValue = "text",
            description = "How standard error is written; as JSON, one object a line, each answer is told of too.")
    private String logFormat;

    private PrintStream err;

    ServeCommand(Invocation invocation) {
        this.invocation = invocation;
        this.err = invocation.err();
    }

    @Override
    public Integer call() throws InterruptedException {
        if (!List.of("text", "json").contains(logFormat)) {
            throw new Refused(Problem.INVALID, LOG_FORMAT + " is text or json.");
        }
        if (logFormat.equals("json")) {
            err = JsonLog.begin();
        }
        try {
            return serve();
        } catch (RuntimeException e) {
            return ExitCodes.of(e, err);
        }
    }

    private int serve() throws InterruptedException {
        HeapGuard.require();
        Home served = homeOptions.home(invocation).requireExists();
        // Read first: a later change of the file may not be in force.
        Settings settings = Settings.read(served);
        WebSettings web = webSettings(served, settings);
        if (web.behindProxy() && web.proxies().isEmpty()) {
            err.println("No proxy is named in vault.yaml (http.proxies): X-Forwarded-For is ignored, and wrong"
                    + " passwords from everywhere count for one address.");
        }
        RunningService serving = start(served, web);
        VaultInstance vault = serving.vault;
        vault.doctor()
                .started(new ServeOptions(
                        Optional.of(settings),
                        Optional.of(web),
                        keys.passphrase().flatMap(SecretSource::file),
                        exitOnSeal,
                        keys.hsmPin().flatMap(SecretSource::file)));
        if (exitOnSeal) {
            vault.seal().afterSealing(serving::endSoon);
        }
        err.println("Listening on " + serving.address() + (vault.custody().isSealed() ? ", sealed." : "."));
        serving.service.gateway().ifPresent(gateway -> err.println("SIP2 on port " + gateway.port()));
        serving.publicAddress().ifPresent(address -> err.println("Public pages on " + address + "policy"));
        serving.untilStopped();
        return ExitCodes.DONE;
    }

    /** Prepares the pages while the keys open. The vault is sealed until then. */
    private RunningService start(Home served, WebSettings web) {
        if (keys.passphrase().isEmpty()) {
            return startUnattended(served, web);
        }
        PendingUnseal opening = PendingUnseal.of(
                served,
                keys.opener(served, invocation, false),
                Clock.system(ZoneId.systemDefault()),
                ExitCodes::stopAtOnce);
        RunningService serving = start(served, opening.vault(), web);
        try {
            opening.unsealed().policyRemark().ifPresent(err::println);
            return serving;
        } catch (RuntimeException e) {
            serving.stop();
            throw e;
        }
    }

    /** Serves, and lets an HSM or KMS unseal the vault now or later, if it has such a slot. */
    private RunningService startUnattended(Home served, WebSettings web) {
        Optional<HsmPin> pin = keys.pin(served, invocation);
        VaultInstance vault = VaultInstance.open(served, Clock.system(ZoneId.systemDefault()), ExitCodes::stopAtOnce);
        RunningService serving = start(served, vault, web);
        MachineSlots machines = MachineSlots.in(served.keys());
        try {
            if (machines.canBeAsked(pin)) {
                serving.openUnattended(new AutoUnseal(
                        vault.seal(),
                        machines,
                        pin,
                        err::println,
                        () -> vault.policyRemark().ifPresent(err::println)));
            }
            return serving;
        } catch (RuntimeException e) {
            serving.stop();
            throw e;
        }
    }

    private static RunningService start(Home served, VaultInstance vault, WebSettings web) {
        try {
            return RunningService.start(served, vault, web, () -> {});
        } catch (RuntimeException e) {
            vault.close();
            throw e;
        }
    }

    private WebSettings webSettings(Home served, Settings settings) {
        if ((tlsCert == null) != (tlsKey == null)) {
            throw new Refused(Problem.INVALID, "--tls-cert and --tls-key go together.");
        }
        requirePort("--port", port);
        requirePort("--public-port", publicPort);
        if (publicPort != null && publicPort != 0 && publicPort.equals(port)) {
            throw new Refused(Problem.INVALID, "--public-port must be another port than --port.");
        }
        if (behindProxy && settings.hosts().isEmpty()) {
            throw new Refused(
                    Problem.INVALID,
                    "Behind a proxy the vault must know the host names that people type. Set http.hosts or http.publicUrl"
                            + " in vault.yaml, such as http: {hosts: [vault.example.org]}.");
        }
        return new WebSettings(
                host == null ? settings.host() : host,
                port == null ? settings.port() : port,
                tls(served, settings),
                behindProxy,
                publicPort == null ? OptionalInt.empty() : OptionalInt.of(publicPort),
                settings.proxies(),
                settings.hosts());
    }

    /** Files named here, or in vault.yaml, or, without a proxy, those of `tls init`. */
    private Optional<ServerTls> tls(Home served, Settings settings) {
        if (tlsCert != null) {
            return Optional.of(
                    new ServerTls(invocation.path(tlsCert), invocation.path(tlsKey), "--tls-cert and --tls-key"));
        }
        return behindProxy && settings.tls().isEmpty() ? Optional.empty() : TlsFiles.used(served, settings);
    }

    private static void requirePort(String option, Integer number) {
        if (number != null && (number < 0 || number > 65_535)) {
            throw new Refused(Problem.INVALID, option + " is a number from 0 to 65535.");
        }
    }

    /** A running service with its command socket. */
    static final class RunningService {
        private final VaultInstance vault;
        private final Service service;
        private final SocketServer socket;
        private final String host;
        private final Runnable afterwards;
        private final CountDownLatch stopped = new CountDownLatch(1);
        private volatile Optional<AutoUnseal> unattended = Optional.empty();

        private RunningService(
                VaultInstance vault, Service service, SocketServer socket, String host, Runnable afterwards) {
            this.vault = vault;
            this.service = service;
            this.socket = socket;
            this.host = host;
            this.afterwards = afterwards;
        }

        static RunningService start(Home home, VaultInstance vault, WebSettings web, Runnable afterwards) {
            Service service = Service.start(home, vault, web);
            String host = (web.tls().isPresent() ? "https" : "http") + "://" + web.host() + ":";
            RunningService serving =
                    new RunningService(vault, service, SocketServer.start(home, vault), host, afterwards);
            vault.seal().afterSealing(HeapGuard::overwriteUnused);
            Runtime.getRuntime().addShutdownHook(new Thread(serving::stop, "vault-stop"));
            return serving;
        }

        private void openUnattended(AutoUnseal opening) {
            unattended = Optional.of(opening);
            opening.begin();
        }

        String address() {
            return host + service.port() + "/";
        }

        Optional<String> publicAddress() {
            OptionalInt port = service.web().publicPort();
            return port.isPresent() ? Optional.of(host + port.getAsInt() + "/") : Optional.empty();
        }

        /** Ends the process in order, from another thread, because this one still owes an answer. */
        private void endSoon() {
            new Thread(() -> System.exit(ExitCodes.DONE), "vault-end").start();
        }

        private synchronized void stop() {
            if (stopped.getCount() == 0) {
                return;
            }
            try {
                unattended.ifPresent(AutoUnseal::close);
                socket.close();
                service.close();
            } finally {
                afterwards.run();
                stopped.countDown();
            }
        }

        void untilStopped() throws InterruptedException {
            stopped.await();
        }
    }
}
