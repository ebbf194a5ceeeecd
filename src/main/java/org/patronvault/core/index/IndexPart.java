package org.patronvault.core.index;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.store.table.IndexRows.Entries;

/**
 * A stretch of the index in the order of labels.
 *
 * @param size number of entries
 * @param live the entries that are not dummies
 * @param unreadable number of entries that this version's keys did not make
 * @param last the last label; empty if there are no entries
 */
public record IndexPart(int size, List<Posting> live, int unreadable, Optional<byte[]> last) {

    /** The state of an entry. A dummy is readable, and not live. */
    private record EntryState(boolean readable, Optional<Posting> live) {}

    public static IndexPart opened(IndexCipher cipher, Entries entries, Optional<byte[]> last) {
        List<EntryState> opened = IntStream.range(0, entries.size())
                .parallel()
                .mapToObj(i -> open(cipher, entries.label(i), entries.value(i)))
                .toList();
        return new IndexPart(
                entries.size(),
                opened.stream().flatMap(one -> one.live().stream()).toList(),
                (int) opened.stream().filter(one -> !one.readable()).count(),
                last);
    }

    private static EntryState open(IndexCipher cipher, byte[] label, byte[] value) {
        try {
            return new EntryState(true, cipher.open(label, value));
        } catch (IntegrityException e) {
            return new EntryState(false, Optional.empty());
        }
    }
}
