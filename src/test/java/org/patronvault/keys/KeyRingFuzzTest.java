package org.patronvault.keys;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.patronvault.model.IntegrityException;
import org.patronvault.testing.FuzzInputs;

/** Bytes in place of an opened key ring: what is taken for one is written again as those very bytes. */
final class KeyRingFuzzTest {
    private static final FuzzInputs INPUTS = new FuzzInputs("\u0000\u0001\u00ff");

    @FuzzTest(maxDuration = "")
    void parser(byte[] input) {
        INPUTS.count();
        check(input);
    }

    @AfterAll
    static void triedAsManyAsAskedFor() {
        INPUTS.requireAsManyAsAskedFor();
    }

    @Test
    void parserHoldsForOthersMadeOfRightOnes() {
        INPUTS.holdsFor(right(), 20_000, KeyRingFuzzTest::check);
    }

    private static List<byte[]> right() {
        return List.of(KeyRing.create("0123456789abcdef0123456789abcdef", new SecureRandom(), Clock.systemUTC())
                .encode());
    }

    private static void check(byte[] input) {
        try {
            assertThat(KeyRing.decode(input).encode()).isEqualTo(input);
        } catch (IntegrityException e) {
            assertThat(e).hasMessageNotContaining("null");
        }
    }
}
