package org.patronvault.core.keys.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.core.keys.ring.RingFile;
import org.patronvault.core.keys.slot.SlotsFile;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

final class SmallFileTest {
    @TempDir
    private Path directory;

    @Test
    void fileOfAsMuchAsItMayHaveIsReadAndOneOfMoreIsNot() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "caf\u00e9");
        assertThat(SmallFile.readText(file, 5)).isEqualTo("caf\u00e9");
        assertThat(SmallFile.read(file, 5)).hasSize(5);
        assertThatThrownBy(() -> SmallFile.read(file, 4)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> SmallFile.read(directory.resolve("absent"), 4)).isInstanceOf(IOException.class);
        Files.write(file, "caf\u00e9".getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> SmallFile.readText(file, 5)).isInstanceOf(IOException.class);
    }

    @Test
    void filesOfKeysThatAreLongerThanTheMemoryAreRefused() throws IOException {
        Path file = directory.resolve("file");
        try (RandomAccessFile longer = new RandomAccessFile(file.toFile(), "rw")) {
            longer.setLength(1L << 36);
        }
        assertThatThrownBy(() -> RingFile.read(file))
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.KEYS_REFUSED));
        assertThatThrownBy(() -> SlotsFile.read(file))
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.KEYS_REFUSED));
    }
}
