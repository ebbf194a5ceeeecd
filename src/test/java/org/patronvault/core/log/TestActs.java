package org.patronvault.core.log;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.patronvault.core.dual.Authority;
import org.patronvault.core.dual.IdempotencyStore;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.AuthorityMark;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.tree.LogReport;
import org.patronvault.core.log.tree.LogVerifier;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.WriteTx;
import org.patronvault.core.tlog.Checkpoint;
import org.patronvault.core.tlog.MalformedException;

/**
 * The acts of the contract tests, and a reader of what a process remembers after them. No other class of these tests
 * knows how an act reaches the log, so no other changes with the way acts are written. The counters are rows that carry
 * authority, like every real count of the vault.
 */
final class TestActs {
    private static final String COUNTERS = "test-counter";
    private static final Caller CALLER = Caller.person(LogTestVault.CLERK);

    /** The stored content of a counter. */
    record Counter(int number) {}

    /** The result of an act: its entries, the first of them "the" entry, and a refusal that leaves what was written. */
    record Result(List<AccessEvent> entries, Optional<Refused> refusal) {
        static Result of(AccessEvent... entries) {
            return new Result(List.of(entries), Optional.empty());
        }

        static Result refusing(Refused why, AccessEvent entry) {
            return new Result(List.of(entry), Optional.of(why));
        }
    }

    /** The work of an act in its turn. If it throws, nothing of the act stays, and the attempt is logged. */
    @FunctionalInterface
    interface Choice {
        /**
         * Reads and writes.
         *
         * @param entry the index of the act's first entry
         */
        Result decide(WriteTx tx, long entry);
    }

    /** An act: the event that is logged if it is refused or fails, its limit, and its decision. */
    record Spec(AccessEvent attempt, Consumer<WriteTx> limit, Optional<Choice> decision) {
        /** Returns this act with a limit. */
        Spec within(Consumer<WriteTx> newLimit) {
            return new Spec(attempt, newLimit, decision);
        }
    }

    /** The state of log and rows, as the process remembers it or as the database says. */
    record Known(long size, String root, long changes, String digest, Map<String, Long> generations) {}

    private final LogTestVault vault;
    private final Authority authority;
    private final IdempotencyStore answers;

    TestActs(LogTestVault vault) {
        this.vault = vault;
        this.authority = new Authority(vault.store, vault.log, vault.custody);
        this.answers = new IdempotencyStore(vault.store, vault.custody, LogTestVault.CLOCK, System::nanoTime);
    }

    /** Returns an act that shows something and only counts. */
    static Spec look(AccessEvent event) {
        return new Spec(event, tx -> {}, Optional.empty());
    }

    /** Returns an act that decides in its turn what it writes. */
    static Spec deciding(AccessEvent attempt, Choice decision) {
        return new Spec(attempt, tx -> {}, Optional.of(decision));
    }

    /** Submits an act; the future returns the index of its first entry, or fails as its caller would. */
    CompletableFuture<Long> submit(Spec act) {
        return vault.log.submit(new Deed(act), Lane.DESK);
    }

    private record Deed(Spec act) implements Act<Long> {
        @Override
        public AccessEvent attempt() {
            return act.attempt();
        }

        @Override
        public boolean writes() {
            return act.decision().isPresent();
        }

        @Override
        public Decision<Long> decide(Deciding now) {
            act.limit().accept(now.tx());
            if (act.decision().isEmpty()) {
                return Decision.finishing(attempt(), receipts -> receipts.index());
            }
            Result result = act.decision().get().decide(now.tx(), now.entry());
            return result.refusal().isPresent()
                    ? new Decision.Refusal<>(true, result.refusal().get(), result.entries(), Set.of())
                    : new Decision.Done<>(result.entries(), Set.of(), receipts -> receipts.index());
        }
    }

    /** Submits an act and waits for its end. */
    long perform(Spec act) {
        return AuditLog.await(submit(act));
    }

    /** Submits acts so that all are in one transaction, after one of an entry of its own. */
    List<CompletableFuture<Long>> together(List<Spec> acts) {
        CountDownLatch held = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        AccessEvent event = vault.log.event(Actor.VAULT, ActKind.FACTS, Outcome.COUNTED, AuditLog.newRequest());
        CompletableFuture<Long> first = submit(deciding(event, (tx, entry) -> {
            held.countDown();
            AuditLogContract.awaitLatch(release);
            return Result.of(event);
        }));
        AuditLogContract.awaitLatch(held);
        List<CompletableFuture<Long>> ends = acts.stream().map(this::submit).toList();
        release.countDown();
        AuditLog.await(first);
        return ends;
    }

    /**
     * Submits an act under an Idempotency-Key.
     *
     * @return the answer: that of this act, or that of the first under the key
     */
    CompletableFuture<String> once(String key, String body, Spec act) {
        Optional<IdempotencyStore.Key> sent =
                answers.key(CALLER, Optional.of(key), "POST /v1/acts", body.getBytes(StandardCharsets.UTF_8));
        Optional<String> kept = answers.answered(sent);
        if (kept.isPresent()) {
            return CompletableFuture.completedFuture(kept.get());
        }
        Choice first = (tx, entry) -> {
            answers.requireFirst(tx, sent);
            Result result = act.decision().orElseThrow().decide(tx, entry);
            answers.keep(tx, sent, answer(entry));
            return result;
        };
        return submit(deciding(act.attempt(), first))
                .thenApply(TestActs::answer)
                .exceptionally(failure -> {
                    if (failure.getCause() instanceof Refused refused
                            && refused.problem() == Problem.CHANGED_MEANWHILE) {
                        return answers.answered(sent).orElseThrow();
                    }
                    throw new CompletionException(failure.getCause());
                });
    }

    /** Returns the answer of an act with that entry. */
    static String answer(long entry) {
        return "entry " + entry;
    }

    /** Adds to a counter. */
    void count(WriteTx tx, String name, int more) {
        Optional<Authority.Versioned<Counter>> held = authority.find(tx, COUNTERS, name, Counter.class);
        int before = held.map(Authority.Versioned::body).map(Counter::number).orElse(0);
        authority.put(tx, COUNTERS, name, held, new Counter(before + more));
    }

    void count(WriteTx tx, String name) {
        count(tx, name, 1);
    }

    /** Removes a counter. */
    void remove(WriteTx tx, String name) {
        authority.remove(tx, authority.find(tx, COUNTERS, name, Counter.class).orElseThrow());
    }

    /** Returns a limit: one more of a counter, up to {@code most}. */
    Consumer<WriteTx> limit(String name, int most) {
        return tx -> {
            if (counted(tx, name) >= most) {
                throw new Refused(Problem.REVEAL_LIMIT, "The limit of the policy is reached.", 60);
            }
            count(tx, name);
        };
    }

    int counted(Tx tx, String name) {
        return authority
                .find(tx, COUNTERS, name, Counter.class)
                .map(Authority.Versioned::body)
                .map(Counter::number)
                .orElse(0);
    }

    int counted(String name) {
        return vault.store.read(tx -> counted(tx, name));
    }

    /** Runs {@code then} after the commit of that many acts and the anchor, before any caller is answered. */
    void beforeAnswers(int acts, Runnable then) {
        vault.log.watch(new AppendListener() {
            @Override
            public void transaction(int units) {
                if (units == acts) {
                    then.run();
                }
            }

            @Override
            public void act(Timing timing) {}

            @Override
            public void entry(AccessEvent event) {}
        });
    }

    /** Returns what the process remembers. Call it when no act is under way. */
    Known remembered() {
        try {
            Checkpoint own = Checkpoint.parse(vault.log.checkpoint().parsed().text());
            return known(own.size(), own.root(), vault.log.authority());
        } catch (MalformedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Returns what the database says to a process that knows nothing, and fails if the log is not sound. */
    Known stored() {
        LogReport log = LogVerifier.verify(vault.store, List.of());
        if (!log.ok()) {
            throw new AssertionError("the log: " + log.problems());
        }
        AuthorityDigest rows = new AuthorityDigest(vault.store, vault.custody);
        rows.resume();
        return known(log.entries(), log.root(), rows);
    }

    private static Known known(long size, byte[] root, AuthorityDigest rows) {
        AuthorityMark mark = rows.current();
        Map<String, Long> generations = new TreeMap<>();
        rows.names(COUNTERS).forEach(name -> generations.put(name, rows.generation(COUNTERS, name)));
        return new Known(
                size,
                Base64.getEncoder().encodeToString(root),
                mark.number(),
                HexFormat.of().formatHex(mark.mac()),
                generations);
    }

    /** Returns the entries of that request, in their order. */
    List<AccessEvent> entriesOf(AccessEvent event) {
        List<AccessEvent> entries = new ArrayList<>();
        vault.entries().stream()
                .map(entry -> entry.event())
                .filter(entry -> Arrays.equals(entry.request(), event.request()))
                .forEach(entries::add);
        return entries;
    }
}
