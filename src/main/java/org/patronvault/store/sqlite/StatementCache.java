package org.patronvault.store.sqlite;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.sql.DataSource;

/**
 * A cache of the prepared statements of one SQLite connection. Otherwise the driver parses and plans each statement
 * again, which for a row by its key takes longer than finding the row. A server's driver caches statements itself. Used
 * by one thread at a time, as its connection is.
 */
final class StatementCache {
    /** The most statements, above the number any one act needs. Each takes some KiB of the database's own memory. */
    static final int MOST = 64;

    private static final String PRAGMA = "PRAGMA";

    private final Connection connection;
    private final Map<String, PreparedStatement> idle = new LinkedHashMap<>(MOST, 0.75f, true);

    private StatementCache(Connection connection) {
        this.connection = connection;
    }

    /** Returns a source of connections that each cache their statements. */
    static DataSource of(DataSource source) {
        return proxy(DataSource.class, (method, arguments) -> {
            Object given = invoke(source, method, arguments);
            return given instanceof Connection connection ? of(connection) : given;
        });
    }

    private static Connection of(Connection connection) {
        StatementCache kept = new StatementCache(connection);
        return proxy(Connection.class, (method, arguments) -> {
            boolean prepares = method.getName().equals("prepareStatement") && arguments.length == 1;
            return prepares ? kept.prepare((String) arguments[0]) : invoke(connection, method, arguments);
        });
    }

    private PreparedStatement prepare(String sql) throws SQLException {
        PreparedStatement kept = idle.remove(sql);
        InUse use = new InUse(sql, kept == null ? connection.prepareStatement(sql) : kept);
        return proxy(PreparedStatement.class, use::call);
    }

    private void keep(String sql, PreparedStatement statement) throws SQLException {
        // Nothing of the previous caller stays, nor rows of a batch that was never executed.
        try {
            statement.clearBatch();
            statement.clearParameters();
        } catch (SQLException e) {
            statement.close();
            throw e;
        }
        PreparedStatement other = idle.putIfAbsent(sql, statement);
        if (other != null) {
            statement.close();
        } else if (idle.size() > MOST) {
            Map.Entry<String, PreparedStatement> eldest =
                    idle.entrySet().iterator().next();
            idle.remove(eldest.getKey());
            eldest.getValue().close();
        }
    }

    /** A statement in use, until its caller closes it. */
    private final class InUse {
        private final String sql;
        private final PreparedStatement statement;
        private ResultSet answer;
        private boolean asBefore;
        private boolean answering;
        private boolean closed;

        InUse(String sql, PreparedStatement statement) {
            this.sql = sql;
            this.statement = statement;
            // Some pragmas take effect when they are prepared.
            this.asBefore = !sql.regionMatches(true, 0, PRAGMA, 0, PRAGMA.length());
        }

        Object call(Method method, Object[] arguments) throws Throwable {
            if (method.getName().equals("isClosed")) {
                return closed;
            }
            if (method.getName().equals("close")) {
                close();
                return null;
            }
            if (closed) {
                throw new SQLException("the statement was closed");
            }
            boolean before = asBefore;
            asBefore = false;
            Object given = invoke(statement, method, arguments);
            // A failure leaves it in an unknown state, and so does a setting other than a parameter.
            asBefore = before
                    && !(method.getDeclaringClass() == Statement.class
                            && method.getName().startsWith("set"));
            if (given instanceof ResultSet rows) {
                answer = rows;
                answering = false;
            } else if (method.getName().equals("execute")) {
                answering = given.equals(true);
            }
            return given;
        }

        private void close() throws SQLException {
            if (closed) {
                return;
            }
            closed = true;
            // Otherwise it might hold its snapshot of the database for as long as it is cached.
            boolean isOver = !answering && (answer == null || answer.isClosed());
            if (asBefore && isOver) {
                keep(sql, statement);
            } else {
                statement.close();
            }
        }
    }

    /** The function of a method, with these arguments. */
    @FunctionalInterface
    private interface Calls {
        Object call(Method method, Object[] arguments) throws Throwable;
    }

    private static <T> T proxy(Class<T> type, Calls calls) {
        return type.cast(Proxy.newProxyInstance(
                StatementCache.class.getClassLoader(),
                new Class<?>[] {type},
                (self, method, arguments) -> calls.call(method, arguments)));
    }

    private static Object invoke(Object of, Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(of, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
