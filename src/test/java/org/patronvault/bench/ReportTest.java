package org.patronvault.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ReportTest {
    private static final Series VAULT = new Series(40, 60, 50);
    private static final Series TWIN = new Series(100, 100, 200);

    @TempDir
    Path directory;

    private static Reading reading() {
        return Reading.of("rate", "rate of it", "1/s", VAULT, "measured so").beside(TWIN);
    }

    private static BenchReport report(Reading reading) {
        return new BenchReport(Instant.EPOCH, Options.read(), Map.of("cores", "2"), List.of(reading));
    }

    @Test
    void ratioIsMadeRoundByRound() {
        assertThat(VAULT.over(TWIN).values()).containsExactly(0.4, 0.6, 0.25);
        assertThat(VAULT.over(TWIN).median()).isEqualTo(0.4);
        assertThat(TWIN.less(VAULT).values()).containsExactly(60.0, 40.0, 150.0);
        assertThatThrownBy(() -> VAULT.over(new Series(1))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void medianOfAnEvenNumberOfRoundsIsBetweenTheTwoInTheMiddle() {
        assertThat(new Series(1, 10, 4, 2).median()).isEqualTo(3);
        assertThat(new Series(1, 10, 4).median()).isEqualTo(4);
    }

    @Test
    void targetIsKeptOrMissedByTheMedian() {
        assertThat(reading().atLeastOfTwin(0.4).met()).contains(true);
        assertThat(reading().atLeastOfTwin(0.41).met()).contains(false);
        assertThat(reading().atLeast(50).met()).contains(true);
        assertThat(reading().atMost(49.9).met()).contains(false);
        assertThat(reading().met()).isEmpty();
        assertThat(report(reading().atMost(49.9)).allMet()).isFalse();
        assertThat(report(reading()).allMet()).isTrue();
    }

    @Test
    void theCommandThatMadeItStandsInIt() {
        String command = "mvn -B -Pbench verify -Dbench.patrons=100000 -Dbench.seed=2018 -Dbench.rounds=5"
                + " -Dbench.warmSeconds=50 -Dbench.seconds=10 -Dbench.connections=64 -Dbench.rate=100 -Dbench.heap=512m";

        assertThat(report(reading()).markdown()).contains("```\n" + command + "\n```\n");
        assertThat(report(reading()).json().path("command").asText()).isEqualTo(command);
    }

    @Test
    void markdownShowsMedianRangeRatioAndMissedTarget() {
        String text = report(reading().atLeastOfTwin(0.5)).markdown();

        assertThat(text)
                .contains("- cores: 2\n")
                .contains("| rate of it | 1/s | 50.0 (40.0–60.0) | 100 (100–200) | 0.400 (0.250–0.600) |"
                        + " ≥ 0.500 of the twin | **no** |\n")
                .contains("- *rate of it*: measured so\n");
    }

    @Test
    void whatIsNotTheTwinIsNamed() throws IOException {
        Reading beside = Reading.of("open", "open", "ms", new Series(0.002, 0.004), "")
                .beside("somebody else", new Series(4, 4));
        BenchReport report = report(beside.atMostOfOther(0.01));
        report.write(directory);

        assertThat(report.markdown())
                .contains("| somebody else: 4.00 (4.00–4.00) | 0.000750 (0.000500–0.00100) | ≤ 0.0100 of somebody else"
                        + " | yes |");
        JsonNode one = new ObjectMapper()
                .readTree(directory.resolve("bench.json").toFile())
                .at("/readings/0");
        assertThat(one.at("/other/name").asText()).isEqualTo("somebody else");
        assertThat(one.at("/other/median").asDouble()).isEqualTo(4);
        assertThat(one.has("twin")).isFalse();
    }

    @Test
    void threeDigitsCount() {
        assertThat(List.of(0.0, 0.0401, 0.4, 4.0, 40.0, 400.0, 40_000.0, -0.04))
                .extracting(BenchReport::number)
                .containsExactly("0.000", "0.0401", "0.400", "4.00", "40.0", "400", "40,000", "-0.0400");
    }

    @Test
    void jsonHasEveryRound() throws IOException {
        report(reading().atLeastOfTwin(0.5)).write(directory);

        JsonNode json =
                new ObjectMapper().readTree(directory.resolve("bench.json").toFile());
        JsonNode one = json.at("/readings/0");
        assertThat(one.at("/vault/rounds")).map(JsonNode::asDouble).containsExactly(40.0, 60.0, 50.0);
        assertThat(one.at("/ratio/min").asDouble()).isEqualTo(0.25);
        assertThat(one.at("/target/met").asBoolean(true)).isFalse();
        assertThat(json.at("/options/seed").asLong()).isEqualTo(2018);
        assertThat(Files.readString(directory.resolve("bench.md"))).startsWith("# Benchmark of 1970-01-01T00:00:00Z");
    }
}
