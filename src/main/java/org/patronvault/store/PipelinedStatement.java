package org.patronvault.store;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/**
 * Statements that go to a server as one and are answered as one, since a turn costs it and us more than most statements
 * do; where there is no server, each by itself. For one thread, and one use.
 */
final class PipelinedStatement {

    /** Sets the parameters of one statement, from number {@code first} on. */
    @FunctionalInterface
    interface Values {
        void set(PreparedStatement statement, int first) throws SQLException;
    }

    /** Of a statement without parameters. */
    static final Values NOTHING = (statement, first) -> {};

    private record Part(String sql, int parameters, Values values, Optional<Jdbc.Reader> reader) {}

    private final Handle handle;
    private final Dialect dialect;
    private final List<Part> parts = new ArrayList<>();

    PipelinedStatement(Handle handle, Dialect dialect) {
        this.handle = handle;
        this.dialect = dialect;
    }

    /** Asks something; every row of the answer is read. */
    PipelinedStatement ask(String sql, int parameters, Values values, Jdbc.Reader reader) {
        parts.add(new Part(sql, parameters, values, Optional.of(reader)));
        return this;
    }

    /** Does something that is not asked how many rows it changed. */
    PipelinedStatement change(String sql, int parameters, Values values) {
        parts.add(new Part(sql, parameters, values, Optional.empty()));
        return this;
    }

    /** Carries all of them out in order. */
    void run() {
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
