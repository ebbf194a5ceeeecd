package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.patronvault.testing.LongRun;

/**
 * One reveal, killed at the first call of a thread to the system, at the second, and so on until the answer arrives: at
 * no point has anybody seen what is not in the log (promise 1). {@code strace} kills the process as a call begins, so
 * what came before it was done and the call itself was not. It counts the calls of each kind by itself.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Tag(LongRun.TAG)
final class KillPointsIT {
    /** The thread that writes the log, how it writes, or asks a server to, and how it takes and gives back locks around that. */
    private static final String WRITER = "vault-log";

    private static final String WRITES = Databases.ON_POSTGRES
            ? "write,writev,sendto,sendmsg,read,recvfrom,recvmsg"
            : "write,writev,pwrite64,fsync,fdatasync,ftruncate,fcntl";
    private static final String LOCK = "fcntl";

    /** Two locks are taken before it and given back after it; those after them are of a next transaction. */
    private static final int LOCKS = 4;

    /** The threads that open what was asked for, and how they send it. */
    private static final String OPENER = "vault-open";

    private static final String SENDS = "write,writev,sendto,sendmsg";

    /** After what it sends a thread waits that long, so that its server has answered, and one read takes one answer. */
    private static final int ANSWERED_MICROS = 50_000;

    private static final Pattern CALL =
            Pattern.compile("^(?:[0-9]+ +)?(?:[0-9]+\\.[0-9]+ )?([a-z0-9]+)\\(", Pattern.MULTILINE);
    private static final int PATIENCE_MILLIS = 30_000;
    private static final int KILLED = 128 + 9;

    /** How far a reveal came, in the order of promise 1. */
    private enum Reached {
        NOTHING,
        LOGGED,
        SHOWN
    }

    private RunningVault vault;
    private String clerk;
    private String officer;
    private int patrons = 100;
    private String patron = "";
    private int kills;
    private long read;

    @BeforeAll
    void startAVault() throws Exception {
        Strace.require();
        vault = RunningVault.create();
        vault.start();
        clerk = vault.signIn("clerk");
        officer = vault.signIn("officer");
    }

    @AfterAll
    void remove() {
        if (vault != null) {
            vault.close();
        }
    }

    @Test
    void killedAtAnyCallOfTheThreadThatWritesNothingWasShownThatIsNotInTheLog() throws Exception {
        Map<String, List<Reached>> reached = killedAtEachCall(WRITER, WRITES);
        assertThat(kills).as("kill points passed: %s", reached).isGreaterThanOrEqualTo(10);
        if (Databases.ON_POSTGRES) {
            assertThat(reached.values())
                    .allSatisfy(each -> assertThat(each)
                            .isSorted()
                            .startsWith(Reached.NOTHING)
                            .endsWith(Reached.SHOWN))
                    .as("killed before the answer to a commit was read")
                    .anySatisfy(each -> assertThat(each).contains(Reached.LOGGED));
            return;
        }
        assertThat(reached.values()).allSatisfy(each -> assertThat(each).isSorted());
        assertThat(reached.get("pwrite64")).startsWith(Reached.NOTHING).endsWith(Reached.SHOWN);
        assertThat(reached.get("fsync")).startsWith(Reached.LOGGED).endsWith(Reached.SHOWN);
        assertThat(reached.get("write"))
                .as("killed as the anchor is written")
                .startsWith(Reached.LOGGED)
                .endsWith(Reached.SHOWN);
        assertThat(reached.get(LOCK)).startsWith(Reached.NOTHING).endsWith(Reached.LOGGED);
    }

    @Test
    void killedAtAnyCallThatSendsTheAnswerTheLookIsInTheLogAlready() throws Exception {
        Map<String, List<Reached>> reached = killedAtEachCall(OPENER, SENDS);
        assertThat(kills).as("kill points passed: %s", reached).isPositive();
        assertThat(reached.values())
                .allSatisfy(each -> assertThat(each)
                        .isSorted()
                        .doesNotContain(Reached.NOTHING)
                        .endsWith(Reached.SHOWN));
    }

    /**
     * For each kind of call that threads of that name make in a reveal, how far each reveal came: killed at the first
     * of these calls, killed at the second …, not killed.
     */
    private Map<String, List<Reached>> killedAtEachCall(String thread, String calls) throws Exception {
        Map<String, List<Reached>> reached = new TreeMap<>();
        long last = read;
        kills = 0;
        for (String call : made(thread, calls)) {
            patron = vault.register(clerk, SamplePatron.of(++patrons));
            List<Reached> each = reached.computeIfAbsent(call, any -> new ArrayList<>());
            boolean killed = true;
            while (killed && !(call.equals(LOCK) && each.size() == LOCKS)) {
                String injected = "inject=" + call + ":signal=SIGKILL:when=" + (each.size() + 1);
                String seen;
                try (Strace strace =
                        trace(Path.of("/dev/null"), thread, "-e", "trace=" + calls, "-e", late(call), "-e", injected)) {
                    assertThat(strace.isTracing()).isTrue();
                    seen = reveal();
                    killed = !seen.startsWith("HTTP/1.1 200");
                    if (killed) {
                        kills++;
                        restartKilled();
                    }
                }
                last = read;
                each.add(reached(seen));
            }
        }
        vault.server().kill();
        restart();
        read = last;
        assertThat(disclosed()).as("what was answered last, after a kill").isOne();
        return reached;
    }

    /** The kinds of call that those threads make in a look at somebody for the first time. */
    private Set<String> made(String thread, String calls) throws Exception {
        patron = vault.register(clerk, SamplePatron.of(++patrons));
        Path trace = Files.createTempFile(vault.root(), "calls", ".txt");
        try (Strace strace = trace(trace, thread, "-e", "trace=" + calls)) {
            assertThat(strace.isTracing()).isTrue();
            assertThat(reveal()).startsWith("HTTP/1.1 200");
        }
        assertThat(disclosed()).isOne();
        Set<String> made = new TreeSet<>();
        CALL.matcher(Files.readString(trace)).results().forEach(call -> made.add(call.group(1)));
        return made;
    }

    /** What is sent is late, but for that call: strace does one thing to a call. */
    private static String late(String call) {
        return "inject="
                + Stream.of(SENDS.split(",")).filter(send -> !send.equals(call)).collect(Collectors.joining(","))
                + ":delay_exit=" + ANSWERED_MICROS;
    }

    private void restartKilled() {
        vault.server().awaitUntil("goes on", () -> !vault.server().isAlive());
        assertThat(vault.server().await().exit()).isEqualTo(KILLED);
        restart();
    }

    private void restart() {
        assertThat(vault.run("log", "verify").exit()).isZero();
        vault.start();
    }

    private Reached reached(String seen) {
        int entries = disclosed();
        assertThat(entries).as("entries of one reveal").isBetween(0, 1);
        if (seen.contains("Elm St") || seen.contains("555")) {
            assertThat(entries).as("entries of what was shown").isOne();
            return Reached.SHOWN;
        }
        return entries == 1 ? Reached.LOGGED : Reached.NOTHING;
    }

    /** How many entries have come since this was asked last that somebody was shown the patron; nobody else was. */
    private int disclosed() {
        Answer answer = vault.call("GET", "/v1/log/entries?from=" + read, officer);
        assertThat(answer.status()).as("%s", answer).isEqualTo(200);
        read = answer.json().path("next").asLong();
        int disclosed = 0;
        for (JsonNode entry : answer.json().path("entries")) {
            if (entry.path("outcome").asText().equals("disclosed")) {
                assertThat(entry.at("/patrons/0").asText()).isEqualTo(patron);
                disclosed++;
            }
        }
        return disclosed;
    }

    /** What arrived of an answer before the connection ended. */
    private String reveal() throws IOException {
        ObjectNode body = JsonNodeFactory.instance.objectNode().put("purpose", "account-service");
        body.putArray("fields").add("phone").add("address");
        String request = "POST /v1/patrons/" + patron + "/reveal HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
                + "Authorization: Bearer " + clerk + "\r\nContent-Type: application/json\r\nContent-Length: "
                + body.toString().length() + "\r\n\r\n" + body;
        ByteArrayOutputStream seen = new ByteArrayOutputStream();
        try (Socket socket = new Socket(
                InetAddress.getLoopbackAddress(), URI.create(vault.address()).getPort())) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            socket.getInputStream().transferTo(seen);
        } catch (SocketException e) {
            // The process has ended; what came before counts.
        }
        return seen.toString(StandardCharsets.UTF_8);
    }

    /** Traces, from now on, the threads of that name that the server has. */
    private Strace trace(Path into, String thread, String... options) {
        return Strace.attach(vault, into, Strace.threads(vault, thread), options);
    }
}
