package org.patronvault.core.index;

import java.nio.ByteBuffer;

/**
 * A Bloom filter (CACM 1970) of the terms that have entries, by their first labels. It spares probes of a large index:
 * a term that is not in it has no entry. Few terms in it have none. For one thread.
 */
class TermBloomFilter {
    private static final int PROBES = EncryptedIndex.LABEL_BYTES / Integer.BYTES;

    /** The share of memory: a 32nd. */
    private static final int SHARE = 32;

    /** The filter if nothing is known: any term may have entries. */
    static final TermBloomFilter UNKNOWN = new TermBloomFilter(Long.BYTES) {
        @Override
        void add(byte[] firstLabel) {}

        @Override
        boolean mayContain(byte[] firstLabel) {
            return true;
        }
    };

    private final long[] bits;

    /** Creates a filter as large as memory allows. */
    static TermBloomFilter ofMemory() {
        return new TermBloomFilter(Runtime.getRuntime().maxMemory() / SHARE);
    }

    /** Creates a filter of at most that memory, in bytes: 8 or more. */
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

    /** Returns the bit of a label. Labels are random, so a part of one is as good as its hash. */
    private int bit(byte[] label, int probe) {
        return ByteBuffer.wrap(label).getInt(probe * Integer.BYTES) & (int) (bits.length * (long) Long.SIZE - 1);
    }
}
