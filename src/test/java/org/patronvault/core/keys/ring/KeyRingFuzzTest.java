package org.patronvault.core.keys.ring;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.testing.ParserFuzz;

/** Fuzz tests of the opened key ring: accepted bytes are written again unchanged. */
final class KeyRingFuzzTest extends ParserFuzz {
    @Override
    protected String frequent() {
        return "\u0000\u0001\u00ff";
    }

    @Override
    protected List<byte[]> right() {
        return List.of(KeyRing.create("0123456789abcdef0123456789abcdef", new SecureRandom(), Clock.systemUTC())
                .encode());
    }

    @Override
    protected void check(byte[] input) {
        try {
            assertThat(KeyRing.decode(input).encode()).isEqualTo(input);
        } catch (IntegrityException e) {
            assertThat(e).hasMessageNotContaining("null");
        }
    }
}
