package org.patronvault.core.crypto;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

class Argon2idTest {
    private static final byte[] SECRET = "correct horse battery staple".getBytes(US_ASCII);
    private static final byte[] SALT = HexFormat.of().parseHex("000102030405060708090a0b0c0d0e0f");

    @Test
    void referenceVectorIsReproduced() {
        // Test suite of the reference implementation, version 0x13, 2 passes, 2^16 KiB, 1 lane
        assertThat(derive("password".getBytes(US_ASCII), "somesalt".getBytes(US_ASCII), 65_536, 2, 1))
                .isEqualTo("09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7");
    }

    @Test
    void loginAndRootParametersGiveWhatOpensslGives() {
        // openssl kdf ARGON2ID, OpenSSL 3.5
        assertThat(HexFormat.of().formatHex(Argon2id.derive(SECRET, SALT, Argon2Parameters.LOGIN, 32)))
                .isEqualTo("0d1a3c6523c8f06e4e0af9c515aa5b5448cfebd6838f2d52c3d8b6ef8ddc3c2e");
        assertThat(HexFormat.of().formatHex(Argon2id.derive(SECRET, SALT, Argon2Parameters.ROOT, 32)))
                .isEqualTo("446539bd5c5b1ecce56f2120d87c64925395b4bb2016d9369e17e67a0a2cd8db");
    }

    @Test
    void secretOfTheCallerIsLeftAsItWas() {
        byte[] secret = SECRET.clone();
        Argon2id.derive(secret, SALT, new Argon2Parameters(64, 1, 1), 32);
        assertThat(secret).isEqualTo(SECRET);
    }

    @Test
    void rootBoundsTakeTheFloorAndTheCeiling() {
        assertThatCode(Argon2Parameters.ROOT::requireWithinRootBounds).doesNotThrowAnyException();
        assertThatCode(new Argon2Parameters(1_048_576, 10, 16)::requireWithinRootBounds)
                .doesNotThrowAnyException();
    }

    @Test
    void anyNumberBelowTheFloorOrAboveTheCeilingIsRefused() {
        for (Argon2Parameters parameters : new Argon2Parameters[] {
            new Argon2Parameters(262_143, 3, 4),
            new Argon2Parameters(262_144, 2, 4),
            new Argon2Parameters(262_144, 3, 3),
            new Argon2Parameters(1_048_577, 3, 4),
            new Argon2Parameters(262_144, 11, 4),
            new Argon2Parameters(262_144, 3, 17),
            new Argon2Parameters(Integer.MIN_VALUE, 3, 4),
            new Argon2Parameters(Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE),
            Argon2Parameters.LOGIN
        }) {
            assertThatThrownBy(parameters::requireWithinRootBounds)
                    .isInstanceOfSatisfying(
                            Refused.class,
                            refused -> assertThat(refused.problem()).isEqualTo(Problem.KEYS_REFUSED));
        }
    }

    @Test
    void impossibleParametersAreNeverRun() {
        for (Argon2Parameters parameters : new Argon2Parameters[] {
            new Argon2Parameters(7, 1, 1),
            new Argon2Parameters(64, 0, 1),
            new Argon2Parameters(64, 1, 0),
            new Argon2Parameters(15, 1, 2),
            new Argon2Parameters(1_048_577, 1, 1)
        }) {
            assertThatThrownBy(() -> Argon2id.derive(SECRET, SALT, parameters, 32))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> Argon2id.derive(SECRET, new byte[7], Argon2Parameters.LOGIN, 32))
                .hasMessage("salt must be 8 bytes or more, was 7");
        assertThatThrownBy(() -> Argon2id.derive(SECRET, SALT, Argon2Parameters.LOGIN, 15))
                .hasMessage("size must be 16 to 64 bytes, was 15");
    }

    private static String derive(byte[] secret, byte[] salt, int memoryKiB, int passes, int lanes) {
        return HexFormat.of()
                .formatHex(Argon2id.derive(secret, salt, new Argon2Parameters(memoryKiB, passes, lanes), 32));
    }
}
