package org.patronvault.upkeep.backup;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import org.patronvault.access.Access;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.read.LogReader;
import org.patronvault.core.log.tree.LogAnchor;
import org.patronvault.core.log.tree.LogReport;
import org.patronvault.core.log.tree.LogVerifier;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Permission;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.sql.StoreException;
import org.patronvault.core.store.sql.StoreSettings;
import org.patronvault.core.store.table.Tx;
import org.patronvault.store.copy.MoveTarget;

/**
 * The move of a vault's database from SQLite to PostgreSQL. It is requested and logged while the vault is open, and
 * runs without a key after the vault closes. Until it is {@link Target#switchOver switched over} the home is unchanged.
 * After an interruption, the next move continues with what is there.
 */
public final class DatabaseMove {
    private final Store store;
    private final AuditLog log;
    private final Access access;

    /** The target of a move. */
    public interface Target {
        StoreSettings database();

        /** Makes the home use the target database, atomically. */
        void switchOver();
    }

    /** An authorized request to move. This node signed its checkpoint of the log that will move. */
    public record Request(String checkpoint) {}

    /**
     * The moved data.
     *
     * @param rows of each table
     * @param root of the tree over the {@code entries} of the log, Base64
     */
    public record Result(SortedMap<String, Long> rows, long entries, String root) {
        /** The sum of all rows. */
        public long allRows() {
            return rows.values().stream().mapToLong(Long::longValue).sum();
        }
    }

    /** Creates moves for a vault. */
    public DatabaseMove(Store store, AuditLog log, Access access) {
        this.store = store;
        this.log = log;
        this.access = access;
    }

    /**
     * Requests a move and logs it, so that the moved log has it too. Runs after the vault is closed.
     *
     * @throws Refused if the database is unsuitable, or holds anything but this vault's own unfinished move
     */
    public Request ask(Caller caller, StoreSettings to) {
        AccessEvent event = log.event(caller.actor(), ActKind.MOVE, Outcome.CONFIGURATION, AuditLog.newRequest())
                .about("postgresql");
        access.require(caller, Permission.BACKUP, event.ending(Outcome.REFUSED));
        return log.logging(event.ending(Outcome.REFUSED), () -> {
            if (!store.isOfOneProcess()) {
                throw new Refused(
                        Problem.INVALID, "The database of this home is not in SQLite; nothing else is moved.");
            }
            answering(() -> {
                try (MoveTarget target = MoveTarget.open(to)) {
                    store.read(tx -> {
                        target.requireFree(tx);
                        return null;
                    });
                }
                return to;
            });
            log.record(event);
            return new Request(log.checkpoint().note());
        });
    }

    /**
     * Runs the move while nobody has the vault open.
     *
     * @param node the directory of this node's log head
     * @throws Refused if it cannot finish, and then the home is unchanged
     */
    public static Result carryOut(Request asked, StoreSettings from, Target to, Path node, Progress progress) {
        return answering(() -> {
            try (Store store = Store.openToRead(from);
                    MoveTarget target = MoveTarget.open(to.database())) {
                Result moved = store.read(tx -> copy(asked, tx, target, node, progress));
                to.switchOver();
                target.release();
                return moved;
            }
        });
    }

    private static Result copy(Request asked, Tx from, MoveTarget target, Path node, Progress progress) {
        target.claim(from);
        SortedMap<String, Long> rows;
        try {
            target.copy(from, (read, total) -> progress.at("Copying", read, total));
            rows = target.compare(from, (read, total) -> progress.at("Comparing", read, total));
        } catch (IntegrityException e) {
            throw differs(e.getMessage());
        }
        LogReport report = target.read(tx -> {
            LogVerifier.SavedCheckpoint own = new LogVerifier.SavedCheckpoint("own-tree", asked.checkpoint());
            if (!isOfNode(tx, node)) {
                throw differs("node/head");
            }
            return LogVerifier.verify(tx, new LogVerifier.TrustAnchors(List.of(own), List.of(), Optional.empty()));
        });
        if (!report.ok()) {
            throw new Refused(
                    Problem.INVALID,
                    "The access log does not add up, there as here; `log verify` says where. vault.yaml is as it was.");
        }
        target.whole(from);
        return new Result(rows, report.entries(), report.rootText());
    }

    /** Whether that log ends where this node's own tree does. */
    private static boolean isOfNode(Tx tx, Path node) {
        return LogAnchor.unproven(node)
                .filter(known -> LogReader.isAt(tx, known.size(), known.root()))
                .isPresent();
    }

    private static Refused differs(String what) {
        return new Refused(
                Problem.INVALID,
                "What is in PostgreSQL differs from the file (" + what
                        + "): something changed it meanwhile. vault.yaml is"
                        + " as it was; find out what it was, and type the command again.");
    }

    /** Runs {@code work}, and blames its failures on the target database, not on this home. */
    private static <T> T answering(java.util.function.Supplier<T> work) {
        try {
            return work.get();
        } catch (StoreException e) {
            throw new Refused(
                    Problem.BUSY,
                    "The database failed (" + e.getMessage() + "); the home is as it was. See that PostgreSQL runs, has"
                            + " room, and lets this user in and make tables; the same command goes on then.");
        }
    }
}
