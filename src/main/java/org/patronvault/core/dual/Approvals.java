package org.patronvault.core.dual;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.patronvault.core.dual.ApprovalRows.StoredApproval;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.Decision;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Approver;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Alert;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.WriteTx;

/**
 * The acts that need two people after commissioning (contract, "Commissioning"). An act with a second person present is
 * carried out at once. Otherwise it is filed for 24 hours. A second person of the act's kind ({@link SecondPerson})
 * approves exactly its terms, which carries it out. A request is decided once. A secret result waits, sealed, for the
 * requester. Thread-safe.
 */
public final class Approvals {

    /**
     * The outcome of a requested act.
     *
     * @param filed the request that waits for a second person; empty if the act was carried out
     * @param secret the act's result, to be shown once
     */
    public record Answer(Optional<Approval> filed, Optional<String> secret) {
        /** Carried out, with nothing to show. */
        public static final Answer DONE = new Answer(Optional.empty(), Optional.empty());
    }

    /**
     * The requester of an act, with the second person present.
     *
     * @param second another person who proved who they are at the same terminal
     * @param once makes a repeated request have one effect
     */
    public record Requester(Actor by, Optional<Actor> second, IdempotencyStore.Once<Answer> once) {

        /** Returns a requester without an idempotency key. */
        public static Requester of(Actor by, Optional<Actor> second) {
            return new Requester(by, second, IdempotencyStore.Once.withoutKey());
        }

        /** Returns the second person as the log names them, if one is present. */
        public Optional<Approver> seconds() {
            return second.map(person -> new Approver(person.name(), Approver.Origin.SAME_TERMINAL));
        }

        /** Returns a requester without a second person or an idempotency key. */
        public static Requester alone(Actor by) {
            return of(by, Optional.empty());
        }
    }

    private final Store store;
    private final AuditLog log;
    private final Commissioning commissioning;
    private final IdempotencyStore replay;
    private final ApprovalRows rows;
    private final ApprovalDecisions decisions;
    private final Map<String, TwoPersonAct> acts = new HashMap<>();

    public Approvals(
            Store store,
            AuditLog log,
            Authority authority,
            Commissioning commissioning,
            IdempotencyStore replay,
            KeyCustody custody) {
        this.store = store;
        this.log = log;
        this.commissioning = commissioning;
        this.replay = replay;
        this.rows = new ApprovalRows(log, authority, custody);
        this.decisions = new ApprovalDecisions(this, store, log, rows, replay);
    }

    public ExpiredRowCleanup.Kind<StoredApproval> tidied() {
        return rows.tidied();
    }

    /** Registers an act, before the first request of its kind. */
    public void register(String kind, TwoPersonAct act) {
        acts.put(kind, act);
    }

    /**
     * Carries an act out, or files it if two people are needed and one is present.
     *
     * @throws Refused if it may not be done with any approval, or the second person does not qualify
     */
    public Answer ask(Requester asking, ApprovalTerms ask) {
        return ask(asking, ask, act(ask.kind()));
    }

    /**
     * Carries out or files an act that the caller made. An act that knows more than its terms say must not be filed.
     */
    public Answer ask(Requester asking, ApprovalTerms ask, TwoPersonAct act) {
        Actor by = asking.by();
        Optional<Actor> second = asking.second();
        AccessEvent event =
                log.event(by, act.act(), act.outcome(), AuditLog.newRequest()).about(ask.about());
        // The second person is logged even if the act is refused.
        AccessEvent tried = event.with(asking.seconds());
        TwoPersonAct.PreparedAct ready = log.logging(tried.ending(Outcome.REFUSED), () -> {
            requireForAnother(by, act, ask);
            return act.prepare(ask);
        });
        Answer answer = log.call(tried, now -> {
            WriteTx tx = now.tx();
            replay.requireFirst(tx, asking.once().key());
            boolean setUp = commissioning.isOn(tx);
            boolean two = ready.needsSecond(tx) && !setUp;
            // A second person who is present also counts if one is enough: two people made that account.
            boolean beside = two || (!setUp && act.second().isBeside(by, second, act.gains(ask)));
            if (two && second.isEmpty()) {
                Approval filed = facts(rows.file(tx, event, ask, act.gains(ask), 1));
                Answer waits = new Answer(Optional.of(filed), Optional.empty());
                replay.keep(tx, asking.once(), waits);
                return Decision.done(event.ending(Outcome.REQUESTED), waits);
            }
            if (beside) {
                act.second().require(by, second, act.gains(ask));
                rows.requireIndependent(tx, by.name(), second.get().name());
            }
            ready.carryOut(
                    tx, new Signatories(by.name(), second.filter(any -> beside).map(Actor::name), setUp));
            Answer done = new Answer(Optional.empty(), ready.secret());
            replay.keep(tx, asking.once(), done);
            return Decision.done(carriedOut(tx, ready, beside ? tried : event), done);
        });
        if (answer.filed().isEmpty()) {
            ready.done();
        }
        return answer;
    }

    /** Returns the log entries of an act that was just carried out, with its alerts. */
    static List<AccessEvent> carriedOut(Tx tx, TwoPersonAct.PreparedAct ready, AccessEvent event) {
        AccessEvent done = ready.logged(event);
        return Stream.concat(Stream.of(done), ready.alerts(tx).stream().sorted().map(done::alerting))
                .toList();
    }

    /** Refuses a second person who is, or may be, the first one under another name. */
    public void requireIndependent(Tx tx, String first, String second) {
        rows.requireIndependent(tx, first, second);
    }

    /** Registers an act that needs a grant, before the first request of its kind. */
    public void registerLeave(String kind, ActKind act, SecondPerson second, Function<ApprovalTerms, String> sentence) {
        register(kind, ApprovalGrant.act(act, second, sentence));
    }

    /**
     * Gives a grant to carry something out afterwards, once. It needs a second person who is present, or who approved
     * exactly that before. Otherwise files the request.
     */
    public ApprovalGrant leave(Requester asking, ApprovalTerms ask) {
        Optional<Approval> agreed = asking.second().isPresent() ? Optional.empty() : agreed(asking.by(), ask);
        if (agreed.isPresent()) {
            collect(asking.by(), agreed.get().id(), IdempotencyStore.Once.withoutKey());
            return new ApprovalGrant(
                    Optional.empty(),
                    Optional.of(new Approver(agreed.get().approvers().get(0), Approver.Origin.OWN_SESSION)));
        }
        Answer answer = ask(asking, ask);
        return new ApprovalGrant(answer.filed(), asking.seconds());
    }

    private Optional<Approval> agreed(Actor by, ApprovalTerms ask) {
        return store
                .read(tx -> rows.all(tx).stream()
                        .filter(held ->
                                held.body().isOf(by) && held.body().kind().equals(ask.kind()))
                        .filter(held -> isGood(tx, held.body()))
                        .toList())
                .stream()
                .map(this::facts)
                .filter(approval -> approval.digest().equals(ask.digest())
                        && approval.state() == Approval.State.DONE
                        && approval.secretName().isPresent())
                .findFirst();
    }

    private boolean isGood(Tx tx, StoredApproval stored) {
        try {
            rows.requireGoodLeave(tx, stored, act(stored.kind()).second());
            return true;
        } catch (Refused e) {
            return false;
        }
    }

    private static void requireForAnother(Actor by, TwoPersonAct act, ApprovalTerms ask) {
        if (by.kind() == Actor.Kind.STAFF && act.gains(ask).equals(Optional.of(by.name()))) {
            throw new Refused(Problem.NOT_ALLOWED, "Nobody grants himself anything.");
        }
    }

    /**
     * Files a finding of the vault itself, such as a wider policy. The requester is unknown, so two people must
     * approve.
     */
    public Approval file(ApprovalTerms ask, Alert alert) {
        AccessEvent event = log.event(Actor.VAULT, act(ask.kind()).act(), Outcome.REQUESTED, AuditLog.newRequest())
                .about(ask.about());
        return log.call(
                event,
                now -> Decision.done(event, facts(rows.file(now.tx(), event, ask, Optional.empty(), 2)))
                        .alerting(Set.of(alert)));
    }

    /** Removes the requests of people. */
    public void forget(WriteTx tx) {
        rows.forgetAsked(tx);
    }

    /** Returns the newest request for exactly these terms. */
    public Optional<Approval> latest(ApprovalTerms ask) {
        return store.read(rows::all).stream()
                .filter(held -> held.body().kind().equals(ask.kind()))
                .map(this::facts)
                .filter(approval -> approval.digest().equals(ask.digest()))
                .max(Comparator.comparing(Approval::filed));
    }

    /** Returns a request that can still be decided; otherwise refuses with {@code approval-closed}. */
    public Approval findOpen(Actor by, String id) {
        Authority.Versioned<StoredApproval> held = store.read(tx -> visible(tx, by, id));
        rows.requireOpen(held.body());
        return facts(held);
    }

    /** Returns the requests that {@code by} filed or may decide, newest first. */
    public List<Approval> list(Actor by) {
        return store.read(rows::all).stream()
                .filter(held -> maySee(by, held.body()))
                .map(this::facts)
                .sorted(Comparator.comparing(Approval::filed).reversed())
                .toList();
    }

    /** Returns one request; refuses with {@code not-found} if it does not exist or is not visible to {@code by}. */
    public Approval find(Actor by, String id) {
        return facts(store.read(tx -> visible(tx, by, id)));
    }

    Authority.Versioned<StoredApproval> visible(Tx tx, Actor by, String id) {
        return rows.find(tx, id)
                .filter(held -> maySee(by, held.body()))
                .orElseThrow(() -> new Refused(Problem.NOT_FOUND, "There is no such request."));
    }

    private boolean maySee(Actor by, StoredApproval stored) {
        boolean mayAgree = act(stored.kind()).second().isQualified(by);
        return by.kind() == Actor.Kind.STAFF && (mayAgree || stored.isOf(by));
    }

    /**
     * Approves exactly the requested terms, and carries the act out once enough people have.
     *
     * @param by another person, in a session of their own
     * @param digest the digest they saw, if given; a different one is refused
     */
    public Approval approve(Actor by, String id, Optional<String> digest) {
        return approve(by, id, digest, IdempotencyStore.Once.withoutKey());
    }

    /**
     * Approves a request as {@link #approve(Actor, String, Optional)}, and stores the answer for its idempotency key.
     */
    public Approval approve(Actor by, String id, Optional<String> digest, IdempotencyStore.Once<Approval> once) {
        return decisions.approve(by, id, digest, once);
    }

    /** Rejects a request; the requester can withdraw it too. */
    public Approval reject(Actor by, String id) {
        return reject(by, id, IdempotencyStore.Once.withoutKey());
    }

    /** Rejects a request, and stores the answer for its idempotency key. */
    public Approval reject(Actor by, String id, IdempotencyStore.Once<Approval> once) {
        return decisions.reject(by, id, once);
    }

    /** Returns the act's result to the requester, once. */
    public String collect(Actor by, String id, IdempotencyStore.Once<String> once) {
        return decisions.collect(by, id, once);
    }

    TwoPersonAct act(String kind) {
        return Optional.ofNullable(acts.get(kind)).orElseThrow(() -> new IntegrityException("approval: kind"));
    }

    private Approval facts(Authority.Versioned<StoredApproval> held) {
        return facts(held.name(), held.body());
    }

    Approval facts(String id, StoredApproval stored) {
        return rows.facts(id, stored, act(stored.kind()));
    }
}
