package org.patronvault.store;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;

/** The tables of a database, and which roles may do what with them where the database has roles. */
public final class Schema {
    private static final String MAY_CHANGE = "SELECT has_schema_privilege(current_schema(), 'CREATE')";

    private Schema() {}

    /**
     * Makes or upgrades the schema of a database, and has the roles of {@link #roles} that are there do with it what they
     * need; as a role that owns it.
     *
     * @throws Refused if the schema is newer than this program, or this role may not
     */
    public static void upgrade(StoreSettings settings) {
        prepare(Dialect.of(settings), settings, true);
    }

    /** SQL that a superuser runs in a database, again and again if he likes: it makes three roles, and no other. */
    public static String roles() {
        return text("roles.sql") + "\n" + text("grants.sql");
    }

    private static String text(String name) {
        try (InputStream in = Schema.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Brings the schema up to date where it is not; a role that may not is told who may. */
    static void prepare(Dialect dialect, StoreSettings settings) {
        prepare(dialect, settings, false);
    }

    private static void prepare(Dialect dialect, StoreSettings settings, boolean always) {
        dialect.restrictFiles(settings);
        DataSource source = dialect.schemaSource(settings);
        Flyway flyway = Flyway.configure(Schema.class.getClassLoader())
                .dataSource(source)
                .locations("classpath:db/migration")
                .placeholders(dialect.placeholders())
                .validateMigrationNaming(true)
                .ignoreMigrationPatterns("")
                .load();
        try {
            if (flyway.info().pending().length == 0) {
                // Which takes no right but to read.
                flyway.validate();
            } else {
                requireMayChange(settings, source);
                flyway.migrate();
                grant(settings, source);
            }
            if (always) {
                requireMayChange(settings, source);
                grant(settings, source);
            }
        } catch (FlywayException e) {
            if (String.valueOf(e.getErrorCode()).contains("VALIDATE")) {
                throw new Refused(
                        Problem.HOME_IN_USE, "The database was made by another version of the vault; use that one.");
            }
            throw new StoreException(
                    StoreException.Kind.FAILED,
                    "the database cannot be opened or its schema not be brought up to date");
        } catch (SQLException e) {
            throw dialect.translate(e);
        }
    }

    private static void requireMayChange(StoreSettings settings, DataSource source) throws SQLException {
        if (settings.isSqlite()) {
            return;
        }
        try (Connection connection = source.getConnection()) {
            if (!"t".equals(Dialect.one(connection, MAY_CHANGE))) {
                throw new Refused(
                        Problem.INVALID,
                        "The database's schema is not up to date, and this role may not change it: run `db upgrade` as the"
                                + " role vault_migration (postgresql.md).");
            }
        }
    }

    /** To roles that are there; the others get it when they are made. */
    private static void grant(StoreSettings settings, DataSource source) throws SQLException {
        if (!settings.isSqlite()) {
            try (Connection connection = source.getConnection();
                    Statement statement = connection.createStatement()) {
                statement.execute(text("grants.sql"));
            }
        }
    }
}
