package org.patronvault.audit;

import java.util.List;
import java.util.Optional;
import org.patronvault.keys.KeyCustody;
import org.patronvault.keys.UnsealedKeys;
import org.patronvault.model.IntegrityException;
import org.patronvault.store.Store;
import org.patronvault.store.ViewRows;

/**
 * Whether the view by patron is whole: as many rows of each month as were written, and each of them one that the
 * month's keys made. If it is not, it is made anew from the log by itself.
 */
public final class ViewCheck {
    private static final int AT_ONCE = 2_000;

    private final Store store;
    private final KeyCustody custody;

    /** The check of that view. */
    public ViewCheck(Store store, KeyCustody custody) {
        this.store = store;
        this.custody = custody;
    }

    /**
     * Looks at every row.
     *
     * @param told after each stretch of them; may throw, to stop it
     * @return what is wrong: {@code missing}, or {@code foreign}
     */
    public Optional<String> look(Runnable told) {
        UnsealedKeys keys = custody.keys();
        Optional<String> wrong = wrong(keys, told);
        if (wrong.isPresent()) {
            store.write(tx -> {
                tx.removeFact(ViewState.FACT);
                return wrong;
            });
        }
        return wrong;
    }

    private Optional<String> wrong(UnsealedKeys keys, Runnable told) {
        Optional<ViewState> state = store.read(tx -> ViewState.read(tx, keys));
        if (state.isEmpty()) {
            // One that was edited counts as none, and is made anew already; so does the first.
            return Optional.empty();
        }
        for (int month : state.get().withoutDead(keys).rows().keySet()) {
            if (!isOwn(ViewCipher.of(keys, month), told)) {
                return Optional.of("foreign");
            }
        }
        boolean whole = store.read(tx -> {
            Optional<ViewState> now = ViewState.read(tx, keys);
            var counts = tx.view().count();
            return now.isEmpty()
                    || now.get().withoutDead(keys).rows().entrySet().stream()
                            .allMatch(month -> month.getValue().equals(counts.getOrDefault(month.getKey(), 0L)));
        });
        return whole ? Optional.empty() : Optional.of("missing");
    }

    private boolean isOwn(ViewCipher cipher, Runnable told) {
        byte[] after = new byte[0];
        while (true) {
            byte[] from = after;
            List<ViewRows.Entry> rows = store.read(tx -> tx.view().after(cipher.month(), from, AT_ONCE));
            try {
                rows.forEach(row -> cipher.index(row.label(), row.value()));
            } catch (IntegrityException e) {
                return false;
            }
            told.run();
            if (rows.size() < AT_ONCE) {
                return true;
            }
            after = rows.get(rows.size() - 1).label();
        }
    }
}
