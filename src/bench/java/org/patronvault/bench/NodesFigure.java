package org.patronvault.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.patronvault.app.VaultInstance;
import org.patronvault.core.log.AuditLog;

/** What a second node on the same machine costs, and how many entries the lock on the log's head lets through. */
final class NodesFigure implements Figure {
    private static final int CHECKED = 200;
    private static final double PERCENT = 100;

    @Override
    public String name() {
        return "nodes";
    }

    @Override
    public List<Reading> measure(Rig rig) throws IOException, InterruptedException {
        Rig on = rig.onPostgres();
        List<Reading> readings = new ArrayList<>(searches(on));
        readings.set(0, readings.get(0).noting(on.server().words()));
        readings.addAll(entries(on));
        return readings;
    }

    private static List<Reading> searches(Rig on) throws IOException, InterruptedException {
        Options options = on.options();
        Rig.Disk unused = on.disk(on.vault());
        Path other = on.scratch("second-node");
        on.vault().node(on.home(on.vault()), other);
        CardSearches cards = new CardSearches(on, on.vault());
        double[][] rate = new double[2][options.rounds()];
        double[] beside = new double[options.rounds()];
        try (Rig.Serving first = on.serve(on.vault());
                Rig.Serving second = on.serve(on.vault(), other)) {
            for (Rig.Serving node : List.of(first, second)) {
                cards.checkWhole(node.port(), CHECKED);
                new Load(node.port(), cards).throughput(options.connections(), options.warmSeconds(), 0);
            }
            Load one = new Load(first.port(), cards);
            Load two = Load.balanced(List.of(first.port(), second.port()), cards);
            for (int round = 0; round < options.rounds(); round++) {
                Duration before = second.process().processorTime();
                rate[0][round] = one.throughput(options.connections(), options.seconds(), 400_000 + round);
                beside[round] = PERCENT
                        * second.process().processorTime().minus(before).toNanos()
                        / Duration.ofSeconds(options.seconds()).toNanos();
                rate[1][round] = two.throughput(options.connections(), options.seconds(), 500_000 + round);
                Bench.tell("search by card, one node: %.0f/s, two: %.0f/s", rate[0][round], rate[1][round]);
            }
        }
        Series one = new Series(rate[0]);
        Series two = new Series(rate[1]);
        return List.of(
                Reading.of(
                        "nodes-one",
                        "search by card, one node on PostgreSQL",
                        "answers/s",
                        one,
                        options.connections()
                                + " connections, each with one request under way; meanwhile the other node"
                                + " does nothing but read the log back, by "
                                + BenchReport.number(new Series(beside).median())
                                + " % of a core"),
                Reading.of(
                        "nodes-two",
                        "the same, two nodes on one PostgreSQL",
                        "answers/s",
                        two,
                        "the same number of connections, half of them to each; the same cores"),
                Reading.of("nodes-ratio", "two nodes over one", "", two.over(one), "")
                        .atLeast(0.9));
    }

    private static List<Reading> entries(Rig on) throws IOException, InterruptedException {
        Options options = on.options();
        Path home = on.scratch("log-home");
        Path other = on.scratch("log-second");
        on.vault().prepare(home);
        on.vault().node(home, other);
        double[][] rate = new double[2][options.rounds()];
        try (VaultInstance first = AppendFigure.open(home);
                VaultInstance second = AppendFigure.open(other)) {
            List<AuditLog> one = List.of(first.log());
            List<AuditLog> two = List.of(first.log(), second.log());
            double unused = AppendFigure.perSecond(two, options.warmSeconds());
            for (int round = 0; round < options.rounds(); round++) {
                rate[0][round] = AppendFigure.perSecond(one, options.seconds());
                rate[1][round] = AppendFigure.perSecond(two, options.seconds());
                Bench.tell("entries, one node: %.0f/s, two: %.0f/s", rate[0][round], rate[1][round]);
            }
        }
        String callers = AppendFigure.CALLERS + " callers, each of whom waits for its receipt; one patron and field an"
                + " entry; one commit, under the lock on the log's head, for as many as wait";
        return List.of(
                Reading.of(
                        "nodes-entries-one",
                        "durable entries, one node on PostgreSQL",
                        "entries/s",
                        new Series(rate[0]),
                        callers),
                Reading.of(
                        "nodes-entries-two",
                        "the same, two nodes together",
                        "entries/s",
                        new Series(rate[1]),
                        callers + " of the node; half of the callers at each node"),
                Reading.of(
                        "nodes-entries-ratio",
                        "two nodes over one",
                        "",
                        new Series(rate[1]).over(new Series(rate[0])),
                        "both nodes in the harness's process, each with a home and connections of its own"));
    }
}
