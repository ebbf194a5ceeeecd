package org.patronvault.cli.command;

import java.util.Optional;
import org.patronvault.app.DatabaseSettings;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.sql.StoreSettings;
import picocli.CommandLine.Option;

/** The options for a database and its password file. */
public final class DatabaseOptions {
    @Option(
            names = HomeOptions.DATABASE,
            paramLabel = "JDBC_URL",
            description = "A PostgreSQL database in place of SQLite.")
    private String url;

    @Option(
            names = "--db-password-file",
            paramLabel = "F",
            description = "The file with the database's password; it stays where it is, mode 0600.")
    private String passwordFile;

    /** Returns the named database, if any. */
    public Optional<StoreSettings> named(Invocation invocation) {
        if (passwordFile != null && (url == null || passwordFile.equals("-"))) {
            throw new Refused(
                    Problem.INVALID, "--db-password-file names a file that stays, and goes with --db JDBC_URL.");
        }
        return Optional.ofNullable(url)
                .map(where -> DatabaseSettings.named(
                        where, Optional.ofNullable(passwordFile).map(invocation::path)));
    }
}
