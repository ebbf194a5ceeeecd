package org.patronvault.core.log;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.patronvault.core.log.entry.LookupLeaves;
import org.patronvault.core.log.tree.LogReport;
import org.patronvault.core.log.tree.LogVerifier;
import org.patronvault.core.store.Store;

/** A log of looks in an SQLite file of its own, for whoever times how all of it is verified. */
public final class LookupLog implements AutoCloseable {
    private static final int AT_ONCE = 1_000;

    private final Store store;
    private final long entries;

    private LookupLog(Store store, long entries) {
        this.store = store;
        this.entries = entries;
    }

    /** Makes one of so many looks in that directory, which nobody writes to any more. */
    public static LookupLog create(Path directory, int looks) {
        LogTestVault vault = LogTestVault.createIn(directory);
        try (vault) {
            for (int begun = 0; begun < looks; begun += AT_ONCE) {
                List<CompletableFuture<AuditReceipt>> all = new ArrayList<>();
                for (int patron = begun; patron < Math.min(begun + AT_ONCE, looks); patron++) {
                    all.add(vault.log.submit(AuditLog.entry(LookupLeaves.look(patron)), Lane.DESK));
                }
                all.forEach(AuditLog::await);
            }
        }
        Store store = Store.openToRead(vault.settings);
        return new LookupLog(
                store, store.read(tx -> tx.log().head()).orElseThrow().size());
    }

    /** How many entries it has: those looks, and the few that every log begins with. */
    public long entries() {
        return entries;
    }

    /** Verifies all of it, without a key. */
    public LogReport verify() {
        LogReport report =
                LogVerifier.verify(store, new LogVerifier.TrustAnchors(List.of(), List.of(), Optional.empty()));
        if (!report.ok() || report.entries() != entries) {
            throw new IllegalStateException("the log is found to be wrong");
        }
        return report;
    }

    @Override
    public void close() {
        store.close();
    }
}
