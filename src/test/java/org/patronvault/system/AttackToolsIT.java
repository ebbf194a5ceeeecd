package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.testing.FaultLedger;
import org.patronvault.testing.OpenSsl;
import org.patronvault.testing.Skips;

/** What Debian's tools for attackers find; run when it is asked for (fault.md), and where they are installed. */
@EnabledIfSystemProperty(
        named = "fault.tools",
        matches = "[1-9][0-9]*",
        disabledReason = "these tools take minutes: run when it is asked for (fault.md)")
final class AttackToolsIT {
    private static final FaultLedger LEDGER =
            new FaultLedger("tools.csv", "date", "tool", "target", "tests", "findings");

    /** How long one tool may take for one target, in seconds. */
    private static final int SECONDS = Integer.getInteger("fault.tools", 0);

    /** What sqlmap must have tried at each place, if its time is over before all fourteen of these kinds are. */
    private static final int LEAST_TESTS = 10;

    private static final int CONNECTIONS = 1_000;

    /** Some may not be counted yet when the first are ended. */
    private static final int LEAST_OPENED = 950;

    /** Half of the places there are (fault.md): some are ended before the last is there. */
    private static final int LEAST_AT_ONCE = 750;

    /** The way of slowhttptest in which each is answered as it comes, so that there are never many at once. */
    private static final String ANSWERED = "-R";

    /** What sqlmap says of a parameter that reaches the database as it is. */
    private static final List<String> INJECTED =
            List.of("following injection point", "is vulnerable", "might be injectable");

    private static final Set<String> BAD = Set.of("MEDIUM", "HIGH", "CRITICAL", "FATAL");

    /** What testssl.sh says of any certificate that is two days old and signed by itself, and what follows from that. */
    private static final Map<String, String> OF_THE_TEST = Map.of(
            "cert_chain_of_trust", "nobody has signed the test's certificate but itself",
            "cert_expirationStatus", "it is good for two days",
            "cert_notAfter", "the same",
            "cert_revocation", "whoever signs his own certificate revokes none",
            "overall_grade", "a certificate that is not trusted is graded T, whatever else there is");

    @AutoClose
    private final RunningVault vault = RunningVault.create();

    /** Runs it to its end; what it printed. */
    private String run(List<String> words) throws IOException, InterruptedException {
        Path said = vault.root().resolve("said");
        new ProcessBuilder(words)
                .directory(vault.root().toFile())
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start()
                .waitFor();
        return Files.readString(said);
    }

    private static void requireInstalled(String program) {
        Skips.unless(Files.isExecutable(Path.of("/usr/bin", program)), program + " is not installed");
    }

    /** What a tool did, and what it found. */
    private record Tried(long tests, List<String> findings) {}

    /** Has one tool try something. */
    private interface Trial {
        Tried run() throws IOException, InterruptedException;
    }

    /** Has in the ledger what came of it: where it breaks off, a finding, whatever it was. */
    private static void recorded(String tool, String target, Trial trial) throws IOException, InterruptedException {
        Tried tried = new Tried(0, List.of("broken off"));
        try {
            tried = trial.run();
        } finally {
            LEDGER.add(
                    LocalDate.now(ZoneOffset.UTC),
                    tool,
                    target,
                    tried.tests(),
                    tried.findings().size());
        }
        assertThat(tried.findings()).as("%s, %s", tool, target).isEmpty();
    }

    /** Of the server itself: answers of 500 and above, and what it says. */
    private List<String> failures() {
        String said = vault.server().printed();
        List<String> failures = new ArrayList<>();
        if (vault.failures() > 0) {
            failures.add("answers of 500 and above: " + said);
        }
        if (said.contains("cannot happen")) {
            failures.add(said);
        }
        return failures;
    }

    @Test
    void testsslFindsNothingOfMediumSeverityOrWorse() throws IOException, InterruptedException {
        requireInstalled("testssl");
        recorded("testssl.sh", "TLS", this::testssl);
    }

    private Tried testssl() throws IOException, InterruptedException {
        OpenSsl.certificate(
                vault.root(),
                "localhost",
                "-newkey",
                "rsa:2048",
                "-addext",
                "subjectAltName=DNS:localhost,IP:127.0.0.1");
        String[] serve = {"serve", "--port", "0", "--tls-cert", "../localhost.pem", "--tls-key", "../localhost.key"};
        Path found = vault.root().resolve("found.json");
        try (VaultProcess server = vault.process(vault.environment(), List.of(), serve)) {
            String address = server.awaitLine(Pattern.compile("Listening on (https://127\\.0\\.0\\.1:[0-9]+/)"));
            run(List.of(
                    "testssl",
                    "--quiet",
                    "--color",
                    "0",
                    "--warnings",
                    "off",
                    "--jsonfile",
                    found.toString(),
                    address));
        }
        List<String> bad = new ArrayList<>();
        List<String> excused = new ArrayList<>();
        JsonNode all = new ObjectMapper().readTree(found.toFile());
        for (JsonNode one : all) {
            if (BAD.contains(one.path("severity").asText())) {
                boolean isOfTheTest = OF_THE_TEST.containsKey(one.path("id").asText());
                (isOfTheTest ? excused : bad).add(one.toString());
            }
        }
        System.out.println("testssl.sh: of the test's certificate " + excused);
        assertThat(all).hasSizeGreaterThan(50);
        return new Tried(all.size(), bad);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-H /health/live -i 10",
                "-B /v1/sessions -i 10 -s 60000 -t POST -f application/json",
                "-R /static/vault.css -a 10 -b 3000",
                "-X /docs -k 10 -w 10 -y 20 -n 5 -z 32"
            })
    void serviceIsAvailableThroughoutSlowhttptest(String mode) throws IOException, InterruptedException {
        requireInstalled("slowhttptest");
        vault.start();
        recorded("slowhttptest", mode, () -> slowhttptest(mode));
    }

    private Tried slowhttptest(String mode) throws IOException, InterruptedException {
        String[] words = mode.split(" ", 3);
        List<String> command = new ArrayList<>(List.of("slowhttptest", words[0], "-u", vault.address() + words[1]));
        command.addAll(List.of(words[2].split(" ", -1)));
        command.addAll(List.of("-c", Integer.toString(CONNECTIONS), "-r", "500", "-p", "3", "-g", "-o", "slow"));
        command.addAll(List.of("-l", Integer.toString(SECONDS)));

        String said = run(command);

        List<String> rows = Files.readAllLines(vault.root().resolve("slow.csv"));
        assertThat(rows).as(said).hasSizeGreaterThan(3);
        // Seconds, closed, pending, connected, available; the first is of before anything was sent.
        List<long[]> seconds = rows.subList(2, rows.size()).stream()
                .map(row -> Stream.of(row.split(",", -1))
                        .mapToLong(number -> Long.parseLong(number.strip()))
                        .toArray())
                .toList();
        long opened = seconds.stream().mapToLong(row -> row[1] + row[3]).max().orElseThrow();
        long atOnce = seconds.stream().mapToLong(row -> row[3]).max().orElseThrow();
        System.out.println(mode + ": " + opened + " connections, " + atOnce + " at once");
        boolean answered = mode.startsWith(ANSWERED);
        // What is answered at once is over before the last whole second, with which the table ends.
        assertThat(opened)
                .as("connections, %s", rows)
                .isGreaterThanOrEqualTo(answered ? LEAST_OPENED / 2 : LEAST_OPENED);
        if (!answered) {
            assertThat(atOnce).as("connections at once, %s", rows).isGreaterThanOrEqualTo(LEAST_AT_ONCE);
        }
        assertThat(vault.call("GET", "/health/ready").status()).isEqualTo(200);
        List<String> findings = new ArrayList<>(failures());
        seconds.stream().filter(row -> row[4] == 0).forEach(row -> findings.add("not available in second " + row[0]));
        return new Tried(opened, findings);
    }

    @Test
    void sqlmapFindsNoParameterThatReachesTheDatabaseAsItIsAndNoCallFails() throws IOException, InterruptedException {
        requireInstalled("sqlmap");
        vault.withoutLimits().start();
        Map<String, String> tokens = Callers.signIn(vault);
        String id = vault.register(tokens.get("clerk"), SamplePatron.of(1));
        String card = SamplePatron.card(1);
        String clerk = "Authorization: Bearer " + tokens.get("clerk");
        String json = "\nContent-Type: application/json";

        requireNotInjectable("/v1/patrons/search", clerk + json, "{\"q\":\"smith*\",\"purpose\":\"account-service*\"}");
        requireNotInjectable(
                "/v1/entitlements/check",
                "Authorization: Bearer " + tokens.get("vendor") + json,
                "{\"card\":\"" + card + "*\",\"service\":\"ebooks*\"}");
        requireNotInjectable("/v1/log/entries?from=0*&to=5*", "Authorization: Bearer " + tokens.get("officer"), "");
        requireNotInjectable("/v1/patrons/" + id + "*", clerk, "");
        String cookie = "Cookie: " + session();
        String desk = vault.send("GET", "/", "", null, Map.of("Cookie", cookie.substring("Cookie: ".length())))
                .text();
        Matcher token = Pattern.compile("name=\"csrf\" value=\"([^\"]+)\"").matcher(desk);
        assertThat(token.find()).isTrue();
        requireNotInjectable(
                "/find",
                cookie + "\nSec-Fetch-Site: same-origin\nContent-Type: application/x-www-form-urlencoded",
                "csrf=" + token.group(1) + "&purpose=account-service*&q=" + card + "*");
    }

    private String session() {
        Answer answer = vault.send(
                "POST",
                "/sign-in",
                "",
                "username=boss&password=" + RunningVault.PASSWORD.replace(' ', '+'),
                Map.of("Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "same-origin"));
        assertThat(answer.status()).isEqualTo(303);
        return answer.header("Set-Cookie").split(";", 2)[0];
    }

    /** What is tried is put into a call that does something: else none of it would come further than the door. */
    private void requireDone(String path, String headers, String body) {
        Map<String, String> named = new LinkedHashMap<>();
        headers.lines().map(line -> line.split(": ", 2)).forEach(one -> named.put(one[0], one[1]));
        Answer answer = vault.send(
                body.isEmpty() ? "GET" : "POST",
                path.replace("*", ""),
                "",
                body.isEmpty() ? null : body.replace("*", ""),
                named);
        assertThat(answer.status()).as("%s: %s", path, answer).isEqualTo(200);
    }

    private void requireNotInjectable(String path, String headers, String body)
            throws IOException, InterruptedException {
        recorded("sqlmap", path.replaceAll("[0-9a-f]{16}", "ID"), () -> sqlmap(path, headers, body));
    }

    private Tried sqlmap(String path, String headers, String body) throws IOException, InterruptedException {
        requireDone(path, headers, body);
        String all = headers + "\nAccept: */*";
        List<String> command = new ArrayList<>(List.of("sqlmap", "-u", vault.address() + path, "--headers", all));
        if (!body.isEmpty()) {
            command.addAll(List.of("--method", "POST", "--data", body));
        }
        command.addAll(List.of("--batch", "--level", "3", "--risk", "2", "--technique", "BEUST", "--dbms", "sqlite"));
        command.addAll(List.of("--time-sec", "2", "--threads", "4", "--flush-session", "--disable-coloring"));
        command.addAll(List.of("--ignore-code", "*", "--time-limit", Integer.toString(SECONDS)));
        command.addAll(List.of("--output-dir", vault.root().resolve("sqlmap").toString()));

        String said = run(command);

        assertThat(said).as(path).containsAnyOf("do not appear to be injectable", "time limit", "is vulnerable");
        List<String> findings = new ArrayList<>(failures());
        INJECTED.stream().filter(said::contains).forEach(findings::add);
        long places = (path + body).chars().filter(one -> one == '*').count();
        long tests = said.lines().filter(line -> line.contains("testing '")).count();
        assertThat(tests).as(said).isGreaterThanOrEqualTo(LEAST_TESTS * places);
        return new Tried(tests, findings);
    }
}
