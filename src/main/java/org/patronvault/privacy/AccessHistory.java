package org.patronvault.privacy;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.patronvault.access.Access;
import org.patronvault.access.Caller;
import org.patronvault.access.Permission;
import org.patronvault.access.Question;
import org.patronvault.audit.AccessEvent;
import org.patronvault.audit.Act;
import org.patronvault.audit.AuditLog;
import org.patronvault.audit.AuditReceipt;
import org.patronvault.audit.LogReader;
import org.patronvault.audit.Outcome;
import org.patronvault.audit.Subject;
import org.patronvault.audit.Unit;
import org.patronvault.model.PatronId;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;
import org.patronvault.store.Store;
import org.patronvault.store.StoredPatron;

/** Who looked at a patron, when and for what; and the log as a whole. Each reading is in the log itself. */
public final class AccessHistory {

    /** Entries that name the patron, oldest first, and the entry of this very reading. */
    public record History(PatronId patron, List<LogReader.Entry> entries, long entry) {}

    /** A page of the log, and the entry of this very reading. */
    public record Reading(LogReader.Page page, long entry) {}

    private final Store store;
    private final Access access;
    private final AuditLog log;

    /** History out of that log. */
    public AccessHistory(Store store, Access access, AuditLog log) {
        this.store = store;
        this.access = access;
        this.log = log;
    }

    /** Everything in the log about one patron who is here. */
    public History of(Caller caller, Optional<PatronId> id, byte[] request) {
        AccessEvent attempt = log.event(caller.actor(), Act.ACCESSES, Outcome.REFUSED, request)
                .on(id.map(aimed -> List.of(Subject.opened(aimed, Set.of()))).orElse(List.of()));
        access.require(caller, Question.may(Permission.ACCESSES), attempt);
        StoredPatron stored = id.flatMap(p -> store.read(tx -> tx.patrons().find(p)))
                .orElseThrow(() -> log.refuse(attempt, new Refused(Problem.NOT_FOUND, "There is no such patron.")));
        access.require(
                caller,
                Question.may(Permission.ACCESSES).of(stored.row().attributes().library()),
                attempt);
        AuditReceipt receipt = log.appendAndWait(Unit.of(attempt.ending(Outcome.SEARCHED)));
        return new History(stored.id(), log.reader().about(stored.id()), receipt.index());
    }

    /** Entries of the log from {@code from} to {@code to}, which are read once the policy has been asked. */
    public Reading entries(Caller caller, LongSupplier from, LongSupplier to, byte[] request) {
        AccessEvent attempt = log.event(caller.actor(), Act.READ_LOG, Outcome.REFUSED, request);
        access.require(caller, Question.may(Permission.READ_LOG), attempt);
        LogReader.Page page = log.logging(attempt, () -> log.reader().entries(from.getAsLong(), to.getAsLong()));
        AuditReceipt receipt = log.appendAndWait(Unit.of(attempt.ending(Outcome.SEARCHED)));
        return new Reading(page, receipt.index());
    }

    /** The bytes of 256 entries, or of the last ones, by a path of C2SP tlog-tiles. */
    public byte[] bundle(Caller caller, String path, byte[] request) {
        return reading(caller, request, () -> log.reader().tile(path));
    }

    /** A file that proves that an entry is in the log, with the entry in it. */
    public String receipt(Caller caller, long index, byte[] request) {
        return reading(caller, request, () -> log.reader().receipt(index, log.checkpoint()));
    }

    private <T> T reading(Caller caller, byte[] request, Supplier<T> read) {
        AccessEvent attempt = log.event(caller.actor(), Act.READ_LOG, Outcome.REFUSED, request);
        access.require(caller, Question.may(Permission.READ_LOG), attempt);
        T found = log.logging(attempt, read);
        log.appendAndWait(Unit.of(attempt.ending(Outcome.SEARCHED)));
        return found;
    }
}
