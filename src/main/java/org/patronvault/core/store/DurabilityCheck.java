package org.patronvault.core.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.sql.Dialect;
import org.patronvault.core.store.sql.StoreSettings;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A check that the database's settings are as durable as the vault promises, with the result of its last run. If they
 * are weaker, nothing is written, and so nothing is disclosed. A weak database could lose what it acknowledged,
 * including the access entry. The vault stays unsealed, since no key is in danger and a configuration line should not
 * require shares. Writing resumes automatically once a check finds the settings repaired.
 */
public final class DurabilityCheck {
    private static final Logger LOG = LoggerFactory.getLogger(DurabilityCheck.class);
    private static final int RETRY_SECONDS = 60;

    private final Dialect dialect;
    private final StoreSettings settings;
    private final List<ConnectionPool> pools;
    private volatile Optional<String> weakness = Optional.empty();

    DurabilityCheck(Dialect dialect, StoreSettings settings, List<ConnectionPool> pools) {
        this.dialect = dialect;
        this.settings = settings;
        this.pools = pools;
    }

    /**
     * Checks a connection of every pool, since sessions can differ. If no connection is available, the last result
     * stays.
     */
    Optional<String> look() {
        Optional<String> found = found();
        if (!found.equals(weakness)) {
            found.ifPresentOrElse(
                    says -> LOG.error("Nothing is written until that is mended: {}", says),
                    () -> LOG.warn("The database is set as strong as the vault promises again."));
        }
        weakness = found;
        return found;
    }

    private Optional<String> found() {
        for (ConnectionPool pool : pools) {
            try (Connection connection = pool.source().getConnection()) {
                List<String> weak = dialect.weakSettings(connection, settings);
                if (!weak.isEmpty()) {
                    return Optional.of(says(weak));
                }
            } catch (SQLException e) {
                throw dialect.translate(e);
            }
        }
        return Optional.empty();
    }

    private static String says(List<String> weak) {
        return "The database is set weaker than the vault promises; set it so: " + String.join("; ", weak) + ".";
    }

    /** Refuses a database with weak settings. */
    public static void requireNone(List<String> weak) {
        if (!weak.isEmpty()) {
            throw new Refused(Problem.INVALID, says(weak));
        }
    }

    /** Refuses to open a database with weak settings. */
    void requireAtOpen() {
        found().ifPresent(says -> {
            throw new Refused(Problem.INVALID, says);
        });
    }

    /** Refuses to write if the last check found a weak setting. */
    void require() {
        weakness.ifPresent(says -> {
            throw new Refused(Problem.DATABASE_WEAK, says + " Nothing was done.", RETRY_SECONDS);
        });
    }

    /** Returns the weak settings of the last check, with the cure. */
    Optional<String> weakness() {
        return weakness;
    }
}
