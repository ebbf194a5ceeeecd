package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.patronvault.system.VaultProcess.Ran;

/** What a server that runs keeps to itself: its files, its home, its ports. */
class RunningServerIT {
    private static RunningVault vault;

    @BeforeAll
    static void start() {
        vault = RunningVault.create().startWith("--public-port", "0");
    }

    @AfterAll
    static void stop() {
        vault.close();
    }

    @Test
    void nobodyElseOnTheMachineMayReadAnything() throws IOException {
        vault.register(vault.signIn("clerk"), SamplePatron.of(1));

        try (Stream<Path> files = Files.walk(vault.home())) {
            assertThat(files).allSatisfy(file -> {
                String mode = PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
                assertThat(mode)
                        .as("%s", vault.home().relativize(file))
                        .isEqualTo(Files.isDirectory(file) ? "rwx------" : "rw-------");
            });
        }
        assertThat(vault.home().resolve("node/socket")).exists();
    }

    @Test
    void secondServerOnTheHomeIsRefused() {
        Ran second = vault.run("serve", "--port", "0");

        assertThat(second.exit()).as("%s", second).isEqualTo(5);
        assertThat(second.err().lines()).hasSize(1);
        assertThat(vault.call("GET", "/health/ready").status()).isEqualTo(200);
    }

    @Test
    void portsThatCannotBeAreNamed() {
        assertThat(vault.run("serve", "--port", "99999").exit()).isEqualTo(2);
        Ran same = vault.run("serve", "--port", "4711", "--public-port", "4711");
        assertThat(same.exit()).isEqualTo(2);
        assertThat(same.err()).contains("--public-port");
    }

    @Test
    void publicListenerServesThePublicPagesAndNothingElse() {
        String inside = vault.address();
        String outside = vault.publicAddress();
        assertThat(outside).isNotEqualTo(inside);

        vault.at(outside);
        assertThat(vault.call("GET", "/policy").status()).isEqualTo(200);
        assertThat(vault.call("GET", "/policy").text()).contains("2018-05");
        assertThat(vault.call("GET", "/v1/policy").status()).isEqualTo(200);
        assertThat(vault.call("GET", "/static/vault.css").status()).isEqualTo(200);
        for (String path :
                List.of("/", "/docs", "/metrics", "/health/ready", "/v1/keys", "/static/desk.js", "/nowhere")) {
            assertThat(vault.call("GET", path).refusal()).as(path).isEqualTo("404 not-found");
        }
        assertThat(vault.call("POST", "/v1/sessions", "", RunningVault.credentials("clerk", RunningVault.PASSWORD))
                        .refusal())
                .isEqualTo("404 not-found");
        vault.at(inside);
        assertThat(vault.call("GET", "/policy").status()).isEqualTo(200);
        assertThat(vault.signIn("clerk")).isNotEmpty();
    }
}
