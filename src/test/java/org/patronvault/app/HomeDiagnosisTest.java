package org.patronvault.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.core.model.Refused;
import org.patronvault.upkeep.backup.ProcessUser;

/** Tests of the advice if no vault is visible: it never says to create one where one may exist. */
final class HomeDiagnosisTest {
    private static final String MAKE = "`init`";
    private static final String ROOT = "root";

    @TempDir
    private Path directory;

    private Path home;

    @BeforeEach
    void create() throws IOException {
        home = Files.createDirectory(directory.resolve("home"));
    }

    private String says() {
        return catchThrowableOfType(Refused.class, new Home(home)::requireExists)
                .getMessage();
    }

    @Test
    void emptyHomeIsOneToMakeUnlessItsDiskIsMissing() throws IOException {
        assertThat(says()).contains("mount its disk", MAKE);
        Files.delete(home);
        assertThat(says()).contains("mount its disk", MAKE);
    }

    @Test
    void homeOfWhichAPartIsGoneIsNotMadeAnew() throws IOException {
        Files.createFile(home.resolve("vault.yaml"));
        assertThat(says()).contains("put back", "keys/").doesNotContain(MAKE);
    }

    @Test
    void keysOnADiskThatIsNotMountedAreNamedWithTheDisk() throws IOException {
        Files.createFile(home.resolve("vault.yaml"));
        Path disk = directory.resolve("disk/keys");
        Files.createSymbolicLink(home.resolve("keys"), disk);
        assertThat(says())
                .contains(home.resolve("keys") + " leads to " + disk, "mount the disk")
                .doesNotContain(MAKE);
        Files.createDirectories(disk);
        assertThat(new Home(home).requireExists().exists()).isTrue();
    }

    @Test
    void keysOfWhichTheRingIsGoneAreNotMadeAnew() throws IOException {
        Files.createFile(home.resolve("vault.yaml"));
        Files.createDirectory(home.resolve("keys"));
        assertThat(new HomeDoctor(new Home(home)).doctor().look())
                .filteredOn(line -> line.check().equals("keys"))
                .singleElement()
                .satisfies(line ->
                        assertThat(line.says()).contains("mount the disk").doesNotContain(MAKE));
    }

    @Test
    void homeOnADiskThatIsNotMountedIsNotTakenForAFreePlace() throws IOException {
        Files.delete(home);
        Files.createSymbolicLink(home, directory.resolve("disk"));
        assertThat(says()).contains(home + " leads to", "mount the disk").doesNotContain(MAKE);
        assertThatThrownBy(new Home(home)::requireFree)
                .isInstanceOf(Refused.class)
                .hasMessageContaining("mount the disk");
    }

    @Test
    void homeThatRootHasCopiedIsGivenBackAndAnyOthersIsLookedAtByItsOwner() {
        Path at = Path.of("/var/lib/patron-vault/home");
        assertThat(HomeDiagnosis.closedHome(at, ROOT, "patron-vault"))
                .contains("The home is there", "`chown -R patron-vault " + at + " " + at + "/keys/`");
        assertThat(HomeDiagnosis.closedHome(at, "patron-vault", "bob"))
                .contains("this user (bob) may not enter it", "run the command as patron-vault");
    }

    /**
     * Returns the doctor's report for a user who may not enter that directory, which gets another owner if possible.
     */
    private String doctorWithout(Path closed) throws Exception {
        List<String> words = new ArrayList<>();
        String modes = "---------";
        if (ProcessUser.name().equals(ROOT)) {
            // Root without what lets root into everything.
            words.addAll(List.of("setpriv", "--bounding-set=-dac_override,-dac_read_search"));
            modes = "rwx------";
            Files.setOwner(
                    closed,
                    closed.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("nobody"));
        }
        Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString(modes));
        words.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                "org.patronvault.cli.Main",
                "doctor",
                "--home",
                home.toString()));
        Path told = directory.resolve("told");
        Process process = new ProcessBuilder(words)
                .redirectErrorStream(true)
                .redirectOutput(told.toFile())
                .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwx------"));
        return Files.readString(told);
    }

    @Test
    void homeThatThisUserMayNotEnterIsToldByTheCommand() throws Exception {
        Files.createFile(home.resolve("vault.yaml"));
        Files.createDirectory(home.resolve("keys"));
        String owner = ProcessUser.name().equals(ROOT) ? "nobody" : ProcessUser.name();
        assertThat(doctorWithout(home))
                .contains("The home is there", "may not enter it", "run the command as " + owner)
                .doesNotContain(MAKE);
    }

    @Test
    void keysThatThisUserMayNotEnterAreNotSaidToBeGone() throws Exception {
        Files.createFile(home.resolve("vault.yaml"));
        Files.createFile(Files.createDirectory(home.resolve("keys")).resolve("ring.json"));
        assertThat(doctorWithout(home.resolve("keys")))
                .containsPattern("wrong keys +Whether there is a key ring in keys/ this user may not see: give keys/")
                .doesNotContain(MAKE);
    }
}
