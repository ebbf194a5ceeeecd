package org.patronvault.web.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.stream.IntStream;
import org.eclipse.jetty.io.RetainableByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.patronvault.testing.LongRun;

/** Tests that Jetty's buffers keep nothing of a request after the last holder returns them. */
final class ClearedBuffersTest {
    private static final byte[] SECRET = "twelve small herons wade at dawn".getBytes(StandardCharsets.US_ASCII);

    private final ClearedBuffers pool = new ClearedBuffers();

    /** All bytes of a buffer with the secret at its beginning and its end; it is empty as far as Jetty knows. */
    private static ByteBuffer filled(RetainableByteBuffer buffer) {
        ByteBuffer all = buffer.getByteBuffer().duplicate().clear();
        all.put(0, SECRET).put(all.capacity() - SECRET.length, SECRET);
        return all;
    }

    private static boolean isClear(ByteBuffer all) {
        return IntStream.range(0, all.capacity()).allMatch(i -> all.get(i) == 0);
    }

    @ParameterizedTest
    @CsvSource({"8192, true", "8192, false", "32768, true", "17000, false", "200000, true"})
    void bufferIsOverwrittenWholeWhenItIsGivenBack(int size, boolean direct) {
        RetainableByteBuffer buffer = pool.acquire(size, direct);
        assertThat(buffer.isDirect()).isEqualTo(direct);
        ByteBuffer all = filled(buffer);
        assertThat(buffer.release()).isTrue();
        assertThat(isClear(all)).isTrue();
    }

    @Test
    void bufferThatOthersHoldIsOverwrittenByTheLastOfThem() {
        RetainableByteBuffer buffer = pool.acquire(8_192, true);
        ByteBuffer all = filled(buffer);
        buffer.retain();
        assertThat(buffer.isRetained()).isTrue();
        assertThat(buffer.release()).isFalse();
        assertThat(isClear(all)).isFalse();
        assertThat(buffer.isRetained()).isFalse();
        assertThat(buffer.release()).isTrue();
        assertThat(isClear(all)).isTrue();
        assertThatThrownBy(buffer::release).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(buffer::retain).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void bufferThatComesBackIsEmptyAndUsedAgain() {
        RetainableByteBuffer first = pool.acquire(8_192, true);
        ByteBuffer all = filled(first);
        first.getByteBuffer().limit(100);
        first.release();
        RetainableByteBuffer second = pool.acquire(8_192, true);
        assertThat(second.hasRemaining()).isFalse();
        assertThat(second.isRetained()).isFalse();
        filled(second);
        assertThat(isClear(all)).as("it is another buffer").isFalse();
        second.release();
        assertThat(isClear(all)).isTrue();
    }

    @Test
    void whateverOrderHoldersEndInTheBufferIsClearedOnce() {
        for (int round = 0; round < LongRun.times(200, 20_000); round++) {
            RetainableByteBuffer buffer = pool.acquire(8_192, true);
            ByteBuffer all = filled(buffer);
            IntStream.range(0, 7).forEach(any -> buffer.retain());
            long last = IntStream.range(0, 8)
                    .parallel()
                    .filter(any -> buffer.release())
                    .count();
            assertThat(last).isEqualTo(1);
            assertThat(isClear(all)).isTrue();
        }
    }
}
