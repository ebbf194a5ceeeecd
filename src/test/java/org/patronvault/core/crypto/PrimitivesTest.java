package org.patronvault.core.crypto;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.patronvault.core.model.IntegrityException;

/** Tests of PRF, AES-SIV, row MAC, signatures and wiping. */
class PrimitivesTest {
    private static final byte[] KEY = SecureBytes.random(32);

    @Test
    void prfGivesThePublishedOutput() {
        // RFC 4231, test case 1
        byte[] key = new byte[20];
        Arrays.fill(key, (byte) 0x0b);
        byte[] expected = hex("b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");

        assertThat(Prf.of(key).full("Hi There".getBytes(US_ASCII))).isEqualTo(expected);
        assertThat(Prf.of(key).truncated("Hi There".getBytes(US_ASCII), 16)).isEqualTo(Arrays.copyOf(expected, 16));
    }

    @Test
    void prfUsedByManyThreadsGivesTheSameAsByOne() {
        Prf prf = Prf.of(KEY);
        IntStream.range(0, 20_000).parallel().forEach(i -> {
            byte[] input = CanonicalBytes.plain().u32(i).bytes();
            assertThat(prf.full(input)).isEqualTo(Prf.of(KEY).full(input));
        });
    }

    @Test
    void prfRefusesShortKeysAndImpossibleSizes() {
        assertThatThrownBy(() -> Prf.of(new byte[15])).hasMessage("PRF key must be 16 bytes or more, was 15");
        for (int size : new int[] {0, 33, -1}) {
            assertThatThrownBy(() -> Prf.of(KEY).truncated(new byte[0], size))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void sivBoxIsDeterministicAndOpens() {
        SivBox box = SivBox.of(SecureBytes.random(64));
        byte[] plaintext = "posting".getBytes(UTF_8);
        byte[] aad = "label".getBytes(UTF_8);
        byte[] sealed = box.seal(plaintext, aad);

        assertThat(box.seal(plaintext, aad)).isEqualTo(sealed).hasSize(SivBox.OVERHEAD_BYTES + plaintext.length);
        assertThat(box.open(sealed, aad)).isEqualTo(plaintext);
        assertThat(box.seal(plaintext, "lapel".getBytes(UTF_8))).isNotEqualTo(sealed);
    }

    @Test
    void sivBoxRefusesFlippedBitsOtherAadAndOtherKey() {
        SivBox box = SivBox.of(SecureBytes.random(64));
        byte[] aad = "label".getBytes(UTF_8);
        byte[] sealed = box.seal("posting".getBytes(UTF_8), aad);
        for (int bit = 0; bit < sealed.length * 8; bit++) {
            byte[] changed = sealed.clone();
            changed[bit / 8] ^= (byte) (1 << (bit % 8));
            assertThatThrownBy(() -> box.open(changed, aad)).isInstanceOf(IntegrityException.class);
        }
        assertThatThrownBy(() -> box.open(sealed, KEY)).isInstanceOf(IntegrityException.class);
        assertThatThrownBy(() -> box.open(new byte[3], aad)).isInstanceOf(IntegrityException.class);
        assertThatThrownBy(() -> SivBox.of(SecureBytes.random(64)).open(sealed, aad))
                .isInstanceOf(IntegrityException.class);
    }

    @Test
    void rowMacIsOfTableKeyGenerationAndBody() {
        RowMac rowMac = RowMac.of(KEY);
        byte[] rowKey = "clerk".getBytes(UTF_8);
        byte[] body = "circulation".getBytes(UTF_8);
        byte[] mac = rowMac.mac("staff", rowKey, 5, body);

        assertThat(mac)
                .isEqualTo(Prf.of(KEY)
                        .full(hex("00000007" + "7076312e726f77" + "00000005" + "7374616666" + "00000005" + "636c65726b"
                                + "0000000000000005" + "0000000b" + "63697263756c6174696f6e")));
        assertThat(rowMac.verify("staff", rowKey, 5, body, mac)).isTrue();
        assertThat(rowMac.verify("stafg", rowKey, 5, body, mac)).isFalse();
        assertThat(rowMac.verify("staff", body, 5, body, mac)).isFalse();
        assertThat(rowMac.verify("staff", rowKey, 4, body, mac)).isFalse();
        assertThat(rowMac.verify("staff", rowKey, 5, rowKey, mac)).isFalse();
        assertThat(rowMac.verify("staff", rowKey, 5, body, Arrays.copyOf(mac, 31)))
                .isFalse();
        assertThat(RowMac.of(SecureBytes.random(32)).verify("staff", rowKey, 5, body, mac))
                .isFalse();
    }

    @Test
    void signatureIsThatOfThePublishedVector() {
        // RFC 8032, section 7.1, test 2
        SigningKey key = SigningKey.ofSeed(hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"));
        byte[] signature = hex("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");

        assertThat(key.publicKey()).isEqualTo(hex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"));
        assertThat(key.sign(new byte[] {0x72})).isEqualTo(signature);
        assertThat(SigningKey.verify(key.publicKey(), new byte[] {0x72}, signature))
                .isTrue();
    }

    @Test
    void otherMessageKeyOrMalformedSignatureDoesNotVerify() {
        SigningKey key = SigningKey.ofSeed(KEY);
        byte[] message = "checkpoint".getBytes(UTF_8);
        byte[] signature = key.sign(message);

        assertThat(SigningKey.verify(key.publicKey(), KEY, signature)).isFalse();
        assertThat(SigningKey.verify(SigningKey.ofSeed(SecureBytes.random(32)).publicKey(), message, signature))
                .isFalse();
        assertThat(SigningKey.verify(key.publicKey(), message, Arrays.copyOf(signature, 63)))
                .isFalse();
        assertThat(SigningKey.verify(Arrays.copyOf(key.publicKey(), 31), message, signature))
                .isFalse();
        assertThat(SigningKey.verify(new byte[32], message, signature)).isFalse();
        byte[] notOnTheCurve = new byte[32];
        Arrays.fill(notOnTheCurve, (byte) 0xFF);
        assertThat(SigningKey.verify(notOnTheCurve, message, signature)).isFalse();
    }

    @Test
    void wipedArraysAreZero() {
        byte[] secret = SecureBytes.random(16);
        assertThat(secret).isNotEqualTo(new byte[16]);
        SecureBytes.wipe(secret, null);
        assertThat(secret).isEqualTo(new byte[16]);
    }

    @Test
    void closedDekIsWiped() {
        byte[] binding = new byte[] {1};
        Dek dek = Dek.fresh();
        byte[] before = dek.commitment(binding);
        dek.close();
        assertThat(dek.commitment(binding))
                .isNotEqualTo(before)
                .isEqualTo(Prf.of(new byte[32]).full("pv1.commit\u0001".getBytes(US_ASCII)));
    }

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text);
    }
}
