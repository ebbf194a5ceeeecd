package org.patronvault.core.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.GeneralSecurityException;
import java.security.Provider;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests of AES-256-GCM and XAES-256-GCM with every implementation. */
class AesGcmTest {
    private static final byte[] AAD = {1, 2, 3};

    private static byte[] sealedBy(AesGcm gcm, byte[] key, byte[] plaintext) {
        byte[] sealed = Arrays.copyOf(
                SecureBytes.random(AesGcm.NONCE_BYTES), AesGcm.NONCE_BYTES + plaintext.length + AesGcm.TAG_BYTES);
        gcm.seal(key, plaintext, AAD, sealed, 0, AesGcm.NONCE_BYTES);
        return sealed;
    }

    private static byte[] openedBy(AesGcm gcm, byte[] key, byte[] sealed) throws GeneralSecurityException {
        return gcm.open(key, sealed, 0, AesGcm.NONCE_BYTES, AAD);
    }

    /** A vault moves between machines of which one has Conscrypt's library and the other has not. */
    @Test
    void whatOneEngineSealsTheOtherOpens() throws GeneralSecurityException {
        AesGcm java = AesGcm.jdk();
        AesGcm fastest = AesGcm.fastest();
        for (int bytes : new int[] {0, 1, 15, 16, 17, 64, 1344, 65_536}) {
            byte[] key = SecureBytes.random(32);
            byte[] plaintext = SecureBytes.random(bytes);
            assertThat(openedBy(java, key, sealedBy(fastest, key, plaintext))).isEqualTo(plaintext);
            assertThat(openedBy(fastest, key, sealedBy(java, key, plaintext))).isEqualTo(plaintext);
        }
    }

    @Test
    void whatWasChangedInAnyBitOrCutIsRefusedByBoth() {
        for (AesGcm gcm : new AesGcm[] {AesGcm.jdk(), AesGcm.fastest()}) {
            byte[] key = SecureBytes.random(32);
            byte[] sealed = sealedBy(gcm, key, SecureBytes.random(5));
            for (int bit = 0; bit < sealed.length * Byte.SIZE; bit++) {
                byte[] changed = sealed.clone();
                changed[bit / Byte.SIZE] ^= (byte) (1 << (bit % Byte.SIZE));
                assertThatThrownBy(() -> openedBy(gcm, key, changed)).isInstanceOf(GeneralSecurityException.class);
            }
            for (int length = 0; length < sealed.length; length++) {
                byte[] cut = Arrays.copyOf(sealed, length);
                assertThatThrownBy(() -> openedBy(gcm, key, cut)).isInstanceOf(GeneralSecurityException.class);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 23, 24, 39})
    void whatIsTooShortToBeOfXaesIsRefused(int bytes) {
        Xaes256Gcm xaes = Xaes256Gcm.of(SecureBytes.random(Xaes256Gcm.KEY_BYTES));
        assertThatThrownBy(() -> xaes.open(new byte[bytes], AAD)).isInstanceOf(GeneralSecurityException.class);
    }

    @Test
    void oneKeyUsedByManyThreadsGivesTheSameAsByOne() {
        byte[] key = SecureBytes.random(Xaes256Gcm.KEY_BYTES);
        Xaes256Gcm shared = Xaes256Gcm.of(key);
        IntStream.range(0, 20_000).parallel().forEach(i -> {
            byte[] plaintext = CanonicalBytes.plain().u32(i).bytes();
            byte[] sealed = shared.seal(plaintext, AAD);
            try {
                assertThat(shared.open(sealed, AAD)).isEqualTo(plaintext);
                assertThat(IndependentReader.xaesOpen(key, sealed, AAD)).isEqualTo(plaintext);
            } catch (GeneralSecurityException e) {
                throw new AssertionError(e);
            }
        });
    }

    @Test
    void whereTheLibraryDoesNotLoadThereIsTheJdks() {
        assertThat(AesGcm.loaded(() -> {
                    throw new UnsatisfiedLinkError();
                }))
                .isEmpty();
        // Oracle's JDK takes ciphers of nobody whose jar is not signed.
        assertThat(AesGcm.loaded(() -> {
                    throw new SecurityException();
                }))
                .isEmpty();
        assertThat(AesGcm.loaded(() -> new Provider("without", "1", "AES-GCM") {
                    private static final long serialVersionUID = 1L;
                }))
                .isEmpty();
    }

    /** None comes by chance. Only the last of a thread is remembered. */
    @Test
    void aKeyAndNonceUsedTwiceInARowAreRefused() {
        byte[] key = SecureBytes.random(32);
        byte[] room = new byte[AesGcm.NONCE_BYTES + 1 + AesGcm.TAG_BYTES];
        for (AesGcm gcm : new AesGcm[] {AesGcm.jdk(), AesGcm.fastest()}) {
            gcm.seal(key, new byte[1], AAD, room, 0, AesGcm.NONCE_BYTES);
            assertThatThrownBy(() -> gcm.seal(key, new byte[1], AAD, room, 0, AesGcm.NONCE_BYTES))
                    .isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void noTwoSealsShareANonce() {
        Xaes256Gcm xaes = Xaes256Gcm.of(SecureBytes.random(Xaes256Gcm.KEY_BYTES));
        Set<String> nonces = new HashSet<>();
        for (int i = 0; i < 1_000; i++) {
            assertThat(nonces.add(Arrays.toString(Arrays.copyOf(xaes.seal(new byte[1], AAD), Xaes256Gcm.NONCE_BYTES))))
                    .isTrue();
        }
    }
}
