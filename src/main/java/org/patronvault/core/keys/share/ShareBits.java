package org.patronvault.core.keys.share;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import org.patronvault.core.crypto.CanonicalBytes;

/** The 290 bits of a share in 37 bytes, the first bit the highest of the first byte, six zero bits at the end. */
final class ShareBits {
    private static final int BYTES = 37;

    private ShareBits() {}

    static byte[] empty() {
        return new byte[BYTES];
    }

    /** Returns the bits of all words but the last. */
    static byte[] packed(int[] numbers) {
        byte[] bits = empty();
        for (int i = 0; i < Share.WORDS - 1; i++) {
            put(bits, ShareWords.BITS * i, ShareWords.BITS, numbers[i]);
        }
        return bits;
    }

    /** Returns the number of the checksum word: the first ten bits of a digest. */
    static int check(byte[] bits) {
        byte[] input = CanonicalBytes.begin("pv1.share").lp(bits).bytes();
        try {
            return get(MessageDigest.getInstance("SHA-256").digest(input), 0, ShareWords.BITS);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        } finally {
            Arrays.fill(input, (byte) 0);
        }
    }

    /** Changes one packed word to the word whose number differs in these bits. */
    static void change(byte[] bits, int word, int difference) {
        put(bits, ShareWords.BITS * word, ShareWords.BITS, difference);
    }

    static void put(byte[] bits, int at, int size, int number) {
        for (int i = 0; i < size; i++) {
            int bit = (number >>> (size - 1 - i)) & 1;
            bits[(at + i) / 8] ^= (byte) (bit << (7 - (at + i) % 8));
        }
    }

    static int get(byte[] bits, int at, int size) {
        int number = 0;
        for (int i = at; i < at + size; i++) {
            number = (number << 1) | ((bits[i / 8] >>> (7 - i % 8)) & 1);
        }
        return number;
    }
}
