package org.patronvault.core.store.sql;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/**
 * A group of statements that are sent to a server and answered together, since a round trip costs more than most
 * statements. Without a server, each is executed alone. For one thread, and one use.
 */
public final class PipelinedStatement {

    /** Sets the parameters of one statement, from number {@code first} on. */
    @FunctionalInterface
    public interface Values {
        void set(PreparedStatement statement, int first) throws SQLException;
    }

    /** The values of a statement without parameters. */
    public static final Values NOTHING = (statement, first) -> {};

    private record Part(String sql, int parameters, Values values, Optional<Jdbc.Reader> reader) {}

    private final Handle handle;
    private final Dialect dialect;
    private final List<Part> parts = new ArrayList<>();

    public PipelinedStatement(Handle handle, Dialect dialect) {
        this.handle = handle;
        this.dialect = dialect;
    }

    /** Adds a query. Every row of the answer is read. */
    public PipelinedStatement ask(String sql, int parameters, Values values, Jdbc.Reader reader) {
        parts.add(new Part(sql, parameters, values, Optional.of(reader)));
        return this;
    }

    /** Adds a statement whose number of changed rows is not needed. */
    public PipelinedStatement change(String sql, int parameters, Values values) {
        parts.add(new Part(sql, parameters, values, Optional.empty()));
        return this;
    }

    /** Executes all statements in order. */
    public void run() {
        if (parts.isEmpty()) {
            return;
        }
        if (dialect.takesTogether()) {
            run(parts);
        } else {
            parts.forEach(part -> run(List.of(part)));
        }
    }

    private void run(List<Part> together) {
        String sql = together.stream().map(Part::sql).collect(Collectors.joining("; "));
        try (PreparedStatement statement = handle.getConnection().prepareStatement(sql)) {
            int first = 1;
            for (Part part : together) {
                part.values().set(statement, first);
                first += part.parameters();
            }
            boolean answers = statement.execute();
            for (Part part : together) {
                if (answers) {
                    Jdbc.read(statement, part.reader().orElseThrow());
                }
                answers = statement.getMoreResults();
            }
        } catch (SQLException e) {
            throw Jdbc.failed(e);
        }
    }
}
