package org.patronvault.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.core.model.Alert;
import org.patronvault.testing.LongRun;
import org.patronvault.testing.Skips;

/** Tests of the alert rules with Prometheus' own tool: each rule fires for its purpose and for nothing else. */
final class AlertRulesTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path RULES =
            Path.of("src/site/markdown/alert-rules.yml").toAbsolutePath();
    private static final String PROMTOOL = "promtool";
    private static final String OF = "instance=\"v:8443\",job=\"patron-vault\"";
    private static final Map<String, String> WHERE = Map.of("instance", "v:8443", "job", "patron-vault");
    private static final Map<String, String> NOWHERE = Map.of();
    private static final String ANSWERS = "vault_http_request_duration_seconds";

    /**
     * Series that make a rule fire after some minutes, and series that do not.
     *
     * @param labels of the alert, severity apart
     */
    private record Rule(
            String alert, int minutes, Map<String, String> labels, List<String> tells, List<String> silent) {}

    private static final String ONE_PROCESS = "process_start_time_seconds{} 100x200";
    private static final String STARTED_MEANWHILE = "process_start_time_seconds{} 100x40 _x90 9000x60";

    private static final List<Rule> OTHERS = List.of(
            new Rule("PatronVaultDown", 5, WHERE, List.of("up{} 0x60"), List.of("up{} 1 0 1x60")),
            new Rule(
                    "PatronVaultSealed",
                    20,
                    WHERE,
                    List.of("vault_sealed{} 1x60"),
                    List.of("vault_sealed{} 1x10 0x60")),
            new Rule(
                    "PatronVaultUnsealRefused",
                    30,
                    WHERE,
                    List.of("vault_unseal_refused_total{} 0+1x60"),
                    List.of("vault_unseal_refused_total{} 0x10 3x60")),
            // From another machine, which is told no number while the vault is sealed: for long, and for a while.
            new Rule(
                    "PatronVaultUnsealRefused",
                    100,
                    WHERE,
                    List.of("vault_unseal_refused_total{} 0x5 _x88 20x60"),
                    List.of("vault_unseal_refused_total{} 0x5 _x88 3x60")),
            new Rule(
                    "PatronVaultUnsealRefused",
                    100,
                    WHERE,
                    List.of("vault_unseal_refused_total{} 0x70 _x20 20x60"),
                    List.of("vault_unseal_refused_total{} 20x70 _x20 20x60", ONE_PROCESS)),
            new Rule(
                    "PatronVaultUnsealRefused",
                    140,
                    WHERE,
                    List.of("vault_unseal_refused_total{} 20x40 _x90 26x60", ONE_PROCESS),
                    List.of("vault_unseal_refused_total{} 20x40 _x90 22x60", ONE_PROCESS)),
            new Rule(
                    "PatronVaultUnsealRefused",
                    140,
                    WHERE,
                    List.of("vault_unseal_refused_total{} 6x40 _x90 8x60", STARTED_MEANWHILE),
                    List.of("vault_unseal_refused_total{} 6x40 _x90 3x60", STARTED_MEANWHILE)),
            new Rule(
                    "PatronVaultAlarm",
                    100,
                    kind("check-found"),
                    List.of("vault_alerts_total{kind=\"check-found\"} _x93 1x60"),
                    List.of("vault_alerts_total{kind=\"check-found\"} _x93 0x60")),
            // A weekend with the vault sealed: earlier alerts are not repeated, and new ones fire.
            new Rule(
                    "PatronVaultAlarm",
                    140,
                    kind("decoy-opened"),
                    List.of("vault_alerts_total{kind=\"decoy-opened\"} 2x40 _x90 3x60", ONE_PROCESS),
                    List.of("vault_alerts_total{kind=\"decoy-opened\"} 2x40 _x90 2x60", ONE_PROCESS)),
            new Rule(
                    "PatronVaultAlarm",
                    140,
                    kind("decoy-opened"),
                    List.of("vault_alerts_total{kind=\"decoy-opened\"} 2x40 _x90 2x60", STARTED_MEANWHILE),
                    List.of("vault_alerts_total{kind=\"decoy-opened\"} 2x40 _x90 0x60", STARTED_MEANWHILE)),
            new Rule(
                    "PatronVaultSlow",
                    30,
                    NOWHERE,
                    buckets(ANSWERS, "method=\"POST\",route=\"/reveal\",status=\"2xx\"", "1", 90, "2", 100),
                    buckets(ANSWERS, "method=\"POST\",route=\"/log/report\",status=\"2xx\"", "1", 90, "2", 100)),
            new Rule(
                    "PatronVaultSlow",
                    30,
                    NOWHERE,
                    buckets(
                            ANSWERS,
                            "method=\"POST\",route=\"/v1/patrons/{id}/reveal\",status=\"2xx\"",
                            "1",
                            90,
                            "2",
                            100),
                    buckets(
                            ANSWERS,
                            "method=\"POST\",route=\"/v1/patrons/{id}/reveal\",status=\"2xx\"",
                            "1",
                            1000,
                            "2",
                            1001)),
            new Rule(
                    "PatronVaultLogSlow",
                    30,
                    NOWHERE,
                    buckets("vault_log_append_seconds", "", "0.25", 90, "0.5", 100),
                    buckets("vault_log_append_seconds", "", "0.25", 1000, "0.5", 1001)),
            new Rule(
                    "PatronVaultDeskWaits",
                    30,
                    NOWHERE,
                    buckets("vault_act_wait_seconds", "lane=\"desk\"", "0.1", 90, "0.25", 100),
                    buckets("vault_act_wait_seconds", "lane=\"bulk\"", "0.1", 90, "0.25", 100)),
            new Rule(
                    "PatronVaultBatchesFull",
                    30,
                    NOWHERE,
                    buckets("vault_log_batch_acts", "", "128", 40, "256", 100),
                    buckets("vault_log_batch_acts", "", "128", 60, "256", 100)),
            new Rule(
                    "PatronVaultActSlow",
                    30,
                    Map.of("act", "search"),
                    decisions("search", 20),
                    decisions("import", 20)),
            new Rule(
                    "PatronVaultAnswersBehind",
                    30,
                    WHERE,
                    List.of("vault_answers_behind{} 1500x60"),
                    List.of("vault_answers_behind{} 900x60")),
            new Rule(
                    "PatronVaultWalGrows",
                    90,
                    WHERE,
                    List.of("vault_database_wal_bytes{} 2000000000x100"),
                    List.of("vault_database_wal_bytes{} 500000000x100")),
            new Rule(
                    "PatronVaultFails",
                    30,
                    NOWHERE,
                    List.of("vault_sealed{} 0x60", answers("/reveal", "5xx", 2), answers("/reveal", "2xx", 98)),
                    List.of("vault_sealed{} 0x60", answers("/health/ready", "5xx", 50), answers("/reveal", "2xx", 98))),
            new Rule(
                    "PatronVaultFails",
                    30,
                    NOWHERE,
                    List.of("vault_sealed{} 0x60", answers("/find", "5xx", 98), answers("/find", "2xx", 2)),
                    // Sealed, it can say nothing else.
                    List.of("vault_sealed{} 1x60", answers("/find", "5xx", 98), answers("/find", "2xx", 2))),
            new Rule(
                    "PatronVaultDatabaseFails",
                    30,
                    Map.of("kind", "full"),
                    List.of("vault_database_failures_total{kind=\"full\"} 0x20 1x60"),
                    List.of("vault_database_failures_total{kind=\"busy\"} 0+1x60")),
            new Rule(
                    "PatronVaultStartedAnew",
                    20,
                    WHERE,
                    List.of("process_start_time_seconds{} 100x10 900x60"),
                    List.of("process_start_time_seconds{} 100x60")),
            new Rule(
                    "PatronVaultDatabaseWeak",
                    5,
                    WHERE,
                    List.of("vault_database_weak{} 1x60"),
                    List.of("vault_database_weak{} 0x60")),
            new Rule(
                    "PatronVaultLogUnsigned",
                    30,
                    WHERE,
                    List.of("vault_log_unsigned_age_seconds{} 0+60x60"),
                    List.of("vault_log_unsigned_age_seconds{} 0+60x4 0x60")),
            new Rule(
                    "PatronVaultWitnessBehind",
                    90,
                    Map.of("instance", "v:8443", "job", "patron-vault", "witness", "w1"),
                    List.of("vault_log_witness_behind_seconds{witness=\"w1\"} 0+60x100"),
                    List.of("vault_log_witness_behind_seconds{witness=\"w1\"} 3500x100")),
            new Rule(
                    "PatronVaultBackupOld",
                    90,
                    WHERE,
                    List.of("vault_backup_age_seconds{} 180000x100"),
                    List.of("vault_backup_age_seconds{} 86400x100")),
            new Rule(
                    "PatronVaultBackupOld",
                    90,
                    WHERE,
                    List.of("vault_backup_age_seconds{}" + " NaN".repeat(100)),
                    List.of("vault_backup_age_seconds{} 0x100")),
            new Rule(
                    "PatronVaultRotationOverdue",
                    90,
                    Map.of("instance", "v:8443", "job", "patron-vault", "key", "phone"),
                    // The clock of these tests begins in 1970.
                    List.of("vault_key_made_timestamp_seconds{key=\"phone\"} -4000000x100"),
                    List.of(
                            "vault_key_made_timestamp_seconds{key=\"phone\"} -1000000x100",
                            "vault_key_made_timestamp_seconds{key=\"root\"} -9000000x100")),
            new Rule(
                    "PatronVaultRotationFailed",
                    30,
                    WHERE,
                    List.of("vault_rotations_failed{} 1x60"),
                    List.of("vault_rotations_failed{} 0x60")),
            new Rule(
                    "PatronVaultDiskNearlyFull",
                    30,
                    WHERE,
                    List.of("vault_disk_free_bytes{} 1000000000x60"),
                    List.of("vault_disk_free_bytes{} 9000000000x60", "vault_database_size_bytes{} 1000000000x60")),
            new Rule(
                    "PatronVaultDiskNearlyFull",
                    30,
                    WHERE,
                    List.of("vault_disk_free_bytes{} 9000000000x60", "vault_database_size_bytes{} 5000000000x60"),
                    List.of("vault_disk_free_bytes{} 9000000000x60")),
            new Rule(
                    "PatronVaultCertificateEnds",
                    90,
                    WHERE,
                    List.of("vault_tls_not_after_seconds{} 1000000x100"),
                    List.of("vault_tls_not_after_seconds{} 3000000x100")),
            new Rule(
                    "PatronVaultSignInsRefused",
                    30,
                    WHERE,
                    List.of("vault_sign_in_failures_total{} 0+10x60"),
                    List.of("vault_sign_in_failures_total{} 0+1x60")),
            new Rule(
                    "PatronVaultAlertsUntold",
                    30,
                    Map.of("instance", "v:8443", "job", "patron-vault", "receiver", "webhook", "end", "failed"),
                    List.of("vault_alert_messages_total{receiver=\"webhook\",end=\"failed\"} 0x10 1x60"),
                    List.of("vault_alert_messages_total{receiver=\"webhook\",end=\"failed\"} 3x60")),
            new Rule(
                    "PatronVaultFilesNearlyGone",
                    30,
                    WHERE,
                    List.of("process_open_fds{} 950x60", "process_max_fds{} 1000x60"),
                    List.of("process_open_fds{} 100x60", "process_max_fds{} 1000x60")));

    /** Alerts that only damage or an attacker raises. */
    private static final Set<Alert> GRAVE = EnumSet.of(
            Alert.AUTHORITY_ROW,
            Alert.CHECK_FOUND,
            Alert.DECOY_OPENED,
            Alert.LOG_ACCEPTED,
            Alert.NOT_AS_WRITTEN,
            Alert.SLOTS_PUT_BACK,
            Alert.WITNESS_REFUSED);

    private static final List<Rule> ALL = Stream.concat(
                    OTHERS.stream(),
                    Stream.of(Alert.values()).filter(kind -> !kind.isOfCase()).map(AlertRulesTest::ofKind))
            .toList();

    @TempDir
    private Path directory;

    /** An alert of that kind fires. An alert of long ago does not. */
    private static Rule ofKind(Alert kind) {
        String series = "vault_alerts_total{kind=\"" + kind.slug() + "\"}";
        return new Rule(
                GRAVE.contains(kind) ? "PatronVaultAlarm" : "PatronVaultAlert",
                100,
                kind(kind.slug()),
                List.of(series + " 2x80 3x60"),
                List.of(series + " 2x140", ONE_PROCESS));
    }

    private static Map<String, String> kind(String slug) {
        return Map.of("instance", "v:8443", "job", "patron-vault", "kind", slug);
    }

    /** A histogram of three buckets, and how many a minute come into each of the first two. */
    private static List<String> buckets(String name, String labels, String le, int below, String next, int all) {
        String begin = name + "_bucket{" + labels + (labels.isEmpty() ? "" : ",") + "le=\"";
        return List.of(
                begin + le + "\"} 0+" + below + "x60",
                begin + next + "\"} 0+" + all + "x60",
                begin + "+Inf\"} 0+" + all + "x60");
    }

    /** Returns decisions of a kind that take so many seconds a minute for one act a minute. */
    private static List<String> decisions(String act, int seconds) {
        return List.of(
                "vault_act_decide_seconds_sum{act=\"" + act + "\"} 0+" + seconds + "x60",
                "vault_act_decide_seconds_count{act=\"" + act + "\"} 0+1x60");
    }

    private static String answers(String route, String status, int each) {
        return ANSWERS + "_count{route=\"" + route + "\",status=\"" + status + "\"} 0+" + each + "x60";
    }

    @BeforeAll
    static void requireTool() {
        boolean isThere = Stream.of(System.getenv().getOrDefault("PATH", "").split(":", -1))
                .anyMatch(place -> Files.isExecutable(Path.of(place, PROMTOOL)));
        Skips.unless(isThere, "promtool is missing (prometheus)");
    }

    private static String promtool(Path directory, String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(PROMTOOL));
        command.addAll(List.of(words));
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().close();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(printed).isZero();
        return printed;
    }

    private static JsonNode rules() throws IOException {
        return new ObjectMapper(new YAMLFactory()).readTree(RULES.toFile()).at("/groups/0/rules");
    }

    @Test
    @Tag(LongRun.TAG)
    void eachRuleTellsOfWhatItIsForAndOfNothingElse() throws Exception {
        ObjectNode document = JSON.createObjectNode();
        document.putArray("rule_files").add(RULES.toString());
        document.put("evaluation_interval", "1m");
        ArrayNode tests = document.putArray("tests");
        Set<String> tried = new TreeSet<>();
        for (Rule one : ALL) {
            tried.add(one.alert());
            JsonNode rule = named(one.alert());
            ObjectNode told =
                    test(tests, one, one.tells()).putArray("exp_alerts").addObject();
            told.putObject("exp_labels")
                    .put("severity", rule.at("/labels/severity").asText());
            String[] summary = {rule.at("/annotations/summary").asText()};
            one.labels().forEach((name, value) -> {
                ((ObjectNode) told.path("exp_labels")).put(name, value);
                summary[0] = summary[0].replace("{{ $labels." + name + " }}", value);
            });
            told.putObject("exp_annotations").put("summary", summary[0]);
            test(tests, one, one.silent()).putArray("exp_alerts");
        }
        Path file = directory.resolve("rules.test.json");
        Files.writeString(file, document.toPrettyString());

        assertThat(promtool(directory, "test", "rules", file.toString())).contains("SUCCESS");
        Set<String> there = new TreeSet<>();
        rules().forEach(rule -> there.add(rule.path("alert").asText()));
        assertThat(tried).isEqualTo(there);
    }

    private static JsonNode named(String alert) throws IOException {
        for (JsonNode rule : rules()) {
            if (rule.path("alert").asText().equals(alert)) {
                return rule;
            }
        }
        throw new AssertionError(alert);
    }

    private static ObjectNode test(ArrayNode tests, Rule rule, List<String> series) {
        ObjectNode test = tests.addObject().put("interval", "1m");
        ArrayNode input = test.putArray("input_series");
        for (String one : series) {
            int values = one.lastIndexOf('}') + 1;
            String labels = one.substring(one.indexOf('{') + 1, values - 1);
            input.addObject()
                    .put(
                            "series",
                            one.substring(0, one.indexOf('{')) + "{" + OF + (labels.isEmpty() ? "" : ",") + labels
                                    + "}")
                    .put("values", one.substring(values).strip());
        }
        return test.putArray("alert_rule_test")
                .addObject()
                .put("eval_time", rule.minutes() + "m")
                .put("alertname", rule.alert());
    }

    @Test
    void eachKindOfAlertIsForOneOfTwoRulesAndNoneForBoth() throws Exception {
        String alarm = named("PatronVaultAlarm").path("expr").asText();
        String alert = named("PatronVaultAlert").path("expr").asText();
        assertThat(alert).isEqualTo(alarm.replace("kind=~", "kind!~"));
        assertThat(named("PatronVaultAlarm").at("/labels/severity").asText()).isEqualTo("page");
    }

    @Test
    void rulesAreOnesThatPrometheusReads() throws Exception {
        assertThat(promtool(directory, "check", "rules", RULES.toString())).contains("SUCCESS");
    }
}
