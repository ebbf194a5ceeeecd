package org.patronvault.core.crypto;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.bouncycastle.crypto.threshold.ShamirSecretSplitter;
import org.bouncycastle.crypto.threshold.ShamirSplitSecret;
import org.bouncycastle.crypto.threshold.ShamirSplitSecretShare;

/**
 * Shamir secret sharing of a key (Shamir, "How to share a secret", 1979). Any {@code threshold} of {@code count} shares
 * give the key back, and fewer reveal nothing of it. Each byte is split alone, in the field GF(2^8) of AES: x^8 + x^4 +
 * x^3 + x + 1. BouncyCastle's arithmetic has no table, so its time does not depend on the secret.
 *
 * <p>This class cannot tell a right key from a wrong one. A missing or wrong share, or one under another's index, gives
 * 32 other bytes. So the caller must know the shares, and the key's use must authenticate.
 */
public final class Shamir {
    /** The most shares of one key. */
    public static final int MAX_SHARES = 16;

    private static final int SECRET_BYTES = 32;
    private static final int MIN_THRESHOLD = 2;

    private Shamir() {}

    /**
     * Splits {@code secret32} into shares of 32 bytes, drawn freshly with each call. The x coordinate of element i of
     * the list is i + 1; the share itself does not hold it.
     *
     * @param count how many, 2 to 16
     * @param threshold how many give the secret back, 2 to {@code count}
     * @throws IllegalArgumentException outside these bounds
     */
    public static List<byte[]> split(byte[] secret32, int count, int threshold) {
        SecureBytes.requireSize("secret", secret32, SECRET_BYTES);
        if (threshold < MIN_THRESHOLD || threshold > count || count > MAX_SHARES) {
            throw new IllegalArgumentException("threshold must be 2 to count and count at most " + MAX_SHARES
                    + ", were " + threshold + " and " + count);
        }
        ShamirSecretSplitter splitter =
                ShamirSecretSplitter.getInstance(ShamirSecretSplitter.Algorithm.AES, SECRET_BYTES, new SecureRandom());
        List<byte[]> shares = new ArrayList<>();
        try {
            for (ShamirSplitSecretShare share :
                    splitter.resplit(secret32, threshold, count).getSecretShares()) {
                shares.add(share.getEncoded());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return shares;
    }

    /**
     * Returns the secret, if these are shares of one split and no fewer than its threshold; otherwise returns other
     * bytes.
     *
     * @param byIndex 2 to 16 shares of 32 bytes, each under its x coordinate, 1 to 16
     * @throws IllegalArgumentException outside these bounds
     */
    public static byte[] combine(SortedMap<Integer, byte[]> byIndex) {
        if (byIndex.size() < MIN_THRESHOLD || byIndex.firstKey() < 1 || byIndex.lastKey() > MAX_SHARES) {
            throw new IllegalArgumentException("shares must be 2 or more with indices 1 to " + MAX_SHARES);
        }
        List<ShamirSplitSecretShare> shares = new ArrayList<>();
        for (Map.Entry<Integer, byte[]> share : byIndex.entrySet()) {
            byte[] value = SecureBytes.requireSize("share", share.getValue(), SECRET_BYTES);
            shares.add(new ShamirSplitSecretShare(value, share.getKey()));
        }
        try {
            return ShamirSplitSecret.getInstance(
                            ShamirSecretSplitter.Algorithm.AES, shares.toArray(ShamirSplitSecretShare[]::new))
                    .getSecret();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
