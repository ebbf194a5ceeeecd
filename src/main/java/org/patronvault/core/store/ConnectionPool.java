package org.patronvault.core.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.statement.StatementExceptions;
import org.patronvault.core.store.sql.Dialect;
import org.patronvault.core.store.sql.StoreSettings;

/** A pool of database connections, with its dialect and Jdbi instance. */
public record ConnectionPool(Dialect dialect, HikariDataSource source, Jdbi jdbi) {
    private static final int WAIT_MILLIS = 5_000;

    /**
     * Opens a pool.
     *
     * @param size the most connections
     * @param kept the connections that it keeps
     */
    static ConnectionPool open(
            Dialect dialect, StoreSettings settings, String name, int size, int kept, boolean forWriting) {
        HikariConfig config = new HikariConfig();
        config.setPoolName("vault-" + name);
        config.setDataSource(dialect.dataSource(settings, forWriting));
        config.setMaximumPoolSize(size);
        config.setMinimumIdle(kept);
        config.setConnectionTimeout(WAIT_MILLIS);
        config.setMaxLifetime(0);
        config.setIdleTimeout(0);
        dialect.pool(config);
        config.setConnectionInitSql(forWriting ? dialect.writing() : dialect.snapshots());
        HikariDataSource source = new HikariDataSource(config);
        return new ConnectionPool(dialect, source, jdbi(source));
    }

    public static Jdbi jdbi(DataSource source) {
        Jdbi jdbi = Jdbi.create(source);
        // Jdbi's messages otherwise repeat the statement and every bound argument.
        jdbi.getConfig(StatementExceptions.class).setMessageRendering(StatementExceptions.MessageRendering.NONE);
        return jdbi;
    }

    /** Rolls back the current transaction, if possible. A connection that cannot roll back is never reused. */
    void rollback(Handle handle) {
        try {
            dialect.rollback(handle);
        } catch (JdbiException e) {
            // The first failure is the one to report.
            if (!dialect.isOver(e)) {
                source.evictConnection(handle.getConnection());
            }
        }
    }
}
