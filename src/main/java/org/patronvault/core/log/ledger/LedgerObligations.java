package org.patronvault.core.log.ledger;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.patronvault.core.keys.LedgerLine;
import org.patronvault.core.keys.LedgerLine.Consented;
import org.patronvault.core.keys.LedgerLine.Emptied;
import org.patronvault.core.keys.LedgerLine.Erased;
import org.patronvault.core.keys.LedgerLine.ForgottenAt;
import org.patronvault.core.keys.LedgerLine.LoggedNote;
import org.patronvault.core.keys.LedgerLine.Merged;
import org.patronvault.core.keys.LedgerLine.Revoked;
import org.patronvault.core.model.PatronId;

/** The running list of obligations that the ledger's lines add up to. Not for sharing between threads. */
public final class LedgerObligations {
    private final RestoreObligations due = new RestoreObligations(
            new HashMap<>(), new HashMap<>(), new HashMap<>(), new HashMap<>(), new ArrayList<>());
    private final Map<PatronId, Set<PatronId>> absorbed = new HashMap<>();
    private final Predicate<LoggedNote> isKnown;

    /**
     * Creates an empty list.
     *
     * @param isKnown whether the database's own log has that note
     */
    public LedgerObligations(Predicate<LoggedNote> isKnown) {
        this.isKnown = isKnown;
    }

    /** Adds the next line. */
    public void add(LedgerLine line) {
        if (line instanceof Erased one) {
            both(one.patron()).forEach(patron -> due.erased().put(patron, one.entry()));
        } else if (line instanceof Emptied one) {
            if (!isKnown.test(one)) {
                both(one.patron())
                        .forEach(patron -> due.emptied()
                                .computeIfAbsent(patron, id -> new HashSet<>())
                                .add(one.field()));
            }
        } else if (line instanceof Consented one) {
            both(one.patron()).forEach(patron -> {
                boolean unused = one.given()
                        ? withdrawn(patron).remove(one.purpose())
                        : withdrawn(patron).add(one.purpose());
            });
        } else if (line instanceof ForgottenAt one) {
            both(one.patron())
                    .forEach(patron -> due.forgotten()
                            .computeIfAbsent(patron, id -> new ArrayList<>())
                            .add(one));
        } else if (line instanceof Merged one) {
            absorbed.computeIfAbsent(one.into(), id -> new HashSet<>())
                    .addAll(both(one.patron()).toList());
            withdrawn(one.into()).addAll(withdrawn(one.patron()));
        } else if (line instanceof Revoked one && !isKnown.test(one)) {
            due.revoked().add(one);
        }
    }

    /** Returns the patron, and each patron merged into this one. In a database from before the merge both exist. */
    private Stream<PatronId> both(PatronId patron) {
        return Stream.concat(Stream.of(patron), absorbed.getOrDefault(patron, Set.of()).stream());
    }

    private Set<String> withdrawn(PatronId patron) {
        return due.withdrawn().computeIfAbsent(patron, id -> new HashSet<>());
    }

    public RestoreObligations all() {
        due.withdrawn().keySet().removeAll(due.erased().keySet());
        due.emptied().keySet().removeAll(due.erased().keySet());
        due.forgotten().keySet().removeAll(due.erased().keySet());
        return due;
    }
}
