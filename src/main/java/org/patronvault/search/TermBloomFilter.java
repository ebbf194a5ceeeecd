package org.patronvault.search;

import java.nio.ByteBuffer;

/**
 * The terms that have entries, by their first labels, so that of a term that has none nobody looks in a large index: one
 * that is not in here has none, and of those that are in here few have none (Bloom, CACM 1970). For one thread.
 */
class TermBloomFilter {
    private static final int PROBES = EncryptedIndex.LABEL_BYTES / Integer.BYTES;

    /** A 32nd of the memory. */
    private static final int SHARE = 32;

    /** Where nothing is known: any term may have some. */
    static final TermBloomFilter UNKNOWN = new TermBloomFilter(Long.BYTES) {
        @Override
        void add(byte[] firstLabel) {}

        @Override
        boolean mayContain(byte[] firstLabel) {
            return true;
        }
    };

    private final long[] bits;

    /** Takes no more than there is memory for. */
    static TermBloomFilter ofMemory() {
        return new TermBloomFilter(Runtime.getRuntime().maxMemory() / SHARE);
    }

    /** Takes at most so much memory, in bytes: 8 or more. */
    TermBloomFilter(long mostBytes) {
        bits = new long[(int) Math.min(1 << 25, Long.highestOneBit(mostBytes / Long.BYTES))];
    }

    void add(byte[] firstLabel) {
        for (int probe = 0; probe < PROBES; probe++) {
            int bit = bit(firstLabel, probe);
            bits[bit / Long.SIZE] |= 1L << bit;
        }
    }

    boolean mayContain(byte[] firstLabel) {
        for (int probe = 0; probe < PROBES; probe++) {
            int bit = bit(firstLabel, probe);
            if ((bits[bit / Long.SIZE] & 1L << bit) == 0) {
                return false;
            }
        }
        return true;
    }

    /** Labels are random, so that a part of one is as good as a hash of it. */
    private int bit(byte[] label, int probe) {
        return ByteBuffer.wrap(label).getInt(probe * Integer.BYTES) & (int) (bits.length * (long) Long.SIZE - 1);
    }
}
