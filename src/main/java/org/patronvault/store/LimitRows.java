package org.patronvault.store;

import java.util.Collection;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/** The table {@code limit_seen}. */
public final class LimitRows {
    private final Handle handle;

    LimitRows(Handle handle) {
        this.handle = handle;
    }

    /** Remembers tokens for an actor and a day; returns how many were new. */
    public int remember(String actor, long day, Collection<byte[]> tokens) {
        if (tokens.isEmpty()) {
            return 0;
        }
        PreparedBatch batch = handle.prepareBatch(
                "INSERT INTO limit_seen (actor, day, token) VALUES (:actor, :day, :token) ON CONFLICT DO NOTHING");
        for (byte[] token : tokens) {
            batch.bind("actor", actor).bind("day", day).bind("token", token).add();
        }
        int added = 0;
        for (int one : batch.execute()) {
            added += one;
        }
        return added;
    }

    /** Forgets every day before {@code day}, for an actor. */
    public void forgetBefore(String actor, long day) {
        handle.createUpdate("DELETE FROM limit_seen WHERE actor = :actor AND day < :day")
                .bind("actor", actor)
                .bind("day", day)
                .execute();
    }
}
