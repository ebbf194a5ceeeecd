package org.patronvault.core.log;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.read.LogReader;
import org.patronvault.core.log.read.PatronEntryFinder;
import org.patronvault.core.log.read.RingFreshnessCheck;
import org.patronvault.core.log.read.SignedCheckpoint;
import org.patronvault.core.log.tree.CheckpointSigner;
import org.patronvault.core.log.tree.VerifiedChangeReader;
import org.patronvault.core.log.tree.VerifiedTree;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Alert;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.Store;
import org.patronvault.core.tlog.NoteSignature;

/**
 * The access log of one vault, and its only writer. Safe for use by many threads.
 *
 * <p>A receipt means that entry and rows are on disk. {@link #submit} returns a receipt, or {@code log-unavailable},
 * within two seconds.
 */
public final class AuditLog implements AutoCloseable {
    private final Store store;
    private final KeyCustody custody;
    private final Clock clock;
    private final VerifiedTree tree;
    private final CheckpointSigner signer;
    private final Engine engine;
    private final AuthorityDigest digest;
    private final FloodGate gate = new FloodGate(System::nanoTime);
    private final ExecutorService appending = Executors.newSingleThreadExecutor(DaemonThreads.daemon("vault-log"));
    private final ScheduledExecutorService signing =
            Executors.newSingleThreadScheduledExecutor(DaemonThreads.daemon("vault-checkpoint"));
    private boolean signs;
    private volatile int comparedAt = -1;
    private final LogMaintenance turns;
    private final Consumer<String> onBroken;
    private final LedgerFollower ledger;
    private volatile Optional<String> policy = Optional.empty();
    private volatile Optional<PatronEntryFinder> finder = Optional.empty();

    private AuditLog(
            Store store, KeyCustody custody, Clock clock, Path node, Path published, Consumer<String> onBroken) {
        this.store = store;
        this.custody = custody;
        this.clock = clock;
        this.tree = new VerifiedTree(store, custody, node, published);
        this.signer = new CheckpointSigner(store, custody, tree, published);
        this.digest = new AuthorityDigest(store, custody);
        this.turns = new LogMaintenance(store, custody, signer, this::broken);
        this.onBroken = onBroken;
        this.ledger = new LedgerFollower(this, store, custody, tree);
        this.engine = new Engine(store, custody, tree, digest, gate, this::broken);
    }

    /**
     * Opens the log of an existing vault. Before {@link #resume} it writes nothing, and only {@link #prepared} reads.
     *
     * @param onBroken called, from any thread, when the log can no longer be trusted or written: seal and exit
     */
    public static AuditLog open(
            Store store, KeyCustody custody, Clock clock, Path node, Path published, Consumer<String> onBroken) {
        AuditLog log = new AuditLog(store, custody, clock, node, published, onBroken);
        store.onBroken(log::broken);
        log.appending.execute(log.engine);
        return log;
    }

    /**
     * Reads ahead the data that {@link #resume} compares, then waits for the keys. Returns whether the keys are open.
     */
    public boolean prepared(Supplier<Boolean> keys) {
        return tree.comparison().readAhead(keys);
    }

    /**
     * Compares the database's log with the tree this node knows, and starts to sign checkpoints. Called after
     * unsealing. Refused if the log shrank or changed, or belongs to another vault.
     */
    public synchronized void resume() {
        int seals = custody.seals();
        comparedAt = -1;
        tree.comparison().comparing(() -> {
            RingFreshnessCheck.requireOfThisVault(store, custody);
            tree.resume();
            RingFreshnessCheck.require(store, custody);
            digest.resume();
            ledger.resume();
        });
        tree.begin();
        // The next unsealed log must be compared again before it signs.
        comparedAt = seals;
        if (!signs) {
            var unused = signing.scheduleWithFixedDelay(() -> turns.attempt(this::turn), 1, 3, TimeUnit.SECONDS);
            signs = true;
        }
    }

    /** Returns the procedure by which two people accept a log that {@link #resume} refuses. */
    public LogAcceptance acceptance() {
        return new LogAcceptance(this, store, custody, tree, digest, ledger);
    }

    /**
     * Clears deleted data from the files: now if no reader holds the database for that long, otherwise later, always.
     */
    public void purge(long patienceMillis) {
        turns.purge(patienceMillis);
    }

    /** Returns the record in {@code keys/} of erased patrons. */
    public LedgerFollower ledger() {
        return ledger;
    }

    /**
     * Logs the aggregated refusals that had no entry of their own, if possible. Without the keys no entry can be made.
     */
    public void logHeld() {
        gate.log(true, this).exceptionally(e -> null).join();
    }

    private void turn() {
        if (custody.isSealed() || engine.acknowledgesNothing()) {
            return;
        }
        // No caller waits for these entries. The refusals hold even if they cannot be written now.
        CompletableFuture<Void> unused = gate.log(false, this);
        if (isFollowing()) {
            turns.turn();
        }
    }

    /** Sets the receiver of each alert that is in the log from now on. It must neither throw nor wait. */
    public void onAlert(Consumer<LogReader.Entry> then) {
        engine.onAlert(then);
    }

    /** Sets the listener for entries from now on, in place of the previous listener. */
    public void watch(AppendListener by) {
        engine.watch(by);
    }

    /** Returns the digest of rows that carry authority, which knows more than each row says. */
    public AuthorityDigest authority() {
        return digest;
    }

    /** Returns 16 random bytes that name one call: the call that this thread serves, or a new one. */
    public static byte[] newRequest() {
        return CurrentRequest.id();
    }

    /** Returns the time for new entries. */
    public Instant now() {
        return Instant.ofEpochMilli(clock.millis());
    }

    /** Returns an event of the current time by an actor. */
    public AccessEvent event(Actor actor, ActKind act, Outcome outcome, byte[] request) {
        return AccessEvent.of(now(), actor, act, outcome, request).under(policy);
    }

    /** Sets the version of the posted policy that events carry from now on. */
    public void under(String version) {
        policy = Optional.of(version);
    }

    /**
     * Queues an act. The future completes, on an opener's thread, with the answer once the act is on disk. It fails with
     * {@link Refused} if the act was refused, which is then in the log, or if it could not be taken in time.
     */
    public <T> CompletableFuture<T> submit(Act<T> act, Lane lane) {
        return engine.submit(act, lane);
    }

    /** Queues an act as {@link #submit} does, and waits for its answer. */
    public <T> T call(Act<T> act, Lane lane) {
        return await(submit(act, lane));
    }

    /**
     * Does an act that writes, and waits for its answer.
     *
     * @param attempt logged if the act is refused or fails
     */
    public <T> T call(AccessEvent attempt, Function<Deciding, Decision<T>> decide) {
        return call(writing(attempt, decide), Lane.DESK);
    }

    /** Does an act as {@link #call(AccessEvent, Function)} does, which nobody waits for at a desk. */
    public <T> T callBulk(AccessEvent attempt, Function<Deciding, Decision<T>> decide) {
        return call(writing(attempt, decide), Lane.BULK);
    }

    /** An act that is one function. */
    private record FunctionAct<T>(
            AccessEvent attempt,
            Set<Alert> alerts,
            boolean writes,
            boolean readsLog,
            Function<Deciding, Decision<T>> function)
            implements Act<T> {

        @Override
        public Decision<T> decide(Deciding now) {
            return function.apply(now);
        }
    }

    /** Returns an act that writes. */
    public static <T> Act<T> writing(AccessEvent attempt, Function<Deciding, Decision<T>> decide) {
        return new FunctionAct<>(attempt, Set.of(), true, false, decide);
    }

    /** Returns an act that writes, and reads the log; {@link Act#readsLog} says what that means. */
    public static <T> Act<T> readingLog(AccessEvent attempt, Function<Deciding, Decision<T>> decide) {
        return new FunctionAct<>(attempt, Set.of(), true, true, decide);
    }

    /** Returns an act that is an entry, counts against a limit, and writes no rows. */
    public static Act<AuditReceipt> counting(AccessEvent entry, Reservation against, Set<Alert> alerts) {
        return new FunctionAct<>(
                entry, alerts, false, false, now -> Decision.done(entry).alerting(against.take(now.tx())));
    }

    /** Returns an act that is an entry and writes no rows. */
    public static Act<AuditReceipt> entry(AccessEvent entry, Alert... alerts) {
        return counting(entry, Reservation.NONE, Set.of(alerts));
    }

    /** Logs an entry of an act that writes no rows, and waits until it is on disk. */
    public AuditReceipt record(AccessEvent entry, Alert... alerts) {
        return call(entry(entry, alerts), Lane.DESK);
    }

    /** Returns the number of acts on disk whose answers are not made yet. */
    public int answersBehind() {
        return engine.answersBehind();
    }

    /** Whether other nodes write too, as this node's recent entries show. */
    public boolean isBesideOthers() {
        return engine.neighbours().arePresent();
    }

    /** Logs a refusal as an act of its own, and returns the refusal for the caller to throw. */
    public Refused refuse(AccessEvent event, Refused refused) {
        return refuse(event, refused, Reservation.NONE);
    }

    private Refused refuse(AccessEvent event, Refused refused, Reservation against) {
        Set<Alert> alerts = refused.alert().map(Set::of).orElse(Set.of());
        AuditReceipt unused = call(counting(event.refusedFor(refused.problem()), against, alerts), Lane.DESK);
        return refused.logged();
    }

    /** Runs an act. A refusal or failure that is not in the log yet is logged as {@code attempt} first. */
    public <T> T logging(AccessEvent attempt, Supplier<T> act) {
        return logging(attempt, Reservation.NONE, act);
    }

    /**
     * Runs an act as {@link #logging(AccessEvent, Supplier)} does, for acts whose refusal tells the caller something.
     *
     * @param against what a refusal counts against; if that is full, the caller learns only this
     */
    public <T> T logging(AccessEvent attempt, Reservation against, Supplier<T> act) {
        try {
            return act.get();
        } catch (Refused e) {
            Problem.Kind kind = e.problem().kind();
            throw e.inLog() || kind == Problem.Kind.SEALED || kind == Problem.Kind.UNAVAILABLE
                    ? e
                    : refuse(attempt, e, against);
        } catch (IntegrityException e) {
            record(attempt.refusedFor(Problem.INVALID).ending(Outcome.FAILED), Alert.NOT_AS_WRITTEN);
            throw e;
        }
    }

    /** Waits for a future of this log, and throws its failure. */
    public static <T> T await(CompletableFuture<T> future) {
        try {
            return future.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
        }
    }

    /**
     * Signs a checkpoint of the log as it is now, a C2SP note, and publishes it if possible. Refused before {@link
     * #resume}.
     */
    public SignedCheckpoint checkpoint() {
        return sign(turns::publish);
    }

    /** Signs a checkpoint as {@link #checkpoint} does, and fails if it cannot be published. */
    public SignedCheckpoint publishedCheckpoint() {
        return sign(signer::publish);
    }

    private SignedCheckpoint sign(Runnable publish) {
        var unused = custody.keys();
        if (!isFollowing() || engine.acknowledgesNothing()) {
            throw new Refused(Problem.LOG_UNAVAILABLE, "The access log cannot be signed now.", 5);
        }
        SignedCheckpoint signed = SignedCheckpoint.of(signer.sign());
        publish.run();
        return signed;
    }

    /**
     * Reports that nothing may be acknowledged any more, whatever is on disk. Must be called before any caller is
     * answered.
     */
    public void broken(String why) {
        engine.acknowledgeNothing();
        onBroken.accept(why);
    }

    /** Returns the newest checkpoint that this node has signed, whatever the database shows. */
    public Optional<SignedCheckpoint> signedHere() {
        return signer.last().map(SignedCheckpoint::of);
    }

    /** Adds a witness's signature to a stored checkpoint, unless another checkpoint of that size is stored. */
    public void cosigned(SignedCheckpoint checkpoint, NoteSignature witness) {
        signer.cosigned(checkpoint, witness);
    }

    /** Whether the log was compared with the tree this node knows, and is being signed. */
    public boolean isFollowing() {
        return comparedAt == custody.seals() && !custody.isSealed();
    }

    /** Returns the newest checkpoint, without signing. */
    public Optional<SignedCheckpoint> lastCheckpoint() {
        return store.read(tx -> tx.log().lastCheckpoint()).map(SignedCheckpoint::of);
    }

    /** Sets what finds the entries about a patron from now on. Without it, every entry is opened. */
    public void findBy(PatronEntryFinder byPatron) {
        finder = Optional.of(byPatron);
    }

    /** Returns the reader of entries and proofs. */
    public LogReader reader() {
        return new LogReader(store, custody, finder);
    }

    /** Returns a reader, from an entry on, whose result is checked against the tree that this node itself hashed. */
    public VerifiedChangeReader reading(long from) {
        return VerifiedChangeReader.from(from, store, reader(), tree);
    }

    /** Finishes the queued acts and the current turn, signs once more if possible, and stops. */
    @Override
    public void close() {
        logHeld();
        engine.stop();
        DaemonThreads.shutDown(appending);
        DaemonThreads.shutDown(signing);
        turns.attempt(this::turn);
        tree.close();
        engine.closeOpeners();
    }
}
