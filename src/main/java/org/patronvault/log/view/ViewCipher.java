package org.patronvault.log.view;

import org.patronvault.core.crypto.CanonicalBytes;
import org.patronvault.core.crypto.CanonicalReader;
import org.patronvault.core.crypto.Prf;
import org.patronvault.core.crypto.SivBox;
import org.patronvault.core.keys.ring.UnsealedKeys;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.store.table.ViewRows;

/** The labels and values of the view by patron, of one month (format.md, "View by patron"). */
record ViewCipher(int month, Prf labels, SivBox values) {

    static ViewCipher of(UnsealedKeys keys, int month) {
        return new ViewCipher(month, keys.viewLabels(month), keys.viewValues(month));
    }

    /** Returns the PRF for the labels of a patron. */
    Prf of(PatronId patron) {
        return Prf.of(labels.full(u64(patron.number())));
    }

    static byte[] label(Prf ofPatron, long i) {
        return ofPatron.truncated(u64(i), ViewRows.LABEL_BYTES);
    }

    ViewRows.Entry row(byte[] label, long index) {
        return new ViewRows.Entry(month, label, values.seal(u64(index), label));
    }

    /**
     * Returns the index of the entry that a row leads to.
     *
     * @throws IntegrityException if the row is not one of this month's
     */
    long index(byte[] label, byte[] value) {
        return CanonicalReader.of(values.open(value, label)).u64();
    }

    private static byte[] u64(long number) {
        return CanonicalBytes.plain().u64(number).bytes();
    }
}
