package org.patronvault.log.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.patronvault.access.Access;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.AuditReceipt;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.LogQuery;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.log.read.LogReader;
import org.patronvault.core.log.read.LogSearch;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.AccessLogPolicy;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Grant;
import org.patronvault.core.policy.Permission;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.table.StoredPatron;

/**
 * The access history of a patron, and the log as a whole, for the people the policy allows. Each reading is itself in
 * the log.
 */
public final class AccessHistory {

    /**
     * The entries about a patron, oldest first, without alerts and re-logged entries; and the log entry of this
     * reading.
     */
    public record History(PatronId patron, List<LogReader.Entry> entries, long entry) {}

    /** A page of the log, and the log entry of this reading. */
    public record Result(LogReader.Page page, long entry) {}

    /**
     * The result of a search.
     *
     * @param visits newest first
     * @param next the entry below which the next page begins; empty if there is nothing more
     * @param unreadable altered entries, for which it is unknown whether they match
     * @param entry the log entry of this reading
     */
    public record Search(List<Visits.Visit> visits, OptionalLong next, List<Long> unreadable, long entry) {

        /** The result as JSON. */
        public ObjectNode json() {
            ObjectNode json = JsonNodeFactory.instance.objectNode();
            ArrayNode list = json.putArray("visits");
            visits.forEach(visit -> list.add(LogJson.of(visit)));
            next.ifPresent(below -> json.put("next", below));
            if (!unreadable.isEmpty()) {
                unreadable.forEach(json.putArray("unreadable")::add);
            }
            return json.put("entry", entry);
        }
    }

    /**
     * A question about the log.
     *
     * @param patron the patron in question, even if the rest is wrong
     * @param query the query; empty only with a fault
     * @param fault what is wrong with it, if anything is; reported once the policy was asked
     */
    public record Request(Optional<PatronId> patron, Optional<LogQuery> query, Optional<Refused> fault) {
        /** A valid question. */
        public static Request of(LogQuery query) {
            return new Request(query.patron(), Optional.of(query), Optional.empty());
        }
    }

    /** A receiver of entries, oldest first. */
    public interface Sink {
        /** Receives an entry, with the first entry of its visit. */
        void add(LogReader.Entry entry, long visit);

        /** Receives the index of an altered entry. */
        void unreadable(long index);
    }

    private static final Set<ActKind> UPKEEP =
            Set.of(ActKind.CARRY, ActKind.ROTATE, ActKind.REENCRYPT, ActKind.REINDEX, ActKind.CHECK, ActKind.LEAKAGE);
    private static final Set<Purpose> VAULTS_OWN = Set.of(Purpose.REINDEX, Purpose.CHECK);

    private final Store store;
    private final Access access;
    private final AuditLog log;
    private final Function<Caller, Predicate<AccessEvent>> hidden;

    /**
     * History from that log.
     *
     * @param hidden the entries that a caller must not see, since a court forbids speaking of them
     */
    public AccessHistory(Store store, Access access, AuditLog log, Function<Caller, Predicate<AccessEvent>> hidden) {
        this.store = store;
        this.access = access;
        this.log = log;
        this.hidden = hidden;
    }

    /** Returns everything in the log about one existing patron. */
    public History of(Caller caller, Optional<PatronId> id, byte[] request) {
        AccessEvent attempt = log.event(caller.actor(), ActKind.ACCESSES, Outcome.REFUSED, request)
                .on(id.map(aimed -> List.of(Subject.opened(aimed, Set.of()))).orElse(List.of()));
        Optional<StoredPatron> found = id.flatMap(this::find);
        requireAccesses(caller, found, attempt);
        StoredPatron stored = found.orElseThrow(
                () -> log.refuse(attempt, new Refused(Problem.NOT_FOUND, "There is no such patron.")));
        AuditReceipt receipt = log.record(attempt.ending(Outcome.SEARCHED));
        Predicate<AccessEvent> unseen = hidden.apply(caller);
        return new History(
                stored.id(),
                entries(stored.id()).stream()
                        .filter(entry -> !unseen.test(entry.event()))
                        .toList(),
                receipt.index());
    }

    private List<LogReader.Entry> entries(PatronId patron) {
        return log.reader().about(patron).stream()
                .filter(entry -> entry.event().outcome() != Outcome.ALERT
                        && entry.event().act() != ActKind.CARRY)
                .toList();
    }

    /** Returns the access report for the patron to read; logged as a reading of the log. */
    public AccessReport report(Caller caller, Optional<PatronId> id, ZoneId zone, byte[] request) {
        History history = of(caller, id, request);
        return report(history.patron(), zone, history.entry());
    }

    /** Whether reports name staff members, and not only their roles. */
    public boolean namesStaff() {
        return access.policy().accessLog().reportNamesStaff();
    }

    /** Makes the access report without logging it, as part of the act in log entry {@code entry}. */
    public AccessReport report(PatronId patron, ZoneId zone, long entry) {
        AccessLogPolicy policy = access.policy().accessLog();
        return new AccessReport(
                patron,
                log.now(),
                zone,
                access.policy().posted(),
                policy.months().stream().boxed().findFirst(),
                AccessReport.lines(entries(patron), patron, new EntryPhrases(policy.reportNamesStaff())),
                entry);
    }

    /**
     * Whether a report leaves the entry out. It leaves out alerts, whose act has an entry of its own, and upkeep, in
     * which no person sees anything. It also leaves out disclosures, tried or done: only a notice may tell the patron
     * of those.
     */
    static boolean isUntold(AccessEvent event) {
        boolean ofTheVault = event.actor().kind() == Actor.Kind.VAULT
                && event.purpose().filter(VAULTS_OWN::contains).isPresent();
        boolean disclosure = event.inCase().isPresent()
                || event.purpose().filter(Purpose.DISCLOSURE::equals).isPresent();
        return event.outcome() == Outcome.ALERT || UPKEEP.contains(event.act()) || ofTheVault || disclosure;
    }

    /** Entries of the log from {@code from} to {@code to}, which are read once the policy has been asked. */
    public Result entries(Caller caller, LongSupplier from, LongSupplier to, byte[] request) {
        AccessEvent attempt = log.event(caller.actor(), ActKind.READ_LOG, Outcome.REFUSED, request);
        access.require(caller, Permission.READ_LOG, attempt);
        Predicate<AccessEvent> unseen = hidden.apply(caller);
        LogReader.Page page = log.logging(
                attempt,
                () -> log.reader()
                        .entries(from.getAsLong(), to.getAsLong())
                        .without(entry -> unseen.test(entry.event())));
        AuditReceipt receipt = log.record(attempt.ending(Outcome.SEARCHED));
        return new Result(page, receipt.index());
    }

    /**
     * The newest matching entries, as visits.
     *
     * @param before only entries with a lower index
     */
    public Search search(Caller caller, Request asked, long before, int limit, byte[] request) {
        AuditReceipt receipt = admit(caller, asked, request);
        LogSearch.Result found = log.reader()
                .search()
                .without(hidden.apply(caller))
                .newest(asked.query().orElseThrow(), before, limit);
        List<Visits.Visit> visits = new ArrayList<>(Visits.in(found.entries()));
        Collections.reverse(visits);
        return new Search(visits, found.next(), found.unreadable(), receipt.index());
    }

    /**
     * Passes on every matching entry, oldest first.
     *
     * @param into makes the receiver, once the reading is in the log, from its entry
     */
    public void each(Caller caller, Request asked, LongFunction<Sink> into, byte[] request) {
        AuditReceipt receipt = admit(caller, asked, request);
        Sink sink = into.apply(receipt.index());
        Visits visits = new Visits();
        log.reader()
                .search()
                .without(hidden.apply(caller))
                .forEach(asked.query().orElseThrow(), entry -> sink.add(entry, visits.of(entry)), sink::unreadable);
    }

    /** Asks the policy, for one patron with the patron's library, and logs the reading. */
    private AuditReceipt admit(Caller caller, Request asked, byte[] request) {
        Optional<PatronId> patron = asked.patron();
        AccessEvent attempt = log.event(
                caller.actor(), patron.isPresent() ? ActKind.ACCESSES : ActKind.READ_LOG, Outcome.REFUSED, request);
        if (patron.isPresent()) {
            attempt = attempt.on(List.of(Subject.opened(patron.get(), Set.of())));
        }
        if (patron.isPresent()) {
            requireAccesses(caller, patron.flatMap(this::find), attempt);
        } else {
            access.require(caller, Permission.READ_LOG, attempt);
        }
        if (asked.fault().isPresent()) {
            throw log.refuse(attempt, asked.fault().get());
        }
        return log.record(attempt.ending(Outcome.SEARCHED));
    }

    private Optional<StoredPatron> find(PatronId id) {
        return store.read(tx -> tx.patrons().find(id));
    }

    /** A missing patron counts as another library's, so a refused caller learns nothing. */
    private void requireAccesses(Caller caller, Optional<StoredPatron> patron, AccessEvent attempt) {
        String library = patron.map(one -> one.row().attributes().library()).orElse("");
        Grant grant = access.require(caller, Permission.ACCESSES, attempt);
        Grant unused = log.logging(attempt, () -> grant.require(Grant.ofLibrary(library)));
    }

    /** The bytes of 256 entries, or of the last ones, by a path of C2SP tlog-tiles. */
    public byte[] bundle(Caller caller, String path, byte[] request) {
        return reading(caller, request, () -> log.reader().tile(path));
    }

    /** A file that proves that an entry is in the log, with the entry in it. */
    public String receipt(Caller caller, long index, byte[] request) {
        Predicate<AccessEvent> unseen = hidden.apply(caller);
        return reading(caller, request, () -> {
            if (log.reader().entries(index, index + 1).entries().stream()
                    .anyMatch(entry -> unseen.test(entry.event()))) {
                throw new Refused(Problem.NOT_FOUND, "The log has no such entry.");
            }
            return log.reader().receipt(index, log.checkpoint());
        });
    }

    private <T> T reading(Caller caller, byte[] request, Supplier<T> read) {
        AccessEvent attempt = log.event(caller.actor(), ActKind.READ_LOG, Outcome.REFUSED, request);
        access.require(caller, Permission.READ_LOG, attempt);
        T found = log.logging(attempt, read);
        log.record(attempt.ending(Outcome.SEARCHED));
        return found;
    }
}
