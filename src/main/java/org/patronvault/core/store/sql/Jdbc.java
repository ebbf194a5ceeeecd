package org.patronvault.core.store.sql;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;

/**
 * A thin layer for JDBC statements with parameters by position. The few statements of every search and every imported
 * row use it, since names and maps for each row cost more than the database does.
 */
public final class Jdbc {
    private static final int PART = 1_000;
    private static final String CHECK_VIOLATION = "23514";
    private static final int WHOLE_TABLE_MILLIS = 900_000;

    /** Sets the parameters of one row. */
    @FunctionalInterface
    public interface Binder<T> {
        void bind(PreparedStatement statement, T row) throws SQLException;
    }

    /** A driver exception, in the form that callers of this package expect. */
    private static final class DriverFailure extends JdbiException {
        private static final long serialVersionUID = 1L;

        DriverFailure(SQLException cause) {
            super(cause);
        }
    }

    private Jdbc() {}

    /** Returns a driver exception in the form that callers of this package expect. */
    public static JdbiException failed(SQLException e) {
        return new DriverFailure(e);
    }

    /** Returns the failure of rows that the schema would refuse, and that are not even sent. */
    public static JdbiException refused(String what) {
        return new DriverFailure(new SQLException(what, CHECK_VIOLATION));
    }

    /** Rolls back the current transaction, as far as possible. */
    public static void rollback(Handle handle) {
        try {
            handle.rollback();
        } catch (JdbiException e) {
            // The first failure is the one to report.
        }
    }

    /** Sets the parameters of the only row. */
    @FunctionalInterface
    public interface Setter {
        void set(PreparedStatement statement) throws SQLException;
    }

    /** Reads one row of an answer. */
    @FunctionalInterface
    public interface Reader {
        void read(ResultSet row) throws SQLException;
    }

    /** Executes the statement once. Returns how many rows it changed. */
    public static int execute(Handle handle, String sql, Setter setter) {
        try (PreparedStatement statement = handle.getConnection().prepareStatement(sql)) {
            setter.set(statement);
            return statement.executeUpdate();
        } catch (SQLException e) {
            throw new DriverFailure(e);
        }
    }

    /**
     * Runs a whole-table statement with a longer timeout for a silent server, since the server says nothing until it is
     * done.
     */
    public static <T> T wholeTable(Handle handle, Supplier<T> statement) {
        Connection connection = handle.getConnection();
        try {
            int usual = connection.getNetworkTimeout();
            if (usual == 0) {
                return statement.get();
            }
            connection.setNetworkTimeout(Runnable::run, WHOLE_TABLE_MILLIS);
            T result = statement.get();
            // After a failure there is nothing more to wait for, and the pool resets it.
            connection.setNetworkTimeout(Runnable::run, usual);
            return result;
        } catch (SQLException e) {
            throw new DriverFailure(e);
        }
    }

    /** Maps one row of an answer. */
    @FunctionalInterface
    public interface Mapper<T> {
        T map(ResultSet row) throws SQLException;
    }

    /** Executes a query once, and reads the first row, if any. */
    public static <T> Optional<T> first(Handle handle, String sql, Setter setter, Mapper<T> mapper) {
        return all(handle, sql, setter, mapper).stream().findFirst();
    }

    /** Executes a query once, and maps every row. */
    public static <T> List<T> all(Handle handle, String sql, Setter setter, Mapper<T> mapper) {
        List<T> found = new ArrayList<>();
        query(handle, sql, setter, row -> found.add(mapper.map(row)));
        return found;
    }

    /** Executes a query once, and reads every row. */
    public static void query(Handle handle, String sql, Setter setter, Reader reader) {
        query(handle, sql, List.of(setter), (statement, only) -> only.set(statement), reader);
    }

    /**
     * Executes a query for each of {@code asked}, in order, and reads every row. A statement sent along with the query
     * is executed before the first row is read.
     */
    public static <T> void query(Handle handle, String sql, Collection<T> asked, Binder<T> binder, Reader reader) {
        try (PreparedStatement statement = handle.getConnection().prepareStatement(sql)) {
            for (T one : asked) {
                binder.bind(statement, one);
                boolean unused = statement.execute();
                read(statement, reader);
            }
        } catch (SQLException e) {
            throw new DriverFailure(e);
        }
    }

    /** Returns many values as one parameter. */
    public static Array array(PreparedStatement statement, String type, Object[] values) throws SQLException {
        return statement.getConnection().createArrayOf(type, values);
    }

    /** Reads every row of the statement's current answer. */
    static void read(PreparedStatement answered, Reader reader) throws SQLException {
        try (ResultSet rows = answered.getResultSet()) {
            while (rows.next()) {
                reader.read(rows);
            }
        }
    }

    /** Executes the statement for every row, in order. Returns how many rows it changed. */
    public static <T> int execute(Handle handle, String sql, List<T> rows, Binder<T> binder) {
        int changed = 0;
        for (int one : executeEach(handle, sql, rows, binder)) {
            changed += one;
        }
        return changed;
    }

    /** Executes the statement for every row, in order. Returns how many rows each execution changed. */
    public static <T> int[] executeEach(Handle handle, String sql, List<T> rows, Binder<T> binder) {
        int[] changed = new int[rows.size()];
        int at = 0;
        try (PreparedStatement statement = handle.getConnection().prepareStatement(sql)) {
            for (int from = 0; from < rows.size(); from += PART) {
                for (T row : rows.subList(from, Math.min(from + PART, rows.size()))) {
                    binder.bind(statement, row);
                    statement.addBatch();
                }
                for (int one : statement.executeBatch()) {
                    changed[at++] = one == Statement.SUCCESS_NO_INFO ? 1 : one;
                }
            }
            return changed;
        } catch (SQLException e) {
            throw new DriverFailure(e);
        }
    }
}
