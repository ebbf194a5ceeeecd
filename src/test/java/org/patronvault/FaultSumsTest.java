package org.patronvault;

import static org.assertj.core.api.Assertions.assertThat;

import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Checks that the table of faults in fault.md is the sum of the ledgers. */
final class FaultSumsTest {
    /** Of the table; under it stands nothing that no ledger has. */
    private static final String HEADER =
            "| what was done | times | violations | found before |\n|---|---:|---:|---:|\n";

    private static final int KIB = 1_024;
    private static final long KILLS = 1_000;
    private static final long INJECTIONS = 300;
    private static final int CORRUPTIONS = 13;
    private static final long OF_EACH_CORRUPTION = 200;
    private static final long REQUESTS = 1_000_000;
    private static final long FORMS = 100_000;

    /** What else is done to the machine: fewer times, and not never. */
    private static final List<String> OTHER_FAULTS = List.of(
            "kill while it starts",
            "kill on PostgreSQL",
            "end",
            "short write",
            "injection of another error",
            "sync",
            "sync beside the database",
            "full disk",
            "read-only disk",
            "no more files",
            "small heap",
            "second server",
            "clock",
            "file deleted or replaced",
            "kill of one with 1000000 patrons at work on its keys");

    /** Of testssl.sh a line of all it looks for; of slowhttptest its four ways; of sqlmap each place. */
    private static final Map<String, Long> TARGETS = Map.of("testssl.sh", 1L, "slowhttptest", 4L, "sqlmap", 5L);

    private static final int PARSERS = 12;
    private static final long SOAK_MINUTES = 30;
    private static final Path LEDGERS = Path.of("src/test/fault");

    /** Which columns of a ledger must be 0. */
    private static final Map<String, List<String>> VIOLATIONS = Map.of(
            "ledger.csv", List.of("lost", "unlogged", "not once", "shrunk", "otherwise wrong", "broken off"),
            "corruptions.csv", List.of("wrong"),
            "migrations.csv", List.of("not as others"),
            "requests.csv", List.of("failed", "repeated", "broken off"),
            "forms.csv", List.of("failed", "woven", "broken off"),
            "tools.csv", List.of("findings"),
            "fuzz.csv", List.of("broken off"),
            "slow.csv", List.of("broken off"),
            "soak.csv", List.of("broken off"));

    /** What makes a run of a ledger another than each before. */
    private static final Map<String, List<String>> KINDS = Map.of(
            "ledger.csv", List.of("seed", "fault"),
            "corruptions.csv", List.of("seed", "what", "bytes"),
            "migrations.csv", List.of("seed"),
            "requests.csv", List.of("seed"),
            "forms.csv", List.of("seed"),
            "fuzz.csv", List.of("commit", "parser"));

    /** A line of the table. */
    private record Sum(long times, long violations, long mended) {
        private static final Sum MENDED = new Sum(0, 0, 1);

        private Sum and(Sum other) {
            return new Sum(times + other.times, violations + other.violations, mended + other.mended);
        }
    }

    /** How often, of each line of those ledgers: which column says what it was, or what all of it is called; which how often. */
    private record Counted(String ledger, String name, boolean isColumn, String times) {
        private String of(NamedCsvRecord run) {
            return isColumn ? run.getField(name) : name;
        }
    }

    private static final List<Counted> COUNTED = List.of(
            new Counted("ledger.csv", "fault", true, "times"),
            new Counted("corruptions.csv", "what", true, "times"),
            new Counted("migrations.csv", "killed while tables are made", false, "kills"),
            new Counted("requests.csv", "requests that are nearly right", false, "requests"),
            new Counted("forms.csv", "forms of pages that are nearly right", false, "requests"),
            new Counted("tools.csv", "tool", true, "tests"),
            new Counted("fuzz.csv", "inputs for parsers", false, "inputs"));

    @Test
    void documentsSayWhatTheLedgersAddUpTo() throws IOException {
        Map<String, Sum> sums = new LinkedHashMap<>();
        for (Counted counted : COUNTED) {
            for (NamedCsvRecord run : lines(counted.ledger())) {
                Sum sum = new Sum(number(run, counted.times()), violations(counted.ledger(), run), 0);
                sums.merge(counted.of(run), sum, Sum::and);
            }
        }
        for (NamedCsvRecord run : lines("mended.csv")) {
            assertThat(sums).as("a ledger has a line of it").containsKey(run.getField("fault"));
            sums.merge(run.getField("fault"), Sum.MENDED, Sum::and);
        }
        assertHasTable("src/site/markdown/fault.md", sums);
        long slowest = lines("ledger.csv").stream()
                .mapToLong(run -> number(run, "slowest start ms"))
                .max()
                .orElse(0);
        assertSays(
                "src/site/markdown/fault.md",
                List.of(String.format(Locale.ROOT, "The slowest start after any of these took %.1f s", slowest / 1e3)));
    }

    private static void assertHasTable(String document, Map<String, Sum> sums) throws IOException {
        List<String> table = new ArrayList<>();
        sums.forEach((name, sum) -> table.add(String.format(
                Locale.ROOT, "| %s | %,d | %d | %d |", name, sum.times(), sum.violations(), sum.mended())));
        String text = Files.readString(Path.of(document));
        String said = text.substring(text.indexOf(HEADER) + HEADER.length());
        assertThat(said.substring(0, said.indexOf("\n\n")).lines()).as(document).containsExactlyElementsOf(table);
    }

    @Test
    void lineWithWhatWasFoundStandsAmongWhatIsMendedAndInNoLedger() throws IOException {
        for (String ledger : VIOLATIONS.keySet()) {
            assertThat(lines(ledger)).as(ledger).allMatch(run -> violations(ledger, run) == 0);
        }
    }

    /** Where a ledger is begun anew, that is to be filled before anything is promised of it. */
    @Test
    void ledgersHoldAsMuchAsIsWanted() throws IOException {
        assertThat(sum("ledger.csv", "fault", "times"))
                .containsKeys(OTHER_FAULTS.toArray(String[]::new))
                .hasEntrySatisfying("kill", times -> assertThat(times).isGreaterThanOrEqualTo(KILLS))
                .hasEntrySatisfying("injection", times -> assertThat(times).isGreaterThanOrEqualTo(INJECTIONS));
        assertThat(sum("corruptions.csv", "what", "times"))
                .hasSize(CORRUPTIONS)
                .allSatisfy((what, times) -> assertThat(times).as(what).isGreaterThanOrEqualTo(OF_EACH_CORRUPTION));
        assertThat(sum("requests.csv", "broken off", "requests"))
                .hasEntrySatisfying("0", times -> assertThat(times).isGreaterThanOrEqualTo(REQUESTS));
        assertThat(sum("fuzz.csv", "parser", "inputs"))
                .hasSize(PARSERS)
                .allSatisfy((parser, times) -> assertThat(times).as(parser).isGreaterThanOrEqualTo(REQUESTS));
        assertThat(lines("migrations.csv")).isNotEmpty();
        assertThat(sum("forms.csv", "broken off", "requests"))
                .hasEntrySatisfying("0", times -> assertThat(times).isGreaterThanOrEqualTo(FORMS));
        assertThat(lines("tools.csv").stream()
                        .map(run -> List.of(run.getField("tool"), run.getField("target")))
                        .distinct()
                        .collect(Collectors.groupingBy(run -> run.get(0), Collectors.counting())))
                .isEqualTo(TARGETS);
        assertThat(last("soak.csv"))
                .hasValueSatisfying(run -> assertThat(number(run, "minutes")).isGreaterThanOrEqualTo(SOAK_MINUTES));
        assertThat(last("slow.csv"))
                .hasValueSatisfying(run -> assertThat(Double.parseDouble(run.getField("median of ratios")))
                        .isLessThanOrEqualTo(2));
    }

    private static Map<String, Long> sum(String ledger, String of, String times) throws IOException {
        return lines(ledger).stream()
                .collect(Collectors.groupingBy(
                        run -> run.getField(of), Collectors.summingLong(run -> number(run, times))));
    }

    @Test
    void lineIsOfWhatWasCommittedAndCountedOnce() throws IOException {
        for (String ledger : VIOLATIONS.keySet()) {
            assertThat(lines(ledger))
                    .as(ledger)
                    .allMatch(run -> run.getField("commit").matches("[0-9a-f]{8,40}"));
        }
        for (Map.Entry<String, List<String>> ledger : KINDS.entrySet()) {
            assertThat(lines(ledger.getKey()).stream()
                            .map(run -> ledger.getValue().stream()
                                    .map(run::getField)
                                    .toList()))
                    .as(ledger.getKey())
                    .doesNotHaveDuplicates();
        }
    }

    @Test
    void guideSaysWhatTheLastLongRunsMeasured() throws IOException {
        assertSays(
                "src/site/markdown/fault.md",
                Stream.of(
                                last("soak.csv").map(FaultSumsTest::soak),
                                last("slow.csv").map(FaultSumsTest::slow))
                        .flatMap(Optional::stream)
                        .toList());
    }

    private static void assertSays(String document, List<String> lines) throws IOException {
        String said = Files.readString(Path.of(document)).replaceAll("\\s+", " ");
        assertThat(lines)
                .as(String.join("\n", lines))
                .allSatisfy(line -> assertThat(said).contains(line));
    }

    /** Its newest line; none where it was begun anew. */
    private static Optional<NamedCsvRecord> last(String name) throws IOException {
        List<NamedCsvRecord> all = lines(name);
        return all.isEmpty() ? Optional.empty() : Optional.of(all.get(all.size() - 1));
    }

    private static String soak(NamedCsvRecord run) {
        return String.format(
                Locale.ROOT,
                "For %s minutes at half load, %,d calls, it held at first and at last %s and %s MiB on the heap, %s and %s MiB"
                        + " of anonymous memory, %s and %s files, %s and %s threads, and a write-ahead log of %d and %d MiB.",
                run.getField("minutes"),
                number(run, "calls"),
                run.getField("heap MiB first"),
                run.getField("heap MiB last"),
                run.getField("anonymous MiB first"),
                run.getField("anonymous MiB last"),
                run.getField("files first"),
                run.getField("files last"),
                run.getField("threads first"),
                run.getField("threads last"),
                number(run, "write-ahead log KiB first") / KIB,
                number(run, "write-ahead log KiB last") / KIB);
    }

    private static String slow(NamedCsvRecord run) {
        return String.format(
                Locale.ROOT,
                "Beside %,d slow connections, %,d of which or more were open at half of the looks, p99 of a look-up was %s of what it is"
                        + " without them (median of %s pairs, %s to %s).",
                number(run, "connections"),
                number(run, "open"),
                run.getField("median of ratios"),
                run.getField("pairs"),
                run.getField("least"),
                run.getField("most"));
    }

    private static List<NamedCsvRecord> lines(String name) throws IOException {
        try (CsvReader<NamedCsvRecord> reader = CsvReader.builder().ofNamedCsvRecord(LEDGERS.resolve(name))) {
            return reader.stream().toList();
        }
    }

    private static long violations(String ledger, NamedCsvRecord run) {
        return VIOLATIONS.get(ledger).stream()
                .mapToLong(column -> number(run, column))
                .sum();
    }

    private static long number(NamedCsvRecord run, String column) {
        return Long.parseLong(run.getField(column));
    }
}
