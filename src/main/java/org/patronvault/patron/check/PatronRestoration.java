package org.patronvault.patron.check;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongConsumer;
import org.patronvault.core.index.PostingClearer;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.AuditReceipt;
import org.patronvault.core.log.Decision;
import org.patronvault.core.log.Lane;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.log.read.MissingContentKeys;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.table.StoredPatron;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.WriteTx;
import org.patronvault.patron.record.PatronContext;
import org.patronvault.patron.record.PatronWriter;
import org.patronvault.store.copy.StoreCopy;

/**
 * The restoration of patrons from a copy of the database. A patron in the copy gets the state of that time, unless it
 * was erased since. A patron registered since stays. Erasures, versions and generations come from the current log, not
 * from the current rows. So an erasure holds, and no version or generation is given twice. Safe for use by many
 * threads.
 */
public final class PatronRestoration {
    private static final int AT_ONCE = 500;
    private static final int LOOKS_AT_ONCE = 200;
    private static final long PURGE_PATIENCE_MILLIS = 500;

    /** The work to do. */
    public static final class Plan {
        private final Map<PatronId, ChangesSinceBackup> since = new HashMap<>();
        private final List<PatronId> due = new ArrayList<>();
        private final Map<PatronId, Long> erased = new LinkedHashMap<>();
        private final Set<PatronId> buried = new HashSet<>();

        private ChangesSinceBackup since(PatronId patron) {
            return since.getOrDefault(patron, ChangesSinceBackup.NOTHING);
        }

        /** How many patrons differ from the copy. */
        public int due() {
            return due.size();
        }
    }

    /**
     * The finished work.
     *
     * @param patrons patrons with the state of the copy
     * @param erased patrons whose erasure was repeated
     * @param leftOut patrons left unchanged, because their old state can no longer be opened
     */
    public record Result(long patrons, long erased, long leftOut) {}

    private final PatronContext parts;
    private final PatronWriter writer;

    public PatronRestoration(PatronContext parts) {
        this.parts = parts;
        this.writer = new PatronWriter(parts);
    }

    /**
     * Finds the work to do. Opens no personal field, and trusts no entry that this node did not hash itself.
     *
     * @param logSize how much of this vault's log the copy has
     * @param told receives the number of patrons compared, now and then
     * @throws Refused if the log since then is not the one this node knows, or no longer names the erased patrons
     */
    public Plan compare(StoreCopy copy, long logSize, LongConsumer told) {
        Plan plan = new Plan();
        readLog(plan, logSize);
        // keys/ remembers what the log has forgotten, or never had since another log replaced it.
        parts.log().ledger().follow();
        parts.log().ledger().erased().forEach(plan.erased::putIfAbsent);
        parts.log()
                .ledger()
                .emptiedAfter(logSize)
                .forEach((patron, fields) -> plan.since
                        .computeIfAbsent(patron, id -> new ChangesSinceBackup())
                        .addEmptied(fields));
        parts.log()
                .ledger()
                .forgotten()
                .forEach((patron, lines) -> plan.since
                        .computeIfAbsent(patron, id -> new ChangesSinceBackup())
                        .addForgotten(lines));
        copy.read(then -> {
            then.sweep().forEachErased(plan.erased::put);
            long looked = 0;
            List<PatronId> ids = then.patrons().idsAfter(Long.MIN_VALUE, AT_ONCE);
            while (!ids.isEmpty()) {
                Collection<StoredPatron> old = then.patrons().findAll(ids).values();
                parts.store().read(now -> {
                    old.forEach(patron -> compare(plan, patron, now));
                    return plan;
                });
                looked += ids.size();
                told.accept(looked);
                ids = then.patrons().idsAfter(ids.get(ids.size() - 1).number(), AT_ONCE);
            }
            return plan;
        });
        parts.store().read(now -> {
            // An id that is both erased and in use counts as in use here.
            now.current().of(plan.erased.keySet()).forEach((id, current) -> {
                if (current.isErased()) {
                    plan.erased.remove(id);
                }
            });
            return plan;
        });
        return plan;
    }

    private void readLog(Plan plan, long from) {
        MissingContentKeys lost = new MissingContentKeys();
        try {
            parts.log().reading(from).readOn(page -> {
                lost.add(page);
                page.changes()
                        .forEach(changed -> plan.since
                                .computeIfAbsent(changed.patron(), patron -> new ChangesSinceBackup())
                                .add(changed));
            });
        } catch (IntegrityException e) {
            throw new Refused(
                    Problem.INVALID,
                    "The access log is not the one this node knows, so that it cannot say who was erased since. Nothing"
                            + " was changed; `log verify` says where.");
        }
        if (lost.end() > 0) {
            throw new Refused(
                    Problem.INVALID,
                    "After the backup somebody was written or erased, and nobody can tell who, since a key of the log was"
                            + " lost: whoever was erased could come back. Nothing was changed. Put the newest keys/ in"
                            + " place, or take a backup that was made since.");
        }
        plan.since.forEach((patron, since) -> {
            if (since.isErased()) {
                plan.erased.put(patron, since.writes());
            }
        });
    }

    private void compare(Plan plan, StoredPatron then, Tx now) {
        PatronId id = then.id();
        if (plan.erased.containsKey(id)) {
            plan.erased.merge(id, then.row().version() + plan.since(id).writes(then), Math::max);
            return;
        }
        Optional<StoredPatron> stored = now.patrons().find(id);
        if (stored.filter(patron -> isAsThen(then, patron, plan.since(id))).isEmpty()) {
            plan.due.add(id);
            if (stored.isEmpty() && now.patrons().everUsed(id)) {
                plan.buried.add(id);
            }
        }
    }

    /**
     * Whether a patron is unchanged since the copy. Every change raises the version, and nothing else does; and each
     * row must be the last in the log.
     */
    private boolean isAsThen(StoredPatron then, StoredPatron now, ChangesSinceBackup since) {
        return now.row().equals(then.row())
                && Arrays.stream(PatronField.values())
                        .allMatch(field -> parts.vault().isLast(then, now, since.last(field), field))
                && parts.vault().sound(now).isPresent()
                && parts.vault().labelsAlone(now).isPresent();
    }

    /**
     * Carries out the plan as one act: all of it takes effect, or nothing. A change made after {@link #compare} is
     * undone if the patron is in the plan, and stays if not. An address, phone or email stays as it is now in any case,
     * since it may have been erased.
     *
     * @param event the event to log, without patrons
     */
    public Result bringBack(StoreCopy copy, Plan plan, AccessEvent event) {
        Map<PatronId, AuditReceipt> receipts = open(plan, event);
        Result restored = parts.log().callBulk(event, now -> {
            WriteTx tx = now.tx();
            List<Subject> subjects = copy.read(then -> bringBack(tx, then, plan, receipts));
            int patrons = subjects.size();
            plan.erased.forEach((id, version) -> subjects.add(writer.bury(tx, id, version)));
            Result counts = new Result(patrons, subjects.size() - patrons, plan.due.size() - patrons);
            List<AccessEvent> events = new ArrayList<>();
            events.add(event.counting(patrons));
            AccessEvent.inEntries(subjects)
                    .forEach(some -> events.add(event.counting(some.size()).on(some)));
            return Decision.done(events, counts);
        });
        parts.log().purge(PURGE_PATIENCE_MILLIS);
        return restored;
    }

    /** Logs the patrons that are opened for re-encryption, before the first is opened. */
    private Map<PatronId, AuditReceipt> open(Plan plan, AccessEvent restore) {
        AccessEvent look = parts.log()
                .event(Actor.VAULT, ActKind.RESTORE, Outcome.DISCLOSED, restore.request())
                .about(restore.about().orElseThrow())
                .forPurpose(Purpose.REINDEX);
        Map<PatronId, AuditReceipt> receipts = new HashMap<>();
        int step = LOOKS_AT_ONCE * AccessEvent.MAX_SUBJECTS;
        for (int from = 0; from < plan.due.size(); from += step) {
            List<PatronId> some = plan.due.subList(from, Math.min(from + step, plan.due.size()));
            Map<PatronId, CompletableFuture<AuditReceipt>> waiting = new HashMap<>();
            for (List<PatronId> page : AccessEvent.inEntries(some)) {
                CompletableFuture<AuditReceipt> receipt = parts.log()
                        .submit(
                                AuditLog.entry(look.on(page.stream()
                                        .map(id -> Subject.opened(id, PatronField.personal()))
                                        .toList())),
                                Lane.BULK);
                page.forEach(id -> waiting.put(id, receipt));
            }
            waiting.forEach((id, receipt) -> receipts.put(id, AuditLog.await(receipt)));
        }
        return receipts;
    }

    private List<Subject> bringBack(WriteTx tx, Tx then, Plan plan, Map<PatronId, AuditReceipt> receipts) {
        List<Subject> subjects = new ArrayList<>();
        PostingClearer clearing = new PostingClearer();
        for (int from = 0; from < plan.due.size(); from += AT_ONCE) {
            List<PatronId> some = plan.due.subList(from, Math.min(from + AT_ONCE, plan.due.size()));
            for (StoredPatron old : then.patrons().findAll(some).values()) {
                PatronId id = old.id();
                Optional<StoredPatron> now = tx.patrons().find(id);
                boolean isErasedMeanwhile = now.isEmpty() && tx.patrons().everUsed(id) && !plan.buried.contains(id);
                if (!isErasedMeanwhile) {
                    RestoredPatron.of(parts, old, now, plan.since(id), receipts.get(id))
                            .map(returned -> returned.write(tx, clearing))
                            .ifPresent(subjects::add);
                }
            }
        }
        return subjects;
    }
}
