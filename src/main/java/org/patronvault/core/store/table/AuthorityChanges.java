package org.patronvault.core.store.table;

import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.patronvault.core.store.sql.Jdbc;
import org.patronvault.core.store.sql.PipelinedStatement;
import org.patronvault.core.store.table.AuthorityRows.Change;
import org.patronvault.core.store.table.AuthorityRows.Row;

/**
 * A cache of rows that carry authority, as one writing transaction has read and changed them. If a caller accesses
 * hundreds of patrons in a transaction, the caller's limits are read once and written once. Nobody else writes
 * meanwhile, since the transaction holds the lock. For one thread.
 */
final class AuthorityChanges {
    private record Key(String kind, String name) {}

    /**
     * One row.
     *
     * @param begun as the transaction found it
     * @param stored as the table has it
     * @param removed whether it was removed in between
     */
    private record TrackedRow(Optional<Row> begun, Optional<Row> stored, Optional<Row> now, boolean removed) {
        private static TrackedRow asStored(Optional<Row> stored) {
            return new TrackedRow(stored, stored, stored, false);
        }

        private boolean isStored() {
            return same(stored, now);
        }
    }

    private final Handle handle;
    private final Map<Key, TrackedRow> rows = new LinkedHashMap<>();
    private final Set<Key> unwritten = new LinkedHashSet<>();
    private final Map<Key, TrackedRow> before = new HashMap<>();

    AuthorityChanges(Handle handle) {
        this.handle = handle;
    }

    private static boolean same(Optional<Row> one, Optional<Row> other) {
        return one.isPresent() ? other.filter(row -> same(one.get(), row)).isPresent() : other.isEmpty();
    }

    private static boolean same(Row one, Row other) {
        return one.generation() == other.generation() && Arrays.equals(one.mac(), other.mac());
    }

    private TrackedRow held(Key key) {
        return rows.computeIfAbsent(
                key, unknown -> TrackedRow.asStored(AuthorityRows.stored(handle, key.kind(), key.name())));
    }

    /** Adds the reading of a row, which will be asked for, to statements that are sent together. */
    void expect(String kind, String name, PipelinedStatement turn) {
        Key key = new Key(kind, name);
        if (rows.containsKey(key)) {
            return;
        }
        rows.put(key, TrackedRow.asStored(Optional.empty()));
        turn.ask(
                AuthorityRows.FIND,
                2,
                (statement, first) -> {
                    statement.setString(first, kind);
                    statement.setString(first + 1, name);
                },
                row -> rows.put(key, TrackedRow.asStored(Optional.of(AuthorityRows.found(kind, name, row)))));
    }

    /** Returns the row of that kind and name. */
    Optional<Row> find(String kind, String name) {
        return held(new Key(kind, name)).now();
    }

    /** Adds a row. Returns false if kind and name are taken. */
    boolean insert(Row row) {
        Key key = new Key(row.kind(), row.name());
        TrackedRow held = held(key);
        if (held.now().isPresent()) {
            return false;
        }
        put(key, new TrackedRow(held.begun(), held.stored(), Optional.of(row), held.removed()));
        return true;
    }

    /** Replaces {@code row} by another row, or by none. Returns false if it is no longer there. */
    boolean replace(Row row, Optional<Row> after) {
        Key key = new Key(row.kind(), row.name());
        TrackedRow held = held(key);
        if (!same(held.now(), Optional.of(row))) {
            return false;
        }
        put(key, new TrackedRow(held.begun(), held.stored(), after, held.removed() || after.isEmpty()));
        return true;
    }

    private void put(Key key, TrackedRow next) {
        before.putIfAbsent(key, Objects.requireNonNull(rows.get(key)));
        set(key, next);
    }

    private void set(Key key, TrackedRow next) {
        rows.put(key, next);
        if (next.isStored()) {
            unwritten.remove(key);
        } else {
            unwritten.add(key);
        }
    }

    /** Whether that row was removed in this transaction. It may have been added again since. */
    boolean isRemoved(String kind, String name) {
        TrackedRow held = rows.get(new Key(kind, name));
        return held != null && held.removed();
    }

    /** Whether anything changed since the mark. */
    boolean isChanged() {
        return !before.isEmpty();
    }

    /** Begins a part that can be rolled back alone. */
    void mark() {
        before.clear();
    }

    /**
     * Rolls back the changes since the mark.
     *
     * @param inTable whether the table is as it was then
     */
    void undo(boolean inTable) {
        before.forEach((key, was) -> {
            Optional<Row> stored = inTable ? was.stored() : held(key).stored();
            set(key, new TrackedRow(was.begun(), stored, was.now(), was.removed()));
        });
        before.clear();
    }

    /** Returns every row that differs from the one the transaction found. */
    List<Change> all() {
        return rows.values().stream()
                .filter(held -> !same(held.begun(), held.now()))
                .map(held -> new Change(held.begun(), held.now()))
                .toList();
    }

    /** Writes the changes to the table. */
    void write() {
        for (Key key : List.copyOf(unwritten)) {
            TrackedRow held = held(key);
            before.putIfAbsent(key, held);
            if (write(held.stored(), held.now()) != 1) {
                throw new IllegalStateException("an authority row is not as it was under the lock");
            }
            set(key, new TrackedRow(held.begun(), held.now(), held.now(), held.removed()));
        }
    }

    private int write(Optional<Row> stored, Optional<Row> now) {
        if (stored.isEmpty()) {
            return insert(handle, now.orElseThrow());
        }
        return now.isPresent() ? update(handle, stored.get(), now.get()) : delete(handle, stored.get());
    }

    private static int insert(Handle handle, Row row) {
        return Jdbc.execute(
                handle,
                "INSERT INTO authority (kind, name, generation, body, mac) VALUES (?, ?, ?, ?, ?)",
                statement -> {
                    statement.setString(1, row.kind());
                    statement.setString(2, row.name());
                    statement.setLong(3, row.generation());
                    statement.setString(4, row.body());
                    statement.setBytes(5, row.mac());
                });
    }

    private static int update(Handle handle, Row before, Row after) {
        return Jdbc.execute(
                handle,
                "UPDATE authority SET generation = ?, body = ?, mac = ?"
                        + " WHERE kind = ? AND name = ? AND generation = ? AND mac = ?",
                statement -> {
                    statement.setLong(1, after.generation());
                    statement.setString(2, after.body());
                    statement.setBytes(3, after.mac());
                    statement.setString(4, before.kind());
                    statement.setString(5, before.name());
                    statement.setLong(6, before.generation());
                    statement.setBytes(7, before.mac());
                });
    }

    private static int delete(Handle handle, Row before) {
        return Jdbc.execute(
                handle,
                "DELETE FROM authority WHERE kind = ? AND name = ? AND generation = ? AND mac = ?",
                statement -> {
                    statement.setString(1, before.kind());
                    statement.setString(2, before.name());
                    statement.setLong(3, before.generation());
                    statement.setBytes(4, before.mac());
                });
    }
}
