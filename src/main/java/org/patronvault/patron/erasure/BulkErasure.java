package org.patronvault.patron.erasure;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.Decision;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Approver;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Consent;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.PatronAttributes;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.table.StoredPatron;
import org.patronvault.core.vault.Consents;
import org.patronvault.patron.record.ErasureRequests;
import org.patronvault.patron.record.PatronContext;
import org.patronvault.patron.record.PatronWriter;

/**
 * An erasure of many patrons, some at a time. After a kill each patron is whole or erased. The caller must have asked
 * the policy and logged the act. Opens no personal field.
 */
public final class BulkErasure {
    private static final int AT_ONCE = 2 * AccessEvent.MAX_SUBJECTS;
    private static final int PURGED_EACH = 25;
    private static final long PURGE_PATIENCE_MILLIS = 500;

    private final PatronContext parts;
    private final Erasure erasure;
    private final PatronWriter writer;

    public BulkErasure(PatronContext parts, Erasure erasure) {
        this.parts = parts;
        this.erasure = erasure;
        this.writer = new PatronWriter(parts);
    }

    /** A patron who withdrew the consent to the service, the day, and the patron's unencrypted attributes. */
    public record Withdrawn(PatronId patron, PatronAttributes attributes, LocalDate on) {}

    /** All stored patrons who withdrew that consent. */
    public List<Withdrawn> withdrawn() {
        ErasureRequests requests = new ErasureRequests(parts.access(), parts.custody());
        return parts.store()
                .read(tx -> requests.all(tx).stream()
                        .flatMap(asked -> tx
                                .patrons()
                                .find(asked.patron())
                                .map(stored -> new Withdrawn(
                                        asked.patron(), stored.row().attributes(), asked.asked()))
                                .stream())
                        .toList());
    }

    /**
     * Erases those patrons that still exist and still match {@code still}, which gets the unencrypted attributes and
     * the day the consent was withdrawn.
     *
     * @param second the second person, if one was needed
     * @param stopping asked now and then; if true, the remaining patrons stay
     * @param progress receives the number of patrons checked so far
     * @return the erased patrons
     */
    public List<PatronId> erase(
            Actor by,
            Optional<Approver> second,
            List<PatronId> patrons,
            BiPredicate<PatronAttributes, Optional<LocalDate>> still,
            BooleanSupplier stopping,
            LongConsumer progress) {
        List<PatronId> erased = new ArrayList<>();
        for (int from = 0; from < patrons.size() && !stopping.getAsBoolean(); from += AT_ONCE) {
            List<PatronId> some = patrons.subList(from, Math.min(from + AT_ONCE, patrons.size()));
            List<StoredPatron> due = parts
                    .store()
                    .read(tx -> List.copyOf(tx.patrons().findAll(some).values()))
                    .stream()
                    .filter(stored -> isDue(stored, still))
                    .toList();
            if (!due.isEmpty()) {
                erased.addAll(erase(by, second, due));
            }
            if ((from / AT_ONCE) % PURGED_EACH == PURGED_EACH - 1) {
                after();
            }
            progress.accept(from + some.size());
        }
        after();
        return erased;
    }

    /** Whether the patron is to be erased. A damaged row is left for {@code check} to report. */
    private boolean isDue(StoredPatron stored, BiPredicate<PatronAttributes, Optional<LocalDate>> still) {
        try {
            Consents consents = parts.vault().facts(stored).consents();
            Optional<LocalDate> withdrawn =
                    consents.last(Consent.SERVICE).filter(last -> !last.given()).map(Consent::on);
            return still.test(stored.row().attributes(), withdrawn);
        } catch (IntegrityException e) {
            return false;
        }
    }

    private List<PatronId> erase(Actor by, Optional<Approver> second, List<StoredPatron> due) {
        AccessEvent event = parts.log()
                .event(by, ActKind.ERASE, Outcome.REFUSED, AuditLog.newRequest())
                .with(second);
        return parts.log().callBulk(event, now -> {
            List<PatronId> done = new ArrayList<>();
            for (StoredPatron stored : due) {
                try {
                    writer.erase(now.tx(), stored);
                    done.add(stored.id());
                } catch (Refused changedMeanwhile) {
                    // A patron written since the check stays.
                }
            }
            List<AccessEvent> entries = AccessEvent.inEntries(done).stream()
                    .map(some -> erasure.erasing(event, some))
                    .toList();
            AccessEvent none = event.ending(Outcome.COUNTED).counting(0);
            return Decision.done(entries.isEmpty() ? List.of(none) : entries, done);
        });
    }

    private void after() {
        parts.log().ledger().follow();
        parts.log().purge(PURGE_PATIENCE_MILLIS);
    }
}
