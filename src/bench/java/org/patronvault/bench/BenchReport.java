package org.patronvault.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What a run found, as Markdown for people and as JSON for programs. */
record BenchReport(Instant started, Options options, Map<String, String> machine, List<Reading> readings) {
    private static final int MOST_DECIMALS = 6;

    void write(Path directory) throws IOException {
        Files.writeString(directory.resolve("bench.md"), markdown());
        Files.writeString(
                directory.resolve("bench.json"),
                new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsString(json()) + "\n");
    }

    /** Whether no target was missed. */
    boolean allMet() {
        return readings.stream().allMatch(reading -> reading.met().orElse(true));
    }

    String markdown() {
        StringBuilder text =
                new StringBuilder("# Benchmark of ").append(started).append("\n\n");
        text.append("```\n").append(options.command()).append("\n```\n\n");
        machine.forEach((name, value) ->
                text.append("- ").append(name).append(": ").append(value).append('\n'));
        text.append(String.format(
                Locale.ROOT,
                "- %d patrons, seed %d, %d rounds, %s a side, %d connections, %d requests a second, %d s of warming, %d s a"
                        + " round%n",
                options.patrons(),
                options.seed(),
                options.rounds(),
                String.join(" ", options.java()),
                options.connections(),
                options.rate(),
                options.warmSeconds(),
                options.seconds()));
        text.append("\nEach cell is the median of the rounds and, in brackets, their range. The load generator runs on"
                + " the same machine. Beside the vault stands its plaintext twin, or what is named there.\n\n");
        text.append("| figure | unit | vault | plaintext twin, or other | vault / other | target | met |\n");
        text.append("|---|---|---:|---:|---:|---|---|\n");
        for (Reading reading : readings) {
            text.append("| ").append(reading.title());
            text.append(" | ").append(reading.unit());
            text.append(" | ").append(cell(reading.vault()));
            text.append(" | ").append(reading.other().map(BenchReport::cell).orElse(""));
            text.append(" | ").append(reading.ratio().map(BenchReport::cell).orElse(""));
            text.append(" | ").append(reading.aim().orElse(""));
            text.append(" | ")
                    .append(reading.met().map(met -> met ? "yes" : "**no**").orElse(""));
            text.append(" |\n");
        }
        text.append('\n');
        readings.stream()
                .filter(reading -> !reading.note().isEmpty())
                .forEach(reading -> text.append("- *")
                        .append(reading.title())
                        .append("*: ")
                        .append(reading.note())
                        .append('\n'));
        return text.toString();
    }

    private static String cell(Reading.Other other) {
        return (other.isTwin() ? "" : other.name() + ": ") + cell(other.series());
    }

    private static String cell(Series series) {
        return number(series.median()) + " (" + number(series.min()) + "–" + number(series.max()) + ")";
    }

    /** Three digits that count. */
    static String number(double value) {
        double size = Math.abs(value);
        if (size >= 100) {
            return String.format(Locale.ROOT, "%,.0f", value);
        }
        int decimals = size == 0 ? 3 : 2 - (int) Math.floor(Math.log10(size));
        return String.format(Locale.ROOT, "%." + Math.min(decimals, MOST_DECIMALS) + "f", value);
    }

    ObjectNode json() {
        ObjectNode json = object().put("started", started.toString()).put("command", options.command());
        ObjectNode about = json.putObject("machine");
        machine.forEach(about::put);
        json.putObject("options")
                .put("patrons", options.patrons())
                .put("seed", options.seed())
                .put("rounds", options.rounds())
                .put("warmSeconds", options.warmSeconds())
                .put("seconds", options.seconds())
                .put("connections", options.connections())
                .put("rate", options.rate())
                .put("heap", options.heap());
        ArrayNode all = json.putArray("readings");
        for (Reading reading : readings) {
            ObjectNode one = all.addObject()
                    .put("id", reading.id())
                    .put("title", reading.title())
                    .put("unit", reading.unit());
            one.set("vault", json(reading.vault()));
            reading.other()
                    .ifPresent(other -> one.set(
                            other.isTwin() ? "twin" : "other",
                            other.isTwin()
                                    ? json(other.series())
                                    : json(other.series()).put("name", other.name())));
            reading.ratio().ifPresent(ratio -> one.set("ratio", json(ratio)));
            reading.target()
                    .ifPresent(target -> one.putObject("target")
                            .put(target.atLeast() ? "atLeast" : "atMost", target.bound())
                            .put("of", target.ofRatio() ? "ratio" : "vault")
                            .put("met", reading.met().orElseThrow()));
            one.put("note", reading.note());
        }
        return json;
    }

    private static ObjectNode json(Series series) {
        ObjectNode json =
                object().put("median", series.median()).put("min", series.min()).put("max", series.max());
        ArrayNode rounds = json.putArray("rounds");
        series.values().forEach(rounds::add);
        return json;
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }
}
