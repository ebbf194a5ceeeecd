package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.patronvault.testing.Skips;

/**
 * What is in the container image runs as container.md says: by its own entry point and environment, as its own user, first
 * of all processes, with nothing to write but its volume and {@code /tmp}. Needs root.
 */
@Tag("image")
class ImageIT {
    private static final Path IMAGE = Path.of(System.getProperty("vault.image", "target/patron-vault-image.tar"));
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String USER = "10001";
    private static final String VOLUME = "/var/lib/patron-vault";
    private static final Pattern LISTENING = Pattern.compile("Listening on https://0\\.0\\.0\\.0:(\\d+)/, sealed");
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** What a container engine does, in name spaces of its own: $1 is the root, $2 the volume, the rest the process. */
    private static final String RUN = """
            set -eu
            mount --bind "$1" "$1"
            mount -o remount,bind,ro "$1"
            mount --bind "$2" "$1%s"
            mount -t tmpfs -o mode=1777 tmpfs "$1/tmp"
            mount -t proc proc "$1/proc"
            mount --rbind /dev "$1/dev"
            root=$1
            shift 2
            exec chroot --userspec=%s:%s "$root" env --ignore-environment --chdir=%s "$@"
            """.formatted(VOLUME, USER, USER, VOLUME);

    private final Path directory = Path.of("target", "image").toAbsolutePath();
    private final Path root = directory.resolve("root");
    private final Path volume = directory.resolve("volume");
    private JsonNode config;
    private Process server;

    @BeforeEach
    void unpack() throws IOException {
        Skips.unless("root".equals(System.getProperty("user.name")), "only root can change the root directory");
        Skips.unless(Files.exists(IMAGE), "there is no image; mvn -Pimage makes it");
        run("rm", "-rf", "--one-file-system", directory.toString());
        Path parts = directory.resolve("parts");
        Files.createDirectories(parts);
        Files.createDirectories(root);
        Files.createDirectories(volume);
        run("tar", "--extract", "--file", IMAGE.toString(), "--directory", parts.toString());
        JsonNode image = JSON.readTree(parts.resolve("manifest.json").toFile()).get(0);
        for (JsonNode layer : image.path("Layers")) {
            run(
                    "tar",
                    "--extract",
                    "--same-owner",
                    "--preserve-permissions",
                    "--file",
                    parts.resolve(layer.asText()).toString(),
                    "--directory",
                    root.toString());
        }
        assertThat(strings(image.path("RepoTags")))
                .as("what the guide calls it")
                .contains("patron-vault:latest");
        config = JSON.readTree(parts.resolve(image.path("Config").asText()).toFile())
                .path("config");
        Files.writeString(volume.resolve("passphrase"), "seven grey geese over the mill\n");
        Files.writeString(volume.resolve("password"), "an early morning walk\n");
        run("chmod", "-R", "go=", volume.toString());
        run("chown", "-R", USER + ":" + USER, volume.toString());
    }

    @AfterEach
    void stop() throws IOException {
        if (server != null) {
            server.descendants().forEach(ProcessHandle::destroyForcibly);
            server.destroyForcibly();
        }
        run("rm", "-rf", "--one-file-system", directory.toString());
    }

    private static String run(String... words) {
        VaultProcess.Ran ran = VaultProcess.command(Map.of(), words);
        assertThat(ran.exit()).as("%s: %s", List.of(words), ran.out()).isZero();
        return ran.out();
    }

    private static List<String> strings(JsonNode all) {
        List<String> strings = new ArrayList<>();
        all.forEach(one -> strings.add(one.asText()));
        return strings;
    }

    /** As an engine runs the image with these arguments; with its own if there are none. */
    private String[] container(String... arguments) {
        List<String> words = new ArrayList<>(List.of("unshare", "--mount", "--pid", "--fork", "sh", "-c", RUN, "sh"));
        words.addAll(List.of(root.toString(), volume.toString()));
        words.addAll(strings(config.path("Env")));
        words.addAll(strings(config.path("Entrypoint")));
        words.addAll(arguments.length == 0 ? strings(config.path("Cmd")) : List.of(arguments));
        return words.toArray(String[]::new);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String ready(String port) {
        return run(
                "curl",
                "--silent",
                "--show-error",
                "--cacert",
                volume.resolve("home/tls/ca.crt").toString(),
                "--resolve",
                "vault.library.lan:" + port + ":127.0.0.1",
                "https://vault.library.lan:" + port + "/health/ready");
    }

    private static List<String> files(Path below, String... tests) {
        List<String> words = new ArrayList<>(List.of("find", below.toString(), "-xdev"));
        words.addAll(List.of(tests));
        return run(words.toArray(String[]::new)).lines().toList();
    }

    @Test
    void imageServesAsItsOwnUserFromWhatItCannotWriteAndEndsWhenItIsTold() throws Exception {
        assertThat(config.path("User").asText()).isEqualTo(USER + ":" + USER);
        assertThat(files(root, "-name", "*.jar", "-path", "*vault*")).hasSize(2);

        run(container(
                "init", "--passphrase-file", "passphrase", "--admin", "anna", "--admin-password-file", "password"));
        run(container("tls", "init", "--name", "vault.library.lan"));
        Path settings = volume.resolve("home/vault.yaml");
        Files.writeString(settings, read(settings) + "\nhttp:\n  host: 0.0.0.0\n  port: 0\n");
        Path told = directory.resolve("told");
        server = new ProcessBuilder(container())
                .redirectErrorStream(true)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(told.toFile())
                .start();
        String port = await().atMost(PATIENCE)
                .until(() -> LISTENING.matcher(read(told)).results().toList(), found -> !found.isEmpty())
                .get(0)
                .group(1);
        assertThat(ready(port)).contains("\"sealed\":true");
        run(container("unseal", "--passphrase-file", "passphrase"));
        assertThat(ready(port)).contains("\"sealed\":false");

        ProcessHandle first = server.children().findFirst().orElseThrow();
        String status = read(Path.of("/proc", Long.toString(first.pid()), "status"));
        assertThat(status).containsPattern("Name:\\s+java").containsPattern("Uid:\\s+" + USER);
        assertThat(status).containsPattern("NSpid:\\s+\\d+\\s+1\\n");
        assertThat(files(volume, "!", "-user", USER)).isEmpty();
        // Files of a user who has no name are that user's own.
        assertThat(VaultProcess.command(Map.of(), container("doctor", "--here", "--passphrase-file", "passphrase"))
                        .out())
                .contains("wrong passphrase   Its file lies on the vault's own disk")
                .doesNotContain("belongs to another user", "chown");

        run("kill", "-TERM", Long.toString(first.pid()));
        assertThat(server.waitFor()).as(read(told)).isEqualTo(143);
    }
}
