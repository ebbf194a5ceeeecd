package org.patronvault.audit;

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
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.patronvault.keys.KeyCustody;
import org.patronvault.model.Actor;
import org.patronvault.model.Alert;
import org.patronvault.model.IntegrityException;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;
import org.patronvault.store.Store;
import org.patronvault.tlog.NoteSignature;

/**
 * The access log of one vault, and its only writer. Safe for use by many threads.
 *
 * <p>A receipt means that entry and rows are on disk. {@link #append} has it, or {@code log-unavailable}, in two seconds.
 */
public final class AuditLog implements AutoCloseable {
    private static final long WAIT_MILLIS = 2_000;
    private static final long BULK_WAIT_MILLIS = 600_000;

    private final Store store;
    private final KeyCustody custody;
    private final Clock clock;
    private final VerifiedTree tree;
    private final CheckpointSigner signer;
    private final Appender appender;
    private final AuthorityDigest digest;
    private final FloodGate gate = new FloodGate(System::nanoTime);
    private final ExecutorService workers = Executors.newFixedThreadPool(2, DaemonThreads.daemon("vault-open"));
    private final ExecutorService appending = Executors.newSingleThreadExecutor(DaemonThreads.daemon("vault-log"));
    private final ScheduledExecutorService signing =
            Executors.newSingleThreadScheduledExecutor(DaemonThreads.daemon("vault-checkpoint"));
    private boolean signs;
    private volatile int comparedAt = -1;
    private final LogMaintenance turns;
    private final Consumer<String> onBroken;
    private final LedgerFollower ledger;
    private volatile Optional<String> policy = Optional.empty();

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
        this.appender = new Appender(store, custody, tree, digest, gate, workers, this::broken);
    }

    /**
     * The log of an existing vault. Before {@link #resume} nothing is written, and but for {@link #prepared} read.
     *
     * @param onBroken called, from any thread, when the log can no longer be trusted or written: seal and exit
     */
    public static AuditLog open(
            Store store, KeyCustody custody, Clock clock, Path node, Path published, Consumer<String> onBroken) {
        AuditLog log = new AuditLog(store, custody, clock, node, published, onBroken);
        store.onBroken(log::broken);
        log.appending.execute(log.appender);
        return log;
    }

    /** Reads ahead what {@link #resume} compares, then waits for the keys, and says whether they are open. */
    public boolean prepared(Supplier<Boolean> keys) {
        return tree.comparison().readAhead(keys);
    }

    /**
     * After unsealing: compares the database's log with what this node knows, and begins to sign checkpoints; refused if
     * it shrank or changed, or belongs to another vault.
     */
    public synchronized void resume() {
        int seals = custody.seals();
        comparedAt = -1;
        appender.forgetLastWrite();
        tree.comparison().comparing(() -> {
            RingFreshnessCheck.requireOfThisVault(store, custody);
            tree.resume();
            RingFreshnessCheck.require(store, custody);
            digest.resume();
            ledger.resume();
        });
        tree.begin();
        // Whatever is unsealed next must be compared again before it signs.
        comparedAt = seals;
        if (!signs) {
            var unused = signing.scheduleWithFixedDelay(() -> turns.attempt(this::turn), 1, 3, TimeUnit.SECONDS);
            signs = true;
        }
    }

    /** What two people may accept where {@link #resume} refuses. */
    public LogAcceptance acceptance() {
        return new LogAcceptance(this, store, custody, tree, digest, ledger);
    }

    /** Clears what was deleted out of the files: now if no reader is in the way that long, else later, come what may. */
    public void purge(long patienceMillis) {
        turns.purge(patienceMillis);
    }

    /** What keys/ remembers of who was erased. */
    public LedgerFollower ledger() {
        return ledger;
    }

    /** Logs what stands for refusals that had no entry of their own, if it can; after the keys are gone it has no form. */
    public void logHeld() {
        gate.log(true, this).exceptionally(e -> null).join();
    }

    private void turn() {
        if (custody.isSealed() || appender.acknowledgesNothing()) {
            return;
        }
        // Nobody waits for it: what cannot be written now was refused all the same.
        CompletableFuture<Void> unused = gate.log(false, this);
        if (isFollowing()) {
            turns.turn();
        }
    }

    /** Has {@code then} told of each alert that is in the log from now on; it must neither throw nor wait. */
    public void onAlert(Consumer<LogReader.Entry> then) {
        appender.onAlert(then);
    }

    /** Has that told of what is written from now on, in place of who was told before. */
    public void watch(AppendListener by) {
        appender.watch(by);
    }

    /** What is known of rows that carry authority beyond what each says of itself. */
    public AuthorityDigest authority() {
        return digest;
    }

    /** Sixteen random bytes that name one call: the one that this thread serves, or one that begins. */
    public static byte[] newRequest() {
        return CurrentRequest.id();
    }

    /** The time entries are made with. */
    public Instant now() {
        return Instant.ofEpochMilli(clock.millis());
    }

    /** An event of now by that actor. */
    public AccessEvent event(Actor actor, Act act, Outcome outcome, byte[] request) {
        return AccessEvent.of(now(), actor, act, outcome, request).under(policy);
    }

    /** Has events from now on say that they were made under that version of the posted policy. */
    public void under(String version) {
        policy = Optional.of(version);
    }

    /**
     * Queues a unit. The future completes, on a worker thread, with the receipt; or exceptionally with
     * {@link Refused} if the unit was refused (which is in the log then) or the log could not be written in time.
     */
    public CompletableFuture<AuditReceipt> append(Unit unit) {
        return appender.submit(unit, WAIT_MILLIS);
    }

    /** {@link #append} for large units that nobody at a desk waits for: it gives up after ten minutes only. */
    public CompletableFuture<AuditReceipt> appendBulk(Unit unit) {
        return appender.submit(unit, BULK_WAIT_MILLIS);
    }

    /** The last entry that wrote, as far as is known here; asked before what a unit is to show is read. */
    public long lastWrite() {
        return appender.lastWrite();
    }

    /** Whether other nodes write too, as far as this one's entries of late tell. */
    public boolean isBesideOthers() {
        return appender.neighbours().arePresent();
    }

    /** {@link #append}, waiting for it. */
    public AuditReceipt appendAndWait(Unit unit) {
        return await(append(unit));
    }

    /** Logs that something was refused, in a unit of its own, and hands the refusal back to be thrown. */
    public Refused refuse(AccessEvent event, Refused refused) {
        return refuse(event, refused, UnaryOperator.identity());
    }

    private Refused refuse(AccessEvent event, Refused refused, UnaryOperator<Unit> as) {
        Set<Alert> alerts = refused.alert().map(Set::of).orElse(Set.of());
        appendAndWait(as.apply(Unit.of(event.refusedFor(refused.problem())).alerting(alerts)));
        return refused.logged();
    }

    /** Carries out an act, so that a refusal or failure not in the log yet is logged as {@code attempt} first. */
    public <T> T logging(AccessEvent attempt, Supplier<T> act) {
        return logging(attempt, UnaryOperator.identity(), act);
    }

    /**
     * Carries out an act like {@link #logging(AccessEvent, Supplier)}, if a refusal tells the caller something.
     *
     * @param as gives the unit that logs a refusal its reservation and alerts; if the reservation is full, the caller learns
     *     that and nothing else
     */
    public <T> T logging(AccessEvent attempt, UnaryOperator<Unit> as, Supplier<T> act) {
        try {
            return act.get();
        } catch (Refused e) {
            Problem.Kind kind = e.problem().kind();
            throw e.inLog() || kind == Problem.Kind.SEALED || kind == Problem.Kind.UNAVAILABLE
                    ? e
                    : refuse(attempt, e, as);
        } catch (IntegrityException e) {
            appendAndWait(Unit.of(attempt.refusedFor(Problem.INVALID).ending(Outcome.FAILED))
                    .alerting(Set.of(Alert.NOT_AS_WRITTEN)));
            throw e;
        }
    }

    /** Waits for a future of this log's, throwing what it failed with. */
    public static <T> T await(CompletableFuture<T> future) {
        try {
            return future.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
        }
    }

    /** A signed checkpoint of the log as it is now, a C2SP note, published if it can be; refused before {@link #resume}. */
    public SignedCheckpoint checkpoint() {
        return sign(turns::publish);
    }

    /** The same; fails if it cannot be published. */
    public SignedCheckpoint publishedCheckpoint() {
        return sign(signer::publish);
    }

    private SignedCheckpoint sign(Runnable publish) {
        var unused = custody.keys();
        if (!isFollowing() || appender.acknowledgesNothing()) {
            throw new Refused(Problem.LOG_UNAVAILABLE, "The access log cannot be signed now.", 5);
        }
        SignedCheckpoint signed = SignedCheckpoint.of(signer.sign());
        publish.run();
        return signed;
    }

    /** Nothing may be acknowledged any more, whatever is on disk by now: to be told before anybody else is. */
    public void broken(String why) {
        appender.acknowledgeNothing();
        onBroken.accept(why);
    }

    /** The newest checkpoint that this node has signed, whatever the database shows. */
    Optional<SignedCheckpoint> signedHere() {
        return signer.last().map(SignedCheckpoint::of);
    }

    /** Puts a witness's signature under a checkpoint, unless another one of that size stands there. */
    void cosigned(SignedCheckpoint checkpoint, NoteSignature witness) {
        signer.cosigned(checkpoint, witness);
    }

    /** Whether the log was compared with what this node knows, and is being signed. */
    boolean isFollowing() {
        return comparedAt == custody.seals() && !custody.isSealed();
    }

    /** The newest checkpoint there is, without signing. */
    public Optional<SignedCheckpoint> lastCheckpoint() {
        return store.read(tx -> tx.log().lastCheckpoint()).map(SignedCheckpoint::of);
    }

    /** Reads entries and proofs. */
    public LogReader reader() {
        return new LogReader(store, custody);
    }

    /** Reads from an entry on what can be bound to the tree that this node has itself hashed. */
    public VerifiedChangeReader reading(long from) {
        return VerifiedChangeReader.from(from, store, reader(), tree);
    }

    /** Finishes what is queued and the turn under way, signs once more if it can, and stops. */
    @Override
    public void close() {
        logHeld();
        appender.stop();
        DaemonThreads.shutDown(appending);
        DaemonThreads.shutDown(signing);
        turns.attempt(this::turn);
        tree.close();
        DaemonThreads.shutDown(workers);
    }
}
