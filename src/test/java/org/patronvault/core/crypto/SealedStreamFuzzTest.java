package org.patronvault.core.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.testing.LongRun;
import org.patronvault.testing.ParserFuzz;

/** Fuzz tests of a backup's encrypted database: an accepted stream gives the original, and anything else is refused. */
final class SealedStreamFuzzTest extends ParserFuzz {
    private static final SealedStream STREAM = SealedStream.of(new byte[32]);
    private static final byte[] AAD = "backup".getBytes(StandardCharsets.US_ASCII);
    private static final List<byte[]> PLAIN =
            List.of(new byte[0], new byte[100], "a page".getBytes(StandardCharsets.US_ASCII));
    private static final List<byte[]> SEALED =
            PLAIN.stream().map(SealedStreamFuzzTest::sealed).toList();

    private static byte[] sealed(byte[] plain) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            STREAM.seal(AAD, new ByteArrayInputStream(plain), out, done -> {});
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    @Override
    protected String frequent() {
        return "(\u0000";
    }

    @Override
    protected List<byte[]> right() {
        return SEALED;
    }

    @Override
    protected int made() {
        return LongRun.times(2_000, 20_000);
    }

    @Override
    protected void check(byte[] input) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            STREAM.open(AAD, new ByteArrayInputStream(input), out, done -> {});
            assertThat(SEALED).contains(input);
            assertThat(PLAIN).contains(out.toByteArray());
        } catch (IntegrityException e) {
            assertThat(e.getMessage()).startsWith("sealed stream: ");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
