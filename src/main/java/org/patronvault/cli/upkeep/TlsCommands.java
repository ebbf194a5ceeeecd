package org.patronvault.cli.upkeep;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.Callable;
import org.patronvault.app.Home;
import org.patronvault.app.Settings;
import org.patronvault.app.TlsFiles;
import org.patronvault.cli.command.ExitCodes;
import org.patronvault.cli.command.HomeOptions;
import org.patronvault.cli.command.IgnoredPersonOptions;
import org.patronvault.cli.command.Invocation;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command group {@code tls}: the library's own CA, and the vault's certificate. */
@Command(
        name = "tls",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        description = "The certificate with which desk PCs know the vault, made by a small CA of the library's own.",
        subcommands = {TlsCommands.Init.class, TlsCommands.Show.class, TlsCommands.Renew.class})
public final class TlsCommands {
    private TlsCommands() {}

    /** The common output of these commands. */
    private abstract static class TlsCommand implements Callable<Integer> {
        private final Invocation invocation;

        @Mixin
        private HomeOptions homeOptions;

        @Mixin
        @SuppressWarnings("UnusedVariable")
        private IgnoredPersonOptions nobody;

        @Option(names = "--json", description = "Print one JSON document and nothing else.")
        private boolean json;

        private TlsCommand(Invocation invocation) {
            this.invocation = invocation;
        }

        abstract TlsFiles.Facts run(TlsFiles files);

        /** The text after the facts, without {@code --json}. */
        String then(TlsFiles files) {
            return "";
        }

        Home home() {
            return homeOptions.home(invocation).requireExists();
        }

        @Override
        public Integer call() {
            TlsFiles files = new TlsFiles(home(), Clock.systemUTC());
            TlsFiles.Facts facts = run(files);
            if (json) {
                ObjectNode document = JsonNodeFactory.instance.objectNode();
                ArrayNode names = document.putArray("names");
                facts.names().forEach(names::add);
                document.put("notAfter", facts.certificate().end().toString())
                        .put("authorityNotAfter", facts.authority().end().toString())
                        .put("fingerprint", facts.fingerprint())
                        .put("authority", files.authority().toString());
                invocation.out().println(document);
            } else {
                invocation.out().println("Names:        " + String.join(", ", facts.names()));
                invocation
                        .out()
                        .println(
                                "Certificate:  until " + day(facts.certificate().end()) + ", renewed by itself before");
                invocation
                        .out()
                        .println("CA:           until " + day(facts.authority().end()));
                invocation.out().println("Fingerprint:  " + facts.fingerprint());
                String then = then(files);
                if (!then.isEmpty()) {
                    invocation.out().println();
                    invocation.out().println(then);
                }
            }
            return ExitCodes.DONE;
        }

        private static LocalDate day(Instant at) {
            return LocalDate.ofInstant(at, ZoneOffset.UTC);
        }

        static String shown(Path file) {
            return file.normalize().toString();
        }
    }

    @Command(
            name = "init",
            mixinStandardHelpOptions = true,
            description =
                    "Makes a CA that can vouch for this vault's names alone, a certificate of the vault, and a page"
                            + " that says how desk PCs are told to trust it, with the port that vault.yaml names.")
    static final class Init extends TlsCommand {
        @Option(
                names = "--name",
                paramLabel = "HOST",
                required = true,
                description = "By which desk PCs reach the vault, a DNS name or an address; may be repeated.")
        private List<String> names;

        @Option(
                names = "--again",
                description = "Put the CA that is there aside, and make another, of which every desk PC must be told.")
        private boolean again;

        Init(Invocation invocation) {
            super(invocation);
        }

        @Override
        TlsFiles.Facts run(TlsFiles files) {
            return files.create(names, Settings.read(home()).port(), again);
        }

        @Override
        String then(TlsFiles files) {
            return "Next: print " + shown(files.page()) + " and do what it says on each desk PC, with "
                    + shown(files.authority()) + ". Then start the service, telling it to listen on the network:"
                    + " `serve --host 0.0.0.0`, or http.host in vault.yaml.";
        }
    }

    @Command(
            name = "show",
            mixinStandardHelpOptions = true,
            description = "Prints the names, when the certificates end, and the fingerprint that is compared.")
    static final class Show extends TlsCommand {
        Show(Invocation invocation) {
            super(invocation);
        }

        @Override
        TlsFiles.Facts run(TlsFiles files) {
            return files.facts();
        }
    }

    @Command(
            name = "renew",
            mixinStandardHelpOptions = true,
            description =
                    "Renews the vault's certificate now; a running service takes it within a minute. Desk PCs need"
                            + " not be told.")
    static final class Renew extends TlsCommand {
        Renew(Invocation invocation) {
            super(invocation);
        }

        @Override
        TlsFiles.Facts run(TlsFiles files) {
            return files.renew();
        }
    }
}
