package org.patronvault.upkeep;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who may read a file with a secret. */
final class SecretFileTest {
    @TempDir
    private Path directory;

    @ParameterizedTest
    @CsvSource({
        "own,rw-------,''",
        "own,r--------,''",
        "own,rw-r-----, is open to others: run `chmod 600` on it.",
        "own,rw----r--, is open to everybody on this machine: run `chmod o=` on it.",
        "another's,rw-r-----,''",
        "another's,rw-rw----, is open to others: run `chmod 640` on it.",
        "another's,rw-r--r--, is open to everybody on this machine: run `chmod o=` on it.",
    })
    void fileIsForWhoHasToReadItAlone(String whose, String modes, String says) throws IOException {
        Path file = Files.writeString(directory.resolve("secret"), "a secret");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(modes));
        String user = whose.equals("own") ? Files.getOwner(file).getName() : "patron-vault";
        assertThat(SecretFile.fault(file, user))
                .isEqualTo(Optional.of(says).filter(text -> !text.isEmpty()).map(text -> " " + text));
    }

    @ParameterizedTest
    @CsvSource({"none", "none/below"})
    void fileThatIsNotThereIsSaidToBeMissing(String name) {
        assertThat(SecretFile.fault(directory.resolve(name), "patron-vault"))
                .contains(" is not there, or where the user patron-vault cannot get at it.");
    }
}
