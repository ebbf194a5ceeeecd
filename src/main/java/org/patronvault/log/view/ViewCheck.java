package org.patronvault.log.view;

import java.util.List;
import java.util.Optional;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.keys.ring.UnsealedKeys;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.ViewRows;

/**
 * A check that the view by patron is whole. Each month must have exactly the rows that were written, and the month's
 * keys must have made each row. A damaged view is automatically re-created from the log.
 */
public final class ViewCheck {
    private static final int AT_ONCE = 2_000;
    private static final int TRIES = 3;

    private final Store store;
    private final KeyCustody custody;

    /** Creates a check of the view. */
    public ViewCheck(Store store, KeyCustody custody) {
        this.store = store;
        this.custody = custody;
    }

    /**
     * Reads every row.
     *
     * @param told called after each stretch of rows; may throw, to stop the check
     * @return what is wrong: {@code missing}, {@code changed}, or {@code foreign}
     */
    public Optional<String> look(Runnable told) {
        UnsealedKeys keys = custody.keys();
        // An edited state counts as none, and is being re-created already; so is the first.
        Optional<String> wrong = state(keys).flatMap(one -> wrong(keys, one.withoutDead(keys), told));
        if (wrong.isPresent()) {
            store.write(tx -> {
                tx.removeFact(ViewState.FACT);
                return wrong;
            });
        }
        return wrong;
    }

    private Optional<ViewState> state(UnsealedKeys keys) {
        return store.read(tx -> ViewState.read(tx, keys));
    }

    private Optional<String> wrong(UnsealedKeys keys, ViewState state, Runnable told) {
        for (int month : state.months().keySet()) {
            Optional<String> wrong = wrong(keys, month, told);
            if (wrong.isPresent()) {
                return wrong;
            }
        }
        return Optional.empty();
    }

    /** Checks a month that is being written between two writes; at the last try in one snapshot. */
    private Optional<String> wrong(UnsealedKeys keys, int month, Runnable told) {
        for (int i = 0; i < TRIES; i++) {
            Optional<ViewState> before = state(keys);
            Rows rows = rows(keys, month, after -> store.read(tx -> after(tx, month, after)), told);
            Optional<ViewState> after = state(keys);
            if (before.isEmpty() || after.isEmpty() || !after.get().months().containsKey(month)) {
                // Forgotten meanwhile, or re-created.
                return Optional.empty();
            }
            if (rows.foreign() || before.get().in(month).is(after.get().in(month))) {
                return rows.against(after.get().in(month));
            }
        }
        return store.read(tx -> ViewState.read(tx, keys)
                .filter(state -> state.months().containsKey(month))
                .flatMap(state -> rows(keys, month, after -> after(tx, month, after), () -> {})
                        .against(state.in(month))));
    }

    private static List<ViewRows.Entry> after(Tx tx, int month, byte[] label) {
        return tx.view().after(month, label, AT_ONCE);
    }

    /** The rows of a month. */
    private record Rows(ViewState.Month sum, boolean foreign) {
        private Optional<String> against(ViewState.Month written) {
            if (foreign) {
                return Optional.of("foreign");
            }
            if (sum.is(written)) {
                return Optional.empty();
            }
            return Optional.of(sum.rows() < written.rows() ? "missing" : "changed");
        }
    }

    /** A reader of stretches, each after the given label. */
    @FunctionalInterface
    private interface Stretches {
        List<ViewRows.Entry> after(byte[] label);
    }

    private static Rows rows(UnsealedKeys keys, int month, Stretches stretches, Runnable told) {
        ViewCipher cipher = ViewCipher.of(keys, month);
        ViewState.Month sum = ViewState.Month.EMPTY;
        byte[] after = new byte[0];
        while (true) {
            List<ViewRows.Entry> rows = stretches.after(after);
            try {
                rows.forEach(row -> cipher.index(row.label(), row.value()));
            } catch (IntegrityException e) {
                return new Rows(sum, true);
            }
            sum = sum.with(keys, rows);
            told.run();
            if (rows.size() < AT_ONCE) {
                return new Rows(sum, false);
            }
            after = rows.get(rows.size() - 1).label();
        }
    }
}
