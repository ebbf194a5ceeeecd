package org.patronvault.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.patronvault.model.IntegrityException;
import org.patronvault.testing.FuzzInputs;

/** Bytes in place of an envelope: what is taken for one is those very bytes, and all else is refused. */
final class EnvelopeFuzzTest {
    private static final FuzzInputs INPUTS = new FuzzInputs("\u0001\u0000\u0080");

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
        INPUTS.holdsFor(right(), 20_000, EnvelopeFuzzTest::check);
    }

    private static List<byte[]> right() {
        return List.of(
                Envelope.of(
                                1,
                                new byte[Envelope.WRAP_BYTES],
                                new byte[Envelope.COMMITMENT_BYTES],
                                new byte[64 + Envelope.PAYLOAD_OVERHEAD_BYTES])
                        .bytes(),
                Envelope.of(
                                Integer.MAX_VALUE,
                                new byte[Envelope.WRAP_BYTES],
                                new byte[Envelope.COMMITMENT_BYTES],
                                new byte[256 + Envelope.PAYLOAD_OVERHEAD_BYTES])
                        .bytes());
    }

    private static void check(byte[] input) {
        try {
            Envelope envelope = Envelope.parse(input);
            assertThat(envelope.bytes()).isEqualTo(input);
            assertThat(Envelope.of(envelope.kekVersion(), envelope.wrap(), envelope.commitment(), envelope.payload())
                            .bytes())
                    .isEqualTo(input);
        } catch (IntegrityException e) {
            assertThat(e.getMessage()).startsWith("envelope: ");
        }
    }
}
