package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.ToLongFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.patronvault.testing.FaultLedger;

/**
 * A server that half of what it can do is asked of for a long time: what it holds after that is what it held before
 * (fault.md). {@code mvn -B -Pfault verify -Dit.test=SoakIT -Dfault.soak=30} takes so many minutes.
 */
@EnabledIfSystemProperty(
        named = "fault.soak",
        matches = "[0-9]+",
        disabledReason = "takes long: run when it is asked for (fault.md)")
final class SoakIT {
    private static final FaultLedger LEDGER = new FaultLedger(
            "soak.csv",
            "date",
            "minutes",
            "calls",
            "calls/s",
            "calls/s at full load",
            "heap MiB first",
            "heap MiB last",
            "anonymous MiB first",
            "anonymous MiB last",
            "files first",
            "files last",
            "threads first",
            "threads last",
            "write-ahead log KiB first",
            "write-ahead log KiB last",
            "broken off");
    private static final int MINUTES = Integer.getInteger("fault.soak", 0);
    private static final int CALLERS = 8;
    private static final int PATRONS = 500;
    private static final int CALLS_A_CHANGE = 20;

    /** A sign-in takes a fifth of a second of a processor. */
    private static final int CALLS_A_SESSION = 4_000;

    private static final long FULL_NANOS = TimeUnit.SECONDS.toNanos(50);
    private static final int SAMPLES = 60;
    private static final Pattern USED = Pattern.compile("used ([0-9]+)K");

    /** What a process holds: KiB, files, threads. */
    private record Held(long heap, long anonymous, long files, long threads, long log) {}

    @AutoClose
    private final RunningVault vault = RunningVault.create();

    private final AtomicLong calls = new AtomicLong();
    private final List<String> ids = new ArrayList<>();
    private final List<Held> held = new ArrayList<>();
    private double full;
    private long done;
    private String client = "";

    /** Nanoseconds from one call of a caller to the next one; 0 is as fast as it goes. */
    private volatile long pace;

    private volatile boolean ending;

    @Test
    void heapFilesThreadsAndWriteAheadLogAreFlatAtHalfLoad() throws Exception {
        boolean ended = false;
        try {
            soak();
            ended = true;
        } finally {
            record(ended);
        }
    }

    private void soak() throws Exception {
        vault.start("-Xmx384m");
        client = vault.json("admin", "client", "add", "ils", "--scope", "ils", "--daily", "none")
                .path("key")
                .asText();
        for (int n = 0; n < PATRONS; n++) {
            ids.add(vault.register(client, SamplePatron.of(n)));
        }
        ExecutorService threads = Executors.newFixedThreadPool(CALLERS);
        List<Future<?>> callers = new ArrayList<>();
        for (int n = 0; n < CALLERS; n++) {
            int caller = n;
            callers.add(threads.submit(() -> call(caller)));
        }
        await(FULL_NANOS);
        long warmed = calls.get();
        await(FULL_NANOS);
        full = rate(calls.get() - warmed, FULL_NANOS);
        pace = (long) (2 * CALLERS * 1e9 / full);
        long before = calls.get();
        long nanos = TimeUnit.MINUTES.toNanos(MINUTES);
        for (int n = 0; n < SAMPLES; n++) {
            await(nanos / SAMPLES);
            held.add(held());
        }
        done = calls.get() - before;
        ending = true;
        for (Future<?> caller : callers) {
            caller.get();
        }
        threads.shutdownNow();
        assertThat(rate(done, nanos)).as("calls a second").isGreaterThan(0.4 * full);
        requireFlat();
        assertThat(vault.stop()).isIn(0, 143);
        assertThat(vault.run("log", "verify").exit()).isZero();
    }

    private static double rate(long calls, long nanos) {
        return calls * 1e9 / nanos;
    }

    private void await(long nanos) {
        long end = System.nanoTime() + nanos;
        while (System.nanoTime() < end) {
            LockSupport.parkNanos(end - System.nanoTime());
            assertThat(vault.server().isAlive()).as(vault.server().printed()).isTrue();
        }
    }

    /** Looks somebody up, and now and then does something else, as often as the pace says. */
    private void call(int caller) {
        Random random = new Random(caller);
        int[] changes = new int[PATRONS];
        for (int n = 0; !ending; n++) {
            long began = System.nanoTime();
            int patron = random.nextInt(PATRONS / CALLERS) * CALLERS + caller;
            Answer answer = switch (n % CALLS_A_CHANGE) {
                case 0 -> change(patron, ++changes[patron]);
                case 5 -> named(patron);
                case 10 -> vault.call("GET", "/policy");
                case 15 -> vault.call("GET", "/v1/patrons/" + ids.get(patron), client);
                default -> find(patron);
            };
            assertThat(answer.status()).as("%s", answer).isEqualTo(200);
            if (n % CALLS_A_SESSION == caller * CALLS_A_CHANGE) {
                String session = vault.signIn("clerk");
                assertThat(vault.call("DELETE", "/v1/sessions/current", session).status())
                        .isEqualTo(204);
            }
            calls.incrementAndGet();
            for (long rest = pace; System.nanoTime() - began < rest; ) {
                LockSupport.parkNanos(rest - (System.nanoTime() - began));
            }
        }
    }

    private Answer find(int patron) {
        ObjectNode body = JsonNodeFactory.instance
                .objectNode()
                .put("card", SamplePatron.card(patron))
                .put("purpose", "account-service");
        body.putArray("reveal").add("phone").add("address");
        return vault.call("POST", "/v1/patrons/search", client, body);
    }

    private Answer change(int patron, int changes) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.putArray("phone").add(String.format("203-556-%04d", changes % 10_000));
        return vault.send(
                "PATCH",
                "/v1/patrons/" + ids.get(patron),
                client,
                body.toString(),
                Map.of("If-Match", "\"" + changes + "\"", "Idempotency-Key", "change-" + patron + "-" + changes));
    }

    private Answer named(int patron) {
        ObjectNode body = JsonNodeFactory.instance
                .objectNode()
                .put("q", SamplePatron.of(patron).path("name").path("family").asText())
                .put("purpose", "account-service");
        return vault.call("POST", "/v1/patrons/search", client, body);
    }

    private Held held() throws IOException, InterruptedException {
        long pid = vault.server().pid();
        String unused = jcmd(pid, "GC.run");
        Path process = Path.of("/proc", Long.toString(pid));
        Path log = vault.home().resolve("data/vault.db-wal");
        return new Held(
                heap(jcmd(pid, "GC.heap_info")),
                number(Files.readString(process.resolve("status")), "RssAnon:"),
                entries(process.resolve("fd")),
                entries(process.resolve("task")),
                Files.exists(log) ? Files.size(log) / 1024 : 0);
    }

    /** KiB of objects, of all generations. */
    private static long heap(String info) {
        return info.lines()
                .filter(line -> !line.contains("Metaspace") && !line.contains("class space"))
                .map(USED::matcher)
                .filter(Matcher::find)
                .mapToLong(used -> Long.parseLong(used.group(1)))
                .sum();
    }

    private static long number(String lines, String name) {
        return lines.lines()
                .filter(line -> line.startsWith(name))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                .findFirst()
                .orElseThrow();
    }

    private static long entries(Path directory) throws IOException {
        try (Stream<Path> all = Files.list(directory)) {
            return all.count();
        }
    }

    private static String jcmd(long pid, String what) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(), Long.toString(pid), what)
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return said;
    }

    private long first(ToLongFunction<Held> what) {
        return median(SAMPLES / 6, SAMPLES / 3, what);
    }

    private long last(ToLongFunction<Held> what) {
        return median(SAMPLES * 5 / 6, SAMPLES, what);
    }

    /** Of those samples, or 0 where it did not come to them. */
    private long median(int from, int to, ToLongFunction<Held> what) {
        if (held.size() < to) {
            return 0;
        }
        long[] sorted = held.subList(from, to).stream().mapToLong(what).sorted().toArray();
        return sorted[sorted.length / 2];
    }

    private void requireFlat() {
        requireAtMost("heap, KiB", Held::heap, tenthMore(Held::heap));
        requireAtMost("anonymous memory, KiB", Held::anonymous, tenthMore(Held::anonymous) + 16 * 1024);
        requireAtMost("files", Held::files, first(Held::files) + 2);
        requireAtMost("threads", Held::threads, first(Held::threads) + 2);
        requireAtMost("write-ahead log, KiB", Held::log, tenthMore(Held::log) + 8 * 1024);
    }

    private long tenthMore(ToLongFunction<Held> what) {
        return first(what) * 11 / 10;
    }

    private void requireAtMost(String name, ToLongFunction<Held> what, long most) {
        assertThat(last(what)).as(name).isLessThanOrEqualTo(most);
    }

    private void record(boolean ended) {
        LEDGER.add(
                LocalDate.now(ZoneOffset.UTC),
                MINUTES,
                done,
                Math.round(rate(done, TimeUnit.MINUTES.toNanos(MINUTES))),
                Math.round(full),
                first(Held::heap) / 1024,
                last(Held::heap) / 1024,
                first(Held::anonymous) / 1024,
                last(Held::anonymous) / 1024,
                first(Held::files),
                last(Held::files),
                first(Held::threads),
                last(Held::threads),
                first(Held::log),
                last(Held::log),
                ended ? 0 : 1);
        held.forEach(System.out::println);
    }
}
