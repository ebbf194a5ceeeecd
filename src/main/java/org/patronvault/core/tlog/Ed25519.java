package org.patronvault.core.tlog;

import java.math.BigInteger;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.EdECPoint;
import java.security.spec.EdECPublicKeySpec;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.NamedParameterSpec;

/**
 * The signature scheme Ed25519 (RFC 8032) on raw keys, with the JDK's own implementation. Thread-safe: nothing is kept
 * between calls.
 */
final class Ed25519 {
    static final int KEY_BYTES = 32;
    static final int SIGNATURE_BYTES = 64;

    private static final BigInteger ONE = BigInteger.ONE;
    private static final BigInteger P = ONE.shiftLeft(255).subtract(BigInteger.valueOf(19));
    private static final BigInteger D = BigInteger.valueOf(-121665)
            .multiply(BigInteger.valueOf(121666).modInverse(P))
            .mod(P);

    private Ed25519() {}

    /**
     * Returns the key of a raw encoding (RFC 8032, section 5.1.2).
     *
     * @throws MalformedException if it is not 32 bytes, not the canonical encoding of a point of the curve, or a point
     *     of small order, for which signatures can be made without any private key
     */
    static PublicKey key(byte[] raw) throws MalformedException {
        if (raw.length != KEY_BYTES) {
            throw new MalformedException("public key: must be 32 bytes, was " + raw.length);
        }
        byte[] bigEndian = new byte[KEY_BYTES];
        for (int i = 0; i < KEY_BYTES; i++) {
            bigEndian[KEY_BYTES - 1 - i] = raw[i];
        }
        boolean xOdd = (bigEndian[0] & 0x80) != 0;
        bigEndian[0] &= 0x7f;
        BigInteger y = new BigInteger(1, bigEndian);
        if (y.compareTo(P) >= 0) {
            throw new MalformedException("public key: not a canonical encoding");
        }
        PublicKey key;
        try {
            key = KeyFactory.getInstance("Ed25519")
                    .generatePublic(new EdECPublicKeySpec(NamedParameterSpec.ED25519, new EdECPoint(xOdd, y)));
            // The factory does not check that the point is on the curve; a signature object does.
            Signature.getInstance("Ed25519").initVerify(key);
        } catch (InvalidKeySpecException | InvalidKeyException e) {
            throw new MalformedException("public key: not a point of the curve", e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Java 17 has Ed25519", e);
        }
        if (isSmallOrder(y)) {
            throw new MalformedException("public key: point of small order");
        }
        return key;
    }

    /** Whether {@code signature} is one of {@code message} by {@code key}; false also if it is malformed. */
    static boolean verify(PublicKey key, byte[] message, byte[] signature) {
        try {
            Signature verifier = Signature.getInstance("Ed25519");
            verifier.initVerify(key);
            verifier.update(message);
            return signature.length == SIGNATURE_BYTES && verifier.verify(signature);
        } catch (SignatureException e) {
            // The JDK reports in this way that S is not below the group order or R is not a point.
            return false;
        } catch (InvalidKeyException | NoSuchAlgorithmException e) {
            throw new IllegalStateException("a key that was accepted no longer works", e);
        }
    }

    /**
     * Whether eight times the point is the neutral one (0, 1). The y coordinate is enough: with x² = (y²-1)/(dy²+1),
     * the doubled point has the y coordinate (y²+x²)/(2-y²+x²).
     */
    private static boolean isSmallOrder(BigInteger y) {
        BigInteger doubled = y;
        for (int i = 0; i < 3; i++) {
            BigInteger y2 = doubled.multiply(doubled).mod(P);
            BigInteger x2 = y2.subtract(ONE)
                    .multiply(D.multiply(y2).add(ONE).modInverse(P))
                    .mod(P);
            BigInteger below = BigInteger.TWO.subtract(y2).add(x2).modInverse(P);
            doubled = y2.add(x2).multiply(below).mod(P);
        }
        return doubled.equals(ONE);
    }
}
