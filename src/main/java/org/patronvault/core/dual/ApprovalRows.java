package org.patronvault.core.dual;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.patronvault.access.account.StaffAccount;
import org.patronvault.core.dual.RowKeyRotation.RekeyedRow;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.WriteTx;

/** The authority rows of requests: the terms, the requester and the decision. */
final class ApprovalRows {
    private static final String KIND = "approval";
    private static final long OPEN_SECONDS = 24 * 3_600;
    private static final int MAX_PENDING = 50;
    private static final long KEPT_SECONDS = 7 * OPEN_SECONDS;
    private static final JsonMapper JSON = new JsonMapper();

    /**
     * The stored row. Terms and result are sealed: a contract's reference may name a person.
     *
     * @param role the requester's acting role; empty if the vault itself asks
     * @param epoch epoch of the account that gains, at filing; 0 if none does
     * @param filed Unix seconds
     * @param result a secret that waits for the requester, or empty
     */
    record StoredApproval(
            String kind,
            String about,
            String terms,
            String requester,
            String role,
            String library,
            int needs,
            List<String> approvers,
            int epoch,
            long filed,
            String state,
            String result) {

        StoredApproval decided(Approval.State now, List<String> by, String secret) {
            return new StoredApproval(
                    kind, about, terms, requester, role, library, needs, by, epoch, filed, now.wireName(), secret);
        }

        StoredApproval sealed(String terms, String result) {
            return new StoredApproval(
                    kind, about, terms, requester, role, library, needs, approvers, epoch, filed, state, result);
        }

        StoredApproval collected() {
            return sealed(terms, "");
        }

        Actor actor() {
            return role.isEmpty() ? Actor.VAULT : new Actor(Actor.Kind.STAFF, requester, role, library);
        }

        boolean isOf(Actor person) {
            return !role.isEmpty() && person.name().equals(requester);
        }
    }

    private final AuditLog log;
    private final Authority authority;
    private final SealedText terms;
    private final SealedText results;

    ApprovalRows(AuditLog log, Authority authority, KeyCustody custody) {
        this.log = log;
        this.authority = authority;
        this.terms = new SealedText(custody, "approval-terms");
        this.results = new SealedText(custody, "approval-result");
        authority.renewal().add(KIND, StoredApproval.class, this::renewed);
    }

    private RekeyedRow<StoredApproval> renewed(Authority.Versioned<StoredApproval> held) {
        String id = held.name();
        StoredApproval now = held.body();
        return new RekeyedRow<>(id, now.sealed(terms.again(id, now.terms()), results.again(id, now.result())));
    }

    /**
     * Files the request of an event. The entries of requesting and of carrying out share its ID. A requester who
     * repeats an undecided request gets the waiting one, in the first half of its hours. One about to expire is of no
     * use.
     */
    Authority.Versioned<StoredApproval> file(
            WriteTx tx, AccessEvent event, ApprovalTerms ask, Optional<String> gains, int needs) {
        Optional<Authority.Versioned<StoredApproval>> same = waiting(tx, event.actor(), ask, epoch(tx, gains));
        if (same.isPresent()) {
            return same.get();
        }
        requireRoom(tx, event.actor());
        String id = HexFormat.of().formatHex(event.request());
        StoredApproval stored = new StoredApproval(
                ask.kind(),
                ask.about(),
                terms.seal(id, json(ask.terms())),
                event.actor().name(),
                event.actor().role(),
                event.actor().library(),
                needs,
                List.of(),
                epoch(tx, gains),
                event.time().getEpochSecond(),
                Approval.State.PENDING.wireName(),
                "");
        authority.insert(tx, KIND, id, stored, new Refused(Problem.CHANGED_MEANWHILE, "Try once more."));
        return find(tx, id).orElseThrow();
    }

    /** Returns the epoch of an account; after a takeover it is a different one. */
    private int epoch(Tx tx, Optional<String> account) {
        return account.flatMap(name -> account(tx, name))
                .map(StaffAccount::epoch)
                .orElse(0);
    }

    /** Limits the requests of one person, since each lengthens everybody's list. */
    private void requireRoom(Tx tx, Actor by) {
        long waiting = all(tx).stream()
                .map(Authority.Versioned::body)
                .filter(stored -> stored.isOf(by) && state(stored) == Approval.State.PENDING)
                .count();
        if (waiting >= MAX_PENDING) {
            throw new Refused(
                    Problem.REQUEST_LIMIT,
                    "Too many requests of yours wait already; have some decided, or take them back.",
                    60);
        }
    }

    private Optional<Authority.Versioned<StoredApproval>> waiting(Tx tx, Actor by, ApprovalTerms ask, int epoch) {
        return all(tx).stream()
                .filter(held -> held.body().actor().equals(by)
                        && held.body().epoch() == epoch
                        && state(held.body()) == Approval.State.PENDING
                        && !isOver(held.body(), OPEN_SECONDS / 2)
                        && held.body().kind().equals(ask.kind())
                        && ask(held.name(), held.body()).digest().equals(ask.digest()))
                .findFirst();
    }

    /** Removes requests of people; findings of the vault itself stay. */
    void forgetAsked(WriteTx tx) {
        all(tx).stream().filter(held -> !held.body().role().isEmpty()).forEach(held -> authority.remove(tx, held));
    }

    /** Returns the cleanup of requests that are past any use. */
    ExpiredRowCleanup.Kind<StoredApproval> tidied() {
        return new ExpiredRowCleanup.Kind<>(
                KIND, StoredApproval.class, (tx, held) -> isOver(held.body(), KEPT_SECONDS), (tx, id) -> {});
    }

    List<Authority.Versioned<StoredApproval>> all(Tx tx) {
        return authority.all(tx, KIND, StoredApproval.class);
    }

    Optional<Authority.Versioned<StoredApproval>> find(Tx tx, String id) {
        return authority.find(tx, KIND, id, StoredApproval.class);
    }

    void replace(WriteTx tx, Authority.Versioned<StoredApproval> held, StoredApproval next) {
        authority.replace(tx, KIND, held, next);
    }

    /** Returns the exact terms of a request. */
    ApprovalTerms ask(String id, StoredApproval stored) {
        try {
            TreeMap<String, List<String>> said =
                    JSON.readValue(terms.open(id, stored.terms()), new TypeReference<>() {});
            return new ApprovalTerms(stored.kind(), stored.about(), said);
        } catch (JsonProcessingException e) {
            throw new IntegrityException("approval: terms");
        }
    }

    private static String json(Map<String, List<String>> terms) {
        try {
            return JSON.writeValueAsString(terms);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    String sealResult(String id, String secret) {
        return results.seal(id, secret);
    }

    /** Returns the result that waits; empty if there is none, it was collected, or its time is over. */
    Optional<String> result(String id, StoredApproval stored) {
        boolean late = isOver(stored, 2 * OPEN_SECONDS);
        return stored.result().isEmpty() || late ? Optional.empty() : Optional.of(results.open(id, stored.result()));
    }

    private boolean isOver(StoredApproval stored, long seconds) {
        return ValidityPeriod.isOver(stored.filed(), seconds, log.now().getEpochSecond());
    }

    Approval.State state(StoredApproval stored) {
        Approval.State state = Approval.State.valueOf(stored.state().toUpperCase(Locale.ROOT));
        boolean late = isOver(stored, OPEN_SECONDS);
        return state == Approval.State.PENDING && late ? Approval.State.EXPIRED : state;
    }

    void requireOpen(StoredApproval stored) {
        if (state(stored) != Approval.State.PENDING) {
            throw new Refused(Problem.APPROVAL_CLOSED, "That request was decided, or is older than 24 hours.");
        }
    }

    /** Refuses if a requester or approver lost the role or the account since. */
    void requireEntitled(Tx tx, StoredApproval stored, Optional<String> gains, SecondPerson second) {
        if (epoch(tx, gains) != stored.epoch()) {
            throw new Refused(
                    Problem.CHANGED_MEANWHILE,
                    "The account was changed since that was asked, perhaps its password; look at it, and ask anew.");
        }
        boolean asks = stored.role().isEmpty() || holds(tx, stored.requester(), Set.of(stored.role()));
        if (!asks
                || !stored.approvers().stream().allMatch(name -> holds(tx, name, second.roles()) && counts(tx, name))) {
            throw new Refused(Problem.APPROVAL_CLOSED, "Whoever asked for that, or agreed to it, no longer may.");
        }
    }

    /** Refuses a grant that is too old, or whose requester or approver lost the right to it. */
    void requireGoodLeave(Tx tx, StoredApproval stored, SecondPerson second) {
        if (isOver(stored, OPEN_SECONDS)) {
            throw new Refused(Problem.APPROVAL_CLOSED, "That leave is older than 24 hours; ask for it again.");
        }
        requireEntitled(tx, stored, Optional.empty(), second);
    }

    /** Refuses unless the request still waits, or its grant is unused. */
    void requireOpenOrUnused(String id, StoredApproval stored, TwoPersonAct act) {
        boolean unused = act instanceof ApprovalGrant.GrantAct
                && state(stored) == Approval.State.DONE
                && result(id, stored).isPresent();
        if (!unused) {
            requireOpen(stored);
        }
    }

    /** Refuses a second person who is, or may be, the first one under another name. */
    void requireIndependent(Tx tx, String first, String second) {
        StaffAccount account = account(tx, second)
                .orElseThrow(() -> new Refused(Problem.SECOND_PERSON_REQUIRED, "The second person has no account."));
        if (!account.signOn().isEmpty()) {
            // A provider can give one person two accounts.
            throw new Refused(
                    Problem.SECOND_PERSON_REQUIRED,
                    "A person who signs on by a provider cannot be the second person. Ask a person who has a password"
                            + " here.");
        }
        if (!account.countsAsSecond()) {
            throw new Refused(
                    Problem.SECOND_PERSON_REQUIRED,
                    "One administrator alone made the second person's account, or gave it its password. Ask another"
                            + " person, or have two people reset its password: `staff password NAME --second OTHER`.");
        }
        if (account(tx, first)
                .flatMap(StaffAccount::onlyPerson)
                .filter(second::equals)
                .isPresent()) {
            throw new Refused(
                    Problem.SECOND_PERSON_REQUIRED,
                    "The second person alone made the first person's account, or gave it its password. Ask another"
                            + " person.");
        }
    }

    private Optional<StaffAccount> account(Tx tx, String name) {
        return authority.find(tx, StaffAccount.KIND, name, StaffAccount.class).map(Authority.Versioned::body);
    }

    private boolean holds(Tx tx, String name, Set<String> oneOf) {
        return account(tx, name)
                .filter(account ->
                        !account.disabled() && account.roles().stream().anyMatch(oneOf::contains))
                .isPresent();
    }

    private boolean counts(Tx tx, String name) {
        return account(tx, name).filter(StaffAccount::countsAsSecond).isPresent();
    }

    Approval facts(String id, StoredApproval stored, TwoPersonAct act) {
        ApprovalTerms ask = ask(id, stored);
        return new Approval(
                id,
                stored.kind(),
                stored.about(),
                act.sentence(ask),
                ask.terms(),
                ask.digest(),
                stored.requester(),
                Instant.ofEpochSecond(stored.filed()),
                Instant.ofEpochSecond(stored.filed() + OPEN_SECONDS),
                state(stored),
                stored.needs(),
                stored.approvers(),
                act.second(),
                act.gains(ask),
                act.secretName().filter(name -> result(id, stored).isPresent()));
    }
}
