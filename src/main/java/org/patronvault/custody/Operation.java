package org.patronvault.custody;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.security.SecureRandom;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.patronvault.access.Authority;
import org.patronvault.model.Actor;
import org.patronvault.store.Tx;

/**
 * A long piece of work on a key, as its row says: what it is, how far, who began it and which server is at it. A row of
 * kind {@value #ROWS}; what stands in it is enough to go on after a kill anywhere.
 *
 * @param id 16 hexadecimal digits
 * @param kind which {@link KeyOperation} it is
 * @param field which key, or {@value Rotations#ALL} for those of every patron field; no two that run are about the same
 * @param state {@code running}, {@code done} or {@code failed}; what only waits has states of its own
 * @param done values that are moved
 * @param total values there were to move when it began
 * @param failed values that could not be moved, once it has ended
 * @param at where it is, in the words of its kind; empty at first; of a rotation of all fields that has ended, those in
 *     which something could not be moved, with blanks
 * @param rate values a second it was asked to keep to; 0 for as fast as the desk allows
 * @param started Unix seconds
 * @param finished Unix seconds, 0 until it has ended
 * @param by canonical name of who began it
 * @param role the role that person acted in; empty for the vault itself
 * @param library that person's own library, or empty
 * @param node which server is at it: the random name of a process
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

    /** Work goes on, or waits to be taken up. */
    public static final String RUNNING = "running";

    /** Everything is moved. */
    public static final String DONE = "done";

    /** It ended without having moved everything. */
    public static final String FAILED = "failed";

    /** One that begins. */
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

    /** 16 random hexadecimal digits. */
    static String randomId() {
        byte[] id = new byte[ID_BYTES];
        RANDOM.nextBytes(id);
        return HexFormat.of().formatHex(id);
    }

    /** All of them as the rows say without their MAC: for who has no key and decides nothing by it. */
    public static Stream<Operation> written(Tx tx) {
        return tx.authority().all(ROWS).stream().map(row -> Authority.unproven(row, Operation.class));
    }

    /** Whether nothing more will happen. */
    public boolean ended() {
        return finished > 0;
    }

    /** Whether it is one to work at. */
    @JsonIgnore
    public boolean isRunning() {
        return state.equals(RUNNING);
    }

    /** Whether it is work on that key, or on one of those that the name stands for. */
    @JsonIgnore
    public boolean isAbout(String name) {
        return !Collections.disjoint(Rotations.keys(field), Rotations.keys(name));
    }

    /** What a custodian types to have it begun once more, as far as there is need. */
    public String command() {
        String again = notWell().size() == 1 ? notWell().get(0) : field;
        return "keys " + (kind.equals(FieldReencryption.KIND) ? "reencrypt " : "rotate ") + again;
    }

    /** Of the keys it is about, those with which it did not end well; none unless it failed. */
    List<String> notWell() {
        if (!state.equals(FAILED)) {
            return List.of();
        }
        return field.equals(Rotations.ALL) && !at.isEmpty() ? List.of(at.split(" ", -1)) : Rotations.keys(field);
    }

    /** Whether it has ended, and moved everything that hung on that key. */
    public boolean isWell(String name) {
        return isAbout(name)
                && (state.equals(DONE) || (state.equals(FAILED) && !notWell().contains(name)));
    }

    /** Who began it, as the log names them. */
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

    /** The same, further: {@code moved} values more, and at that place. */
    public Operation moved(long more, String place) {
        return with(state, done + more, failed, place, rate, finished, node, leaseUntil);
    }

    /** The same, with nothing left to do but what could not be moved; it ends failed if there is such. */
    public Operation complete(long notMoved) {
        return complete(notMoved == 0 ? DONE : FAILED, notMoved);
    }

    /** The same, with everything done that can be, and that many values counted which nobody can open any more. */
    public Operation completeBut(long notOpened) {
        return complete(DONE, notOpened);
    }

    private Operation complete(String end, long notMoved) {
        return with(end, done, notMoved, at, rate, finished, node, leaseUntil);
    }

    /** The same in another state, ended at that time if it is above 0. */
    Operation in(String newState, long ended) {
        return with(newState, done, failed, at, rate, ended, node, leaseUntil);
    }

    /** The same, at another rate from now on. */
    Operation at(int newRate) {
        return with(state, done, failed, at, newRate, finished, node, leaseUntil);
    }

    /** The same, with that server at it. */
    Operation leasedTo(String server, long until) {
        return with(state, done, failed, at, rate, finished, server, until);
    }
}
