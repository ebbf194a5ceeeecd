package org.patronvault.core.store.table;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.PatronId;

/** A reader of many patrons at once that skips unreadable rows, so that one does not hide the others. */
public final class ReadableRows {
    private ReadableRows() {}

    /**
     * Returns the result of {@code read} for those of these patrons whose rows can be read, in its order.
     *
     * @param read throws an {@link IntegrityException} if a row of one of those it is given cannot be read
     */
    public static <T> Map<PatronId, T> of(List<PatronId> ids, Function<List<PatronId>, Map<PatronId, T>> read) {
        try {
            return read.apply(ids);
        } catch (IntegrityException e) {
            Map<PatronId, T> found = new LinkedHashMap<>();
            if (ids.size() > 1) {
                found.putAll(of(ids.subList(0, ids.size() / 2), read));
                found.putAll(of(ids.subList(ids.size() / 2, ids.size()), read));
            }
            return found;
        }
    }
}
