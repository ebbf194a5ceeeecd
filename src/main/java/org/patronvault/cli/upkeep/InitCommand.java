package org.patronvault.cli.upkeep;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.patronvault.app.Home;
import org.patronvault.app.VaultFactory;
import org.patronvault.cli.command.DatabaseOptions;
import org.patronvault.cli.command.ExitCodes;
import org.patronvault.cli.command.Invocation;
import org.patronvault.cli.command.KeyOptions;
import org.patronvault.cli.command.SecretSource;
import org.patronvault.cli.keys.SlotOptions;
import org.patronvault.core.keys.slot.SlotMaker;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.sql.StoreSettings;
import picocli.CommandLine.Command;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command that creates a new home. */
@Command(
        name = "init",
        mixinStandardHelpOptions = true,
        description = "Makes a new home: keys, database, vault.yaml, policy.yaml, and the first administrator.")
public final class InitCommand implements Callable<Integer> {
    private static final String ADMIN_PASSWORD = "--admin-password-file";

    private final Invocation invocation;

    @Spec
    private CommandSpec spec;

    @Option(names = "--home", paramLabel = "DIR", description = "Where to make it (default: ./vault-home).")
    private String home = "vault-home";

    @Option(
            names = "--passphrase-file",
            paramLabel = "F",
            description = "A passphrase that will open the vault (- for standard input); asked for at a terminal, if"
                    + " nothing else is to open it.")
    private SecretSource passphrase;

    @Option(names = KeyOptions.HSM_PIN, paramLabel = "F", description = "The HSM's PIN (- for standard input).")
    private SecretSource hsmPin;

    @Mixin
    private SlotOptions slots;

    @Option(names = "--admin", paramLabel = "NAME", required = true, description = "The first administrator.")
    private String admin;

    @Option(
            names = ADMIN_PASSWORD,
            paramLabel = "F",
            description = "The first administrator's password (- for standard input); asked for at a terminal.")
    private SecretSource adminPassword;

    @Mixin
    private DatabaseOptions database;

    @Option(names = "--json", description = "Print one JSON document and nothing else.")
    private boolean json;

    InitCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        if (adminPassword == null && !invocation.terminal()) {
            throw new MissingParameterException(
                    spec.commandLine(),
                    spec.findOption(ADMIN_PASSWORD),
                    "Missing required option: '" + ADMIN_PASSWORD + "=F'");
        }
        Home made = new Home(invocation.path(home));
        slots.require();
        made.requireFree();
        if (passphrase == null && slots.areNone() && invocation.terminal()) {
            passphrase = typed("A passphrase that will open the vault");
        }
        Optional<SecretSource> opens = Optional.ofNullable(passphrase);
        Map<String, String> openedBy = slots.described(opens);
        if (adminPassword == null) {
            adminPassword = typed("A password for " + admin);
        }
        String password = adminPassword.text();
        Optional<StoreSettings> where = database.named(invocation);
        boolean fresh = made.isFree();
        try (SlotMaker maker = VaultFactory.slotsOfNew(Clock.systemUTC())) {
            slots.requirePossible(made.directory(), Optional.empty(), invocation);
            slots.make(maker, opens, Optional.ofNullable(hsmPin), invocation);
            VaultFactory.create(made, where, maker, admin, password, Clock.systemUTC());
        } catch (RuntimeException e) {
            if (fresh && Files.exists(made.directory())) {
                Home.delete(made.directory());
            }
            throw e;
        }
        invocation
                .out()
                .println(
                        json
                                ? JsonNodeFactory.instance
                                        .objectNode()
                                        .put(
                                                "home",
                                                made.directory()
                                                        .toAbsolutePath()
                                                        .normalize()
                                                        .toString())
                                        .toString()
                                : "The vault is made, to be opened by " + String.join(" or ", openedBy.values())
                                        + ". Next: `serve`, then `staff add` for each person who works with it.");
        return ExitCodes.DONE;
    }

    /** Asks twice at the terminal for a secret. */
    private SecretSource typed(String what) {
        String once = ask(what + ": ");
        if (!once.equals(ask("The same again: "))) {
            throw new Refused(Problem.INVALID, "The two were not the same; nothing was made.");
        }
        SecretSource typed = new SecretSource("-", invocation);
        typed.supply(once.getBytes(StandardCharsets.UTF_8));
        return typed;
    }

    private String ask(String question) {
        return invocation
                .prompt()
                .ask(question, false)
                .orElseThrow(() -> new Refused(Problem.INVALID, "Nothing was typed; nothing was made."));
    }
}
