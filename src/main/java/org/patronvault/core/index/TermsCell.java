package org.patronvault.core.index;

import java.util.Arrays;
import java.util.stream.LongStream;
import org.patronvault.core.crypto.CanonicalBytes;
import org.patronvault.core.crypto.CanonicalReader;
import org.patronvault.core.crypto.Prf;
import org.patronvault.core.model.IntegrityException;

/**
 * The content of the cell {@code terms}: what a patron is found by, as short pseudorandom numbers (format.md, "Terms of
 * a patron"). It has {@value #PLACES} places and one length, so that it does not show how many terms a patron has.
 * Immutable. Prints the version only.
 */
public final class TermsCell {
    /** The number of places for terms. */
    public static final int PLACES = 40;

    private static final int TERM_BYTES = 6;

    /** The size of the content in bytes, whatever the number of terms. */
    public static final int SIZE_BYTES = Integer.BYTES + PLACES * TERM_BYTES;

    private static final long FREE = 0;

    private final int version;
    private final long[] terms;

    private TermsCell(int version, long[] terms) {
        this.version = version;
        this.terms = terms;
    }

    /** Returns the short form of a term under the term key, 0 to 2^48 - 1. Two terms share one by chance alone. */
    public static long term(Prf termKey, String vaultId, IndexTerm term) {
        byte[] input = CanonicalBytes.plain()
                .lp(vaultId)
                .lp(term.type().wireName())
                .lp(term.text())
                .bytes();
        return number(CanonicalReader.of(termKey.truncated(input, TERM_BYTES)));
    }

    /**
     * Makes the cell of these terms. Equal terms take one place. The terms that find no place are dropped.
     *
     * @param version of the term key, 1 or more
     * @param terms results of {@link #term}, the most valuable first
     */
    public static TermsCell of(int version, LongStream terms) {
        return new TermsCell(
                version,
                terms.filter(term -> term != FREE)
                        .distinct()
                        .limit(PLACES)
                        .sorted()
                        .toArray());
    }

    /**
     * Reads the bytes of {@link #encode}.
     *
     * @throws IntegrityException if they are of another form: each cell has one form only
     */
    public static TermsCell decode(byte[] stored) {
        CanonicalReader in = CanonicalReader.of(stored);
        int version = (int) in.u32();
        if (version < 1) {
            throw new IntegrityException("terms: version");
        }
        long[] places = new long[PLACES];
        int taken = 0;
        for (int place = 0; place < PLACES; place++) {
            long term = number(in);
            if (term != FREE) {
                if (taken < place || (place > 0 && term <= places[place - 1])) {
                    throw new IntegrityException("terms: order");
                }
                places[taken++] = term;
            }
        }
        in.end();
        return new TermsCell(version, Arrays.copyOf(places, taken));
    }

    private static long number(CanonicalReader in) {
        return (long) in.u16() << Integer.SIZE | in.u32();
    }

    /** Returns the content of the cell, {@value #SIZE_BYTES} bytes. */
    public byte[] encode() {
        CanonicalBytes out = CanonicalBytes.plain().u32(version);
        for (int place = 0; place < PLACES; place++) {
            long term = place < terms.length ? terms[place] : FREE;
            out.u16((int) (term >>> Integer.SIZE)).u32(term & 0xFFFF_FFFFL);
        }
        return out.bytes();
    }

    /** Returns the version of the term key. */
    public int version() {
        return version;
    }

    /** Returns a copy of the terms, ascending, each once. */
    public long[] terms() {
        return terms.clone();
    }

    @Override
    public String toString() {
        return "TermsCell[version=" + version + "]";
    }
}
