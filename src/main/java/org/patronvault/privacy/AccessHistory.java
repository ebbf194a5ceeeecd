package org.patronvault.privacy;

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
import org.patronvault.access.AccessLogPolicy;
import org.patronvault.access.AccessRequest;
import org.patronvault.access.Caller;
import org.patronvault.access.Permission;
import org.patronvault.audit.AccessEvent;
import org.patronvault.audit.Act;
import org.patronvault.audit.AuditLog;
import org.patronvault.audit.AuditReceipt;
import org.patronvault.audit.LogQuery;
import org.patronvault.audit.LogReader;
import org.patronvault.audit.LogSearch;
import org.patronvault.audit.Outcome;
import org.patronvault.audit.Subject;
import org.patronvault.audit.Unit;
import org.patronvault.audit.Visits;
import org.patronvault.model.Actor;
import org.patronvault.model.PatronId;
import org.patronvault.model.Problem;
import org.patronvault.model.Purpose;
import org.patronvault.model.Refused;
import org.patronvault.store.Store;
import org.patronvault.store.StoredPatron;

/** Who looked at a patron, when and for what; and the log as a whole. Each reading is in the log itself. */
public final class AccessHistory {

    /** What was done about the patron, oldest first: no alert, and nothing logged again; and the entry of this very reading. */
    public record History(PatronId patron, List<LogReader.Entry> entries, long entry) {}

    /** A page of the log, and the entry of this very reading. */
    public record Result(LogReader.Page page, long entry) {}

    /**
     * What a search found.
     *
     * @param visits newest first
     * @param next below which entry to go on; empty if there is nothing more
     * @param unreadable entries that were changed, so that nobody knows whether they fit
     * @param entry of this very reading
     */
    public record Search(List<Visits.Visit> visits, OptionalLong next, List<Long> unreadable, long entry) {

        /** As an answer says it. */
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
     * What somebody wants to know.
     *
     * @param patron whom it is about, though the rest may be wrong
     * @param query what is asked for; empty only with a fault
     * @param fault what is wrong with it, if anything is: told once the policy was asked
     */
    public record Request(Optional<PatronId> patron, Optional<LogQuery> query, Optional<Refused> fault) {
        /** Something that can be asked. */
        public static Request of(LogQuery query) {
            return new Request(query.patron(), Optional.of(query), Optional.empty());
        }
    }

    /** Takes entries, oldest first. */
    public interface Sink {
        /** One, with the first entry of its visit. */
        void add(LogReader.Entry entry, long visit);

        /** One that was changed. */
        void unreadable(long index);
    }

    private static final Set<Act> UPKEEP =
            Set.of(Act.CARRY, Act.ROTATE, Act.REENCRYPT, Act.REINDEX, Act.CHECK, Act.LEAKAGE);
    private static final Set<Purpose> VAULTS_OWN = Set.of(Purpose.REINDEX, Purpose.CHECK);

    private final Store store;
    private final Access access;
    private final AuditLog log;
    private final Function<Caller, Predicate<AccessEvent>> hidden;

    /**
     * History out of that log.
     *
     * @param hidden which entries somebody does not see, since a court forbids to speak of them
     */
    public AccessHistory(Store store, Access access, AuditLog log, Function<Caller, Predicate<AccessEvent>> hidden) {
        this.store = store;
        this.access = access;
        this.log = log;
        this.hidden = hidden;
    }

    /** Everything in the log about one patron who is here. */
    public History of(Caller caller, Optional<PatronId> id, byte[] request) {
        AccessEvent attempt = log.event(caller.actor(), Act.ACCESSES, Outcome.REFUSED, request)
                .on(id.map(aimed -> List.of(Subject.opened(aimed, Set.of()))).orElse(List.of()));
        Optional<StoredPatron> found = id.flatMap(this::find);
        access.require(caller, accesses(found), attempt);
        StoredPatron stored = found.orElseThrow(
                () -> log.refuse(attempt, new Refused(Problem.NOT_FOUND, "There is no such patron.")));
        AuditReceipt receipt = log.appendAndWait(Unit.of(attempt.ending(Outcome.SEARCHED)));
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
                        && entry.event().act() != Act.CARRY)
                .toList();
    }

    /** The same for the patron to read. */
    public AccessReport report(Caller caller, Optional<PatronId> id, ZoneId zone, byte[] request) {
        History history = of(caller, id, request);
        return report(history.patron(), zone, history.entry());
    }

    /** Whether a patron is told the names of staff, and not only what they do. */
    boolean namesStaff() {
        return access.policy().accessLog().reportNamesStaff();
    }

    /** The same as part of what is in the log already, as that entry. */
    AccessReport report(PatronId patron, ZoneId zone, long entry) {
        AccessLogPolicy policy = access.policy().accessLog();
        return new AccessReport(
                patron,
                log.now(),
                zone,
                access.policy().version(),
                policy.months().stream().boxed().findFirst(),
                AccessReport.lines(entries(patron), patron, new EntryPhrases(policy.reportNamesStaff())),
                entry);
    }

    /**
     * Whether a patron is not told of it: an alert, whose act has an entry of its own; upkeep, in which nobody sees
     * anything; and what belongs to a disclosure, tried or done, which only a notice may tell of.
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
        AccessEvent attempt = log.event(caller.actor(), Act.READ_LOG, Outcome.REFUSED, request);
        access.require(caller, AccessRequest.may(Permission.READ_LOG), attempt);
        Predicate<AccessEvent> unseen = hidden.apply(caller);
        LogReader.Page page = log.logging(
                attempt,
                () -> log.reader()
                        .entries(from.getAsLong(), to.getAsLong())
                        .without(entry -> unseen.test(entry.event())));
        AuditReceipt receipt = log.appendAndWait(Unit.of(attempt.ending(Outcome.SEARCHED)));
        return new Result(page, receipt.index());
    }

    /**
     * The newest entries that fit, as visits.
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
     * Every entry that fits, oldest first.
     *
     * @param into makes what takes them, once the reading is in the log, from its entry
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

    /** Asks the policy, of one patron that of this patron's library, and logs that the log is read. */
    private AuditReceipt admit(Caller caller, Request asked, byte[] request) {
        Optional<PatronId> patron = asked.patron();
        AccessEvent attempt =
                log.event(caller.actor(), patron.isPresent() ? Act.ACCESSES : Act.READ_LOG, Outcome.REFUSED, request);
        if (patron.isPresent()) {
            attempt = attempt.on(List.of(Subject.opened(patron.get(), Set.of())));
        }
        AccessRequest question =
                patron.isPresent() ? accesses(patron.flatMap(this::find)) : AccessRequest.may(Permission.READ_LOG);
        access.require(caller, question, attempt);
        if (asked.fault().isPresent()) {
            throw log.refuse(attempt, asked.fault().get());
        }
        return log.appendAndWait(Unit.of(attempt.ending(Outcome.SEARCHED)));
    }

    private Optional<StoredPatron> find(PatronId id) {
        return store.read(tx -> tx.patrons().find(id));
    }

    /** Of a patron who is not here it is asked as of another library's: whom that is refused learns nothing. */
    private static AccessRequest accesses(Optional<StoredPatron> patron) {
        return AccessRequest.may(Permission.ACCESSES)
                .of(patron.map(one -> one.row().attributes().library()).orElse(""));
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
        AccessEvent attempt = log.event(caller.actor(), Act.READ_LOG, Outcome.REFUSED, request);
        access.require(caller, AccessRequest.may(Permission.READ_LOG), attempt);
        T found = log.logging(attempt, read);
        log.appendAndWait(Unit.of(attempt.ending(Outcome.SEARCHED)));
        return found;
    }
}
