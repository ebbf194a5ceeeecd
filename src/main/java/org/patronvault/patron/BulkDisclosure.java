package org.patronvault.patron;

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
import org.patronvault.audit.AccessEvent;
import org.patronvault.audit.AuditLog;
import org.patronvault.audit.AuditReceipt;
import org.patronvault.audit.Subject;
import org.patronvault.audit.Unit;
import org.patronvault.model.IntegrityException;
import org.patronvault.model.PatronField;
import org.patronvault.model.PatronId;
import org.patronvault.store.ReadableRows;
import org.patronvault.store.StoredPatron;
import org.patronvault.store.Tx;

/**
 * Opens the same fields of many patrons, one page after the other, so that memory does not grow with their number. Each
 * patron is named in an entry of the log, {@value AccessEvent#MAX_SUBJECTS} in one, and all entries of a page are on disk
 * before any of it is opened: a walk that is cut off has logged looks that never were, never the other way round. Who
 * was changed meanwhile is opened as he or she is now, if he or she is still wanted. Safe for use by many threads.
 */
final class BulkDisclosure {
    static final int PAGE = 1_000;

    /** Whom a walk meets; called by one thread, in the order of the ids, which is none. */
    interface Visitor {
        /** Whether this one is to be opened, by what is known without opening. May be asked twice of one patron. */
        boolean wants(PatronVault.VerifiedPatron patron);

        /** One of those wanted, opened. */
        void met(PatronVault.VerifiedPatron patron, PersonalData data);

        /** One whose rows are not what was written; {@code check} says what is wrong. */
        void unreadable(PatronId patron);
    }

    /** What came of opening one: empty if it is not what was written. */
    private record OpenedPatron(PatronVault.VerifiedPatron patron, Optional<PersonalData> data) {}

    private final PatronContext parts;

    BulkDisclosure(PatronContext parts) {
        this.parts = parts;
    }

    /**
     * Walks through everybody.
     *
     * @param look what the log says of each entry's patrons: its outcome must be {@code disclosed}
     * @param told the number of patrons passed, wanted or not, after each page
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

    /** Those of them who are here and wanted. */
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

    /** Without those who were erased since their ids were read. */
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
            CompletableFuture<AuditReceipt> receipt = parts.log().appendBulk(Unit.of(entry));
            some.forEach(id -> entries.put(id, receipt));
        }
        Map<PatronId, AuditReceipt> receipts = new LinkedHashMap<>();
        entries.forEach((id, receipt) -> receipts.put(id, AuditLog.await(receipt)));
        return receipts;
    }

    /** Takes what was written while the entries were. */
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
