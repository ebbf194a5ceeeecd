package org.patronvault.patron.transfer;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongConsumer;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.AuditReceipt;
import org.patronvault.core.log.Lane;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.store.table.ReadableRows;
import org.patronvault.core.store.table.StoredPatron;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.vault.PatronVault;
import org.patronvault.core.vault.PersonalData;
import org.patronvault.patron.record.PatronContext;

/**
 * A walk that opens the same fields of many patrons, one page after the other, so memory does not grow with their
 * number. Each patron is named in a log entry, {@value AccessEvent#MAX_SUBJECTS} patrons in one. All entries of a page
 * are on disk before any of it is opened. If a walk is cut off, the log has entries for patrons that were not opened,
 * never the reverse. A patron changed meanwhile is opened in the new state, if still wanted. Safe for use by many
 * threads.
 */
final class BulkDisclosure {
    static final int PAGE = 1_000;

    /**
     * Receives the patrons of a walk; called by one thread. Patrons come in the order of their ids, which are random.
     */
    interface Visitor {
        /** Whether this patron is to be opened, judged without opening. May be called twice for one patron. */
        boolean wants(PatronVault.VerifiedPatron patron);

        /** Receives a wanted patron, opened. */
        void met(PatronVault.VerifiedPatron patron, PersonalData data);

        /** Receives a patron whose rows are damaged; {@code check} says what is wrong. */
        void unreadable(PatronId patron);
    }

    /** The result of opening one patron: empty if its rows are damaged. */
    private record OpenedPatron(PatronVault.VerifiedPatron patron, Optional<PersonalData> data) {}

    private final PatronContext parts;

    BulkDisclosure(PatronContext parts) {
        this.parts = parts;
    }

    /**
     * Walks through all patrons.
     *
     * @param look the event to log for the patrons of each entry; its outcome must be {@code disclosed}
     * @param told receives the number of patrons passed, wanted or not, after each page
     */
    void through(AccessEvent look, Set<PatronField> fields, Visitor visitor, LongConsumer told) {
        long after = Long.MIN_VALUE;
        long passed = 0;
        List<PatronId> page = page(after);
        while (!page.isEmpty()) {
            visit(page, look, fields, visitor);
            passed += page.size();
            told.accept(passed);
            after = page.get(page.size() - 1).number();
            page = page(after);
        }
    }

    private List<PatronId> page(long after) {
        return parts.store().read(tx -> tx.patrons().idsAfter(after, PAGE));
    }

    private void visit(List<PatronId> page, AccessEvent look, Set<PatronField> fields, Visitor visitor) {
        Map<PatronId, PatronVault.VerifiedPatron> wanted = wanted(page, visitor);
        Map<PatronId, AuditReceipt> receipts = log(List.copyOf(wanted.keySet()), look, fields);
        refresh(wanted, visitor);
        List<OpenedPatron> opened = wanted.values().parallelStream()
                .map(patron -> open(patron, look, fields, receipts.get(patron.id())))
                .toList();
        for (OpenedPatron one : opened) {
            one.data()
                    .ifPresentOrElse(
                            data -> visitor.met(one.patron(), data),
                            () -> visitor.unreadable(one.patron().id()));
        }
    }

    /** The patrons among these that exist and are wanted. */
    private Map<PatronId, PatronVault.VerifiedPatron> wanted(Collection<PatronId> ids, Visitor visitor) {
        List<PatronId> here = new ArrayList<>();
        Map<PatronId, StoredPatron> stored = parts.store().read(tx -> {
            here.addAll(present(tx, ids));
            return ReadableRows.of(here, tx.patrons()::findAll);
        });
        Map<PatronId, PatronVault.VerifiedPatron> wanted = new LinkedHashMap<>();
        for (PatronId id : here) {
            Optional<PatronVault.VerifiedPatron> known =
                    Optional.ofNullable(stored.get(id)).flatMap(parts.vault()::sound);
            if (known.isEmpty()) {
                visitor.unreadable(id);
            } else if (visitor.wants(known.get())) {
                wanted.put(id, known.get());
            }
        }
        return wanted;
    }

    /** The ids without patrons erased since the ids were read. */
    private static List<PatronId> present(Tx tx, Collection<PatronId> ids) {
        var current = tx.current().of(ids);
        return ids.stream()
                .filter(id -> current.get(id) == null || !current.get(id).isErased())
                .toList();
    }

    private Map<PatronId, AuditReceipt> log(List<PatronId> ids, AccessEvent look, Set<PatronField> fields) {
        Map<PatronId, CompletableFuture<AuditReceipt>> entries = new LinkedHashMap<>();
        for (List<PatronId> some : AccessEvent.inEntries(ids)) {
            AccessEvent entry =
                    look.on(some.stream().map(id -> Subject.opened(id, fields)).toList());
            CompletableFuture<AuditReceipt> receipt = parts.log().submit(AuditLog.entry(entry), Lane.BULK);
            some.forEach(id -> entries.put(id, receipt));
        }
        Map<PatronId, AuditReceipt> receipts = new LinkedHashMap<>();
        entries.forEach((id, receipt) -> receipts.put(id, AuditLog.await(receipt)));
        return receipts;
    }

    /** Reads again the patrons written while the log entries were. */
    private void refresh(Map<PatronId, PatronVault.VerifiedPatron> wanted, Visitor visitor) {
        var current = parts.store().read(tx -> tx.current().of(wanted.keySet()));
        Set<PatronId> changed = new HashSet<>(wanted.keySet());
        changed.removeIf(id -> wanted.get(id).isStill(current.get(id)));
        if (!changed.isEmpty()) {
            wanted.keySet().removeAll(changed);
            wanted.putAll(wanted(changed, visitor));
        }
    }

    private OpenedPatron open(
            PatronVault.VerifiedPatron patron, AccessEvent look, Set<PatronField> fields, AuditReceipt receipt) {
        try {
            PersonalData data = parts.vault()
                    .openKnown(
                            patron,
                            fields,
                            receipt,
                            look.actor(),
                            look.purpose().orElseThrow());
            return new OpenedPatron(patron, Optional.of(data));
        } catch (IntegrityException e) {
            return new OpenedPatron(patron, Optional.empty());
        }
    }
}
