package org.patronvault.system;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.patronvault.system.VaultProcess.Ran;
import org.patronvault.testing.Skips;

/** Three nodes of PostgreSQL under Patroni on this machine, as {@code src/test/cluster/cluster.sh} makes and explains. */
final class Cluster implements AutoCloseable {
    private static final Path SCRIPT = Path.of("src/test/cluster/cluster.sh").toAbsolutePath();
    private static final List<String> PROGRAMS = List.of(
            "/usr/lib/postgresql/17/bin/postgres",
            "/usr/bin/patroni",
            "/usr/bin/etcd",
            "/usr/sbin/haproxy",
            "/usr/sbin/ip",
            "/usr/bin/curl");

    private final Path directory;
    private final Thread atExit = new Thread(() -> run("stop"));

    private Cluster(Path directory) {
        this.directory = directory;
    }

    /** Starts one; skips the test where it cannot be had. */
    static Cluster start() {
        List<String> missing = PROGRAMS.stream()
                .filter(program -> !Files.isExecutable(Path.of(program)))
                .toList();
        // In CI too: it runs where these can be installed.
        Skips.pointless(!missing.isEmpty(), "not installed: " + missing);
        assumeTrue(ran(Path.of("/"), "unshare", "--net", "true").exit() == 0, "this machine lets nobody make networks");
        // Not in a directory of this user's alone: PostgreSQL runs as another.
        Cluster cluster = new Cluster(Path.of(
                System.getProperty("java.io.tmpdir"),
                "vault-cluster-" + ProcessHandle.current().pid()));
        Runtime.getRuntime().addShutdownHook(cluster.atExit);
        cluster.done("start");
        return cluster;
    }

    /** Where the vault's database is, for the role that serves: all three hosts, of which the primary is used. */
    String url() {
        return done("url").lines().findFirst().orElseThrow();
    }

    /** The same by HAProxy, which knows the primary. */
    String proxyUrl() {
        return done("url").lines().skip(1).findFirst().orElseThrow();
    }

    /** The same at each node alone, whether it is the primary or not. */
    List<String> nodeUrls() {
        String hosts = url().replaceFirst("jdbc:postgresql://([^/]+)/.*", "$1");
        return Stream.of(hosts.split(","))
                .map(host -> "jdbc:postgresql://" + host + "/vault?user=vault_service")
                .toList();
    }

    /** What a role connects with. */
    String password(String role) {
        try (Stream<String> lines = Files.lines(directory.resolve("pgpass"))) {
            String start = "*:*:*:" + role + ":";
            return lines.filter(line -> line.startsWith(start))
                    .map(line -> line.substring(start.length()))
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The option by which a JVM finds the passwords. */
    String passwords() {
        return "-Dorg.postgresql.pgpassfile=" + directory.resolve("pgpass");
    }

    /** The number of the primary, if there is one that can be reached. */
    Optional<Integer> leader() {
        Ran ran = run("leader");
        return ran.exit() == 0 ? Optional.of(Integer.valueOf(ran.out().strip())) : Optional.empty();
    }

    /** Runs the script with these words; what it printed. */
    String done(String... words) {
        Ran ran = run(words);
        if (ran.exit() != 0) {
            throw new AssertionError("cluster.sh " + List.of(words) + ": " + ran + "\n" + logs());
        }
        return ran.out();
    }

    private Ran run(String... words) {
        List<String> command = new ArrayList<>(List.of(SCRIPT.toString()));
        command.addAll(List.of(words));
        return ran(directory, command.toArray(String[]::new));
    }

    private static Ran ran(Path directory, String... words) {
        return VaultProcess.command(Map.of("VAULT_CLUSTER", directory.toString()), words);
    }

    private String logs() {
        StringBuilder text = new StringBuilder();
        try (Stream<Path> files = Files.list(directory.resolve("log"))) {
            for (Path file : files.sorted().toList()) {
                List<String> lines = Files.readAllLines(file);
                text.append(file.getFileName())
                        .append(":\n")
                        .append(String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size())))
                        .append('\n');
            }
        } catch (IOException e) {
            text.append("no logs");
        }
        return text.toString();
    }

    @Override
    public void close() {
        String unused = done("stop");
        Runtime.getRuntime().removeShutdownHook(atExit);
    }
}
