package org.patronvault.core.store.table;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.patronvault.core.store.sql.Dialect;
import org.patronvault.core.store.sql.Jdbc;
import org.patronvault.core.store.sql.PipelinedStatement;
import org.patronvault.core.store.sql.RequiredColumn;

/** The table {@code limit_seen} in one writing transaction. Changes are written at its end. */
public final class LimitChanges extends LimitRows {
    private record Day(String actor, long day) {}

    private record Remembered(Day of, ByteBuffer token) {}

    private final Map<Day, Set<ByteBuffer>> unwritten = new LinkedHashMap<>();
    private final Map<Day, Map<ByteBuffer, Boolean>> expected = new LinkedHashMap<>();

    /** Tokens that were read ahead, and whether the table has them. */
    private final Map<Day, Map<ByteBuffer, Boolean>> known = new HashMap<>();

    private final List<Remembered> sinceMark = new ArrayList<>();

    LimitChanges(Handle handle, Dialect dialect) {
        super(handle, dialect);
    }

    /**
     * Stores tokens for an actor and a day. Returns how many were new.
     *
     * @param tokens {@value #TOKEN_BYTES} bytes each
     */
    public int remember(String actor, long day, Collection<byte[]> tokens) {
        Set<ByteBuffer> fresh = new LinkedHashSet<>();
        tokens.forEach(token -> fresh.add(ByteBuffer.wrap(token)));
        present(actor, day, tokens).forEach(known -> fresh.remove(ByteBuffer.wrap(known)));
        Day of = new Day(actor, day);
        unwritten.computeIfAbsent(of, any -> new LinkedHashSet<>()).addAll(fresh);
        fresh.forEach(token -> sinceMark.add(new Remembered(of, token)));
        return fresh.size();
    }

    /** Says that {@link #present} will be asked about these tokens; {@link #readExpected} reads them. */
    public void expect(String actor, long day, Collection<byte[]> tokens) {
        Map<ByteBuffer, Boolean> of = expected.computeIfAbsent(new Day(actor, day), any -> new HashMap<>());
        tokens.forEach(token -> of.put(ByteBuffer.wrap(token), false));
    }

    /** Adds the reading of what is expected to statements that are sent together. */
    void readExpected(PipelinedStatement turn) {
        expected.forEach((of, tokens) -> {
            Map<ByteBuffer, Boolean> here = known.computeIfAbsent(of, any -> new HashMap<>());
            tokens.keySet().removeAll(here.keySet());
            here.putAll(tokens);
            if (!tokens.isEmpty()) {
                List<byte[]> all =
                        tokens.keySet().stream().map(ByteBuffer::array).toList();
                turn.ask(
                        presentSql(),
                        4,
                        bound(of.actor(), of.day(), all),
                        row -> here.put(ByteBuffer.wrap(RequiredColumn.bytes(row, 1)), true));
            }
        });
        expected.clear();
    }

    @Override
    public List<byte[]> present(String actor, long day, Collection<byte[]> tokens) {
        Set<ByteBuffer> here = unwritten.getOrDefault(new Day(actor, day), Set.of());
        List<byte[]> present = new ArrayList<>();
        List<byte[]> others = new ArrayList<>();
        Map<ByteBuffer, Boolean> read = known.getOrDefault(new Day(actor, day), Map.of());
        tokens.forEach(token -> {
            ByteBuffer key = ByteBuffer.wrap(token);
            if (here.contains(key) || read.getOrDefault(key, false)) {
                present.add(token);
            } else if (!read.containsKey(key)) {
                others.add(token);
            }
        });
        present.addAll(super.present(actor, day, others));
        return present;
    }

    @Override
    public boolean isAnyBefore(String actor, long day) {
        return unwritten.entrySet().stream()
                        .anyMatch(one -> isBefore(one.getKey(), actor, day)
                                && !one.getValue().isEmpty())
                || super.isAnyBefore(actor, day);
    }

    private static boolean isBefore(Day of, String actor, long day) {
        return of.actor().equals(actor) && of.day() < day;
    }

    /** Deletes every day before {@code day}, for an actor. */
    public void forgetBefore(String actor, long day) {
        unwritten.keySet().removeIf(of -> isBefore(of, actor, day));
        known.keySet().removeIf(of -> isBefore(of, actor, day));
        handle.createUpdate("DELETE FROM limit_seen WHERE actor = :actor AND day < :day")
                .bind("actor", actor)
                .bind("day", day)
                .execute();
    }

    /** Begins a part that can be rolled back alone. */
    void mark() {
        sinceMark.clear();
    }

    /** Whether anything changed since the mark. */
    boolean isChanged() {
        return !sinceMark.isEmpty();
    }

    /** Rolls back the changes since the mark. */
    void undo() {
        sinceMark.forEach(one -> unwritten.getOrDefault(one.of(), Set.of()).remove(one.token()));
        sinceMark.clear();
    }

    /** Writes the changes to the table. */
    void write() {
        // Written once in any case, whatever the table holds.
        String sql = "INSERT INTO limit_seen (actor, day, token) " + dialect.counted()
                + " SELECT ?, ?, substr(?, i * 16 + 1, 16) FROM n WHERE true ON CONFLICT DO NOTHING";
        unwritten.forEach((of, tokens) -> {
            if (!tokens.isEmpty()) {
                List<byte[]> all = tokens.stream().map(ByteBuffer::array).toList();
                int unused = Jdbc.execute(
                        handle,
                        sql,
                        statement -> bound(of.actor(), of.day(), all).set(statement, 1));
            }
        });
        unwritten.clear();
        // A part that is rolled back in the table may undo what was just written.
        known.clear();
    }
}
