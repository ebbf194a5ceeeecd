package org.patronvault.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is left of a library by who was killed, and by whom it is removed. */
final class UnpackedLibraryTest {
    @TempDir
    private Path temporary;

    private Path leftover(String name, String... files) throws IOException {
        Path directory = Files.createDirectory(temporary.resolve(name));
        for (String file : files) {
            Files.createFile(directory.resolve(file));
        }
        return directory;
    }

    @Test
    void nobodyElseMayEnterIt() throws IOException {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(UnpackedLibrary.make(temporary))))
                .isEqualTo("rwx------");
    }

    @Test
    void whatWasLeftIsRemovedAndWhatIsInUseIsNot() throws IOException {
        Path left = leftover("patron-vault-1", "lock", "sqlite-3-libsqlitejdbc.so");
        Path inUse = UnpackedLibrary.make(temporary);
        assertThat(left).doesNotExist();
        Path next = UnpackedLibrary.make(temporary);
        assertThat(inUse).isDirectoryContaining("glob:**lock");
        assertThat(next).isNotEqualTo(inUse).isDirectory();
    }

    @Test
    void whatIsAboutToBeUsedOrIsAnotherThingIsLeft() throws IOException {
        Path begun = leftover("patron-vault-2", "lock.new");
        Path other = leftover("patron-vault-3", "lock");
        leftover("patron-vault-3/directory", "file");
        Path outside = leftover("elsewhere", "lock");
        Path link = Files.createSymbolicLink(temporary.resolve("patron-vault-4"), outside);
        Path unrelated = leftover("vault-5", "lock");
        Path made = UnpackedLibrary.make(temporary);
        assertThat(made).isDirectory();
        assertThat(begun).isDirectoryContaining("glob:**lock.new");
        assertThat(other.resolve("directory/file")).exists();
        assertThat(link).isSymbolicLink();
        assertThat(outside.resolve("lock")).exists();
        assertThat(unrelated.resolve("lock")).exists();
    }
}
