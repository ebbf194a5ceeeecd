package org.patronvault.patron;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import org.patronvault.audit.AccessEvent;
import org.patronvault.audit.Act;
import org.patronvault.audit.Approver;
import org.patronvault.audit.AuditLog;
import org.patronvault.audit.Outcome;
import org.patronvault.audit.Unit;
import org.patronvault.model.Actor;
import org.patronvault.model.Consent;
import org.patronvault.model.IntegrityException;
import org.patronvault.model.PatronAttributes;
import org.patronvault.model.PatronId;
import org.patronvault.model.Refused;
import org.patronvault.store.StoredPatron;

/**
 * Erases many patrons, some at a time: a kill leaves each whole or gone. Whoever calls has asked the policy and logged
 * it. Opens no personal field.
 */
public final class BulkErasure {
    private static final int AT_ONCE = 2 * AccessEvent.MAX_SUBJECTS;
    private static final int PURGED_EACH = 25;
    private static final long PURGE_PATIENCE_MILLIS = 500;

    private final PatronContext parts;
    private final Erasure erasure;
    private final PatronWriter writer;

    BulkErasure(PatronContext parts, Erasure erasure) {
        this.parts = parts;
        this.erasure = erasure;
        this.writer = new PatronWriter(parts);
    }

    /** Who took back the consent to the service and since when, with what stands in clear of them. */
    public record Withdrawn(PatronId patron, PatronAttributes attributes, LocalDate on) {}

    /** Everybody who took it back and is here. */
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
     * Erases those of them who are here and of whom that holds still, by what stands in clear of them and the day since
     * which the consent is taken back.
     *
     * @param second who agreed to it, if it took two
     * @param stopping asked now and then; what is left then stays
     * @param progress told how many of them were looked at
     * @return who was erased
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

    /** Somebody whose row is not as it was written is left for `check` to tell of. */
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
        List<PatronId> done = new ArrayList<>();
        AccessEvent event = parts.log()
                .event(by, Act.ERASE, Outcome.REFUSED, AuditLog.newRequest())
                .with(second);
        AuditLog.await(parts.log().appendBulk(Unit.writingMany(event, tx -> {
            done.clear();
            for (StoredPatron stored : due) {
                try {
                    writer.erase(tx, stored);
                    done.add(stored.id());
                } catch (Refused changedMeanwhile) {
                    // Who was written since he or she was looked at stays.
                }
            }
            List<AccessEvent> entries = new ArrayList<>(AccessEvent.inEntries(done).stream()
                    .map(some -> erasure.erasing(event, some))
                    .toList());
            return entries.isEmpty() ? List.of(event.ending(Outcome.COUNTED).counting(0)) : entries;
        })));
        return done;
    }

    private void after() {
        parts.log().ledger().follow();
        parts.log().purge(PURGE_PATIENCE_MILLIS);
    }
}
