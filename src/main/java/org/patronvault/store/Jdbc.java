package org.patronvault.store;

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
 * Statements with parameters by position, for the few that every look-up or every row of an import needs: there, names
 * and maps for each row cost more than the database does.
 */
final class Jdbc {
    private static final int PART = 1_000;
    private static final String CHECK_VIOLATION = "23514";
    private static final int WHOLE_TABLE_MILLIS = 900_000;

    /** Sets the parameters of one row. */
    @FunctionalInterface
    interface Binder<T> {
        void bind(PreparedStatement statement, T row) throws SQLException;
    }

    /** What the driver threw, in the form that callers of this package wait for. */
    private static final class DriverFailure extends JdbiException {
        private static final long serialVersionUID = 1L;

        DriverFailure(SQLException cause) {
            super(cause);
        }
    }

    private Jdbc() {}

    /** What callers of this package wait for, of what the driver threw. */
    static JdbiException failed(SQLException e) {
        return new DriverFailure(e);
    }

    /** What is thrown for rows that the schema would refuse, and that are not even offered to it. */
    static JdbiException refused(String what) {
        return new DriverFailure(new SQLException(what, CHECK_VIOLATION));
    }

    /** Undoes what is under way, as far as it can. */
    static void rollback(Handle handle) {
        try {
            handle.rollback();
        } catch (JdbiException e) {
            // The first failure is the one to tell.
        }
    }

    /** Sets the parameters of the only row. */
    @FunctionalInterface
    interface Setter {
        void set(PreparedStatement statement) throws SQLException;
    }

    /** Reads one row of an answer. */
    @FunctionalInterface
    interface Reader {
        void read(ResultSet row) throws SQLException;
    }

    /** Carries the statement out once; returns how many rows it changed. */
    static int execute(Handle handle, String sql, Setter setter) {
        try (PreparedStatement statement = handle.getConnection().prepareStatement(sql)) {
            setter.set(statement);
            return statement.executeUpdate();
        } catch (SQLException e) {
            throw new DriverFailure(e);
        }
    }

    /**
     * Has a statement that goes through a whole table take its time: the server says nothing until it is through, which
     * elsewhere is the sign that it is gone.
     */
    static <T> T wholeTable(Handle handle, Supplier<T> statement) {
        Connection connection = handle.getConnection();
        try {
            int usual = connection.getNetworkTimeout();
            if (usual == 0) {
                return statement.get();
            }
            connection.setNetworkTimeout(Runnable::run, WHOLE_TABLE_MILLIS);
            T result = statement.get();
            // After a failure there is nothing more to wait for, and the pool sets it back.
            connection.setNetworkTimeout(Runnable::run, usual);
            return result;
        } catch (SQLException e) {
            throw new DriverFailure(e);
        }
    }

    /** Makes something of one row of an answer. */
    @FunctionalInterface
    interface Mapper<T> {
        T map(ResultSet row) throws SQLException;
    }

    /** Asks once, and reads the first row there is. */
    static <T> Optional<T> first(Handle handle, String sql, Setter setter, Mapper<T> mapper) {
        List<T> found = new ArrayList<>(1);
        query(handle, sql, setter, row -> found.add(mapper.map(row)));
        return found.stream().findFirst();
    }

    /** Asks once, and reads every row. */
    static void query(Handle handle, String sql, Setter setter, Reader reader) {
        query(handle, sql, List.of(setter), (statement, only) -> only.set(statement), reader);
    }

    /**
     * Asks once for each of {@code asked}, in order, and reads every row of every answer; what goes to the server with the
     * question is carried out before the first row is read.
     */
    static <T> void query(Handle handle, String sql, Collection<T> asked, Binder<T> binder, Reader reader) {
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

    /** Many values for one parameter. */
    static Array array(PreparedStatement statement, String type, Object[] values) throws SQLException {
        return statement.getConnection().createArrayOf(type, values);
    }

    /** Reads every row of the answer that the statement is at. */
    static void read(PreparedStatement answered, Reader reader) throws SQLException {
        try (ResultSet rows = answered.getResultSet()) {
            while (rows.next()) {
                reader.read(rows);
            }
        }
    }

    /** Carries the statement out for every row, in order; returns how many rows it changed. */
    static <T> int execute(Handle handle, String sql, List<T> rows, Binder<T> binder) {
        int changed = 0;
        try (PreparedStatement statement = handle.getConnection().prepareStatement(sql)) {
            for (int from = 0; from < rows.size(); from += PART) {
                for (T row : rows.subList(from, Math.min(from + PART, rows.size()))) {
                    binder.bind(statement, row);
                    statement.addBatch();
                }
                for (int one : statement.executeBatch()) {
                    changed += one == Statement.SUCCESS_NO_INFO ? 1 : one;
                }
            }
            return changed;
        } catch (SQLException e) {
            throw new DriverFailure(e);
        }
    }
}
