package org.patronvault.audit;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.patronvault.keys.KeyCustody;
import org.patronvault.model.Alert;
import org.patronvault.model.Refused;
import org.patronvault.store.Store;
import org.patronvault.tlog.Frontier;

/**
 * What people may accept of a database or of keys that are not those this node knew: a log that is shorter or another,
 * a ring that is older. Not a log that does not add up, nor one of another vault. For one thread, while nobody is served.
 */
public final class LogAcceptance {
    private final AuditLog log;
    private final Store store;
    private final KeyCustody custody;
    private final VerifiedTree tree;
    private final AuthorityDigest digest;
    private final LedgerFollower ledger;

    LogAcceptance(
            AuditLog log,
            Store store,
            KeyCustody custody,
            VerifiedTree tree,
            AuthorityDigest digest,
            LedgerFollower ledger) {
        this.log = log;
        this.store = store;
        this.custody = custody;
        this.tree = tree;
        this.digest = digest;
        this.ledger = ledger;
    }

    /** What keeps {@link AuditLog#resume} from taking up this log and these keys, in sentences; best none. */
    public List<String> differences() {
        RingFreshnessCheck.requireOfThisVault(store, custody);
        List<String> found = new ArrayList<>();
        tree.comparison().comparing(() -> compare(found));
        return found;
    }

    private void compare(List<String> found) {
        try {
            tree.difference()
                    .map(how -> LogComparison.changed(how).getMessage())
                    .ifPresent(found::add);
        } catch (Refused e) {
            // What this node knew cannot be read, or not under these keys.
            found.add(e.getMessage());
        }
        if (found.isEmpty()) {
            ledger.difference()
                    .map(how -> LogComparison.changed(how).getMessage())
                    .ifPresent(found::add);
        }
        RingFreshnessCheck.difference(store, custody).ifPresent(found::add);
        ledger.olderRows().map(RowsBehindLog::told).ifPresent(found::add);
    }

    /**
     * Takes log and keys as they are, in place of what this node knew, which the entry names by size and root; the next
     * {@link AuditLog#resume} goes on from there. The entry says which ring it was, and so is the last key event. Months
     * of the log whose content key is lost are destroyed ones from then on: another key of the same month would open
     * nothing of what the first one sealed. Whom the ledger knows to be erased is erased again before the vault serves.
     *
     * @param event who accepts it, beside whom
     * @throws Refused if the log does not add up by itself, or rows that carry authority are not those it speaks of
     */
    public void accept(AccessEvent event) {
        if (!LogVerifier.verify(store, List.of()).ok()) {
            throw LogComparison.changed("does not add up by itself");
        }
        ledger.requireReadable();
        String known = tree.comparison().known().told();
        Optional<RowsBehindLog> older = store.read(tx -> RowsBehindLog.read(tx, custody.keys()));
        tree.relearn();
        digest.resume();
        custody.loseContentKeys(months());
        AccessEvent accepted = older.map(rows -> event.about(rows.about(known)).marking(digest.current()))
                .orElseGet(() -> event.about(known))
                .marking(custody.mark());
        log.appendAndWait(Unit.writing(accepted, tx -> {
                    // It may be of another log, and is made anew.
                    tx.removeFact(ViewState.FACT);
                    return accepted;
                })
                .alerting(Set.of(Alert.LOG_ACCEPTED)));
        Frontier now = tree.follow();
        ledger.accept(older.map(rows -> tree.at(rows.rows())).orElse(now));
        tree.comparison().keepPublished();
        // Last: until then this node still knows another log, and asks for all of it again.
        tree.begin();
    }

    /** Under whose content keys the log has entries; what is no month has no key either. */
    private Set<Integer> months() {
        Set<Integer> months = new TreeSet<>();
        store.read(tx -> {
            tx.log()
                    .forEachLeaf(
                            0,
                            LogReader.size(tx),
                            (index, leaf) -> Leaf.parse(leaf).month().ifPresent(months::add));
            return months;
        });
        months.removeIf(month -> month < 1970_01 || month > 2999_12 || month % 100 < 1 || month % 100 > 12);
        return months;
    }
}
