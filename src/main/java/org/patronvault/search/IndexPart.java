package org.patronvault.search;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.patronvault.model.IntegrityException;
import org.patronvault.store.IndexRows.Entries;

/**
 * A stretch of the index in the order of labels.
 *
 * @param size how many entries
 * @param live those that are no dummies
 * @param unreadable how many this version's keys did not make
 * @param last the last label; none without entries
 */
public record IndexPart(int size, List<Posting> live, int unreadable, Optional<byte[]> last) {

    /** What became of an entry; none of either for a dummy. */
    private record EntryState(boolean readable, Optional<Posting> live) {}

    static IndexPart opened(IndexCipher cipher, Entries entries, Optional<byte[]> last) {
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
