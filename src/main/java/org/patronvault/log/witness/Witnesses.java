package org.patronvault.log.witness;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.DaemonThreads;
import org.patronvault.core.log.read.SignedCheckpoint;
import org.patronvault.core.log.tree.WitnessPeer;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.sql.StoreException;
import org.patronvault.core.store.table.LogHead;
import org.patronvault.core.store.table.LogRows.CheckpointRow;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.tlog.SignedNote;
import org.patronvault.core.tlog.UnverifiedException;
import org.patronvault.core.tlog.VerifiedSignature;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The witnesses of one vault's log. Each is asked in a thread of its own, so that neither the log nor another witness
 * waits for a slow one. Safe for use by many threads.
 */
public final class Witnesses implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Witnesses.class);
    private static final long TURN_MILLIS = 1_000;

    /**
     * The progress of a witness.
     *
     * @param signed size of the newest checkpoint it signed since the process started; 0 for none
     * @param behindEntries number of entries that it has not signed
     * @param behindSeconds age of the oldest such entry; 0 if it has signed all
     * @param trouble why, if it is in trouble; otherwise empty
     */
    public record State(String name, long signed, long behindEntries, long behindSeconds, String trouble) {}

    /**
     * The signatures of a witness in the database.
     *
     * @param signed size of the newest checkpoint with its signature, of the newest few hundred; 0 for none
     * @param at when it signed that
     * @param entries number of entries in the log
     */
    public record StoredWitness(String name, long signed, Optional<Instant> at, long entries) {}

    private static final int LOOKED_BACK = 500;

    private final AuditLog log;
    private final List<WitnessCosigning> all;
    private final ScheduledExecutorService turns;

    /**
     * Starts to ask the witnesses.
     *
     * @param waitMinutes how long one may sign nothing new before that is an alert
     */
    public Witnesses(AuditLog log, List<WitnessPeer> peers, int waitMinutes) {
        this.log = log;
        this.all = peers.stream()
                .map(peer -> new WitnessCosigning(log, peer, waitMinutes, System::nanoTime))
                .toList();
        this.turns = Executors.newScheduledThreadPool(Math.max(1, all.size()), DaemonThreads.daemon("vault-witness"));
        for (WitnessCosigning one : all) {
            Future<?> unused =
                    turns.scheduleWithFixedDelay(() -> turn(one), TURN_MILLIS, TURN_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void turn(WitnessCosigning one) {
        try {
            if (log.isFollowing()) {
                one.turn();
            }
        } catch (Refused | StoreException | IntegrityException e) {
            // Sealed meanwhile, full or busy: a later turn does what this one could not.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            LOG.error(
                    "asking a witness failed and is tried again: {}",
                    e.getClass().getName());
        }
    }

    /** Returns the progress of each witness, in the order of the settings. */
    public List<State> states() {
        return all.stream().map(WitnessCosigning::state).toList();
    }

    /** Returns the signed size of the log, and its witnesses. */
    public LogState logState() {
        return log.reader().read(tx -> LogState.of(tx, peers()));
    }

    /** Returns the witnesses that are asked. */
    public List<WitnessPeer> peers() {
        return all.stream().map(WitnessCosigning::peer).toList();
    }

    /** Returns the stored signatures of a witness, after verifying them. */
    public static StoredWitness written(Tx tx, WitnessPeer peer) {
        long entries = tx.log().head().map(LogHead::size).orElse(0L);
        for (CheckpointRow row : tx.log().newestCheckpoints(LOOKED_BACK)) {
            try {
                SignedNote note = new SignedCheckpoint(row.size(), row.note()).parsed();
                if (note.isSignedBy(peer.key())) {
                    VerifiedSignature by =
                            note.verify(List.of(peer.key())).signatures().get(0);
                    return new StoredWitness(
                            peer.name(),
                            row.size(),
                            Optional.of(Instant.ofEpochSecond(by.seconds().orElse(0))),
                            entries);
                }
            } catch (UnverifiedException e) {
                throw new IntegrityException("checkpoint: cosignature", e);
            }
        }
        return new StoredWitness(peer.name(), 0, Optional.empty(), entries);
    }

    @Override
    public void close() {
        turns.shutdownNow();
    }
}
