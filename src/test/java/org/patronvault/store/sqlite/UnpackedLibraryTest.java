package org.patronvault.store.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.testing.Skips;

/** Tests of the remains of a killed process's library, and their removal by the next process. */
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

    /** Whether a file is locked, by another process's view of the system. Within one process the JVM would answer. */
    private static boolean isLocked(Path file) throws IOException {
        String inode = ":" + Files.getAttribute(file, "unix:ino") + " ";
        try (Stream<String> locks = Files.lines(Path.of("/proc/locks"))) {
            return locks.anyMatch(line -> line.contains(inode));
        }
    }

    @Test
    void lockIsHeldAsLongAsTheProcessLives() throws IOException {
        Skips.unless(Files.isReadable(Path.of("/proc/locks")), "this system does not say which locks there are");
        Path lock = UnpackedLibrary.make(temporary).resolve("lock");
        assertThat(isLocked(lock)).isTrue();
        for (int n = 0; n < 3; n++) {
            System.gc();
            System.runFinalization();
        }
        assertThat(isLocked(lock)).isTrue();
        Path another = UnpackedLibrary.make(temporary).resolve("lock");
        assertThat(isLocked(lock) && isLocked(another)).isTrue();
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

    @Test
    void whatHasNoLockIsRemovedOnceItIsOldAndNotWhileItIsBeingLoaded() throws IOException {
        Path loading = leftover("patron-vault-aes-1", "libconscrypt.so");
        Path old = leftover("patron-vault-aes-2", "libconscrypt.so");
        Files.setLastModifiedTime(old, FileTime.from(Instant.now().minus(Duration.ofHours(2))));
        Path unused = UnpackedLibrary.make(temporary);
        assertThat(loading).isDirectoryContaining("glob:**libconscrypt.so");
        assertThat(old).doesNotExist();
    }
}
