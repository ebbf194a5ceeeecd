package org.patronvault.upkeep.leakage;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.patronvault.core.store.table.ValueRow;

/**
 * The check that a rewritten value was encrypted with fresh randomness. A key, nonce or commitment derived from the
 * patron's identity would be equal in two copies.
 */
final class Resealed {
    private static final int HEADER_BYTES = 5;
    private static final int WRAP_BYTES = 72;

    private Resealed() {}

    /**
     * Whether two copies of a value share eight bytes that must be fresh. A rewrap leaves commitment, payload and
     * generation unchanged.
     */
    static boolean isAlike(ValueRow then, ValueRow since) {
        byte[] before = then.envelope();
        byte[] after = since.envelope();
        int kept = HEADER_BYTES + WRAP_BYTES;
        boolean isOneSeal =
                then.generation() == since.generation() && Arrays.equals(from(before, kept), from(after, kept));
        if (!isOneSeal) {
            return haveInCommon(from(before, HEADER_BYTES), from(after, HEADER_BYTES));
        }
        return !Arrays.equals(before, after) && haveInCommon(wrap(before), wrap(after));
    }

    private static byte[] from(byte[] envelope, int at) {
        return Arrays.copyOfRange(envelope, Math.min(at, envelope.length), envelope.length);
    }

    private static byte[] wrap(byte[] envelope) {
        return Arrays.copyOf(from(envelope, HEADER_BYTES), WRAP_BYTES);
    }

    private static boolean haveInCommon(byte[] before, byte[] after) {
        Set<Long> strings = new HashSet<>();
        StringSample.each(before, strings::add);
        boolean[] found = new boolean[1];
        StringSample.each(after, string -> found[0] |= strings.contains(string));
        return found[0];
    }
}
