package org.patronvault.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Drives a server with {@code wrk}, of Debian's package of that name. It takes some microseconds a request, so that the
 * cores are the server's. For one thread.
 */
final class Wrk implements ClosedLoop {
    private static final String PROGRAM = "wrk";
    private static final int PATIENCE_SECONDS = 60;
    private static final double MICROS_A_SECOND = 1e6;
    private static final double MICROS_A_MILLI = 1e3;
    private static final Pattern DONE =
            Pattern.compile("(?m)^answers (\\d+) micros (\\d+) p99 (\\d+) wrong (\\d+) failed (\\d+)$");

    private final Path script;
    private final int port;

    /**
     * Writes the script of a client that sends {@code head}, a card and {@code tail} as its whole request.
     *
     * @param cards of one length, each as likely as the others
     * @param right what the body of every right answer contains; its status is 200
     */
    Wrk(Path script, int port, String head, List<String> cards, String tail, String right) throws IOException {
        int length = cards.get(0).length();
        if (cards.stream().anyMatch(card -> card.length() != length)) {
            throw new IllegalArgumentException("Content-Length is one for all requests, so cards must be as long");
        }
        this.script = script;
        this.port = port;
        Files.writeString(
                script,
                String.format(
                        Locale.ROOT, """
                local head, tail, right = %s, %s, %s
                local length = %d
                local cards = "%s"
                local last = #cards / length - 1
                local driver
                wrong = 0
                function setup(thread)
                  driver = thread
                end
                function init(args)
                  math.randomseed(tonumber(args[1]))
                end
                function request()
                  local at = math.random(0, last) * length
                  return head .. cards:sub(at + 1, at + length) .. tail
                end
                function response(status, headers, body)
                  if status ~= 200 or not body:find(right, 1, true) then
                    wrong = wrong + 1
                  end
                end
                function done(summary, latency)
                  local errors = summary.errors
                  local failed = errors.connect + errors.read + errors.write + errors.timeout
                  print(string.format("answers %%d micros %%d p99 %%d wrong %%d failed %%d",
                    summary.requests, summary.duration, latency:percentile(99), driver:get("wrong"), failed))
                end
                """, quoted(head), quoted(tail), quoted(right), length, String.join("", cards)));
    }

    private static String quoted(String text) {
        return '"'
                + text.replace("\\", "\\\\")
                        .replace("\"", "\\\"")
                        .replace("\r", "\\r")
                        .replace("\n", "\\n")
                + '"';
    }

    /** Fails unless it is installed; returns its name and version. */
    static String version() throws IOException {
        try {
            // It says both before its usage, and exits as if the call were wrong.
            return output(new ProcessBuilder(PROGRAM, "-v")).split(" \\[", 2)[0];
        } catch (IOException e) {
            throw new IOException("This figure needs wrk, which asks the servers. Install it: apt-get install wrk", e);
        }
    }

    private static String output(ProcessBuilder builder) throws IOException {
        Process process = builder.redirectErrorStream(true).start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    @Override
    public Result closed(int connections, double seconds, long stream) throws IOException {
        String said = output(new ProcessBuilder(
                PROGRAM,
                "--threads=1",
                "--connections=" + connections,
                "--duration=" + (int) Math.ceil(seconds) + "s",
                "--timeout=" + PATIENCE_SECONDS + "s",
                "--script=" + script,
                "http://127.0.0.1:" + port,
                "--",
                Long.toString(stream)));
        Matcher done = DONE.matcher(said);
        if (!done.find()) {
            throw new IllegalStateException("wrk did not end well: " + said);
        }
        long answers = Long.parseLong(done.group(1));
        if (answers == 0 || !done.group(4).equals("0") || !done.group(5).equals("0")) {
            throw new IllegalStateException("the server did not answer as it should: " + said);
        }
        return new Result(
                answers,
                Long.parseLong(done.group(2)) / MICROS_A_SECOND,
                Long.parseLong(done.group(3)) / MICROS_A_MILLI);
    }
}
