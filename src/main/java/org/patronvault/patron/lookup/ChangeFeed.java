package org.patronvault.patron.lookup;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.read.LogChanges;
import org.patronvault.core.log.read.LogReader;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Grant;
import org.patronvault.core.policy.Permission;
import org.patronvault.core.store.table.CurrentRows.CurrentPatron;
import org.patronvault.patron.record.PatronContext;

/**
 * The feed of changed and erased patrons, for systems that follow the vault. It is read from the access log and has its
 * order. A column for that order would show, in a stolen copy, in which order an import brought the patrons, which
 * often is alphabetical. No personal field is opened.
 */
public final class ChangeFeed {
    /** The most changes of one answer. */
    public static final int MAX_CHANGES = 1_000;

    /**
     * The latest change of one patron.
     *
     * @param n grows with every change, with gaps
     * @param version of an erased patron, above the last it had
     */
    public record Change(long n, PatronId id, long version, boolean erased) {}

    private final PatronContext parts;

    public ChangeFeed(PatronContext parts) {
        this.parts = parts;
    }

    /** Checks that the caller may follow changes at all; called before the request is read. */
    public void admit(Caller caller, byte[] request) {
        Grant unused = grant(caller, request);
    }

    private Grant grant(Caller caller, byte[] request) {
        return parts.access().require(caller, Permission.READ_CHANGES, parts.attempt(caller, ActKind.FACTS, request));
    }

    /**
     * Changes after number {@code after}, oldest first, at most {@code limit}. Each patron appears once, with its
     * latest change: an entry counts as long as the patron's meta has the generation it wrote. Before a month of the
     * log is forgotten, patrons whose latest change is in it are logged again. Until the key of that month is
     * destroyed, a client that asks from before that change gets them twice, with the same version.
     */
    public List<Change> after(Caller caller, long after, int limit, byte[] request) {
        Grant grant = grant(caller, request);
        LogReader log = parts.log().reader();
        long end = log.size();
        List<Change> changes = new ArrayList<>();
        long from = (after + 1) / AccessEvent.MAX_SUBJECTS;
        while (from < end && changes.size() < limit) {
            // The log first and the rows after it: a change in between has an entry further on.
            LogChanges page = log.changes(from, end);
            changes.addAll(latest(grant, page.changes()).stream()
                    .filter(change -> change.n() > after)
                    .toList());
            from = page.next();
        }
        return changes.subList(0, Math.min(limit, changes.size()));
    }

    private List<Change> latest(Grant grant, List<LogChanges.ChangedPatron> logged) {
        Map<PatronId, CurrentPatron> current = parts.store()
                .read(tx -> tx.current()
                        .of(logged.stream()
                                .map(LogChanges.ChangedPatron::patron)
                                .toList()));
        return logged.stream()
                .filter(changed -> isLatest(changed, current.get(changed.patron())))
                .map(changed -> change(changed, current.get(changed.patron())))
                .filter(change -> mayBeTold(grant, current.get(change.id())))
                .toList();
    }

    private static boolean isLatest(LogChanges.ChangedPatron changed, CurrentPatron current) {
        return current != null
                && changed.isErased() == current.isErased()
                && changed.metaGeneration().equals(current.metaGeneration());
    }

    private static Change change(LogChanges.ChangedPatron changed, CurrentPatron current) {
        long n = changed.entry() * AccessEvent.MAX_SUBJECTS + changed.place();
        return new Change(n, changed.patron(), current.version(), current.isErased());
    }

    /** The erasure of a patron whose library is no longer known reveals no library. */
    private static boolean mayBeTold(Grant grant, CurrentPatron current) {
        return current.isErased() || grant.allows(Grant.ofLibrary(current.library()));
    }
}
