package org.patronvault.crypto;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.patronvault.model.IntegrityException;

/** Vectors of Wycheproof and C2SP through the very code that opens stored values. */
class PublishedVectorsTest {
    @Test
    void aes256GcmWithTheNonceSizeOfPayloads() {
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
                    assertThat(Dek.openPayload(key, payload, aad))
                            .as(name(test))
                            .isEqualTo(Vectors.hex(test, "msg"));
                } else {
                    assertThatThrownBy(() -> Dek.openPayload(key, payload, aad))
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

    @Test
    void xaes256GcmOfTheC2spText() throws Exception {
        byte[] nonce = "ABCDEFGHIJKLMNOPQRSTUVWX".getBytes(US_ASCII);
        assertXaes((byte) 1, nonce, "", "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271");
        assertXaes(
                (byte) 3, nonce, "c2sp.org/XAES-256-GCM", "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d");
    }

    private static void assertXaes(byte keyByte, byte[] nonce, String aad, String ciphertext) throws Exception {
        byte[] key = new byte[32];
        Arrays.fill(key, keyByte);
        byte[] sealed = CanonicalBytes.plain()
                .raw(nonce)
                .raw(HexFormat.of().parseHex(ciphertext))
                .bytes();
        byte[] expected = "XAES-256-GCM".getBytes(US_ASCII);
        assertThat(Xaes256Gcm.of(key).decrypt(sealed, aad.getBytes(US_ASCII))).isEqualTo(expected);
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
