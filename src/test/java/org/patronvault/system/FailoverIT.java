package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.patronvault.system.VaultProcess.Ran;
import org.patronvault.testing.LongRun;

/**
 * The primary of the database is lost again and again while people work on two nodes, of which one finds the primary by a
 * URL with all hosts and one by HAProxy: nothing acknowledged is lost, nothing was shown that is not in the log, nobody gets more
 * than "not now", and neither node is without the database much longer than the cluster is without a primary. By the
 * profile {@code cluster} only; {@code -Dcluster.failovers=20} for a long run, {@code -Dcluster.seed} for one that was.
 */
@Tag("cluster")
final class FailoverIT {
    private static final Path LEDGER = Path.of("src/test/cluster/ledger.csv");

    /** How much longer than the cluster a node may be without an answer. */
    private static final long OWN_MILLIS = 4_000;

    /** How a primary is lost, and how its node comes back. */
    private enum Loss {
        KILLED("kill-primary", ""),
        STOPPED("stop-node", "start-node"),
        CUT("cut", "heal"),
        LOST("lose-node", "start-node");

        private final String injury;
        private final String cure;

        Loss(String injury, String cure) {
            this.injury = injury;
            this.cure = cure;
        }

        private void happen(Cluster cluster, int node) {
            String unused = this == KILLED ? cluster.done(injury) : cluster.done(injury, Integer.toString(node));
        }

        private void mend(Cluster cluster, int node) {
            String unused = cure.isEmpty() ? "" : cluster.done(cure, Integer.toString(node));
        }
    }

    /**
     * One failover, of a round of the load, and the longest stretches without an answer to one of the callers, without a
     * write of the cluster itself, and without an answer from the node with all hosts in its URL and that with HAProxy.
     */
    private record Failover(
            int round, Loss loss, long outageMillis, long clusterMillis, long hostsMillis, long proxyMillis) {}

    @Test
    void acknowledgedWritesAndLoggedLooksOutliveEveryFailover() throws IOException {
        int count = Integer.getInteger("cluster.failovers", LongRun.times(1, 3));
        long seed = Long.getLong("cluster.seed", System.currentTimeMillis() % 1_000_000);
        Random random = new Random(seed);
        try (Cluster cluster = Cluster.start();
                RunningVault vault = vault(cluster);
                RunningVault second = byProxy(vault, cluster);
                WriteProbe probe = WriteProbe.begin(cluster)) {
            String client = vault.json(
                            "admin", "client", "add", RecordedLoad.CLIENT, "--scope", "ils", "--daily", "none")
                    .path("key")
                    .asText();
            List<Failover> failovers = new ArrayList<>();
            try (RecordedLoad load = RecordedLoad.begin(List.of(vault, second), client, random, false)) {
                for (Loss loss : losses(count, random)) {
                    load.awaitAnswered(10 + random.nextInt(40));
                    failovers.add(lose(loss, cluster, vault, load, probe, failovers.size() + 1));
                }
                load.awaitAnswered(10);
                load.finish();
                RecordedProof proof = new RecordedProof(vault, client, load);
                report(seed, failovers, proof, load);
                proof.requireNothing(load);
                assertThat(failovers)
                        .as("a failover costs only its own length")
                        .allSatisfy(one -> assertThat(Math.max(one.hostsMillis(), one.proxyMillis()))
                                .isLessThanOrEqualTo(one.clusterMillis() + OWN_MILLIS));
            }
            second.stop();
            vault.stop();
            succeed(vault, cluster, "log", "verify");
        }
    }

    /** Runs a command to its good end. */
    private static void succeed(RunningVault vault, Cluster cluster, String... command) {
        Ran ran = vault.process(vault.environment(), List.of(cluster.passwords()), command)
                .await();
        assertThat(ran.exit()).as("%s", ran).isZero();
    }

    /** A vault on the database of the cluster, which serves. */
    private static RunningVault vault(Cluster cluster) {
        RunningVault vault = RunningVault.empty();
        succeed(vault, cluster, "db", "upgrade", "--db", cluster.url().replace("vault_service", "vault_migration"));
        succeed(vault, cluster, "init", "--admin", "admin", "--admin-password-file", "../pw", "--db", cluster.url());
        vault.withoutLimits().start(cluster.passwords());
        List.of(RecordedLoad.PERSON, RecordedLoad.ERASER, "officer")
                .forEach(name -> vault.json(
                        "admin",
                        "staff",
                        "add",
                        name,
                        "--role",
                        RunningVault.STAFF.get(name),
                        "--library",
                        "NC",
                        "--new-password-file",
                        "../pw"));
        return vault;
    }

    /** Another node of it, which serves too and finds the primary by HAProxy. */
    private static RunningVault byProxy(RunningVault vault, Cluster cluster) throws IOException {
        RunningVault second = vault.another();
        Path settings = second.home().resolve("vault.yaml");
        String text = Files.readString(settings);
        assertThat(text).contains('"' + cluster.url() + '"');
        Files.writeString(settings, text.replace(cluster.url(), cluster.proxyUrl()));
        return second.start(cluster.passwords());
    }

    /** Each kind about as often, in any order; of few, one of the two that last. */
    private static List<Loss> losses(int count, Random random) {
        List<Loss> kinds = random.nextBoolean()
                ? List.of(Loss.KILLED, Loss.STOPPED, Loss.CUT, Loss.LOST)
                : List.of(Loss.KILLED, Loss.STOPPED, Loss.LOST, Loss.CUT);
        List<Loss> losses = new ArrayList<>();
        for (int n = 0; n < count; n++) {
            losses.add(kinds.get(n % kinds.size()));
        }
        Collections.shuffle(losses, random);
        return losses;
    }

    private static Failover lose(
            Loss loss, Cluster cluster, RunningVault vault, RecordedLoad load, WriteProbe probe, int round) {
        int primary = cluster.leader().orElseThrow();
        load.nextRound();
        long begun = System.nanoTime();
        loss.happen(cluster, primary);
        vault.server()
                .awaitUntil(
                        "nobody takes over from a primary that was " + loss,
                        () -> cluster.leader()
                                .filter(leader -> leader != primary)
                                .isPresent());
        int before = probe.written().count();
        vault.server()
                .awaitUntil(
                        "the cluster does not write after its primary was " + loss,
                        () -> probe.written().count() > before);
        load.awaitAnswered(2);
        long end = System.nanoTime();
        loss.mend(cluster, primary);
        String unused = cluster.done("wait");
        return new Failover(
                round,
                loss,
                load.outageMillis(begun, end),
                probe.written().longestGapMillis(begun, end),
                load.served(0).longestGapMillis(begun, end),
                load.served(1).longestGapMillis(begun, end));
    }

    /** A line for each failover, on standard output and in the ledger. */
    private static void report(long seed, List<Failover> failovers, RecordedProof proof, RecordedLoad load)
            throws IOException {
        if (!Files.exists(LEDGER)) {
            Files.writeString(
                    LEDGER, "seed,date,kind,outage ms,acknowledged,lost,unlogged,cluster ms,hosts ms,proxy ms\n");
        }
        String date = LocalDate.now(ZoneOffset.UTC).toString();
        System.out.printf(
                "%nseed %d%n%8s %10s %12s %5s %9s %11s %9s %9s%n",
                seed, "kind", "outage ms", "acknowledged", "lost", "unlogged", "cluster ms", "hosts ms", "proxy ms");
        for (Failover one : failovers) {
            String kind = one.loss().name().toLowerCase(java.util.Locale.ROOT);
            long acknowledged = load.acknowledged(one.round());
            long lost = proof.lost().stream()
                    .filter(known -> known.round() == one.round())
                    .count();
            long unlogged = proof.unlogged().stream()
                    .filter(released -> released.round() == one.round())
                    .count();
            System.out.printf(
                    "%8s %10d %12d %5d %9d %11d %9d %9d%n",
                    kind,
                    one.outageMillis(),
                    acknowledged,
                    lost,
                    unlogged,
                    one.clusterMillis(),
                    one.hostsMillis(),
                    one.proxyMillis());
            Files.writeString(
                    LEDGER,
                    String.join(
                                    ",",
                                    Long.toString(seed),
                                    date,
                                    kind,
                                    Long.toString(one.outageMillis()),
                                    Long.toString(acknowledged),
                                    Long.toString(lost),
                                    Long.toString(unlogged),
                                    Long.toString(one.clusterMillis()),
                                    Long.toString(one.hostsMillis()),
                                    Long.toString(one.proxyMillis()))
                            + "\n",
                    StandardOpenOption.APPEND);
        }
        System.out.println(load);
    }
}
