package org.patronvault.core.store.table;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.patronvault.core.store.sql.Dialect;
import org.patronvault.core.store.sql.Jdbc;

/** The table {@code limit_seen} in one writing transaction. Changes are written at its end. */
public final class LimitChanges extends LimitRows {
    private record Day(String actor, long day) {}

    private record Remembered(Day of, ByteBuffer token) {}

    private final Map<Day, Set<ByteBuffer>> unwritten = new LinkedHashMap<>();
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

    @Override
    public List<byte[]> present(String actor, long day, Collection<byte[]> tokens) {
        Set<ByteBuffer> here = unwritten.getOrDefault(new Day(actor, day), Set.of());
        List<byte[]> present = new ArrayList<>();
        List<byte[]> others = new ArrayList<>();
        tokens.forEach(token -> (here.contains(ByteBuffer.wrap(token)) ? present : others).add(token));
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
                int unused = Jdbc.execute(handle, sql, bound(of.actor(), of.day(), all));
            }
        });
        unwritten.clear();
    }
}
