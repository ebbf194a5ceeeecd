package org.patronvault.core.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.testing.ParserFuzz;

/** Fuzz tests of envelopes: an accepted envelope has exactly the input's bytes, and anything else is refused. */
final class EnvelopeFuzzTest extends ParserFuzz {
    @Override
    protected String frequent() {
        return "\u0001\u0000\u0080";
    }

    @Override
    protected List<byte[]> right() {
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

    @Override
    protected void check(byte[] input) {
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
