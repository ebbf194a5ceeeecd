package org.patronvault.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.core.model.Refused;

final class ServicePathsTest {
    @TempDir
    private Path directory;

    @Test
    void directoryThatIsTheSameForBothIsOpen() {
        assertThat(ServicePaths.here()).containsKey("/tmp");
        assertThatCode(() -> ServicePaths.requireShared(ServicePaths.here(), Path.of("/tmp/export")))
                .doesNotThrowAnyException();
    }

    @Test
    void pathInADirectoryThatIsAnotherHereIsRefusedHoweverItIsWritten() {
        Map<String, String> apart = Map.of("/tmp", "(dev=1,ino=2)");
        for (String path : new String[] {"/tmp/export", "/tmp", "/srv/../tmp/export"}) {
            assertThatThrownBy(() -> ServicePaths.requireShared(apart, Path.of(path)))
                    .as(path)
                    .isInstanceOf(Refused.class)
                    .hasMessageContaining("a /tmp of its own");
        }
        assertThatCode(() -> ServicePaths.requireShared(apart, Path.of("/tmpfiles/export")))
                .doesNotThrowAnyException();
    }

    @Test
    void directoryThatIsNotThereHereIsAnother() {
        assertThatThrownBy(() -> ServicePaths.requireShared(
                        Map.of("/no-such-directory", "(dev=1,ino=2)"), Path.of("/no-such-directory/export")))
                .isInstanceOf(Refused.class);
    }

    @Test
    void whatCanBeMadeCanBeWrittenAndBelowAFileNothingCan() throws Exception {
        assertThatCode(() -> ServicePaths.requireWritable(directory.resolve("new/and/deeper")))
                .doesNotThrowAnyException();
        Path file = Files.createFile(directory.resolve("file"));
        assertThatThrownBy(() -> ServicePaths.requireWritable(file.resolve("below")))
                .isInstanceOf(Refused.class)
                .hasMessageContaining("cannot be written");
    }
}
