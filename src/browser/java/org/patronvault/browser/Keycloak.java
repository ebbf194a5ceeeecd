package org.patronvault.browser;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.patronvault.testing.OpenVault;
import org.patronvault.testing.Skips;

/**
 * A real identity provider: Keycloak, out of the distribution that the build has unpacked, as a process of its own with a
 * database in memory. Its realm {@code library} is {@code keycloak-realm.json}: the vault is a client there, kim and alex
 * are at the desk, and pat is in no group.
 */
final class Keycloak implements AutoCloseable {
    /** Everybody's password there. */
    static final String PASSWORD = "another quiet reading room";

    /** The vault's. */
    static final String SECRET = "ba2a0a4e6dd74f2cbd7a";

    private static final Path UNPACKED = Path.of("target/keycloak");
    private static final int REBUILT = 10;
    private static final int PATIENCE_SECONDS = 240;
    private static final List<String> JVM = List.of(
            "-Xms64m",
            "-Xmx512m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
            "-Djava.util.concurrent.ForkJoinPool.common.threadFactory="
                    + "io.quarkus.bootstrap.forkjoin.QuarkusForkJoinWorkerThreadFactory",
            "--add-opens=java.base/java.util=ALL-UNNAMED",
            "--add-opens=java.base/java.util.concurrent=ALL-UNNAMED",
            "--add-opens=java.base/java.security=ALL-UNNAMED");

    private final Path home;
    private final int port;
    private Process process;

    private Keycloak(Path home, int port) {
        this.home = home;
        this.port = port;
    }

    /**
     * Starts it; skips where the build has brought none.
     *
     * @param vault where the vault is that it sends browsers back to
     */
    static Keycloak start(String vault, int port) {
        Skips.unless(Files.isDirectory(UNPACKED), "Keycloak was not unpacked");
        try (var homes = Files.list(UNPACKED)) {
            Keycloak started = new Keycloak(homes.findFirst().orElseThrow().toAbsolutePath(), port);
            started.prepare(vault);
            started.begin(false);
            return started;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void prepare(String vault) throws IOException {
        OpenVault.delete(home.resolve("data"));
        Path realm = home.resolve("data/import/library.json");
        Files.createDirectories(realm.getParent());
        try (var in = Keycloak.class.getResourceAsStream("keycloak-realm.json")) {
            Files.writeString(
                    realm,
                    new String(in.readAllBytes(), StandardCharsets.UTF_8)
                            .replace("{{vault}}", vault)
                            .replace("{{secret}}", SECRET)
                            .replace("{{password}}", PASSWORD));
        }
    }

    /** The first time it makes itself ready for these options, ends, and is to be started again. */
    private void begin(boolean ready) throws IOException {
        List<String> words = new ArrayList<>();
        words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        words.addAll(JVM);
        words.add("-Dkc.home.dir=" + home);
        if (ready) {
            words.add("-Dkc.config.built=true");
        }
        words.addAll(List.of("-cp", home.resolve("lib/quarkus-run.jar").toString()));
        words.addAll(List.of("io.quarkus.bootstrap.runner.QuarkusEntryPoint", "start-dev", "--import-realm"));
        words.addAll(List.of("--db=dev-mem", "--cache=local", "--http-host=127.0.0.1", "--http-port=" + port));
        process = new ProcessBuilder(words)
                .redirectErrorStream(true)
                .redirectOutput(home.resolve("keycloak.log").toFile())
                .start();
        await().atMost(Duration.ofSeconds(PATIENCE_SECONDS))
                .pollInterval(Duration.ofMillis(300))
                .until(() -> !process.isAlive() || isServing());
        if (!process.isAlive()) {
            if (ready || process.exitValue() != REBUILT) {
                throw new IOException("Keycloak ended with " + process.exitValue() + "; see " + home + "/keycloak.log");
            }
            begin(true);
        }
    }

    private boolean isServing() {
        try {
            HttpRequest look = HttpRequest.newBuilder(URI.create(issuer() + "/.well-known/openid-configuration"))
                    .timeout(Duration.ofSeconds(5))
                    .build();
            return HttpClient.newHttpClient()
                            .send(look, HttpResponse.BodyHandlers.discarding())
                            .statusCode()
                    == 200;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Where it is, without a slash at the end. */
    String origin() {
        return "http://127.0.0.1:" + port;
    }

    /** Its name for itself. */
    String issuer() {
        return origin() + "/realms/library";
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
