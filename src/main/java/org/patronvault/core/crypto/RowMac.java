package org.patronvault.core.crypto;

import java.security.MessageDigest;

/**
 * The MAC of a row that carries authority: HMAC-SHA-256 over
 * {@code lp("pv1.row") lp(table) lp(row key) u64(generation) lp(body)}. A row that was changed, moved to another key or
 * table, or given another generation does not verify. The generation reveals that an old valid row was restored.
 * Thread-safe.
 */
public final class RowMac {
    /** The size of a MAC. */
    public static final int SIZE_BYTES = Prf.OUTPUT_BYTES;

    private final Prf prf;

    private RowMac(Prf prf) {
        this.prf = prf;
    }

    /** Makes MACs under this key of 32 bytes. */
    public static RowMac of(byte[] key32) {
        return new RowMac(Prf.of(SecureBytes.requireSize("row key", key32, 32)));
    }

    /**
     * Returns the MAC of one row, 32 bytes.
     *
     * @param rowKey the primary key, canonical bytes if it has several columns
     * @param generation counts the writes of this row
     * @param body all other columns as canonical bytes
     */
    public byte[] mac(String table, byte[] rowKey, long generation, byte[] body) {
        return prf.full(CanonicalBytes.begin("pv1.row")
                .lp(table)
                .lp(rowKey)
                .u64(generation)
                .lp(body)
                .bytes());
    }

    /** Whether {@code mac} is that of the row; takes constant time. */
    public boolean verify(String table, byte[] rowKey, long generation, byte[] body, byte[] mac) {
        return MessageDigest.isEqual(mac(table, rowKey, generation, body), mac);
    }
}
