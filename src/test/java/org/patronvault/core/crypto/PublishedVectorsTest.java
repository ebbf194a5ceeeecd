package org.patronvault.core.crypto;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Set;
import java.util.stream.Stream;
import org.bouncycastle.crypto.digests.SHAKEDigest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.testing.Skips;

/** Tests with vectors of Wycheproof and C2SP, through the code that decrypts stored values. */
class PublishedVectorsTest {
    /** Every engine of AES-GCM that there is: the JDK's, and where its library loads Conscrypt's. */
    static Stream<AesGcm> engines() {
        return Stream.concat(Stream.of(AesGcm.jdk()), AesGcm.conscrypt().stream());
    }

    @Test
    void whereThisIsBuiltConscryptLoads() {
        boolean known = System.getProperty("os.name").equals("Linux")
                && Set.of("amd64", "aarch64").contains(System.getProperty("os.arch"));
        Skips.pointless(!known, "Conscrypt has no library for this machine");
        assertThat(AesGcm.conscrypt()).isPresent();
    }

    @ParameterizedTest
    @MethodSource("engines")
    void aes256GcmWithTheNonceSizeOfPayloads(AesGcm gcm) {
        int cases = 0;
        for (JsonNode group : Vectors.wycheproofGroups("aes_gcm_test.json")) {
            if (group.get("keySize").asInt() != 256 || group.get("ivSize").asInt() != 96) {
                continue;
            }
            for (JsonNode test : group.get("tests")) {
                byte[] payload = CanonicalBytes.plain()
                        .raw(Vectors.hex(test, "iv"))
                        .raw(Vectors.hex(test, "ct"))
                        .raw(Vectors.hex(test, "tag"))
                        .bytes();
                byte[] key = Vectors.hex(test, "key");
                byte[] aad = Vectors.hex(test, "aad");
                if (isValid(test)) {
                    assertThat(Dek.openPayload(gcm, key, payload, aad))
                            .as(name(test))
                            .isEqualTo(Vectors.hex(test, "msg"));
                } else {
                    assertThatThrownBy(() -> Dek.openPayload(gcm, key, payload, aad))
                            .as(name(test))
                            .isInstanceOf(IntegrityException.class);
                }
                cases++;
            }
        }
        assertThat(cases).isEqualTo(66);
    }

    @Test
    void hmacSha256() {
        int cases = 0;
        for (JsonNode group : Vectors.wycheproofGroups("hmac_sha256_test.json")) {
            int sizeBytes = group.get("tagSize").asInt() / 8;
            for (JsonNode test : group.get("tests")) {
                byte[] tag = Prf.of(Vectors.hex(test, "key")).truncated(Vectors.hex(test, "msg"), sizeBytes);
                assertThat(MessageDigest.isEqual(tag, Vectors.hex(test, "tag")))
                        .as(name(test))
                        .isEqualTo(isValid(test));
                cases++;
            }
        }
        assertThat(cases).isEqualTo(174);
    }

    @Test
    void hkdfSha256() {
        int cases = 0;
        for (JsonNode group : Vectors.wycheproofGroups("hkdf_sha256_test.json")) {
            for (JsonNode test : group.get("tests")) {
                byte[] key = Vectors.hex(test, "ikm");
                byte[] salt = Vectors.hex(test, "salt");
                byte[] info = Vectors.hex(test, "info");
                int sizeBytes = test.get("size").asInt();
                if (isValid(test)) {
                    assertThat(SealedBox.hkdf(key, salt, info, sizeBytes))
                            .as(name(test))
                            .isEqualTo(Vectors.hex(test, "okm"));
                } else {
                    assertThatThrownBy(() -> SealedBox.hkdf(key, salt, info, sizeBytes))
                            .as(name(test))
                            .isInstanceOf(IllegalArgumentException.class);
                }
                cases++;
            }
        }
        assertThat(cases).isEqualTo(86);
    }

    @Test
    void ed25519() {
        int cases = 0;
        for (JsonNode group : Vectors.wycheproofGroups("ed25519_test.json")) {
            byte[] publicKey = Vectors.hex(group.get("publicKey"), "pk");
            for (JsonNode test : group.get("tests")) {
                assertThat(SigningKey.verify(publicKey, Vectors.hex(test, "msg"), Vectors.hex(test, "sig")))
                        .as(name(test))
                        .isEqualTo(isValid(test));
                cases++;
            }
        }
        assertThat(cases).isEqualTo(151);
    }

    @ParameterizedTest
    @MethodSource("engines")
    void xaes256GcmOfTheC2spText(AesGcm gcm) throws Exception {
        byte[] nonce = "ABCDEFGHIJKLMNOPQRSTUVWX".getBytes(US_ASCII);
        assertXaes(gcm, (byte) 1, nonce, "", "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271");
        assertXaes(
                gcm,
                (byte) 3,
                nonce,
                "c2sp.org/XAES-256-GCM",
                "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d");
    }

    /** Ten thousand keys, nonces, plaintexts and AADs out of SHAKE128 of nothing; SHAKE128 of what came of them. */
    @ParameterizedTest
    @MethodSource("engines")
    void xaes256GcmOfTheC2spTextAccumulated(AesGcm gcm) throws Exception {
        SHAKEDigest source = new SHAKEDigest(128);
        SHAKEDigest all = new SHAKEDigest(128);
        for (int i = 0; i < 10_000; i++) {
            byte[] key = next(source, Xaes256Gcm.KEY_BYTES);
            byte[] nonce = next(source, Xaes256Gcm.NONCE_BYTES);
            byte[] plaintext = next(source, next(source, 1)[0] & 0xFF);
            byte[] aad = next(source, next(source, 1)[0] & 0xFF);
            Xaes256Gcm xaes = Xaes256Gcm.of(key, gcm);
            byte[] sealed = xaes.seal(nonce, plaintext, aad);
            assertThat(xaes.open(sealed, aad)).isEqualTo(plaintext);
            all.update(sealed, Xaes256Gcm.NONCE_BYTES, sealed.length - Xaes256Gcm.NONCE_BYTES);
        }
        assertThat(HexFormat.of().formatHex(next(all, 32)))
                .isEqualTo("e6b9edf2df6cec60c8cbd864e2211b597fb69a529160cd040d56c0c210081939");
    }

    private static byte[] next(SHAKEDigest from, int bytes) {
        byte[] next = new byte[bytes];
        int unused = from.doOutput(next, 0, bytes);
        return next;
    }

    private static void assertXaes(AesGcm gcm, byte keyByte, byte[] nonce, String aad, String ciphertext)
            throws Exception {
        byte[] key = new byte[32];
        Arrays.fill(key, keyByte);
        byte[] sealed = CanonicalBytes.plain()
                .raw(nonce)
                .raw(HexFormat.of().parseHex(ciphertext))
                .bytes();
        byte[] expected = "XAES-256-GCM".getBytes(US_ASCII);
        assertThat(Xaes256Gcm.of(key, gcm).seal(nonce, expected, aad.getBytes(US_ASCII)))
                .isEqualTo(sealed);
        assertThat(Xaes256Gcm.of(key, gcm).open(sealed, aad.getBytes(US_ASCII))).isEqualTo(expected);
        assertThat(IndependentReader.xaesOpen(key, sealed, aad.getBytes(US_ASCII)))
                .isEqualTo(expected);
    }

    private static boolean isValid(JsonNode test) {
        return test.get("result").asText().equals("valid");
    }

    private static String name(JsonNode test) {
        return "tcId " + test.get("tcId").asInt() + " " + test.get("comment").asText();
    }
}
