package org.patronvault.core.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.patronvault.core.model.IntegrityException;

/** Tests of streaming encryption in segments, and of the changes that it detects. */
final class SealedStreamTest {
    private static final int SEGMENT = 1 << 20;
    private static final int HEADER = 40;
    private static final byte[] KEY = bytes(32, 7);
    private static final byte[] AAD = {1, 2, 3};

    /** Three segments, the last a short one. */
    private static final byte[] PLAIN = bytes(2 * SEGMENT + 1_000, 3);

    private static byte[] bytes(int size, int factor) {
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++) {
            bytes[i] = (byte) (i * factor + (i >> 11));
        }
        return bytes;
    }

    private static byte[] seal(byte[] plain) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            SealedStream.of(KEY).seal(AAD, new ByteArrayInputStream(plain), out, done -> {});
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return out.toByteArray();
    }

    private static byte[] open(byte[] key, byte[] aad, byte[] sealed) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            SealedStream.of(key).open(aad, new ByteArrayInputStream(sealed), out, done -> {});
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return out.toByteArray();
    }

    private static void assertRefused(byte[] key, byte[] aad, byte[] sealed) {
        assertThatThrownBy(() -> open(key, aad, sealed)).isInstanceOf(IntegrityException.class);
    }

    @Test
    void whatIsSealedOpensWhateverItsLength() {
        for (int size : new int[] {0, 1, SEGMENT - HEADER - 16, SEGMENT - HEADER - 15, PLAIN.length}) {
            byte[] plain = Arrays.copyOf(PLAIN, size);
            assertThat(open(KEY, AAD, seal(plain))).as("%s bytes", size).isEqualTo(plain);
        }
        assertThat(seal(new byte[10])).isNotEqualTo(seal(new byte[10]));
    }

    @Test
    void changedCutOffExchangedAndLeftOutSegmentsDoNotOpen() {
        byte[] sealed = seal(PLAIN);
        for (int at : new int[] {0, 1, 33, HEADER, SEGMENT - 1, SEGMENT, 2 * SEGMENT, sealed.length - 1}) {
            byte[] changed = sealed.clone();
            changed[at] ^= 1;
            assertRefused(KEY, AAD, changed);
        }
        for (int size : new int[] {0, 10, HEADER, SEGMENT, 2 * SEGMENT, sealed.length - 1}) {
            assertRefused(KEY, AAD, Arrays.copyOf(sealed, size));
        }
        assertRefused(KEY, AAD, Arrays.copyOf(sealed, sealed.length + 1));
        byte[] leftOut = Arrays.copyOf(sealed, sealed.length - SEGMENT);
        System.arraycopy(sealed, 2 * SEGMENT, leftOut, SEGMENT, sealed.length - 2 * SEGMENT);
        assertRefused(KEY, AAD, leftOut);
        byte[] another = seal(PLAIN);
        System.arraycopy(sealed, SEGMENT, another, SEGMENT, SEGMENT);
        assertRefused(KEY, AAD, another);
        assertRefused(bytes(32, 9), AAD, sealed);
        assertRefused(KEY, new byte[] {1, 2}, sealed);
    }

    @Test
    void keyMayBeWipedOnceItIsTaken() throws IOException {
        byte[] key = KEY.clone();
        SealedStream stream = SealedStream.of(key);
        Arrays.fill(key, (byte) 0);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        stream.seal(AAD, new ByteArrayInputStream(AAD), out, done -> {});
        assertThat(open(KEY, AAD, out.toByteArray())).isEqualTo(AAD);
    }

    /** Decrypts as format.md says, "Backup", with no class of the vault except for HKDF. */
    @Test
    void itIsWhatTheFormatSays() throws GeneralSecurityException {
        ByteBuffer sealed = ByteBuffer.wrap(seal(PLAIN));
        assertThat(sealed.get()).isEqualTo((byte) HEADER);
        byte[] salt = new byte[32];
        byte[] prefix = new byte[7];
        sealed.get(salt).get(prefix);
        byte[] key = SealedBox.hkdf(KEY, salt, AAD, 32);
        ByteArrayOutputStream opened = new ByteArrayOutputStream();
        for (int segment = 0; sealed.hasRemaining(); segment++) {
            byte[] bytes = new byte[Math.min(SEGMENT - (segment == 0 ? HEADER : 0), sealed.remaining())];
            sealed.get(bytes);
            byte[] nonce = ByteBuffer.allocate(12)
                    .put(prefix)
                    .putInt(segment)
                    .put((byte) (sealed.hasRemaining() ? 0 : 1))
                    .array();
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(Cipher.DECRYPT_MODE, new SecretKeySpec(key, "AES"), new GCMParameterSpec(128, nonce));
            opened.writeBytes(cipher.doFinal(bytes));
        }
        assertThat(opened.toByteArray()).isEqualTo(PLAIN);
    }
}
