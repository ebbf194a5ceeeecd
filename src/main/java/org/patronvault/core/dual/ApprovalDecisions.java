package org.patronvault.core.dual;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.patronvault.core.dual.ApprovalRows.StoredApproval;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.Decision;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Approver;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.table.WriteTx;

/** The decisions on waiting requests: approve and carry out, reject, collect the result. Each happens once. */
final class ApprovalDecisions {
    private final Approvals approvals;
    private final Store store;
    private final AuditLog log;
    private final ApprovalRows rows;
    private final IdempotencyStore replay;

    ApprovalDecisions(Approvals approvals, Store store, AuditLog log, ApprovalRows rows, IdempotencyStore replay) {
        this.approvals = approvals;
        this.store = store;
        this.log = log;
        this.rows = rows;
        this.replay = replay;
    }

    Approval approve(Actor by, String id, Optional<String> digest, IdempotencyStore.Once<Approval> once) {
        AccessEvent agreed = decision(by, id);
        Authority.Versioned<StoredApproval> held =
                log.logging(agreed.ending(Outcome.REFUSED), () -> store.read(tx -> approvals.visible(tx, by, id)));
        StoredApproval asked = held.body();
        ApprovalTerms ask = rows.ask(id, asked);
        TwoPersonAct act = approvals.act(ask.kind());
        AccessEvent event = agreed.about(ask.about());
        TwoPersonAct.PreparedAct ready = log.logging(event.ending(Outcome.REFUSED), () -> {
            act.second().require(asked.actor(), Optional.of(by), act.gains(ask));
            store.read(tx -> {
                rows.requireIndependent(tx, asked.requester(), by.name());
                return by;
            });
            rows.requireOpen(asked);
            return act.prepare(ask);
        });
        Approval decided = log.call(event, moment -> {
            WriteTx tx = moment.tx();
            replay.requireFirst(tx, once.key());
            Authority.Versioned<StoredApproval> now = approvals.visible(tx, by, id);
            rows.requireOpen(now.body());
            if (digest.filter(d -> !d.equals(ask.digest())).isPresent() || now.generation() != held.generation()) {
                throw new Refused(Problem.CHANGED_MEANWHILE, "That is not what was asked; look at the request again.");
            }
            if (now.body().approvers().contains(by.name())) {
                throw new Refused(Problem.SECOND_PERSON_REQUIRED, "One more person must agree, and not the same one.");
            }
            rows.requireEntitled(tx, now.body(), act.gains(ask), act.second());
            rows.requireIndependent(tx, asked.requester(), by.name());
            List<String> approvers = new ArrayList<>(now.body().approvers());
            approvers.add(by.name());
            if (approvers.size() < asked.needs()) {
                StoredApproval pending = asked.decided(Approval.State.PENDING, approvers, "");
                return Decision.done(event, replaced(tx, id, now, pending, once));
            }
            ready.needsSecond(tx);
            ready.carryOut(tx, new Signatories(asked.requester(), Optional.of(by.name()), false));
            StoredApproval done = asked.decided(
                    Approval.State.DONE,
                    approvers,
                    ready.secret().map(s -> rows.sealResult(id, s)).orElse(""));
            AccessEvent carriedOut = log.event(asked.actor(), act.act(), act.outcome(), event.request())
                    .about(ask.about())
                    .with(new Approver(by.name(), Approver.Origin.OWN_SESSION));
            List<AccessEvent> entries = new ArrayList<>(List.of(event));
            entries.addAll(Approvals.carriedOut(tx, ready, carriedOut));
            return Decision.done(entries, replaced(tx, id, now, done, once));
        });
        if (decided.state() == Approval.State.DONE) {
            ready.done();
        }
        return decided;
    }

    private Approval replaced(
            WriteTx tx,
            String id,
            Authority.Versioned<StoredApproval> before,
            StoredApproval after,
            IdempotencyStore.Once<Approval> once) {
        rows.replace(tx, before, after);
        Approval facts = approvals.facts(id, after);
        replay.keep(tx, once, facts);
        return facts;
    }

    Approval reject(Actor by, String id, IdempotencyStore.Once<Approval> once) {
        AccessEvent event = decision(by, id);
        return log.call(event, now -> {
            WriteTx tx = now.tx();
            replay.requireFirst(tx, once.key());
            Authority.Versioned<StoredApproval> held = approvals.visible(tx, by, id);
            rows.requireOpenOrUnused(id, held.body(), approvals.act(held.body().kind()));
            StoredApproval rejected =
                    held.body().decided(Approval.State.REJECTED, held.body().approvers(), "");
            return Decision.done(event.about(held.body().about()), replaced(tx, id, held, rejected, once));
        });
    }

    String collect(Actor by, String id, IdempotencyStore.Once<String> once) {
        AccessEvent event = decision(by, id);
        return log.call(event, now -> {
            WriteTx tx = now.tx();
            replay.requireFirst(tx, once.key());
            Authority.Versioned<StoredApproval> held = approvals.visible(tx, by, id);
            StoredApproval stored = held.body();
            if (!stored.isOf(by)) {
                throw new Refused(Problem.NOT_ALLOWED, "Only the person who asked gets the result.");
            }
            TwoPersonAct act = approvals.act(stored.kind());
            if (act instanceof ApprovalGrant.GrantAct) {
                rows.requireGoodLeave(tx, stored, act.second());
            }
            String result = rows.result(id, stored)
                    .orElseThrow(() -> new Refused(
                            Problem.APPROVAL_CLOSED, "There is no result to collect, or it was collected."));
            rows.replace(tx, held, stored.collected());
            replay.keep(tx, once, result);
            return Decision.done(event.about(stored.about()), result);
        });
    }

    private AccessEvent decision(Actor by, String id) {
        byte[] request = id.matches("[0-9a-f]{32}") ? HexFormat.of().parseHex(id) : AuditLog.newRequest();
        return log.event(by, ActKind.APPROVAL, Outcome.CONFIGURATION, request);
    }
}
