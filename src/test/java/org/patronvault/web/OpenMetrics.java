package org.patronvault.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A strict parser of a scrape, in OpenMetrics 1.0 or in the text form of Prometheus 0.0.4. It fails on an invalid or
 * repeated line, a line in another family, and shrinking buckets.
 */
public final class OpenMetrics {
    private static final String NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
    private static final Pattern META = Pattern.compile("# (HELP|TYPE|UNIT) (" + NAME + ") (.*)");
    private static final Pattern SAMPLE =
            Pattern.compile("(" + NAME + ")(?:\\{(.*)})? (NaN|[+-]Inf|-?[0-9][0-9.]*(?:[eE][+-]?[0-9]+)?)");
    private static final Pattern LABEL = Pattern.compile("(" + NAME + ")=\"((?:[^\"\\\\\\n]|\\\\[\"\\\\n])*)\"(?:,|$)");
    private static final Map<String, List<String>> ENDINGS = Map.of(
            "counter", List.of("_total", "_created"),
            "gauge", List.of(""),
            "histogram", List.of("_bucket", "_count", "_sum", "_created"),
            "summary", List.of("", "_count", "_sum", "_created"));

    /** One line. */
    public record Sample(String name, Map<String, String> labels, double value) {}

    final Map<String, String> types = new LinkedHashMap<>();
    public final List<Sample> samples = new ArrayList<>();

    private OpenMetrics() {}

    /** Reads a scrape; {@code open} if it is to be OpenMetrics. */
    public static OpenMetrics parse(String text, boolean open) {
        assertThat(text).endsWith("\n");
        List<String> lines =
                new ArrayList<>(List.of(text.substring(0, text.length() - 1).split("\n", -1)));
        if (open) {
            assertThat(lines.remove(lines.size() - 1)).isEqualTo("# EOF");
        }
        OpenMetrics all = new OpenMetrics();
        String family = "";
        Set<String> seen = new HashSet<>();
        for (String line : lines) {
            Matcher meta = META.matcher(line);
            if (meta.matches()) {
                if (!meta.group(2).equals(family)) {
                    family = meta.group(2);
                    assertThat(seen.add("# " + family)).as(line).isTrue();
                }
                if (meta.group(1).equals("TYPE")) {
                    String bare = open ? family : family.replaceAll("_total$", "");
                    assertThat(ENDINGS).as(line).containsKey(meta.group(3));
                    all.types.put(bare, meta.group(3));
                }
                if (meta.group(1).equals("UNIT")) {
                    assertThat(family).as(line).endsWith("_" + meta.group(3));
                }
                continue;
            }
            Matcher sample = SAMPLE.matcher(line);
            assertThat(sample.matches()).as(line).isTrue();
            String labels = sample.group(2) == null ? "" : sample.group(2);
            assertThat(seen.add(sample.group(1) + "{" + labels + "}")).as(line).isTrue();
            all.samples.add(new Sample(sample.group(1), labels(labels), number(sample.group(3))));
            String bare = open ? family : family.replaceAll("_total$", "");
            assertThat(ENDINGS.get(all.types.get(bare)).stream().map(bare::concat))
                    .as(line)
                    .contains(sample.group(1));
        }
        all.requireBuckets();
        return all;
    }

    private static double number(String text) {
        return text.endsWith("Inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(text);
    }

    private static Map<String, String> labels(String text) {
        Map<String, String> labels = new LinkedHashMap<>();
        Matcher label = LABEL.matcher(text);
        int at = 0;
        while (at < text.length()) {
            assertThat(label.find(at) && label.start() == at).as(text).isTrue();
            assertThat(labels.put(label.group(1), label.group(2))).as(text).isNull();
            at = label.end();
        }
        return labels;
    }

    /** Requires that the buckets of each histogram grow, and that the last equals the count. */
    private void requireBuckets() {
        types.forEach((family, type) -> {
            if (type.equals("histogram")) {
                samples.stream()
                        .filter(one -> one.name().equals(family + "_count"))
                        .forEach(count -> {
                            List<Double> buckets = samples.stream()
                                    .filter(one -> one.name().equals(family + "_bucket"))
                                    .filter(one -> one.labels()
                                            .entrySet()
                                            .containsAll(count.labels().entrySet()))
                                    .map(Sample::value)
                                    .toList();
                            assertThat(buckets).isSorted().last().isEqualTo(count.value());
                        });
            }
        });
    }

    /** The names of the families, counters with their ending. */
    public Set<String> names() {
        return types.entrySet().stream()
                .map(one -> one.getValue().equals("counter") ? one.getKey() + "_total" : one.getKey())
                .collect(Collectors.toSet());
    }

    /** The sample of that name with exactly these labels. */
    public double value(String name, Map<String, String> labels) {
        return samples.stream()
                .filter(one -> one.name().equals(name) && one.labels().equals(labels))
                .findFirst()
                .orElseThrow(() -> new AssertionError(name + labels))
                .value();
    }
}
