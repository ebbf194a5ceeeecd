package org.patronvault.store.postgres;

import com.zaxxer.hikari.SQLExceptionOverride;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.Set;
import org.patronvault.core.store.sql.StoreException;

/** The meanings of PostgreSQL's SQLSTATE codes, for a statement and for its connection. */
public final class PostgresStates {
    /** The password, or the role, is wrong. */
    static final String NOT_SIGNED_IN = "28000";

    /** Ended by a time limit for transactions, with the connection; and the answer of a demoted primary to a write. */
    private static final Set<String> ENDED = Set.of("25P03", "25P04", "25006");

    private PostgresStates() {}

    public static StoreException.Kind kindOf(SQLException e) {
        if (e instanceof SQLTransientConnectionException) {
            // The pool's own: there is no connection, so nothing was begun.
            return StoreException.Kind.BUSY;
        }
        String state = stateOf(e);
        if (isLost(state)) {
            return StoreException.Kind.UNKNOWN;
        }
        return switch (state) {
            case "53100" -> StoreException.Kind.FULL;
            // An unreadable part of a file, or a page whose checksum is wrong.
            case "58030", "XX001", "XX002" -> StoreException.Kind.DAMAGED;
            case "40001", "40P01", "55P03" -> StoreException.Kind.BUSY;
            default -> StoreException.Kind.FAILED;
        };
    }

    private static String stateOf(SQLException e) {
        return e.getSQLState() == null ? "" : e.getSQLState();
    }

    private static boolean isLost(String state) {
        return state.startsWith("08") || state.startsWith("57P") || ENDED.contains(state);
    }

    /**
     * Whether the next attempt to connect may succeed: no server answers, or it is starting, stopping, full or no
     * primary.
     */
    static boolean isPassing(SQLException e) {
        return isLost(stateOf(e)) || stateOf(e).equals("53300");
    }

    /** Tells the pool not to reuse a connection. The pool knows most such states, but not these. */
    static final class Eviction implements SQLExceptionOverride {
        @java.lang.Override
        public Override adjudicate(SQLException e) {
            return isLost(stateOf(e)) ? Override.MUST_EVICT : Override.CONTINUE_EVICT;
        }
    }
}
