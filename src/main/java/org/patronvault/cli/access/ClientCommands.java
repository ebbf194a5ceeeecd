package org.patronvault.cli.access;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.patronvault.access.client.ClientGrant;
import org.patronvault.access.client.Clients;
import org.patronvault.app.VaultInstance;
import org.patronvault.cli.command.Invocation;
import org.patronvault.cli.command.VaultCommand;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.policy.Permission;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command group {@code client}: API clients of other systems. */
@Command(
        name = "client",
        mixinStandardHelpOptions = true,
        description = "Other systems that call the API (by an administrator).",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            ClientCommands.Add.class,
            ClientCommands.ListAll.class,
            ClientCommands.Change.class,
            ClientCommands.Rotate.class,
            ClientCommands.Revoke.class
        })
public final class ClientCommands {

    /** A command about one client. */
    abstract static class ClientCommand extends VaultCommand {
        @Parameters(paramLabel = "NAME", description = "The client's name.")
        private String name;

        ClientCommand(Invocation invocation) {
            super(invocation);
        }

        String name() {
            return name;
        }

        Actor administrator(VaultInstance vault) {
            return caller(vault, Permission.CLIENTS, ActKind.CLIENT).actor();
        }

        int told(Approvals.Answer answer, String sentence) {
            return answer(answer, object().put("name", name), "key", sentence);
        }
    }

    /** A command that sets a client's grant. */
    abstract static class GrantCommand extends ClientCommand {
        @Option(names = "--scope", paramLabel = "S", description = "A scope; may be given several times.")
        private List<String> scopes = new ArrayList<>();

        @Option(names = "--fields", paramLabel = "F", split = ",", description = "Narrows it to these fields.")
        private List<String> fields;

        @Option(names = "--purpose", paramLabel = "P", split = ",", description = "Narrows it to these purposes.")
        private List<String> purposes;

        @Option(names = "--daily", paramLabel = "N", description = "Distinct patrons a day, or none (default: 10000).")
        private String daily;

        @Option(
                names = "--checks",
                paramLabel = "N",
                description = "Entitlement checks a minute, or default (policy.yaml, checks.clientMinute).")
        private String checks;

        @Option(
                names = "--reference",
                paramLabel = "TEXT",
                description = "The contract, or the patron's permission, it rests on.")
        private String reference;

        @Option(names = "--expires", paramLabel = "DATE", description = "Its last day, or none (the default).")
        private String expires;

        GrantCommand(Invocation invocation) {
            super(invocation);
        }

        /** Logs a refusal, as over HTTP. */
        static ClientGrant logged(VaultInstance vault, Actor by, Supplier<ClientGrant> asked) {
            return vault.log()
                    .logging(vault.log().event(by, ActKind.CLIENT, Outcome.REFUSED, AuditLog.newRequest()), asked);
        }

        /** Merges the options over the present grant. */
        ClientGrant over(ClientGrant before) {
            return ClientGrant.parse(
                            scopes.isEmpty() ? List.copyOf(before.scopes()) : scopes,
                            fields == null
                                    ? before.fields().stream()
                                            .map(PatronField::wireName)
                                            .toList()
                                    : fields,
                            purposes == null
                                    ? before.purposes().stream()
                                            .map(Purpose::name)
                                            .toList()
                                    : purposes,
                            daily == null ? before.dailyText() : daily,
                            reference == null ? before.reference() : reference,
                            expires == null ? before.expiresText() : expires)
                    .checking(checks == null ? before.checksText() : checks);
        }
    }

    @Command(name = "add", mixinStandardHelpOptions = true, description = "Adds a client and prints its key once.")
    static final class Add extends GrantCommand {
        Add(Invocation invocation) {
            super(invocation);
        }

        @Override
        public int run(VaultInstance vault) {
            Actor by = administrator(vault);
            ClientGrant grant = logged(vault, by, () -> over(ClientGrant.NOTHING));
            return told(
                    vault.access().clients().add(asking(vault, by), name(), grant), "The client's key, shown once:");
        }
    }

    @Command(
            name = "change",
            mixinStandardHelpOptions = true,
            description = "Changes what a client may do; what is not said stays as it is.")
    static final class Change extends GrantCommand {
        Change(Invocation invocation) {
            super(invocation);
        }

        @Override
        public int run(VaultInstance vault) {
            Actor by = administrator(vault);
            ClientGrant grant = logged(
                    vault, by, () -> over(vault.access().clients().find(name()).grant()));
            return told(vault.access().clients().change(asking(vault, by), name(), grant), "The client is changed.");
        }
    }

    @Command(name = "list", mixinStandardHelpOptions = true, description = "Lists clients.")
    static final class ListAll extends VaultCommand {
        ListAll(Invocation invocation) {
            super(invocation);
        }

        @Override
        public int run(VaultInstance vault) {
            caller(vault, Permission.CLIENTS, ActKind.CLIENT);
            ObjectNode document = object();
            ArrayNode clients = document.putArray("clients");
            StringBuilder table = new StringBuilder();
            for (Clients.Facts facts : vault.access().clients().list()) {
                ObjectNode one = clients.addObject().put("name", facts.name()).put("revoked", facts.revoked());
                ArrayNode scopes = one.putArray("scopes");
                facts.grant().scopes().forEach(scopes::add);
                ClientGrant grant = facts.grant();
                grant.fields().stream().map(PatronField::wireName).sorted().forEach(one.putArray("fields")::add);
                grant.purposes().stream().map(Purpose::name).sorted().forEach(one.putArray("purposes")::add);
                one.put("daily", grant.dailyText())
                        .put("checks", grant.checksText())
                        .put("reference", grant.reference())
                        .put("expires", grant.expiresText());
                table.append(String.format(
                        "%-24s %-24s daily %s%s%s%s%s%n",
                        facts.name(),
                        String.join(", ", grant.scopes()),
                        grant.dailyText(),
                        grant.checks().isPresent() ? " checks a minute " + grant.checksText() : "",
                        grant.expires().map(day -> " until " + day).orElse(""),
                        grant.reference().isEmpty() ? "" : " by " + grant.reference(),
                        facts.revoked() ? " (revoked)" : ""));
            }
            return answer(document, table.toString().stripTrailing());
        }
    }

    @Command(
            name = "rotate",
            mixinStandardHelpOptions = true,
            description = "Prints a new key once; the old one lives for 24 hours more.")
    static final class Rotate extends ClientCommand {
        Rotate(Invocation invocation) {
            super(invocation);
        }

        @Override
        public int run(VaultInstance vault) {
            Actor by = administrator(vault);
            return told(vault.access().clients().rotate(asking(vault, by), name()), "The client's key, shown once:");
        }
    }

    @Command(name = "revoke", mixinStandardHelpOptions = true, description = "Ends a client at once.")
    static final class Revoke extends ClientCommand {
        Revoke(Invocation invocation) {
            super(invocation);
        }

        @Override
        public int run(VaultInstance vault) {
            vault.access().clients().revoke(Approvals.Requester.alone(administrator(vault)), name());
            return answer(object().put("name", name()), "The client is revoked.");
        }
    }

    private ClientCommands() {}
}
