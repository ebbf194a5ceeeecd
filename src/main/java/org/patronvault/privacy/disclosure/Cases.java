package org.patronvault.privacy.disclosure;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.patronvault.access.Access;
import org.patronvault.core.dual.IdempotencyStore;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.Decision;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Alert;
import org.patronvault.core.model.CaseId;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.WriteTx;
import org.patronvault.privacy.disclosure.CaseStep.Party;

/**
 * Requests for records (P10). Any member of staff records one, which confirms nothing and looks nothing up. People with
 * a part in a request see it. Each reading is in the log, as part of the case. Safe for use by many threads.
 */
public final class Cases {
    static final String KIND = "case";
    private static final String LIST = "list";

    /**
     * A case as a caller sees it.
     *
     * @param parties the caller's parts
     * @param entry the log entry of this reading
     */
    public record VisibleCase(DisclosureCase one, Set<Party> parties, long entry) {
        /** Whether the step is due, and the caller may take it. */
        public boolean mayTake(Caller caller, CaseStep step) {
            return step.isDue(one) && CaseParties.mayTake(parties, caller, step, one);
        }
    }

    /** The cases a caller sees, the newest first; the caller's parts; and the log entry of this reading. */
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

    /** The event to log if a step is refused. */
    AccessEvent attempt(Caller caller, String what, byte[] request) {
        return log.event(caller.actor(), ActKind.DISCLOSURE, Outcome.REFUSED, request)
                .about(what);
    }

    /**
     * Records a request. Nothing is looked up, so the answer reveals nothing of any patron.
     *
     * @param urgent whether an officer is at the desk: nothing needs to be known yet
     * @param sent the known facts, by the member's name; read only once the caller is known to be staff
     * @param key a repeated request with this key gets the case that it opened
     * @return the number of the case, which is now referred to the director
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
        return log.call(done, now -> {
            WriteTx tx = now.tx();
            access.replay().requireFirst(tx, replay);
            rows.insert(tx, id, new DisclosureCase(id, List.of(intake)).path());
            access.replay().keep(tx, replay, id.toString());
            return Decision.done(done, id).alerting(Set.of(alert));
        });
    }

    /** Makes the record of a step taken now by the caller; refused with {@code invalid} if a text is too long. */
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

    /** Returns all cases the caller sees. */
    public Listing list(Caller caller, byte[] request) {
        AccessEvent attempt = attempt(caller, LIST, request);
        return log.logging(attempt, () -> {
            Set<Party> as = parties.of(caller);
            CaseParties.requirePart(as);
            List<DisclosureCase> seen = store.read(this::all).stream()
                    .filter(one -> CaseParties.see(as, caller, one))
                    .sorted(Comparator.comparing(DisclosureCase::opened).reversed())
                    .toList();
            long entry = log.record(attempt.ending(Outcome.SEARCHED)).index();
            return new Listing(seen, as, entry);
        });
    }

    /**
     * Returns one case; refused with {@code not-found} if there is none of that number, or the caller does not see it.
     */
    public VisibleCase look(Caller caller, String id, byte[] request) {
        AccessEvent plain = attempt(caller, "look", request);
        AccessEvent attempt = CaseId.parse(id).map(plain::in).orElse(plain);
        return log.logging(attempt, () -> {
            Set<Party> as = parties.of(caller);
            CaseParties.requirePart(as);
            DisclosureCase one = found(plain, () -> store.read(tx -> find(tx, caller, as, id)));
            long entry = log.record(attempt.ending(Outcome.SEARCHED)).index();
            return new VisibleCase(one, as, entry);
        });
    }

    /**
     * Returns the found case, or logs the refusal. A hidden case is logged like a missing one: an entry of the hidden
     * case would be hidden from the caller too.
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

    /**
     * Returns a case for a step of the caller. The person who recorded a request may add to it without seeing the case.
     */
    EditableCase find(Tx tx, Caller caller, Set<Party> as, String id, CaseStep step) {
        return find(
                tx,
                id,
                one -> CaseParties.see(as, caller, one)
                        || (step == CaseStep.INTAKE && !one.isGagged() && CaseParties.tookDown(caller, one)));
    }

    /** Returns the case of that number, if the caller sees it. */
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

    /** Whether a court forbids speaking of the case of that number. */
    boolean isGagged(Tx tx, String id) {
        return CaseId.parse(id)
                .flatMap(number -> rows.find(tx, number))
                .filter(held -> new EditableCase(held).of().isGagged())
                .isPresent();
    }

    /** Replaces the found case by the case after the step. */
    void replace(WriteTx tx, EditableCase found, DisclosureCase next, CaseStep step) {
        requireRoom(next, step);
        rows.replace(tx, found.held(), next.path());
    }

    /** Refuses with {@code invalid} if the content is so long that later steps might have no room. */
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

    /** The caller's parts as of now. */
    public Set<Party> partiesOf(Caller caller) {
        return parties.of(caller);
    }

    /**
     * Whether the caller may do more in cases than record requests. False if a row about it is damaged, which raises an
     * alert automatically.
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
     * The log entries that the caller must not see. They are those of cases that a court forbids speaking of, and those
     * of a month whose key is destroyed, since their case is unknown.
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
        return event.act() == ActKind.DISCLOSURE && !event.about().equals(Optional.of(LIST));
    }

    /**
     * A limit on the requests that one person records: more than any person needs, and too few to flood the director.
     * Known to this process only; safe for use by many threads.
     */
    static final class IntakePace {
        static final int MOST = 100;
        private static final Duration WITHIN = Duration.ofMinutes(10);

        private final LongSupplier nanoTime;
        private final Map<String, Deque<Long>> taken = new HashMap<>();

        /**
         * A limit by that monotonic clock, in nanoseconds: setting the wall clock neither restarts nor extends the
         * period.
         */
        IntakePace(LongSupplier nanoTime) {
            this.nanoTime = nanoTime;
        }

        /** Takes a place, or refuses with {@code too-many-attempts}. */
        synchronized void take(String name) {
            long now = nanoTime.getAsLong();
            taken.values().forEach(times -> times.removeIf(time -> now - time >= WITHIN.toNanos()));
            taken.values().removeIf(Deque::isEmpty);
            Deque<Long> mine = taken.computeIfAbsent(name, any -> new ArrayDeque<>());
            if (mine.size() >= MOST) {
                throw new Refused(
                        Problem.TOO_MANY_ATTEMPTS,
                        "That are more requests than anybody brings; call the director.",
                        (int) WITHIN.toSeconds());
            }
            mine.add(now);
        }
    }
}
