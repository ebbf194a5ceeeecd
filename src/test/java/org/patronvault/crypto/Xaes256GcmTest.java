package org.patronvault.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.crypto.tink.AccessesPartialKey;
import com.google.crypto.tink.Aead;
import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.aead.AeadConfig2026;
import com.google.crypto.tink.aead.XAesGcmKey;
import com.google.crypto.tink.aead.XAesGcmParameters;
import com.google.crypto.tink.util.SecretBytes;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import javax.crypto.AEADBadTagException;
import org.junit.jupiter.api.Test;

/** Beside {@link PublishedVectorsTest}, where the C2SP text's own vectors are. */
final class Xaes256GcmTest {
    private static final byte[] NONE = {};

    private final Random random = new Random(20_261_129);

    @Test
    void tinkAndTheVaultOpenWhatTheOtherSealed() throws GeneralSecurityException {
        for (int n = 0; n < 400; n++) {
            byte[] key = bytes(Xaes256Gcm.KEY_BYTES);
            byte[] value = bytes(n % 20 == 0 ? 70_000 : random.nextInt(300));
            byte[] aad = bytes(random.nextInt(200));
            Aead tink = tink(key);
            Xaes256Gcm own = Xaes256Gcm.of(key);
            assertThat(tink.decrypt(own.encrypt(value, aad), aad)).isEqualTo(value);
            assertThat(own.decrypt(tink.encrypt(value, aad), aad)).isEqualTo(value);
        }
    }

    @Test
    void anyBitChangedDoesNotOpen() throws AEADBadTagException {
        Xaes256Gcm cipher = Xaes256Gcm.of(bytes(Xaes256Gcm.KEY_BYTES));
        byte[] value = bytes(Dek.SIZE_BYTES);
        byte[] sealed = cipher.encrypt(value, NONE);
        for (int bit = 0; bit < sealed.length * Byte.SIZE; bit++) {
            byte[] changed = sealed.clone();
            changed[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
            assertThatThrownBy(() -> cipher.decrypt(changed, NONE)).isInstanceOf(AEADBadTagException.class);
        }
        // And a failure leaves nothing behind for the next.
        assertThat(cipher.decrypt(sealed, NONE)).isEqualTo(value);
    }

    @Test
    void anyPartOfItAloneDoesNotOpen() {
        Xaes256Gcm cipher = Xaes256Gcm.of(bytes(Xaes256Gcm.KEY_BYTES));
        byte[] sealed = cipher.encrypt(bytes(Dek.SIZE_BYTES), NONE);
        for (int size = 0; size < sealed.length; size++) {
            byte[] part = Arrays.copyOf(sealed, size);
            assertThatThrownBy(() -> cipher.decrypt(part, NONE)).isInstanceOf(AEADBadTagException.class);
        }
    }

    @Test
    void anotherKeyOrAnotherAadDoesNotOpen() {
        byte[] key = bytes(Xaes256Gcm.KEY_BYTES);
        byte[] sealed = Xaes256Gcm.of(key).encrypt(bytes(Dek.SIZE_BYTES), new byte[] {1});
        assertThatThrownBy(() -> Xaes256Gcm.of(key).decrypt(sealed, NONE)).isInstanceOf(AEADBadTagException.class);
        key[0] ^= 1;
        assertThatThrownBy(() -> Xaes256Gcm.of(key).decrypt(sealed, new byte[] {1}))
                .isInstanceOf(AEADBadTagException.class);
    }

    @Test
    void manyThreadsOpenAndSealUnderOneKeyAtOnce() {
        Xaes256Gcm cipher = Xaes256Gcm.of(bytes(Xaes256Gcm.KEY_BYTES));
        long wrong = IntStream.range(0, 20_000)
                .parallel()
                .filter(n -> {
                    byte[] value = {(byte) n, (byte) (n >> Byte.SIZE)};
                    try {
                        return !Arrays.equals(cipher.decrypt(cipher.encrypt(value, value), value), value);
                    } catch (AEADBadTagException e) {
                        return true;
                    }
                })
                .count();
        assertThat(wrong).isZero();
    }

    @AccessesPartialKey
    private static Aead tink(byte[] key) throws GeneralSecurityException {
        XAesGcmKey one = XAesGcmKey.create(
                XAesGcmParameters.create(XAesGcmParameters.Variant.NO_PREFIX, 12),
                SecretBytes.copyFrom(key, InsecureSecretKeyAccess.get()),
                null);
        return KeysetHandle.newBuilder()
                .addEntry(KeysetHandle.importKey(one).withRandomId().makePrimary())
                .build()
                .getPrimitive(AeadConfig2026.get(), Aead.class);
    }

    private byte[] bytes(int size) {
        byte[] bytes = new byte[size];
        random.nextBytes(bytes);
        return bytes;
    }
}
