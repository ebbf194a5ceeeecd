package org.patronvault.patron;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import org.patronvault.store.WriteTx;

/**
 * How an import that nobody waits for fills the index. Entries fall everywhere in it: where nobody else can search or
 * write they are staged and put there all at once; else each is put there with its unit, and at least those that are the
 * first of their term are not looked for. For one thread.
 */
final class BulkLoad {
    private final PatronContext parts;
    private final boolean isAlone;
    private CompletableFuture<Void> merging = CompletableFuture.completedFuture(null);

    /**
     * Of one run.
     *
     * @param isAlone whether nobody waits; else nothing here does anything
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

    /** In a transaction of its own, while the next rows are read and sealed; the unit that is sent next waits. */
    void mergeIfFull() {
        // Beside a server what is staged is a rebuild's, which merges it itself, a step at a time.
        if (stages() && parts.index().isStagingFull()) {
            merging = CompletableFuture.runAsync(
                    () -> inTransaction(parts.index()::merge), task -> new Thread(task, "vault-merge").start());
        }
    }

    /** Waits for a merge that is under way. */
    void settle() {
        try {
            merging.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    /** Merges what is left, when everything was written; of a million patrons that takes minutes. */
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
