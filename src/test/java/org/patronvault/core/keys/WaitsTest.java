package org.patronvault.core.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.core.keys.ring.OpenedKeys;
import org.patronvault.testing.TestClock;

/** Tests of waiting times across restarts. */
final class WaitsTest {
    @TempDir
    private Path directory;

    private final AtomicLong nanos = new AtomicLong();

    @Test
    void fileThatCannotBeReadJustNowIsNotWrittenOver() throws IOException {
        KeyCustody custody = OpenedKeys.create(
                Files.createDirectory(directory.resolve("keys")), "0123456789abcdef0123456789abcdef", new TestClock());
        Path file = directory.resolve("waits");
        Waits before = new Waits(file, custody, nanos::get);
        before.turn(List.of("one"));
        nanos.addAndGet(TimeUnit.HOURS.toNanos(5));
        before.turn(List.of("one"));

        Path aside = directory.resolve("aside");
        Files.move(file, aside);
        Files.createDirectory(file);
        Waits after = new Waits(file, custody, nanos::get);
        assertThatThrownBy(() -> after.turn(List.of("one"))).isInstanceOf(UncheckedIOException.class);
        Files.delete(file);
        Files.move(aside, file);
        after.turn(List.of("one"));
        assertThat(after.seconds("one")).isEqualTo(TimeUnit.HOURS.toSeconds(5));

        Files.writeString(file, "{}");
        Waits edited = new Waits(file, custody, nanos::get);
        edited.turn(List.of("one"));
        assertThat(edited.seconds("one")).isZero();
    }
}
