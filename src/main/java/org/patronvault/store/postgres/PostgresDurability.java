package org.patronvault.store.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.patronvault.core.store.sql.Dialect;

/**
 * A check of a PostgreSQL server's settings, as a session sees them. Acknowledged data must be on disk, and on a
 * standby if there are any. The server's log must stay free of statement values.
 */
final class PostgresDurability {
    private static final String ASKED = "SELECT name, coalesce(current_setting(name, true), '') FROM unnest(?) AS name";

    /**
     * The required values of each setting, independent of the others. A setting that the server does not have is
     * skipped.
     */
    private static final Map<String, Set<String>> WANTED = Map.of(
            "fsync", Set.of("on"),
            "full_page_writes", Set.of("on"),
            "data_sync_retry", Set.of("off"),
            "synchronous_commit", Set.of("on", "remote_apply"),
            "debug_print_plan", Set.of("off"),
            "log_parameter_max_length_on_error", Set.of("0"),
            "auto_explain.log_min_duration", Set.of("-1", ""),
            "pgaudit.log_parameter", Set.of("off", ""));

    /** The safe values. With others, the server logs statements that did not fail. */
    private static final Map<String, Set<String>> QUIET = Map.of(
            "log_statement", Set.of("none", "ddl"),
            "log_min_duration_statement", Set.of("-1"),
            "log_min_duration_sample", Set.of("-1"),
            "log_transaction_sample_rate", Set.of("0"));

    private static final String STANDBY_NAMES = "synchronous_standby_names";
    private static final String PARAMETERS = "log_parameter_max_length";
    private static final String VERBOSITY = "log_error_verbosity";
    private static final String CHECKSUMS = "data_checksums";
    private static final String SUPERUSER = "is_superuser";

    private static final String OWNS = "SELECT count(*) FROM pg_tables WHERE tablename = 'access_log'"
            + " AND schemaname = current_schema() AND tableowner = current_user";

    /**
     * Counts the followers of the log: standbys, and receivers that do not apply it, such as an archive or a backup.
     * Only a role with the right to see them can tell these apart.
     */
    private static final String FOLLOWERS = "SELECT count(*) FROM pg_stat_replication"
            + " WHERE state IS NULL OR (state IN ('catchup', 'streaming') AND replay_lsn IS NOT NULL)";

    private final Connection connection;
    private final Map<String, String> settings = new HashMap<>();

    private PostgresDurability(Connection connection) throws SQLException {
        this.connection = connection;
        List<String> names = new ArrayList<>(WANTED.keySet());
        names.addAll(QUIET.keySet());
        names.addAll(List.of(STANDBY_NAMES, PARAMETERS, VERBOSITY, CHECKSUMS, SUPERUSER));
        try (PreparedStatement statement = connection.prepareStatement(ASKED)) {
            statement.setArray(1, connection.createArrayOf("text", names.toArray()));
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    settings.put(rows.getString(1), rows.getString(2));
                }
            }
        }
    }

    /**
     * Returns the settings to change, each with its safe value.
     *
     * @param hasStandbys whether there are to be standbys, present now or not
     */
    static List<String> weak(Connection connection, boolean hasStandbys) throws SQLException {
        PostgresDurability seen = new PostgresDurability(connection);
        List<String> weak = new ArrayList<>();
        WANTED.keySet().stream().sorted().filter(name -> !seen.is(name, WANTED)).forEach(name -> weak.add(cure(name)));
        if (QUIET.keySet().stream().anyMatch(name -> !seen.is(name, QUIET)) && !seen.is(PARAMETERS, "0")) {
            weak.add(PARAMETERS + " = 0");
        }
        if (seen.settings.get(STANDBY_NAMES).isBlank() && (hasStandbys || seen.isFollowed())) {
            weak.add(STANDBY_NAMES + " = 'ANY 1 (*)', or with Patroni synchronous_mode_strict: true");
        }
        return weak;
    }

    private static String cure(String name) {
        return name + " = "
                + WANTED.get(name).stream()
                        .filter(value -> !value.isEmpty())
                        .sorted()
                        .reduce((one, other) -> one + " or " + other)
                        .orElseThrow();
    }

    private boolean is(String name, Map<String, Set<String>> allowed) {
        return allowed.get(name).contains(settings.get(name));
    }

    private boolean is(String name, String value) {
        return value.equals(settings.get(name));
    }

    private boolean isFollowed() throws SQLException {
        return !"0".equals(Dialect.one(connection, FOLLOWERS));
    }

    /** Returns recommendations that are no reason not to serve: sentences with the cure. */
    static List<String> remarks(Connection connection) throws SQLException {
        PostgresDurability seen = new PostgresDurability(connection);
        List<String> remarks = new ArrayList<>();
        if (!seen.is(CHECKSUMS, "on")) {
            remarks.add(
                    "Data checksums are off, so that the server does not notice pages that its disk damaged: stop it"
                            + " and run `pg_checksums --enable`.");
        }
        if (!seen.is(VERBOSITY, "terse")) {
            remarks.add("The server's log repeats the row that a constraint refused: set log_error_verbosity = terse.");
        }
        if (seen.is(SUPERUSER, "on")) {
            remarks.add(
                    "The vault signs in as a superuser: `db roles` makes roles that may do what it needs and no more.");
        } else if (!"0".equals(Dialect.one(connection, OWNS))) {
            remarks.add(
                    "The vault signs in as the owner of its tables, who can change entries of the log: `db roles` makes"
                            + " a role that cannot, vault_service, to be named in vault.yaml.");
        }
        return remarks;
    }
}
