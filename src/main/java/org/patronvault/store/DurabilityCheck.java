package org.patronvault.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the database is set as strong as the vault promises, as it was when it was looked at last. Where it is not,
 * nothing is written, and so nothing is disclosed either: what a weak database acknowledges may be gone, the entry of
 * who looked included. The vault is not sealed for it, since no key is in danger and nobody should have to bring shares
 * for a line in a configuration file; it goes on by itself once a look finds the settings mended.
 */
final class DurabilityCheck {
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

    /** Looks through a connection of every pool, since a session can be set apart; if none can be had, nothing is known anew. */
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

    /** Refuses a database of which that much was found weak. */
    static void requireNone(List<String> weak) {
        if (!weak.isEmpty()) {
            throw new Refused(Problem.INVALID, says(weak));
        }
    }

    /** Refuses to open a database that is set weak. */
    void requireAtOpen() {
        found().ifPresent(says -> {
            throw new Refused(Problem.INVALID, says);
        });
    }

    /** Refuses to write where the last look found a weak setting. */
    void require() {
        weakness.ifPresent(says -> {
            throw new Refused(Problem.DATABASE_WEAK, says + " Nothing was done.", RETRY_SECONDS);
        });
    }

    /** What the last look found weak, with the cure. */
    Optional<String> weakness() {
        return weakness;
    }
}
