package org.patronvault.core.keys.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DurableFileTest {
    @TempDir
    Path directory;

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    @Test
    void onlyTheOwnerCanReadWhatIsWrittenAndNothingIsLeftBeside() throws IOException {
        Path file = directory.resolve("ring.json");
        DurableFile.write(file, new byte[] {1});
        DurableFile.write(file, new byte[] {2, 3});
        assertThat(file).hasBinaryContent(new byte[] {2, 3});
        assertThat(mode(file)).isEqualTo("rw-------");
        assertThat(directory).isDirectoryNotContaining("glob:**.new");
    }

    @Test
    void aFileThatOthersCouldReadIsReplacedByOneTheyCannot() throws IOException {
        Path file = Files.writeString(directory.resolve("ring.json"), "old");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        DurableFile.write(file, new byte[] {1});
        assertThat(mode(file)).isEqualTo("rw-------");
    }

    @Test
    void whatAKillLeftHalfWrittenIsReplaced() throws IOException {
        Path file = directory.resolve("ring.json");
        Files.writeString(directory.resolve("ring.json.new"), "{\"format\":\"pv1.ri");
        DurableFile.write(file, new byte[] {1});
        assertThat(file).hasBinaryContent(new byte[] {1});
        assertThat(directory).isDirectoryNotContaining("glob:**.new");
    }

    @Test
    void aWriteThatFailsLeavesTheOldContent() throws IOException {
        Path file = directory.resolve("ring.json");
        DurableFile.write(file, new byte[] {1});
        Files.createDirectories(directory.resolve("ring.json.new/in-the-way"));
        assertThatThrownBy(() -> DurableFile.write(file, new byte[] {2})).isInstanceOf(DurableFile.Unwritable.class);
        assertThat(file).hasBinaryContent(new byte[] {1});
    }

    @Test
    void threadThatIsToEndIsNoFailureOfTheDisk() throws IOException {
        Path file = Files.createFile(directory.resolve("ledger"));
        List<String> told = new ArrayList<>();
        Runnable end = DurableFile.watch(directory, told::add);
        try (FileChannel open = FileChannel.open(file, StandardOpenOption.WRITE)) {
            Thread.currentThread().interrupt();
            DurableFile.force(open, file);
            DurableFile.sync(directory);
            assertThat(Thread.interrupted()).as("it is to end still").isTrue();
            assertThat(open.isOpen())
                    .as("what failed would not have been heard")
                    .isTrue();
        } finally {
            end.run();
        }
        assertThat(told).isEmpty();
    }

    @Test
    void everyNewDirectoryIsTheOwnersAlone() throws IOException {
        DurableFile.makeDirectory(directory.resolve("home/keys"));
        assertThat(mode(directory.resolve("home"))).isEqualTo("rwx------");
        assertThat(mode(directory.resolve("home/keys"))).isEqualTo("rwx------");
    }
}
