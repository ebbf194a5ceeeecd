package org.patronvault.cli;

import java.nio.file.Files;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.patronvault.app.Home;
import org.patronvault.app.NewVault;
import org.patronvault.keys.SlotMaker;
import org.patronvault.store.StoreSettings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Makes a new home. */
@Command(
        name = "init",
        mixinStandardHelpOptions = true,
        description = "Makes a new home: keys, database, vault.yaml, policy.yaml, and the first administrator.")
final class InitCommand implements Callable<Integer> {
    private final Invocation invocation;

    @Option(names = "--home", paramLabel = "DIR", description = "Where to make it (default: ./vault-home).")
    private String home = "vault-home";

    @Option(
            names = "--passphrase-file",
            paramLabel = "F",
            description = "A passphrase that will open the vault (- for standard input).")
    private Secret passphrase;

    @Option(names = KeyOptions.HSM_PIN, paramLabel = "F", description = "The HSM's PIN (- for standard input).")
    private Secret hsmPin;

    @Mixin
    private SlotOptions slots;

    @Option(names = "--admin", paramLabel = "NAME", required = true, description = "The first administrator.")
    private String admin;

    @Option(
            names = "--admin-password-file",
            paramLabel = "F",
            required = true,
            description = "The first administrator's password.")
    private Secret adminPassword;

    @Mixin
    private DatabaseOptions database;

    @Option(names = "--json", description = "Print one JSON document and nothing else.")
    private boolean json;

    InitCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        Home made = new Home(invocation.path(home));
        slots.require();
        Optional<Secret> opens = Optional.ofNullable(passphrase);
        Map<String, String> openedBy = slots.described(opens);
        String password = adminPassword.text();
        Optional<StoreSettings> where = database.named(invocation);
        boolean fresh = made.isFree();
        try (SlotMaker maker = NewVault.slotsOfNew(Clock.systemUTC())) {
            made.requireFree();
            slots.requirePossible(made.directory(), Optional.empty(), invocation);
            slots.make(maker, opens, Optional.ofNullable(hsmPin), invocation);
            NewVault.create(made, where, maker, admin, password, Clock.systemUTC());
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
                                ? "{\"home\":true}"
                                : "The vault is made, to be opened by " + String.join(" or ", openedBy.values())
                                        + ". Next: `serve`, then `staff add` for each person who works with it.");
        return ExitCodes.DONE;
    }
}
