package org.patronvault.privacy.disclosure;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.patronvault.access.Access;
import org.patronvault.access.Caller;
import org.patronvault.access.IdempotencyStore;
import org.patronvault.audit.AccessEvent;
import org.patronvault.audit.Act;
import org.patronvault.audit.AuditLog;
import org.patronvault.audit.AuditReceipt;
import org.patronvault.audit.Outcome;
import org.patronvault.audit.Unit;
import org.patronvault.keys.KeyCustody;
import org.patronvault.model.Alert;
import org.patronvault.model.CaseId;
import org.patronvault.model.IntegrityException;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;
import org.patronvault.privacy.disclosure.CaseStep.Party;
import org.patronvault.store.Store;
import org.patronvault.store.Tx;
import org.patronvault.store.WriteTx;

/**
 * Requests for records (P10): taken down by anybody of the staff, which confirms nothing and looks nothing up, and seen by
 * those who have a part in them. Each look is in the log, as part of the case. Safe for use by many threads.
 */
public final class Cases {
    static final String KIND = "case";
    private static final String LIST = "list";

    /**
     * A case as somebody sees it.
     *
     * @param parties as what they have a part
     * @param entry of this very look
     */
    public record VisibleCase(DisclosureCase one, Set<Party> parties, long entry) {
        /** Whether it is that step's turn, and the caller's to take. */
        public boolean mayTake(Caller caller, CaseStep step) {
            return step.isDue(one) && CaseParties.mayTake(parties, caller, step, one);
        }
    }

    /** The cases somebody sees, the newest first; as what they have a part; and the entry of this very look. */
    public record Listing(List<DisclosureCase> cases, Set<Party> parties, long entry) {}

    private final Store store;
    private final Access access;
    private final AuditLog log;
    private final SealedRecords<DisclosureCase.Path> rows;
    private final CaseParties parties;
    private final IntakePace pace = new IntakePace(System::nanoTime);

    Cases(Store store, KeyCustody custody, Access access, AuditLog log, CaseParties parties) {
        this.store = store;
        this.access = access;
        this.log = log;
        this.rows = new SealedRecords<>(access.authority(), custody, KIND, DisclosureCase.Path.class);
        this.parties = parties;
    }

    /** What the log says of a step that is refused. */
    AccessEvent attempt(Caller caller, String what, byte[] request) {
        return log.event(caller.actor(), Act.DISCLOSURE, Outcome.REFUSED, request)
                .about(what);
    }

    /**
     * Takes a request down. Nothing is looked up, so that the answer says nothing of any patron.
     *
     * @param urgent with an officer at the desk: nothing needs to be known yet
     * @param sent what is known, by the member's name; read only once the caller is known to be staff
     * @param key makes the same request, sent again, answer with the case that it opened
     * @return the number of the case, which is referred to the director by that
     */
    public CaseId open(
            Caller caller,
            boolean urgent,
            Supplier<Map<String, String>> sent,
            Supplier<Optional<IdempotencyStore.Key>> key,
            byte[] request) {
        AccessEvent attempt = attempt(caller, CaseStep.INTAKE.logName(), request);
        return log.logging(attempt, () -> {
            CaseParties.requireStep(parties.of(caller), CaseStep.INTAKE);
            Optional<IdempotencyStore.Key> replay = key.get();
            Optional<CaseId> before = access.replay().answered(replay).flatMap(CaseId::parse);
            if (before.isEmpty()) {
                pace.take(caller.actor().name());
            }
            return before.isPresent() ? before.get() : open(caller, urgent, sent.get(), replay, attempt);
        });
    }

    private CaseId open(
            Caller caller,
            boolean urgent,
            Map<String, String> sent,
            Optional<IdempotencyStore.Key> replay,
            AccessEvent attempt) {
        Map<String, String> said = new HashMap<>(sent);
        if (urgent) {
            CaseIntake.requireGood(said);
            said.put(DisclosureCase.URGENT, "yes");
        } else {
            CaseIntake.requireWhole(said);
        }
        CaseId id = SealedRecords.newId();
        StepRecord intake = taken(caller, CaseStep.INTAKE, said, List.of(), List.of());
        AccessEvent done = attempt.ending(Outcome.CONFIGURATION).in(id);
        Alert alert = urgent ? Alert.OFFICER_HERE : Alert.CASE_OPENED;
        log.appendAndWait(new Unit(done, tx -> Set.of(alert), Set.of(), (tx, entry) -> {
            access.replay().requireFirst(tx, replay);
            rows.insert(tx, id, new DisclosureCase(id, List.of(intake)).path());
            access.replay().keep(tx, replay, id.toString());
            return List.of(done);
        }));
        return id;
    }

    /** A step taken now by that one; refused with {@code invalid} if a text is too long. */
    StepRecord taken(
            Caller caller, CaseStep step, Map<String, String> said, List<String> patrons, List<String> fields) {
        CaseIntake.requireText(said);
        return new StepRecord(
                step.wireName(),
                log.now().toEpochMilli(),
                caller.actor().name(),
                caller.actor().role(),
                said,
                patrons,
                fields);
    }

    /** All that somebody sees. */
    public Listing list(Caller caller, byte[] request) {
        AccessEvent attempt = attempt(caller, LIST, request);
        return log.logging(attempt, () -> {
            Set<Party> as = parties.of(caller);
            CaseParties.requirePart(as);
            List<DisclosureCase> seen = store.read(this::all).stream()
                    .filter(one -> CaseParties.see(as, caller, one))
                    .sorted(Comparator.comparing(DisclosureCase::opened).reversed())
                    .toList();
            AuditReceipt receipt = log.appendAndWait(Unit.of(attempt.ending(Outcome.SEARCHED)));
            return new Listing(seen, as, receipt.index());
        });
    }

    /** One of them; refused with {@code not-found} if there is none of that number, or none that this one sees. */
    public VisibleCase look(Caller caller, String id, byte[] request) {
        AccessEvent plain = attempt(caller, "look", request);
        AccessEvent attempt = CaseId.parse(id).map(plain::in).orElse(plain);
        return log.logging(attempt, () -> {
            Set<Party> as = parties.of(caller);
            CaseParties.requirePart(as);
            DisclosureCase one = found(plain, () -> store.read(tx -> find(tx, caller, as, id)));
            AuditReceipt receipt = log.appendAndWait(Unit.of(attempt.ending(Outcome.SEARCHED)));
            return new VisibleCase(one, as, receipt.index());
        });
    }

    /**
     * What was found. Of what is not to be seen the log says the same as of what never was: in a case that somebody does
     * not see, that one's own entry would be hidden.
     */
    DisclosureCase found(AccessEvent plain, Supplier<EditableCase> find) {
        try {
            return find.get().of();
        } catch (Refused e) {
            throw log.refuse(plain, e);
        }
    }

    /** A case that was read to be changed. */
    record EditableCase(SealedRecords.VersionedRecord<DisclosureCase.Path> held) {
        DisclosureCase of() {
            return new DisclosureCase(held.id(), held.record().taken());
        }
    }

    /** The same for a step: who took a request down adds to it without seeing the case. */
    EditableCase find(Tx tx, Caller caller, Set<Party> as, String id, CaseStep step) {
        return find(
                tx,
                id,
                one -> CaseParties.see(as, caller, one)
                        || (step == CaseStep.INTAKE && !one.isGagged() && CaseParties.tookDown(caller, one)));
    }

    /** The case of that number, if that one sees it. */
    EditableCase find(Tx tx, Caller caller, Set<Party> as, String id) {
        return find(tx, id, one -> CaseParties.see(as, caller, one));
    }

    private EditableCase find(Tx tx, String id, Predicate<DisclosureCase> seen) {
        return CaseId.parse(id)
                .flatMap(number -> rows.find(tx, number))
                .map(EditableCase::new)
                .filter(found -> seen.test(found.of()))
                .orElseThrow(() -> new Refused(Problem.NOT_FOUND, "There is no such case."));
    }

    /** Whether a court forbids to speak of the case of that number. */
    boolean isGagged(Tx tx, String id) {
        return CaseId.parse(id)
                .flatMap(number -> rows.find(tx, number))
                .filter(held -> new EditableCase(held).of().isGagged())
                .isPresent();
    }

    /** Puts the case as it is one step on in place of what was found. */
    void replace(WriteTx tx, EditableCase found, DisclosureCase next, CaseStep step) {
        requireRoom(next, step);
        rows.replace(tx, found.held(), next.path());
    }

    /** Refused with {@code invalid} if so much was said that what comes after that step might have no room. */
    void requireRoom(DisclosureCase next, CaseStep step) {
        rows.requireRoom(next.path(), step.roomBytes());
    }

    List<DisclosureCase> all(Tx tx) {
        List<DisclosureCase> all = new ArrayList<>();
        rows.all(tx).forEach(held -> all.add(new EditableCase(held).of()));
        return all;
    }

    List<CaseId> damaged(Tx tx) {
        return rows.damaged(tx);
    }

    /** As what that one has a part now. */
    public Set<Party> partiesOf(Caller caller) {
        return parties.of(caller);
    }

    /**
     * Whether there is more for that one in cases than to take a request down; not, if what is written of that is not as it
     * was, of which the vault tells by itself.
     */
    public boolean hasPart(Caller caller) {
        try {
            return CaseParties.hasPart(partiesOf(caller));
        } catch (IntegrityException e) {
            return false;
        }
    }

    CaseParties parties() {
        return parties;
    }

    /**
     * Which entries of the log that one does not see: those of cases of which a court forbids to speak, and of a month
     * whose key is gone, so that nobody can tell which case they were of.
     */
    public Predicate<AccessEvent> hidden(Caller caller) {
        return store.read(tx -> {
            Set<Party> as = parties.of(tx, caller);
            if (as.contains(Party.DIRECTOR) || as.contains(Party.COUNSEL)) {
                return event -> false;
            }
            Set<CaseId> unseen = new HashSet<>();
            all(tx).stream()
                    .filter(one -> one.isGagged() && !CaseParties.see(as, caller, one))
                    .map(DisclosureCase::id)
                    .forEach(unseen::add);
            return event -> event.inCase().map(unseen::contains).orElseGet(() -> isForgotten(event));
        });
    }

    private static boolean isForgotten(AccessEvent event) {
        return event.act() == Act.DISCLOSURE && !event.about().equals(Optional.of(LIST));
    }
}
