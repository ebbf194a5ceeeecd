package org.patronvault.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.patronvault.access.Clients;
import org.patronvault.access.Permission;
import org.patronvault.app.VaultInstance;
import org.patronvault.audit.Act;
import org.patronvault.model.Actor;
import org.patronvault.model.PatronField;
import org.patronvault.model.Problem;
import org.patronvault.model.Purpose;
import org.patronvault.model.Refused;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Other systems. */
@Command(
        name = "client",
        mixinStandardHelpOptions = true,
        description = "Other systems that call the API (by an administrator).",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            ClientCommands.Add.class,
            ClientCommands.ListAll.class,
            ClientCommands.Rotate.class,
            ClientCommands.Revoke.class
        })
final class ClientCommands {

    /** A command about one client. */
    abstract static class AboutOne extends VaultCommand {
        @Parameters(paramLabel = "NAME", description = "The client's name.")
        private String name;

        AboutOne(Invocation invocation) {
            super(invocation);
        }

        String name() {
            return name;
        }

        Actor administrator(VaultInstance vault) {
            return caller(vault, Permission.CLIENTS, Act.CLIENT).actor();
        }

        int key(String key) {
            return answer(object().put("name", name).put("key", key), "The client's key, shown once: " + key);
        }
    }

    @Command(name = "add", mixinStandardHelpOptions = true, description = "Adds a client and prints its key once.")
    static final class Add extends AboutOne {
        @Option(
                names = "--scope",
                paramLabel = "S",
                required = true,
                description = "A scope; may be given several times.")
        private List<String> scopes = new ArrayList<>();

        @Option(names = "--fields", paramLabel = "F", split = ",", description = "Narrows it to these fields.")
        private List<String> fields = new ArrayList<>();

        @Option(names = "--purpose", paramLabel = "P", split = ",", description = "Narrows it to these purposes.")
        private List<String> purposes = new ArrayList<>();

        @Option(names = "--daily", paramLabel = "N", description = "Distinct patrons a day, or none (default: 10000).")
        private String daily = Integer.toString(Clients.DEFAULT_DAILY);

        Add(Invocation invocation) {
            super(invocation);
        }

        @Override
        int run(VaultInstance vault) {
            Set<PatronField> narrowed = fields.stream()
                    .map(f -> PatronField.ofWireName(f)
                            .filter(PatronField::isPersonal)
                            .orElseThrow(() ->
                                    new Refused(Problem.INVALID, "Fields are card, name, address, phone and email.")))
                    .collect(Collectors.toSet());
            Set<Purpose> named = purposes.stream().map(Purpose::new).collect(Collectors.toSet());
            if (!Purpose.KNOWN.containsAll(named)) {
                throw new Refused(Problem.INVALID, "The policy knows no such purpose.");
            }
            Clients.Grant grant = new Clients.Grant(new TreeSet<>(scopes), narrowed, named, daily());
            Actor by = administrator(vault);
            return key(vault.access().clients().add(by, second(vault), name(), grant));
        }

        private OptionalInt daily() {
            if (daily.equals("none")) {
                return OptionalInt.empty();
            }
            if (!daily.matches("[0-9]{1,9}")) {
                throw new Refused(Problem.INVALID, "--daily is a whole number, or none.");
            }
            return OptionalInt.of(Integer.parseInt(daily));
        }
    }

    @Command(name = "list", mixinStandardHelpOptions = true, description = "Lists clients.")
    static final class ListAll extends VaultCommand {
        ListAll(Invocation invocation) {
            super(invocation);
        }

        @Override
        int run(VaultInstance vault) {
            caller(vault, Permission.CLIENTS, Act.CLIENT);
            ObjectNode document = object();
            ArrayNode clients = document.putArray("clients");
            StringBuilder table = new StringBuilder();
            for (Clients.Facts facts : vault.access().clients().list()) {
                ObjectNode one = clients.addObject().put("name", facts.name()).put("revoked", facts.revoked());
                ArrayNode scopes = one.putArray("scopes");
                facts.grant().scopes().forEach(scopes::add);
                String daily = facts.grant().daily().isPresent()
                        ? Integer.toString(facts.grant().daily().getAsInt())
                        : "none";
                one.put("daily", daily);
                table.append(String.format(
                        "%-24s %-24s daily %s%s%n",
                        facts.name(),
                        String.join(", ", facts.grant().scopes()),
                        daily,
                        facts.revoked() ? " (revoked)" : ""));
            }
            return answer(document, table.toString().stripTrailing());
        }
    }

    @Command(
            name = "rotate",
            mixinStandardHelpOptions = true,
            description = "Prints a new key once; the old one lives for 24 hours more.")
    static final class Rotate extends AboutOne {
        Rotate(Invocation invocation) {
            super(invocation);
        }

        @Override
        int run(VaultInstance vault) {
            Actor by = administrator(vault);
            return key(vault.access().clients().rotate(by, second(vault), name()));
        }
    }

    @Command(name = "revoke", mixinStandardHelpOptions = true, description = "Ends a client at once.")
    static final class Revoke extends AboutOne {
        Revoke(Invocation invocation) {
            super(invocation);
        }

        @Override
        int run(VaultInstance vault) {
            vault.access().clients().revoke(administrator(vault), name());
            return answer(object().put("name", name()), "The client is revoked.");
        }
    }

    private ClientCommands() {}
}
