package org.patronvault.upkeep.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests of who may read a file with a secret. */
final class SecretFileTest {
    @TempDir
    private Path directory;

    @ParameterizedTest
    @CsvSource({
        "own,rw-------,''",
        "own,r--------,''",
        "own,rw-r-----, is open to others: run `chmod 600` on it.",
        "own,rw----r--, is open to everybody on this machine: run `chmod o=` on it.",
        "root's,rw-r-----,''",
        "root's,rw-rw----, is open to others: run `chmod 640` on it.",
        "root's,rw-r--r--, is open to everybody on this machine: run `chmod o=` on it.",
    })
    void fileIsForWhoHasToReadItAlone(String whose, String modes, String says) throws IOException {
        Path file = Files.writeString(directory.resolve("secret"), "a secret");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(modes));
        String owner = Files.getOwner(file).getName();
        boolean own = whose.equals("own");
        assumeTrue(own || owner.equals("root"), "only root can make a file of root's");
        String user = own ? owner : "patron-vault";
        assertThat(SecretFile.fault(file, user))
                .isEqualTo(Optional.of(says).filter(text -> !text.isEmpty()).map(text -> " " + text));
    }

    @Test
    void fileOfAnotherUserIsReadByThatUserWhateverItsModes() throws IOException {
        Path file = Files.writeString(directory.resolve("secret"), "a secret");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        assumeTrue(Files.getOwner(file).getName().equals("root"), "only root gives files away");
        Files.setOwner(
                file, file.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("nobody"));
        assertThat(SecretFile.fault(file, "patron-vault"))
                .contains(" belongs to another user: run `chown patron-vault` on it.");
    }

    @Test
    void userWithoutANameOwnsFilesToo() throws IOException {
        Path file = Files.writeString(directory.resolve("secret"), "a secret");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        String name = System.getProperty("user.name");
        try {
            // Java's text for a user number without a name, as in the container.
            System.setProperty("user.name", "?");
            assertThat(ProcessUser.name()).isEqualTo(Files.getOwner(file).getName());
            assertThat(SecretFile.fault(file)).contains(" is open to others: run `chmod 600` on it.");
        } finally {
            System.setProperty("user.name", name);
        }
    }

    @ParameterizedTest
    @CsvSource({"none", "none/below"})
    void fileThatIsNotThereIsSaidToBeMissing(String name) {
        assertThat(SecretFile.fault(directory.resolve(name), "patron-vault"))
                .contains(" is not there, or where the user patron-vault cannot get at it.");
    }
}
