package org.patronvault.patron.transfer;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import org.patronvault.core.store.table.WriteTx;
import org.patronvault.patron.record.PatronContext;

/**
 * The filling of the index during an import that no client waits for. Entries fall everywhere in the index. If no other
 * process can search or write, they are staged and merged all at once. If one can, each is inserted with its unit, and
 * at least no earlier entries are looked up for new terms. For one thread.
 */
final class BulkLoad {
    private final PatronContext parts;
    private final boolean isAlone;
    private CompletableFuture<Void> merging = CompletableFuture.completedFuture(null);

    /**
     * A bulk load for one run.
     *
     * @param isAlone whether no client waits; if false, this object does nothing
     */
    BulkLoad(PatronContext parts, boolean isAlone) {
        this.parts = parts;
        this.isAlone = isAlone;
    }

    private boolean stages() {
        return isAlone && parts.store().isOfOneProcess();
    }

    void begin() {
        if (stages()) {
            inTransaction(tx -> {
                tx.indexTables().beginLoad();
                parts.index().stage(tx);
            });
        } else if (isAlone) {
            inTransaction(parts.index()::fill);
        }
    }

    /**
     * Starts a merge in a transaction of its own, while the next rows are read and encrypted. The next unit waits for
     * it.
     */
    void mergeIfFull() {
        // Beside a server the staged entries belong to a rebuild, which merges them itself, a step at a time.
        if (stages() && parts.index().isStagingFull()) {
            merging = CompletableFuture.runAsync(
                    () -> inTransaction(parts.index()::merge), task -> new Thread(task, "vault-merge").start());
        }
    }

    /** Waits for a running merge. */
    void settle() {
        try {
            merging.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    /** Merges the rest, once everything is written. For a million patrons that takes minutes. */
    void end(ImportListener listener) {
        if (stages()) {
            listener.merging();
            inTransaction(tx -> {
                parts.index().merge(tx);
                tx.indexTables().endLoad();
            });
        }
        if (isAlone) {
            parts.index().endStaging();
        }
    }

    private void inTransaction(Consumer<WriteTx> work) {
        parts.store().write(tx -> {
            work.accept(tx);
            return null;
        });
    }
}
