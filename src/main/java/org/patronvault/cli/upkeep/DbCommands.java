package org.patronvault.cli.upkeep;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.patronvault.app.Home;
import org.patronvault.app.Settings;
import org.patronvault.cli.command.DatabaseOptions;
import org.patronvault.cli.command.ExitCodes;
import org.patronvault.cli.command.Invocation;
import org.patronvault.core.store.Schema;
import org.patronvault.core.store.sql.StoreSettings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command group {@code db}, for the administrator of a PostgreSQL server. */
@Command(
        name = "db",
        mixinStandardHelpOptions = true,
        description = "Roles and schema of a PostgreSQL database, for its administrator.",
        subcommands = {DbCommands.Roles.class, DbCommands.Upgrade.class})
public final class DbCommands {

    /** The command {@code db roles}, which prints an SQL script. */
    @Command(
            name = "roles",
            mixinStandardHelpOptions = true,
            description = "Prints SQL that makes three roles that may do what they need and no more: vault_migration,"
                    + " vault_service and vault_check. A superuser runs it in the vault's database, with psql.")
    static final class Roles implements Callable<Integer> {
        private final Invocation invocation;

        Roles(Invocation invocation) {
            this.invocation = invocation;
        }

        @Override
        public Integer call() {
            invocation.out().print(Schema.roles());
            invocation.out().flush();
            return ExitCodes.DONE;
        }
    }

    /** The command {@code db upgrade}, which creates or upgrades the tables. */
    @Command(
            name = "upgrade",
            mixinStandardHelpOptions = true,
            description = "Makes the tables, or brings them up to date with this version, and gives the roles what they"
                    + " need of them. As the role vault_migration: --db, or the database of the home.")
    static final class Upgrade implements Callable<Integer> {
        private final Invocation invocation;

        @Option(names = "--home", paramLabel = "DIR", description = "The vault's directory (default: ./vault-home).")
        private String home = "vault-home";

        @Option(
                names = "--copy",
                paramLabel = "FILE",
                description =
                        "Where a copy of the database goes before tables of an older version are changed (default:"
                                + " in data/ of the home, if --db names none).")
        private String copy;

        @Mixin
        private DatabaseOptions database;

        @Option(names = "--json", description = "Print one JSON document and nothing else.")
        private boolean json;

        Upgrade(Invocation invocation) {
            this.invocation = invocation;
        }

        @Override
        public Integer call() {
            Optional<Path> file = Optional.ofNullable(copy).map(invocation::path);
            Optional<StoreSettings> named = database.named(invocation);
            Optional<Home> found = named.isEmpty()
                    ? Optional.of(new Home(invocation.path(home)).requireExists())
                    : named.get().file().flatMap(Home::ofDatabase);
            // The lock keeps a serving vault from meeting tables it does not know.
            Optional<Home.Lock> lock = found.map(Home::lock);
            try {
                Schema.upgrade(
                        named.orElseGet(() -> found.get()
                                .requireDatabase(Settings.read(found.get()).store(found.get()))),
                        file);
            } finally {
                lock.ifPresent(Home.Lock::close);
            }
            invocation
                    .out()
                    .println(
                            json
                                    ? JsonNodeFactory.instance.objectNode().put("upToDate", true)
                                    : "The tables are as this version needs them.");
            return ExitCodes.DONE;
        }
    }
}
