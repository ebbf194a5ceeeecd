package org.patronvault.core.index;

import java.util.List;
import org.patronvault.core.keys.ring.UnsealedKeys;

/** Labels of the index, for whoever times how they are made. */
public final class TermLabels {
    private final IndexCipher cipher;

    /** Those under these keys. */
    public TermLabels(UnsealedKeys keys) {
        this.cipher = IndexCipher.of(keys, keys.newestIndexVersion());
    }

    /** The label of the first entry of each term. */
    public List<byte[]> first(List<IndexedTerm> terms) {
        return terms.stream()
                .map(term -> IndexCipher.label(cipher.termKey(term.term()), 0))
                .toList();
    }
}
