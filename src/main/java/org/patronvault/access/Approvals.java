package org.patronvault.access;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.patronvault.access.ApprovalRows.StoredApproval;
import org.patronvault.audit.AccessEvent;
import org.patronvault.audit.Act;
import org.patronvault.audit.Approver;
import org.patronvault.audit.AuditLog;
import org.patronvault.audit.Outcome;
import org.patronvault.audit.Unit;
import org.patronvault.keys.KeyCustody;
import org.patronvault.model.Actor;
import org.patronvault.model.Alert;
import org.patronvault.model.IntegrityException;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;
import org.patronvault.store.Store;
import org.patronvault.store.Tx;
import org.patronvault.store.WriteTx;

/**
 * Acts that need two people after commissioning (contract, "Commissioning"). With a second person beside the first an
 * act is carried out at once; without, it is filed, and another whom the act names ({@link SecondPerson}) agrees to
 * exactly that within 24 hours, which carries it out. A request is decided once. What it results in and must stay secret waits, sealed, for
 * the one who asked. Safe for use by many threads.
 */
public final class Approvals {

    /**
     * What became of an act that was asked for.
     *
     * @param filed the request that waits for a second person; empty if the act was carried out
     * @param secret what it resulted in, to be shown once
     */
    public record Answer(Optional<Approval> filed, Optional<String> secret) {
        /** Carried out, with nothing to show. */
        static final Answer DONE = new Answer(Optional.empty(), Optional.empty());
    }

    /**
     * Who asks, beside whom.
     *
     * @param second another person who proved who they are at the same terminal
     * @param once makes the same request, sent again, have one effect
     */
    public record Requester(Actor by, Optional<Actor> second, IdempotencyStore.Once<Answer> once) {

        /** Without a key to repeat it by. */
        public static Requester of(Actor by, Optional<Actor> second) {
            return new Requester(by, second, IdempotencyStore.Once.withoutKey());
        }

        /** The second person as the log names them, if one is there. */
        public Optional<Approver> seconds() {
            return second.map(person -> new Approver(person.name(), Approver.Origin.SAME_TERMINAL));
        }

        /** Nobody beside them, and without a key to repeat it by. */
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

    Approvals(
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

    ExpiredRowCleanup.Kind<StoredApproval> tidied() {
        return rows.tidied();
    }

    /** Before anything of that kind is asked for. */
    public void register(String kind, TwoPersonAct act) {
        acts.put(kind, act);
    }

    /**
     * Carries an act out, or files it where two people are needed and only one is there.
     *
     * @throws Refused if it may not be done whoever agrees, or the second person does not qualify
     */
    public Answer ask(Requester asking, ApprovalTerms ask) {
        return ask(asking, ask, act(ask.kind()));
    }

    /** The same for an act that knows more than its terms say, and so cannot be filed. */
    Answer ask(Requester asking, ApprovalTerms ask, TwoPersonAct act) {
        Actor by = asking.by();
        Optional<Actor> second = asking.second();
        AccessEvent event =
                log.event(by, act.act(), act.outcome(), AuditLog.newRequest()).about(ask.about());
        // Refused or not: who sat beside the first is in the log.
        AccessEvent tried = event.with(asking.seconds());
        TwoPersonAct.PreparedAct ready = log.logging(tried.ending(Outcome.REFUSED), () -> {
            requireForAnother(by, act, ask);
            return act.prepare(ask);
        });
        Answer[] answer = new Answer[1];
        log.appendAndWait(Unit.writingMany(tried, tx -> {
            replay.requireFirst(tx, asking.once().key());
            boolean setUp = commissioning.isOn(tx);
            boolean two = ready.needsSecond(tx) && !setUp;
            // A second person who is there counts also where one person is enough: two made that account.
            boolean beside = two || (!setUp && act.second().isBeside(by, second, act.gains(ask)));
            List<AccessEvent> logged;
            if (two && second.isEmpty()) {
                answer[0] =
                        new Answer(Optional.of(facts(rows.file(tx, event, ask, act.gains(ask), 1))), Optional.empty());
                logged = List.of(event.ending(Outcome.REQUESTED));
            } else {
                if (beside) {
                    act.second().require(by, second, act.gains(ask));
                    rows.requireIndependent(tx, by.name(), second.get().name());
                }
                ready.carryOut(
                        tx,
                        new Signatories(by.name(), second.filter(any -> beside).map(Actor::name), setUp));
                answer[0] = new Answer(Optional.empty(), ready.secret());
                logged = carriedOut(tx, ready, beside ? tried : event);
            }
            replay.keep(tx, asking.once(), answer[0]);
            return logged;
        }));
        if (answer[0].filed().isEmpty()) {
            ready.done();
        }
        return answer[0];
    }

    /** The log entries of an act that was just carried out, with its alerts. */
    static List<AccessEvent> carriedOut(Tx tx, TwoPersonAct.PreparedAct ready, AccessEvent event) {
        AccessEvent done = ready.logged(event);
        return Stream.concat(Stream.of(done), ready.alerts(tx).stream().sorted().map(done::alerting))
                .toList();
    }

    /** Refuses a second person who is, or may be, the first one under another name. */
    public void requireIndependent(Tx tx, String first, String second) {
        rows.requireIndependent(tx, first, second);
    }

    /** Before anybody asks for leave of that kind. */
    public void registerLeave(String kind, Act act, SecondPerson second, Function<ApprovalTerms, String> sentence) {
        register(kind, ApprovalGrant.act(act, second, sentence));
    }

    /**
     * Gives leave to carry something out afterwards, once: where the second person is there, or has agreed to exactly
     * that before; else files the request.
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

    /** Files what the vault itself found, such as a wider policy: with nobody known to have asked, two must agree. */
    Approval file(ApprovalTerms ask, Alert alert) {
        AccessEvent event = log.event(Actor.VAULT, act(ask.kind()).act(), Outcome.REQUESTED, AuditLog.newRequest())
                .about(ask.about());
        Approval[] filed = new Approval[1];
        log.appendAndWait(Unit.writing(event, tx -> {
                    filed[0] = facts(rows.file(tx, event, ask, Optional.empty(), 2));
                    return event;
                })
                .alerting(Set.of(alert)));
        return filed[0];
    }

    /** Forgets what people asked for. */
    void forget(WriteTx tx) {
        rows.forgetAsked(tx);
    }

    /** The newest request for exactly that. */
    Optional<Approval> latest(ApprovalTerms ask) {
        return store.read(rows::all).stream()
                .filter(held -> held.body().kind().equals(ask.kind()))
                .map(this::facts)
                .filter(approval -> approval.digest().equals(ask.digest()))
                .max(Comparator.comparing(Approval::filed));
    }

    /** One that can still be decided; refused with {@code approval-closed} if it cannot. */
    public Approval findOpen(Actor by, String id) {
        Authority.Versioned<StoredApproval> held = store.read(tx -> visible(tx, by, id));
        rows.requireOpen(held.body());
        return facts(held);
    }

    /** Requests that {@code by} filed or may decide, newest first. */
    public List<Approval> list(Actor by) {
        return store.read(rows::all).stream()
                .filter(held -> maySee(by, held.body()))
                .map(this::facts)
                .sorted(Comparator.comparing(Approval::filed).reversed())
                .toList();
    }

    /** One of them; refused with {@code not-found} if there is none, or it is none of theirs. */
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
     * Agrees to exactly what was asked, which carries it out once enough people have.
     *
     * @param by another person, in a session of their own
     * @param digest of what they saw, if they say; another one is refused
     */
    public Approval approve(Actor by, String id, Optional<String> digest) {
        return approve(by, id, digest, IdempotencyStore.Once.withoutKey());
    }

    /** The same, once for its key. */
    public Approval approve(Actor by, String id, Optional<String> digest, IdempotencyStore.Once<Approval> once) {
        return decisions.approve(by, id, digest, once);
    }

    /** Refuses a request; whoever filed it can take it back too. */
    public Approval reject(Actor by, String id) {
        return reject(by, id, IdempotencyStore.Once.withoutKey());
    }

    /** The same, once for its key. */
    public Approval reject(Actor by, String id, IdempotencyStore.Once<Approval> once) {
        return decisions.reject(by, id, once);
    }

    /** What the act resulted in, for the one who asked for it; once. */
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
