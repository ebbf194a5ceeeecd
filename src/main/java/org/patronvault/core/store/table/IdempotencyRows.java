package org.patronvault.core.store.table;

import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.patronvault.core.store.sql.RequiredColumn;

/** The table {@code idempotency}: the answers to writes that may be sent again. */
public final class IdempotencyRows {

    /** The MAC of the first request, and its answer. */
    public record StoredAnswer(byte[] request, byte[] answer) {}

    private final Handle handle;

    IdempotencyRows(Handle handle) {
        this.handle = handle;
    }

    /** Returns the answer stored under a key. */
    public Optional<StoredAnswer> find(byte[] key) {
        return handle.createQuery("SELECT request, answer FROM idempotency WHERE key = :key")
                .bind("key", key)
                .map((row, ctx) -> new StoredAnswer(RequiredColumn.bytes(row, 1), RequiredColumn.bytes(row, 2)))
                .findOne();
    }

    /** Stores an answer. Returns false if the key is taken. */
    public boolean keep(byte[] key, byte[] request, byte[] answer, long atSeconds) {
        return handle.createUpdate("INSERT INTO idempotency (key, request, answer, at) VALUES"
                                + " (:key, :request, :answer, :at) ON CONFLICT DO NOTHING")
                        .bind("key", key)
                        .bind("request", request)
                        .bind("answer", answer)
                        .bind("at", atSeconds)
                        .execute()
                == 1;
    }

    /** Returns the newest time of any stored answer. */
    public Optional<Long> newest() {
        return handle.createQuery("SELECT max(at) FROM idempotency")
                .mapTo(Long.class)
                .findOne();
    }

    /** Deletes answers older than {@code atSeconds}. */
    public void forgetBefore(long atSeconds) {
        handle.createUpdate("DELETE FROM idempotency WHERE at < :at")
                .bind("at", atSeconds)
                .execute();
    }
}
