package org.patronvault.core.store;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.Set;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.CoreErrorCode;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfoService;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.flywaydb.database.postgresql.PostgreSQLConfigurationExtension;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.sql.Dialect;
import org.patronvault.core.store.sql.StoreException;
import org.patronvault.core.store.sql.StoreSettings;
import org.patronvault.core.store.table.Tx;
import org.patronvault.store.copy.PreUpgradeCopy;
import org.patronvault.store.sqlite.SqliteDialect;

/** The tables of a database, and the rights of its roles if the database has roles. */
public final class Schema {
    private static final String MAY_CHANGE = "SELECT has_schema_privilege(current_schema(), 'CREATE')";

    private static final String OTHERS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            + " AND application_name = current_setting('application_name') AND pid <> pg_backend_pid()";

    private static final String NOT_UP_TO_DATE =
            "The database's schema is not up to date, and a start does not change it: stop every node, and run `db"
                    + " upgrade` as the role vault_migration (postgresql.md).";

    private static final String DAMAGED =
            "what it says of its own tables is damaged, or another program's: keep what is"
                    + " there, and restore the last backup (custody-backup.md)";

    /**
     * The codes of SQLite for a statement that does not fit its tables, for damaged pages or rows, and for a file that
     * is no database.
     */
    private static final Set<Integer> OF_THE_FILE = Set.of(1, 11, 19, 26);

    private Schema() {}

    /**
     * Creates or upgrades the schema of a database, and grants its rights to the existing roles of {@link #roles}. Runs
     * as a role that owns it. Existing tables are copied first ({@link PreUpgradeCopy}).
     *
     * @param copy where to, a new file; if empty, beside a database that is a file
     * @throws Refused if the schema is newer than this program, this role may not, or there is no room for the copy
     */
    public static void upgrade(StoreSettings settings, Optional<Path> copy) {
        Dialect dialect = Dialect.of(settings);
        boolean upgraded = prepare(dialect, settings, flyway(dialect, settings, Optional.empty()), () -> {
            if (copy.filter(Files::exists).isPresent()) {
                throw new Refused(
                        Problem.NAME_IN_USE,
                        "The file for the copy is there already: remove it if a try left it that was broken off, or name"
                                + " another.");
            }
            Path file = copy.or(() -> settings.file().map(PreUpgradeCopy::of))
                    .orElseThrow(() -> new Refused(
                            Problem.INVALID,
                            "Tables of an older version are there, and a copy of them is made before they are changed:"
                                    + " stop every node, and say with --copy FILE where to."));
            requireNobodyElse(dialect, settings);
            PreUpgradeCopy.make(settings, file);
            // Copying took its time.
            requireNobodyElse(dialect, settings);
        });
        if (!upgraded) {
            requireMayChange(dialect, settings);
            grant(dialect, settings);
        }
    }

    /** Returns the SQL for a superuser that creates three roles, and no other. It may be run repeatedly. */
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

    /**
     * Brings an outdated schema up to date. Refuses a role without the right, and names the role that has it. Existing
     * tables in a file are copied first. Tables on a server change by {@link #upgrade} alone, while nobody uses them.
     */
    public static void prepare(Dialect dialect, StoreSettings settings) {
        boolean unused = prepare(dialect, settings, flyway(dialect, settings, Optional.empty()), () -> {
            Path file = settings.file().orElseThrow(() -> new Refused(Problem.INVALID, NOT_UP_TO_DATE));
            PreUpgradeCopy.make(settings, PreUpgradeCopy.of(file));
        });
    }

    /**
     * Brings the schema of a file that is only a copy up to date.
     *
     * @param schema its new schema, in the form of {@link Tx#schema}; this program's, if empty
     */
    public static void prepareCopy(Path file, Optional<String> schema) {
        StoreSettings settings = StoreSettings.sqlite(file);
        Dialect dialect = SqliteDialect.INSTANCE;
        boolean unused = prepare(dialect, settings, flyway(dialect, settings, schema), () -> {});
    }

    private static Flyway flyway(Dialect dialect, StoreSettings settings, Optional<String> schema) {
        dialect.restrictFiles(settings);
        FluentConfiguration configuration = Flyway.configure(Schema.class.getClassLoader())
                .dataSource(dialect.schemaSource(settings))
                .locations("classpath:db/migration")
                .placeholders(dialect.placeholders())
                .validateMigrationNaming(true)
                // All of an upgrade takes effect, or nothing.
                .group(true)
                .ignoreMigrationPatterns("*:pending");
        // On PostgreSQL too, and that takes one connection for tables and history.
        configuration
                .getConfigurationExtension(PostgreSQLConfigurationExtension.class)
                .setTransactionalLock(false);
        schema.ifPresent(all -> configuration.target(newest(all)));
        return configuration.load();
    }

    private static String newest(String schema) {
        String last = schema.substring(schema.lastIndexOf(' ') + 1);
        return last.substring(0, last.indexOf(':'));
    }

    /** Returns whether there was anything to do. */
    private static boolean prepare(Dialect dialect, StoreSettings settings, Flyway flyway, Runnable beforeAChange) {
        try {
            MigrationInfoService info = history(settings, flyway);
            if (info.pending().length == 0) {
                return false;
            }
            requireMayChange(dialect, settings);
            if (info.current() != null) {
                beforeAChange.run();
            }
            flyway.migrate();
            grant(dialect, settings);
            return true;
        } catch (FlywayException e) {
            if (isRefusal(e)) {
                throw new Refused(
                        Problem.HOME_IN_USE,
                        "The database was made by a newer version of the vault, or by one that was never released; use"
                                + " that one.");
            }
            StoreException.Kind kind = e.getErrorCode() == CoreErrorCode.NON_EMPTY_SCHEMA_WITHOUT_SCHEMA_HISTORY_TABLE
                    ? StoreException.Kind.DAMAGED
                    : dialect.translate(e).kind();
            throw kind == StoreException.Kind.FULL
                    ? dialect.translate(e)
                    : new StoreException(
                            kind,
                            kind == StoreException.Kind.DAMAGED
                                    ? DAMAGED
                                    : "the database cannot be opened or its schema not be brought up to date");
        }
    }

    /** Returns the migrations of the tables, by their own history, of a version this program knows. Reads only. */
    private static MigrationInfoService history(StoreSettings settings, Flyway flyway) {
        try {
            MigrationInfoService info = flyway.info();
            if (info.current() != null) {
                flyway.validate();
            }
            return info;
        } catch (RuntimeException e) {
            // Flyway fails in many ways at a row or a table of its own that was changed.
            if (settings.isSqlite() && !isRefusal(e) && isOfTheFile(e)) {
                throw new StoreException(StoreException.Kind.DAMAGED, DAMAGED);
            }
            throw e;
        }
    }

    /** Whether all of the history was read, and it is not this program's. */
    private static boolean isRefusal(RuntimeException e) {
        return e instanceof FlywayException known
                && String.valueOf(known.getErrorCode()).contains("VALIDATE");
    }

    private static boolean isOfTheFile(Throwable e) {
        Throwable first = e;
        while (first.getCause() != null) {
            first = first.getCause();
        }
        return first instanceof SQLException failed
                ? OF_THE_FILE.contains(failed.getErrorCode() & 0xff)
                : !(first instanceof IOException);
    }

    /** A query or statement on a server, with no meaning in a file. */
    @FunctionalInterface
    private interface OnServer {
        void run(Connection connection) throws SQLException;
    }

    private static void onServer(Dialect dialect, StoreSettings settings, OnServer work) {
        if (settings.isSqlite()) {
            return;
        }
        try (Connection connection = dialect.schemaSource(settings).getConnection()) {
            work.run(connection);
        } catch (SQLException e) {
            throw dialect.translate(e);
        }
    }

    /**
     * Refuses if a node is connected. Nodes identify themselves by name, and everybody can see the names of all
     * sessions.
     */
    private static void requireNobodyElse(Dialect dialect, StoreSettings settings) {
        onServer(dialect, settings, connection -> {
            if (!"0".equals(Dialect.one(connection, OTHERS))) {
                throw new Refused(
                        Problem.HOME_IN_USE,
                        "A node is connected to the database, and would meet tables that it does not know: stop every"
                                + " node first.");
            }
        });
    }

    private static void requireMayChange(Dialect dialect, StoreSettings settings) {
        onServer(dialect, settings, connection -> {
            if (!"t".equals(Dialect.one(connection, MAY_CHANGE))) {
                throw new Refused(Problem.INVALID, NOT_UP_TO_DATE);
            }
        });
    }

    /** Grants rights to existing roles. Other roles get them when they are created. */
    private static void grant(Dialect dialect, StoreSettings settings) {
        onServer(dialect, settings, connection -> {
            try (Statement statement = connection.createStatement()) {
                statement.execute(text("grants.sql"));
            }
        });
    }
}
