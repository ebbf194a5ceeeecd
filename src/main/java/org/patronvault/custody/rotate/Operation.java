package org.patronvault.custody.rotate;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.security.SecureRandom;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.patronvault.core.dual.Authority;
import org.patronvault.core.model.Actor;
import org.patronvault.core.store.table.Tx;

/**
 * The stored row of long work on a key: its kind, progress, starter and server. A row of kind {@value #ROWS}, with
 * enough to continue after a kill at any point.
 *
 * @param id 16 hexadecimal digits
 * @param kind the name of its {@link KeyOperation}
 * @param field the key, or {@value Rotations#ALL} for those of every patron field; no two running operations share a
 *     key
 * @param state {@code running}, {@code done} or {@code failed}; kinds that only wait have states of their own
 * @param done values that are moved
 * @param total values there were to move when it began
 * @param failed values that could not be moved, once it has ended
 * @param at its place, in the form of its kind; empty at first; for an ended rotation of all fields, those with a
 *     failed value, separated by blanks
 * @param rate requested values a second; 0 for as fast as the desk allows
 * @param started Unix seconds
 * @param finished Unix seconds, 0 until it has ended
 * @param by canonical name of its starter
 * @param role the role that person acted in; empty for the vault itself
 * @param library that person's own library, or empty
 * @param node the server that works at it: the random name of a process
 * @param leaseUntil Unix seconds; for people to read, since {@link OperationLease} goes by no wall clock
 */
public record Operation(
        String id,
        String kind,
        String field,
        String state,
        long done,
        long total,
        long failed,
        String at,
        int rate,
        long started,
        long finished,
        String by,
        String role,
        String library,
        String node,
        long leaseUntil) {

    private static final int ID_BYTES = 8;
    private static final SecureRandom RANDOM = new SecureRandom();

    /** The kind of the rows. */
    public static final String ROWS = "operation";

    /** It is running, or waits for a server to continue it. */
    public static final String RUNNING = "running";

    /** All values are moved. */
    public static final String DONE = "done";

    /** It ended without moving all values. */
    public static final String FAILED = "failed";

    /** Makes a new operation. */
    static Operation begun(String kind, String field, long total, int rate, long started, Actor by) {
        return new Operation(
                randomId(),
                kind,
                field,
                RUNNING,
                0,
                total,
                0,
                "",
                rate,
                started,
                0,
                by.name(),
                by.role(),
                by.library(),
                "",
                0);
    }

    /** Returns 16 random hexadecimal digits. */
    static String randomId() {
        byte[] id = new byte[ID_BYTES];
        RANDOM.nextBytes(id);
        return HexFormat.of().formatHex(id);
    }

    /** Returns all operations without checking their MACs; for readers that have no key and decide nothing by it. */
    public static Stream<Operation> written(Tx tx) {
        return tx.authority().all(ROWS).stream().map(row -> Authority.unproven(row, Operation.class));
    }

    /** Whether it has ended. */
    public boolean ended() {
        return finished > 0;
    }

    /** Whether a server must work at it. */
    @JsonIgnore
    public boolean isRunning() {
        return state.equals(RUNNING);
    }

    /** Whether it is work on that key, or on one of those that the name stands for. */
    @JsonIgnore
    public boolean isAbout(String name) {
        return !Collections.disjoint(Rotations.keys(field), Rotations.keys(name));
    }

    /** Returns the command that starts it again, as far as needed. */
    public String command() {
        String again = notWell().size() == 1 ? notWell().get(0) : field;
        return "keys " + (kind.equals(FieldReencryption.KIND) ? "reencrypt " : "rotate ") + again;
    }

    /** Returns those of its keys with which it did not succeed; none unless it failed. */
    public List<String> notWell() {
        if (!state.equals(FAILED)) {
            return List.of();
        }
        return field.equals(Rotations.ALL) && !at.isEmpty() ? List.of(at.split(" ", -1)) : Rotations.keys(field);
    }

    /** Whether it has ended, and moved every value that needed that key. */
    public boolean isWell(String name) {
        return isAbout(name)
                && (state.equals(DONE) || (state.equals(FAILED) && !notWell().contains(name)));
    }

    /** Returns its starter, as the log names them. */
    Actor actor() {
        return role.isEmpty() ? Actor.VAULT : new Actor(Actor.Kind.STAFF, by, role, library);
    }

    private Operation with(
            String newState,
            long newDone,
            long newFailed,
            String place,
            int newRate,
            long ended,
            String server,
            long until) {
        return new Operation(
                id, kind, field, newState, newDone, total, newFailed, place, newRate, started, ended, by, role, library,
                server, until);
    }

    /** Returns this operation with {@code moved} values more, at that place. */
    public Operation moved(long more, String place) {
        return with(state, done + more, failed, place, rate, finished, node, leaseUntil);
    }

    /** Returns this operation completed: failed if some values could not be moved, otherwise done. */
    public Operation complete(long notMoved) {
        return complete(notMoved == 0 ? DONE : FAILED, notMoved);
    }

    /** Returns this operation done, with the number of values that can never be decrypted again. */
    public Operation completeBut(long notOpened) {
        return complete(DONE, notOpened);
    }

    private Operation complete(String end, long notMoved) {
        return with(end, done, notMoved, at, rate, finished, node, leaseUntil);
    }

    /** Returns this operation in another state; its end is set if the time is above 0. */
    public Operation in(String newState, long ended) {
        return with(newState, done, failed, at, rate, ended, node, leaseUntil);
    }

    /** Returns this operation with another rate. */
    Operation at(int newRate) {
        return with(state, done, failed, at, newRate, finished, node, leaseUntil);
    }

    /** Returns this operation with that server working at it. */
    Operation leasedTo(String server, long until) {
        return with(state, done, failed, at, rate, finished, server, until);
    }
}
