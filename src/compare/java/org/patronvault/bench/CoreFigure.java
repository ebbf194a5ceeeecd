package org.patronvault.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * What sealing and opening cost without a server, beside what others make of the same values, and what the index and the
 * log add. By JMH, each in a process of its own, which is a new one in every round, all in turn.
 */
public final class CoreFigure implements Figure {
    private static final String VAULT = "vault";
    private static final double MOST_OF_RAW = 0.8;

    private static final List<Other> OTHERS = List.of(
            new Other("jce", "raw JCE"),
            new Other("jce-anew", "raw JCE, a Cipher got for each value"),
            new Other("tink", "Tink's KmsEnvelopeAead"),
            new Other("asherah", "Asherah"));

    /** Somebody else's cipher, and what the report calls it. */
    private record Other(String cipher, String name) {}

    /** One method by one cipher is warm long before a server is. */
    private static final int SHARE_OF_WARMING = 5;

    private static final int SHARE_OF_ROUND = 2;

    /** For whoever finds figures by their interface. */
    public CoreFigure() {}

    @Override
    public String name() {
        return "core";
    }

    /** What one JMH benchmark takes, in microseconds, round by round. */
    private record Timed(Class<?> type, String method, String cipher, double[] micros) {
        static Timed of(Options options, Class<?> type, String method, String cipher) {
            return new Timed(type, method, cipher, new double[options.rounds()]);
        }

        Series series() {
            return new Series(micros);
        }
    }

    @Override
    public List<Reading> measure(Rig rig) throws IOException {
        Options options = rig.options();
        Map<String, Timed> open = byEverybody(options, "open");
        Map<String, Timed> seal = byEverybody(options, "seal");
        Timed labels = Timed.of(options, IndexLabels.class, "labels", VAULT);
        Timed append = Timed.of(options, LogAppend.class, "append", VAULT);
        Timed prove = Timed.of(options, InclusionProofs.class, "make", VAULT);
        Timed check = Timed.of(options, InclusionProofs.class, "check", VAULT);
        Timed verify = Timed.of(options, LogVerify.class, "verify", VAULT);
        List<Timed> all = new ArrayList<>(open.values());
        all.addAll(seal.values());
        all.addAll(List.of(labels, append, prove, check, verify));
        for (int round = 0; round < options.rounds(); round++) {
            for (Timed one : all) {
                one.micros()[round] = run(rig, one);
                Bench.tell("core, %s by %s: %.2f µs", one.method(), one.cipher(), one.micros()[round]);
            }
        }
        List<Reading> readings = new ArrayList<>();
        readings.addAll(beside(open, "core-open", "four fields of a patron opened"));
        readings.set(0, readings.get(0).atMostOfOther(MOST_OF_RAW).noting(terms(options)));
        readings.addAll(beside(seal, "core-seal", "four fields of a patron sealed"));
        readings.add(micros(
                labels,
                "core-labels",
                "labels of a patron's terms",
                "of all terms of a patron, each the first of its kind"));
        readings.add(micros(
                append,
                "core-append",
                "an entry encoded and added to the tree",
                "a look at one patron and four fields, the patron sealed; no database"));
        readings.add(micros(
                prove,
                "core-prove",
                "inclusion proof made",
                "in a log of " + InclusionProofs.ENTRIES + " entries, of tiles in memory"));
        readings.add(micros(check, "core-prove-check", "inclusion proof checked", ""));
        readings.add(Reading.of(
                "core-verify",
                "log verify in a warm process",
                "entries/s",
                verify.series().dividing(LogVerify.LOOKS * 1e6),
                "a log of " + LogVerify.LOOKS + " looks in an SQLite file"));
        return readings;
    }

    private static Map<String, Timed> byEverybody(Options options, String method) {
        Map<String, Timed> all = new LinkedHashMap<>();
        all.put(VAULT, Timed.of(options, FourFields.class, method, VAULT));
        OTHERS.forEach(other -> all.put(other.cipher(), Timed.of(options, FourFields.class, method, other.cipher())));
        return all;
    }

    private static List<Reading> beside(Map<String, Timed> timed, String id, String title) {
        Series vault = timed.get(VAULT).series();
        List<Reading> readings = new ArrayList<>();
        for (Other other : OTHERS) {
            readings.add(Reading.of(id + "-" + other.cipher(), title, "µs", vault, "")
                    .beside(other.name(), timed.get(other.cipher()).series()));
        }
        return readings;
    }

    private static Reading micros(Timed timed, String id, String title, String note) {
        return Reading.of(id, title, "µs", timed.series(), note);
    }

    private static String terms(Options options) {
        return "JMH, a process each and round, " + warmSeconds(options) + " s of warming and " + seconds(options)
                + " s measured; one thread; as many bytes for everybody, each value by itself; raw JCE has a fresh key for"
                + " each value that nothing guards, the others' guarding key is in memory; a session of Asherah for each"
                + " patron, cached";
    }

    private static int warmSeconds(Options options) {
        return Math.max(1, options.warmSeconds() / SHARE_OF_WARMING);
    }

    private static int seconds(Options options) {
        return Math.max(1, options.seconds() / SHARE_OF_ROUND);
    }

    private static double run(Rig rig, Timed timed) throws IOException {
        Options options = rig.options();
        ChainedOptionsBuilder asked = new OptionsBuilder()
                .include("^" + timed.type().getName() + "\\." + timed.method() + "$")
                .forks(1)
                .warmupIterations(1)
                .warmupTime(TimeValue.seconds(warmSeconds(options)))
                .measurementIterations(1)
                .measurementTime(TimeValue.seconds(seconds(options)))
                .jvmArgs("-Xmx" + options.heap())
                .param("cipher", timed.cipher())
                .param("seed", Long.toString(options.seed()))
                .shouldFailOnError(true)
                .output(rig.scratch("jmh-" + timed.method() + "-" + timed.cipher() + ".out")
                        .toString());
        try {
            return new Runner(asked.build()).runSingle().getPrimaryResult().getScore();
        } catch (RunnerException e) {
            throw new IOException("JMH did not end well: " + timed.method() + " by " + timed.cipher(), e);
        }
    }
}
