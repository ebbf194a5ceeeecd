package org.patronvault.core.log;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.Leaf;
import org.patronvault.core.log.read.LogReader;
import org.patronvault.core.log.read.RingFreshnessCheck;
import org.patronvault.core.log.read.RowsBehindLog;
import org.patronvault.core.log.tree.LogComparison;
import org.patronvault.core.log.tree.LogVerifier;
import org.patronvault.core.log.tree.VerifiedTree;
import org.patronvault.core.model.Alert;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.Store;
import org.patronvault.core.tlog.Frontier;

/**
 * The procedure by which people accept a database or keys other than this node knew: a shorter or different log, or an
 * older ring. They cannot accept a log that is inconsistent, or of another vault. For one thread, while nobody is
 * served.
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

    /** Returns why {@link AuditLog#resume} refuses this log and these keys, in sentences. Empty if nothing differs. */
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
            // This node's record cannot be read, or not under these keys.
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
     * Accepts log and keys as they are, in place of this node's record. The entry names that record by size and root,
     * and the next {@link AuditLog#resume} goes on from there. The entry also names the ring, and so is the last key
     * event. Months whose content key is lost count as destroyed: a new key of the same month could not open what the
     * first key sealed. Patrons erased by the ledger are erased again before the vault serves.
     *
     * @param event who accepts, and the second person
     * @throws Refused if the log is inconsistent, or rows that carry authority do not match it
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
        log.call(accepted, moment -> {
            // It may be of another log, and is re-created.
            moment.tx().view().clear();
            return Decision.done(accepted).alerting(Set.of(Alert.LOG_ACCEPTED));
        });
        Frontier now = tree.follow();
        ledger.accept(older.map(rows -> tree.at(rows.rows())).orElse(now));
        tree.comparison().keepPublished();
        // Last: until then this node still knows another log, and asks for everything again.
        tree.begin();
    }

    /** Returns the months under whose content keys the log has entries. A number that is no month has no key either. */
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
