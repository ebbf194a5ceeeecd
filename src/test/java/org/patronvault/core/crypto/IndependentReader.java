package org.patronvault.core.crypto;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * An independent decoder of stored values. It follows the format text with the JDK's ciphers and none of the classes
 * under test, as a second implementation would.
 */
public final class IndependentReader {
    private static final int MASK_BITS = 128;

    private IndependentReader() {}

    /** The content of a stored envelope. */
    @SuppressWarnings("ArrayRecordComponent") // a bag of test results
    public record Decoded(
            int kekVersion, byte[] p, byte[] w, byte[] dek, byte[] commitment, byte[] value, byte[] rowHash) {}

    /** Decodes an envelope; any fault is an {@link IllegalArgumentException} or a security exception. */
    public static Decoded envelope(byte[] kek, EnvelopeContext context, byte[] stored) throws GeneralSecurityException {
        ByteBuffer in = ByteBuffer.wrap(stored);
        require(in.get() == 1);
        int kekVersion = in.getInt();
        byte[] wrap = take(in, 72);
        byte[] commitment = take(in, 32);
        byte[] payload = take(in, in.remaining());

        byte[] identity = join(
                lp(context.vaultId().getBytes(UTF_8)),
                lp(context.field().getBytes(UTF_8)),
                lp(context.patronId().getBytes(UTF_8)),
                ByteBuffer.allocate(8).putLong(context.generation()).array(),
                new byte[] {1});
        byte[] p = join(lp("pv1.payload".getBytes(US_ASCII)), identity, context.bound());
        byte[] w = join(lp("pv1.wrap".getBytes(US_ASCII)), identity, u32(kekVersion));

        byte[] dek = xaesOpen(kek, wrap, w);
        require(Arrays.equals(hmac(dek, join("pv1.commit".getBytes(US_ASCII), p)), commitment));
        byte[] padded = gcmOpen(dek, Arrays.copyOf(payload, 12), Arrays.copyOfRange(payload, 12, payload.length), p);
        int length = ByteBuffer.wrap(padded).getInt();
        byte[] value = Arrays.copyOfRange(padded, 4, 4 + length);
        byte[] rowHash = MessageDigest.getInstance("SHA-256").digest(join(p, commitment, payload));
        return new Decoded(kekVersion, p, w, dek, commitment, value, rowHash);
    }

    /** Decodes a sealed box to its plaintext. */
    static byte[] box(byte[] key, byte[] aad, byte[] stored) throws GeneralSecurityException {
        require(stored[0] == 1);
        byte[] bound = join(lp("pv1.box".getBytes(US_ASCII)), new byte[] {1}, lp(aad));
        byte[] nonce = Arrays.copyOfRange(stored, 33, 57);
        byte[] commitment = hmac(hkdf32(key, "pv1.box.commit"), join(bound, nonce));
        require(Arrays.equals(commitment, Arrays.copyOfRange(stored, 1, 33)));
        return xaesOpen(hkdf32(key, "pv1.box.encrypt"), Arrays.copyOfRange(stored, 33, stored.length), bound);
    }

    /** c2sp.org/XAES-256-GCM, "Detailed key derivation algorithm". */
    static byte[] xaesOpen(byte[] key, byte[] nonceAndCiphertext, byte[] aad) throws GeneralSecurityException {
        byte[] nonce = Arrays.copyOf(nonceAndCiphertext, 24);
        Cipher aes = Cipher.getInstance("AES/ECB/NoPadding");
        aes.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"));
        BigInteger l = new BigInteger(1, aes.doFinal(new byte[16]));
        BigInteger k1 = l.shiftLeft(1);
        if (k1.testBit(MASK_BITS)) {
            k1 = k1.clearBit(MASK_BITS).xor(BigInteger.valueOf(0x87));
        }
        ByteArrayOutputStream derived = new ByteArrayOutputStream();
        for (int i = 1; i <= 2; i++) {
            byte[] m = join(new byte[] {0, (byte) i, 'X', 0}, Arrays.copyOf(nonce, 12));
            derived.writeBytes(aes.doFinal(block(new BigInteger(1, m).xor(k1))));
        }
        return gcmOpen(
                derived.toByteArray(),
                Arrays.copyOfRange(nonce, 12, 24),
                Arrays.copyOfRange(nonceAndCiphertext, 24, nonceAndCiphertext.length),
                aad);
    }

    static byte[] gcmOpen(byte[] key, byte[] nonce, byte[] ciphertext, byte[] aad) throws GeneralSecurityException {
        Cipher gcm = Cipher.getInstance("AES/GCM/NoPadding");
        gcm.init(Cipher.DECRYPT_MODE, new SecretKeySpec(key, "AES"), new GCMParameterSpec(128, nonce));
        gcm.updateAAD(aad);
        return gcm.doFinal(ciphertext);
    }

    private static byte[] hkdf32(byte[] key, String label) throws GeneralSecurityException {
        byte[] pseudorandomKey = hmac(new byte[32], key);
        return hmac(pseudorandomKey, join(lp(label.getBytes(US_ASCII)), new byte[] {1}));
    }

    private static byte[] hmac(byte[] key, byte[] input) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return mac.doFinal(input);
    }

    private static byte[] block(BigInteger number) {
        byte[] signed = number.toByteArray();
        byte[] block = new byte[16];
        int length = Math.min(signed.length, 16);
        System.arraycopy(signed, signed.length - length, block, 16 - length, length);
        return block;
    }

    private static byte[] take(ByteBuffer in, int sizeBytes) {
        byte[] bytes = new byte[sizeBytes];
        in.get(bytes);
        return bytes;
    }

    private static byte[] lp(byte[] part) {
        return join(u32(part.length), part);
    }

    private static byte[] u32(int value) {
        return ByteBuffer.allocate(4).putInt(value).array();
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    private static void require(boolean condition) {
        if (!condition) {
            throw new IllegalArgumentException("not what the format text says");
        }
    }
}
