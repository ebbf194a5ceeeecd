package org.patronvault.cli.command;

import java.util.Optional;
import org.patronvault.app.Home;
import org.patronvault.app.Settings;
import org.patronvault.app.VaultInstance;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import picocli.CommandLine.Option;

/** The options for a vault's home, shared by all commands on a home. */
public final class HomeOptions {
    static final String DATABASE = "--db";

    @Option(names = "--home", paramLabel = "DIR", description = "The vault's directory (default: ./vault-home).")
    private String home = "vault-home";

    @Option(
            names = DATABASE,
            paramLabel = "JDBC_URL",
            description = "The database, in place of the one that vault.yaml names.")
    private String database;

    public Home home(Invocation invocation) {
        return new Home(invocation.path(home), Optional.ofNullable(database));
    }

    /** Refuses a database other than the one of the server that runs the command. */
    void requireDatabaseOf(VaultInstance server, Invocation invocation) {
        if (database == null) {
            return;
        }
        Home named = home(invocation);
        if (!Settings.read(named)
                .store(named)
                .jdbcUrl()
                .equals(server.store().settings().jdbcUrl())) {
            throw new Refused(
                    Problem.HOME_IN_USE,
                    "The server on this home uses another database than the one that --db (or PATRON_VAULT_DB) names:"
                            + " leave that out, or stop the server first.");
        }
    }
}
