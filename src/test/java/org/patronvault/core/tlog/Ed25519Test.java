package org.patronvault.core.tlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.util.HexFormat;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

final class Ed25519Test {
    private static final HexFormat HEX = HexFormat.of();

    @Test
    void wycheproofSignaturesAreAcceptedAndRefusedAsTheyShould() throws IOException, MalformedException {
        Path file = Path.of("../shared/data/vectors/ed25519_test.json");
        Assumptions.assumeTrue(Files.exists(file), "Wycheproof vectors are not beside the project");
        int tests = 0;
        for (JsonNode group : new ObjectMapper().readTree(file.toFile()).get("testGroups")) {
            PublicKey key =
                    Ed25519.key(HEX.parseHex(group.get("publicKey").get("pk").asText()));
            for (JsonNode test : group.get("tests")) {
                boolean verified = Ed25519.verify(
                        key,
                        HEX.parseHex(test.get("msg").asText()),
                        HEX.parseHex(test.get("sig").asText()));
                assertThat(verified)
                        .as("tcId %s", test.get("tcId"))
                        .isEqualTo(test.get("result").asText().equals("valid"));
                tests++;
            }
        }
        assertThat(tests).isEqualTo(151);
    }

    @Test
    void noKeyOfSmallOrderIsAcceptedWithEitherSign() {
        for (String y : new String[] {
            "0100000000000000000000000000000000000000000000000000000000000000",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "0000000000000000000000000000000000000000000000000000000000000000",
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"
        }) {
            byte[] raw = HEX.parseHex(y);
            assertMalformed(raw);
            raw[31] |= (byte) 0x80;
            assertMalformed(raw);
        }
    }

    @Test
    void everyYAboveTheFieldIsRefused() {
        for (int low = 0xed; low <= 0xff; low++) {
            byte[] raw = HEX.parseHex("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f");
            raw[0] = (byte) low;
            assertMalformed(raw);
        }
    }

    private static void assertMalformed(byte[] raw) {
        assertThatExceptionOfType(MalformedException.class).isThrownBy(() -> Ed25519.key(raw));
    }
}
