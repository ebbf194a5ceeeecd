package org.patronvault.bench;

import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;

/**
 * What a run is asked for, each by a system property {@code bench.NAME}.
 *
 * @param seed of patrons and of the order in which they are asked for
 * @param rounds how often vault and twin take turns
 * @param warmSeconds how long each side is driven before anything is measured over HTTP
 * @param seconds how long one round of one side lasts over HTTP
 * @param rate requests a second at which latency is measured
 * @param only names of figures; empty for all
 * @param enforce whether a missed target makes the run fail
 * @param recording whether each process of the vault writes a flight recording
 * @param libraries names and versions that the report repeats
 * @param keep whether homes and databases stay in the directory
 */
record Options(
        int patrons,
        long seed,
        int rounds,
        int warmSeconds,
        int seconds,
        int connections,
        int rate,
        String heap,
        List<String> only,
        boolean enforce,
        boolean recording,
        boolean keep,
        String libraries,
        Path jar,
        Path directory) {

    /** The day on which made-up patrons are patrons; fixed, so that a seed means the same file for ever. */
    static final LocalDate DAY = LocalDate.of(2026, 11, 24);

    static Options read() {
        return new Options(
                number("patrons", 100_000),
                number("seed", 2018),
                number("rounds", 5),
                number("warmSeconds", 50),
                number("seconds", 10),
                number("connections", 64),
                number("rate", 100),
                text("heap", "512m"),
                text("only", "").isEmpty()
                        ? List.of()
                        : List.of(text("only", "").split(",")),
                Boolean.parseBoolean(text("enforce", "false")),
                Boolean.parseBoolean(text("recording", "false")),
                Boolean.parseBoolean(text("keep", "false")),
                text("libraries", "unknown"),
                Path.of(text("jar", "target/patron-vault.jar")).toAbsolutePath(),
                Path.of(text("directory", "target/bench")).toAbsolutePath());
    }

    /** The command that makes such a run again, with every option that changes what is measured. */
    String command() {
        return "mvn -B -Pbench verify"
                + option("patrons", patrons)
                + option("seed", seed)
                + option("rounds", rounds)
                + option("warmSeconds", warmSeconds)
                + option("seconds", seconds)
                + option("connections", connections)
                + option("rate", rate)
                + option("heap", heap)
                + (only.isEmpty() ? "" : option("only", String.join(",", only)))
                + (recording ? option("recording", true) : "")
                + (text("java", "").isEmpty() ? "" : option("java", jdk()));
    }

    private static String option(String name, Object value) {
        return " -Dbench." + name + "=" + value;
    }

    /** What Java is told on either side: that heap, and what else the package's start script says of memory. */
    List<String> java() {
        return List.of("-Xms96m", "-Xmx" + heap, "-XX:+UseSerialGC");
    }

    /** The JDK that runs either side, and whose tools ask it. */
    static Path jdk() {
        return Path.of(text("java", System.getProperty("java.home")));
    }

    private static int number(String name, int absent) {
        return Integer.parseInt(text(name, Integer.toString(absent)));
    }

    private static String text(String name, String absent) {
        String value = System.getProperty("bench." + name, "").strip();
        return value.isEmpty() ? absent : value;
    }
}
