package org.patronvault.testing;

import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.patronvault.core.model.PatronField;

/**
 * The cells of patrons as rows of a view {@code cell (patron, field, generation, envelope)}, which a test changes outside
 * the vault. The view exists in one connection only. A deleted cell is left empty. In a file, the schema's checks do
 * not hold in that connection, as they would not for somebody who writes the file.
 */
public final class CellView {
    private CellView() {}

    /** Opens a connection to an SQLite database with the view. */
    public static Connection open(String url) throws SQLException {
        Connection connection = DriverManager.getConnection(url);
        add(connection);
        return connection;
    }

    /** Adds the view to a connection. On PostgreSQL its rows can be updated only, and the schema's checks hold. */
    public static void add(Connection connection) throws SQLException {
        if (connection.getMetaData().getURL().startsWith("jdbc:sqlite:")) {
            addToFile(connection);
        } else {
            addToServer(connection);
        }
    }

    private static void addToServer(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE TEMP VIEW cell AS "
                    + each(field -> "SELECT id AS patron, '" + field + "' AS field, ('x' || encode(substr(" + field
                                    + ", 1, 8), 'hex'))::bit(64)::bigint AS generation, substr(" + field
                                    + ", 9) AS envelope FROM patron")
                            .collect(Collectors.joining(" UNION ALL ")));
            statement.execute("CREATE FUNCTION pg_temp.write_cell() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                    + " EXECUTE format('UPDATE patron SET %I = int8send($1) || $2 WHERE id = $3', NEW.field)"
                    + " USING NEW.generation, NEW.envelope, NEW.patron; RETURN NEW; END $$");
            statement.execute(
                    "CREATE TRIGGER cell_update INSTEAD OF UPDATE ON cell FOR EACH ROW EXECUTE FUNCTION pg_temp.write_cell()");
        }
    }

    private static void addToFile(Connection connection) throws SQLException {
        org.sqlite.Function.create(connection, "generation", new org.sqlite.Function() {
            @Override
            protected void xFunc() throws SQLException {
                byte[] cell = value_blob(0);
                result(cell.length < Long.BYTES ? 0 : ByteBuffer.wrap(cell).getLong());
            }
        });
        org.sqlite.Function.create(connection, "cell_of", new org.sqlite.Function() {
            @Override
            protected void xFunc() throws SQLException {
                byte[] envelope = value_blob(1);
                result(ByteBuffer.allocate(Long.BYTES + envelope.length)
                        .putLong(value_long(0))
                        .put(envelope)
                        .array());
            }
        });
        try (Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA ignore_check_constraints = ON");
            // A table that the view reads can be renamed.
            statement.execute("PRAGMA legacy_alter_table = ON");
            statement.execute("CREATE TEMP VIEW cell AS "
                    + each(field -> "SELECT id AS patron, '" + field + "' AS field, generation(" + field
                                    + ") AS generation, substr(" + field + ", 9) AS envelope FROM patron WHERE length("
                                    + field + ") > 0")
                            .collect(Collectors.joining(" UNION ALL ")));
            String write = each(field -> "UPDATE patron SET " + field
                            + " = cell_of(NEW.generation, NEW.envelope) WHERE NEW.field = '" + field
                            + "' AND id = NEW.patron;")
                    .collect(Collectors.joining());
            String empty = each(field -> "UPDATE patron SET " + field + " = x'' WHERE OLD.field = '" + field
                            + "' AND id = OLD.patron;")
                    .collect(Collectors.joining());
            trigger(statement, "INSERT", write);
            trigger(statement, "DELETE", empty);
            trigger(statement, "UPDATE", empty + write);
        }
    }

    private static void trigger(Statement statement, String on, String then) throws SQLException {
        statement.execute("CREATE TEMP TRIGGER cell_" + on + " INSTEAD OF " + on + " ON cell BEGIN " + then + " END");
    }

    private static Stream<String> each(Function<String, String> sql) {
        return Arrays.stream(PatronField.values()).map(PatronField::wireName).map(sql);
    }
}
