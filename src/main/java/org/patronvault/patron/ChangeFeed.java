package org.patronvault.patron;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.patronvault.access.AccessRequest;
import org.patronvault.access.Caller;
import org.patronvault.access.Permission;
import org.patronvault.audit.AccessEvent;
import org.patronvault.audit.Act;
import org.patronvault.audit.LogChanges;
import org.patronvault.audit.LogReader;
import org.patronvault.model.PatronId;
import org.patronvault.store.CurrentRows.CurrentPatron;

/**
 * Which patrons were changed or erased, for systems that follow. It is read out of the access log, whose order it has:
 * a column for that order would show a stolen copy in which order the patrons of an import came, which often is that of
 * the alphabet. No personal field is opened.
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

    ChangeFeed(PatronContext parts) {
        this.parts = parts;
    }

    /** Whether the caller may follow changes at all; asked before what was sent is looked at. */
    public void admit(Caller caller, byte[] request) {
        parts.access()
                .require(caller, AccessRequest.may(Permission.READ_CHANGES), parts.attempt(caller, Act.FACTS, request));
    }

    /**
     * Changes after the one numbered {@code after}, oldest first, at most {@code limit}. Each patron is there once, with
     * its latest change: an entry speaks of that as long as the patron's meta is of the generation it wrote. Before a
     * month of the log is forgotten, those whose latest change was in it are there once more: until its key is destroyed,
     * whoever asks from before that change finds them twice, with the same version.
     */
    public List<Change> after(Caller caller, long after, int limit, byte[] request) {
        admit(caller, request);
        LogReader log = parts.log().reader();
        long end = log.size();
        List<Change> changes = new ArrayList<>();
        long from = (after + 1) / AccessEvent.MAX_SUBJECTS;
        while (from < end && changes.size() < limit) {
            // The log first and the rows after it: what changed in between has an entry further on.
            LogChanges page = log.changes(from, end);
            changes.addAll(latest(caller, page.changes()).stream()
                    .filter(change -> change.n() > after)
                    .toList());
            from = page.next();
        }
        return changes.subList(0, Math.min(limit, changes.size()));
    }

    private List<Change> latest(Caller caller, List<LogChanges.ChangedPatron> logged) {
        Map<PatronId, CurrentPatron> current = parts.store()
                .read(tx -> tx.current()
                        .of(logged.stream()
                                .map(LogChanges.ChangedPatron::patron)
                                .toList()));
        return logged.stream()
                .filter(changed -> isLatest(changed, current.get(changed.patron())))
                .map(changed -> change(changed, current.get(changed.patron())))
                .filter(change -> mayBeTold(caller, current.get(change.id())))
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

    /** That someone whose library is no longer known was erased says nothing of a library. */
    private boolean mayBeTold(Caller caller, CurrentPatron current) {
        AccessRequest question = AccessRequest.may(Permission.READ_CHANGES);
        return current.isErased()
                || parts.access()
                        .policy()
                        .ask(caller, question.of(current.library()))
                        .allowed();
    }
}
