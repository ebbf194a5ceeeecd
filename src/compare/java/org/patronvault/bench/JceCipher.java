package org.patronvault.bench;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.patronvault.core.crypto.SecureBytes;

/**
 * AES-256-GCM of the JDK and nothing besides: a fresh key for each value, which lies beside it in clear. There is no
 * envelope around the key and no commitment to it, so that whoever encrypts each value under a key of its own with the
 * JDK pays this at least. For one thread.
 */
final class JceCipher implements FieldCipher {
    private static final int KEY_BYTES = 32;
    private static final int NONCE_BYTES = 12;
    private static final int HEAD_BYTES = KEY_BYTES + NONCE_BYTES;
    private static final int TAG_BITS = 128;

    private final byte[][][] values;
    private final byte[][][] bindings;
    private final boolean kept;
    private Cipher cipher = cipher();

    /** @param kept whether one cipher object is made ready for each value, or one is got for each */
    JceCipher(List<FourValues> patrons, boolean kept) {
        this.kept = kept;
        this.values = patrons.stream().map(FourValues::padded).toArray(byte[][][]::new);
        this.bindings = patrons.stream().map(FourValues::bindings).toArray(byte[][][]::new);
    }

    private static Cipher cipher() {
        try {
            return Cipher.getInstance("AES/GCM/NoPadding");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public byte[][] seal(int patron) throws GeneralSecurityException {
        byte[][] sealed = new byte[values[patron].length][];
        for (int i = 0; i < sealed.length; i++) {
            byte[] value = values[patron][i];
            byte[] head = SecureBytes.random(HEAD_BYTES);
            init(Cipher.ENCRYPT_MODE, head, bindings[patron][i]);
            sealed[i] = Arrays.copyOf(head, HEAD_BYTES + value.length + TAG_BITS / Byte.SIZE);
            int unused = cipher.doFinal(value, 0, value.length, sealed[i], HEAD_BYTES);
        }
        return sealed;
    }

    @Override
    public byte[][] open(int patron, byte[][] sealed) throws GeneralSecurityException {
        byte[][] opened = new byte[sealed.length][];
        for (int i = 0; i < opened.length; i++) {
            init(Cipher.DECRYPT_MODE, sealed[i], bindings[patron][i]);
            opened[i] = cipher.doFinal(sealed[i], HEAD_BYTES, sealed[i].length - HEAD_BYTES);
        }
        return opened;
    }

    private void init(int mode, byte[] head, byte[] binding) throws GeneralSecurityException {
        if (!kept) {
            cipher = cipher();
        }
        cipher.init(
                mode,
                new SecretKeySpec(head, 0, KEY_BYTES, "AES"),
                new GCMParameterSpec(TAG_BITS, head, KEY_BYTES, NONCE_BYTES));
        cipher.updateAAD(binding);
    }
}
