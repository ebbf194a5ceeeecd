package org.patronvault.keys;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import org.patronvault.model.IntegrityException;
import org.patronvault.testing.ParserFuzz;

/** Bytes in place of an opened key ring: what is taken for one is written again as those very bytes. */
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
