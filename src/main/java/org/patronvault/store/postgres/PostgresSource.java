package org.patronvault.store.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import org.patronvault.core.model.Refused;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A source of new connections to PostgreSQL. Each connection reads the current password from its file. If no primary
 * accepts connections, it retries for some seconds. A refused pool would wait longer and longer, and notice a new
 * primary late.
 */
@SuppressWarnings("serial")
final class PostgresSource extends PGSimpleDataSource {
    private static final long serialVersionUID = 1L;
    private static final long TRYING_NANOS = TimeUnit.SECONDS.toNanos(4);
    private static final long BETWEEN_MILLIS = 100;

    /** A supplier of the current password. */
    @FunctionalInterface
    interface Password {
        /** Returns the password; null for none. */
        String now();
    }

    private final transient Password password;
    private volatile boolean connected;

    PostgresSource(String jdbcUrl, Password password) {
        this.password = password;
        setUrl(jdbcUrl);
        // The server's details of an error hold the row it is about.
        setLogServerErrorDetail(false);
    }

    @Override
    public Connection getConnection() throws SQLException {
        long begun = System.nanoTime();
        while (true) {
            try {
                Connection connection = getConnection(getUser(), nowOrFail());
                connected = true;
                return connection;
            } catch (SQLException e) {
                // The first failure is for the caller that opens the database.
                boolean passing = connected && PostgresStates.isPassing(e);
                if (!passing || System.nanoTime() - begun > TRYING_NANOS || !rested()) {
                    throw e;
                }
            }
        }
    }

    private String nowOrFail() throws SQLException {
        try {
            return password.now();
        } catch (Refused e) {
            throw new SQLException(e.getMessage(), PostgresStates.NOT_SIGNED_IN);
        }
    }

    private static boolean rested() {
        try {
            TimeUnit.MILLISECONDS.sleep(BETWEEN_MILLIS);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    void signInWithin(int seconds) {
        super.setLoginTimeout(seconds);
    }

    /** Ignores the pool's value, which is the wait of the pool's own callers. The URL sets the login timeout. */
    @Override
    public void setLoginTimeout(int seconds) {}
}
