package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.patronvault.testing.FaultLedger;
import org.patronvault.testing.LongRun;
import org.patronvault.web.OpenApiDocument;

/**
 * Requests that are wrong in one way or another, from the document of the HTTP interface: each is answered, none by a
 * failure of the vault, and no refusal and no line of the server's output repeats what was sent. Few unless more are
 * asked for: {@code -Dfault.requests=1000000}, which the profile {@code fault} puts into the ledger (fault.md).
 */
final class BadRequestsIT {
    private static final FaultLedger LEDGER = new FaultLedger(
            "requests.csv",
            "seed",
            "date",
            "requests",
            "done",
            "operations done",
            "refused",
            "no answer",
            "late",
            "failed",
            "repeated",
            "broken off");
    private static final int AT_ONCE = 4;
    private static final int MOST_AGAIN = 5;

    /** How often the log may be late: three times, or ten times in a million requests. */
    private static final long LEAST_LATE = 3;

    private static final int LATE_OF_EACH = 100_000;

    /** Then whatever is wrong is wrong with everything. */
    private static final int MOST_FAILED = 100;

    private static final int PATIENCE_MILLIS = 60_000;
    private static final int PATRONS = 5;

    /** Of so many requests one at most may find the connection closed that was kept for it. */
    private static final int KEPT_OF_EACH = 1_000;

    /** How many more operations, at least, ten times as many requests do. */
    private static final int OPERATIONS_EACH_TENFOLD = 13;

    /** After so many requests of one caller somebody more is there, since some of them erase. */
    private static final int ONE_MORE_EVERY = 100;

    private static final int REFUSED = 400;
    private static final int FAILED = 500;
    private static final int UNAUTHORISED = 401;
    private static final Integer ASKED = Integer.getInteger("fault.requests");
    private static final int BUILD = LongRun.times(600, 3_000);

    /** The build sends the same ones each time. */
    private static final long SEED = Long.getLong("fault.seed", ASKED == null ? 11 : System.nanoTime() % 1_000_000);

    @AutoClose
    private final RunningVault vault = RunningVault.create();

    private final Map<String, String> tokens = new ConcurrentHashMap<>();
    private final Targets targets = new Targets();
    private final AtomicInteger patrons = new AtomicInteger(PATRONS);
    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong done = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private final AtomicLong unanswered = new AtomicLong();

    /** How often the log was late, and the same request was sent again. */
    private final AtomicLong late = new AtomicLong();

    /** How often a request was sent once more over another connection, since the one that was kept was closed. */
    private final AtomicLong sentAgain = new AtomicLong();

    private final Set<String> failed = ConcurrentHashMap.newKeySet();

    /** Why of those who failed some got no answer. */
    private final Set<String> silent = ConcurrentHashMap.newKeySet();

    private final Set<String> repeated = ConcurrentHashMap.newKeySet();

    @BeforeEach
    void start() {
        vault.withoutLimits().start();
        tokens.putAll(Callers.signIn(vault));
        for (int n = 0; n < PATRONS; n++) {
            targets.add("patrons", vault.register(tokens.get("clerk"), SamplePatron.of(n)));
        }
    }

    @Test
    void requestsThatAreWrongAreRefusedWithoutRepeatingWhatWasSentAndNoneIsAFailure() throws Exception {
        int times = ASKED == null ? BUILD : ASKED;
        System.out.println("Seed: " + SEED);
        boolean ended = false;
        try {
            sendAll(times);
            requireLogInTime(times);
            ServerSaid.failure(vault, failed.size(), List.of("log-unavailable")).ifPresent(failed::add);
            ServerSaid.repeated(vault).ifPresent(repeated::add);
            requireReach(times);
            ended = true;
        } finally {
            record(ended);
        }
        assertThat(failed)
                .as(
                        "failures, seed %d, no answer for %s; the server said %s",
                        SEED, silent, vault.server().printed())
                .isEmpty();
        assertThat(repeated).as("what was repeated, seed %d", SEED).isEmpty();
    }

    private void sendAll(int times) throws InterruptedException, ExecutionException {
        ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE);
        try {
            List<Callable<Object>> all = new ArrayList<>();
            for (int n = 0; n < AT_ONCE; n++) {
                long seed = SEED + n;
                all.add(Executors.callable(() -> send(seed, times / AT_ONCE)));
            }
            // Waits for each of them, whatever becomes of another.
            for (Future<Object> one : threads.invokeAll(all)) {
                one.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private void requireLogInTime(int times) {
        if (late.get() > Math.max(LEAST_LATE, times / LATE_OF_EACH)) {
            failed.add("the log was late " + late + " times");
        }
    }

    /** The requests were worth sending: many operations were done, connections are kept, and somebody is left. */
    private void requireReach(int times) {
        assertThat(sentAgain.get()).as("connections closed without a word").isLessThanOrEqualTo(times / KEPT_OF_EACH);
        assertThat(vault.call("GET", "/health/ready").status()).isEqualTo(200);
        assertThat(targets.done()).as("operations done").hasSizeGreaterThanOrEqualTo(leastOperations(times));
        assertThat(targets.all("patrons").stream()
                        .map(id -> vault.call("GET", "/v1/patrons/" + id, tokens.get("clerk"))
                                .status()))
                .as("what is left to be reached")
                .contains(200);
    }

    private static int leastOperations(int times) {
        return (int) (OPERATIONS_EACH_TENFOLD * Math.log10(times));
    }

    private void record(boolean ended) {
        LEDGER.add(
                SEED,
                LocalDate.now(ZoneOffset.UTC),
                sent,
                done,
                targets.done().size(),
                refused,
                unanswered,
                late,
                failed.size(),
                repeated.size(),
                ended ? 0 : 1);
        System.out.println("Done: " + targets.done());
        System.out.println("Failed: " + failed + ", repeated: " + repeated + ", sent again: " + sentAgain);
    }

    private void send(long seed, int times) {
        BadRequests requests =
                new BadRequests(seed, OpenApiDocument.load(), Callers.USERS, targets, (headers, user) -> {
                    if (!user.isEmpty()) {
                        headers.put("Authorization", "Bearer " + tokens.get(user));
                    }
                });
        try (RawHttp http = new RawHttp(vault.address())) {
            for (int n = 0; n < times && failed.size() < MOST_FAILED; n++) {
                if (n % ONE_MORE_EVERY == 0) {
                    addPatron();
                }
                BadRequests.Request request = requests.next();
                sent.incrementAndGet();
                Optional<RawHttp.Reply> answered = exchange(http, request);
                for (int again = 0;
                        again < MOST_AGAIN
                                && answered.filter(BadRequestsIT::isNotNow).isPresent();
                        again++) {
                    late.incrementAndGet();
                    answered = exchange(http, request);
                }
                judge(request, answered);
            }
            sentAgain.addAndGet(http.again());
        } catch (IOException e) {
            failed.add("cannot be closed");
        }
    }

    private void addPatron() {
        Answer added =
                vault.call("POST", "/v1/patrons", tokens.get("clerk"), SamplePatron.of(patrons.incrementAndGet()));
        if (added.status() == 201) {
            targets.add("patrons", added.json().path("id").asText());
        }
    }

    /** A machine that is busy with something else may take longer than the log waits; it is not what was sent. */
    private static boolean isNotNow(RawHttp.Reply reply) {
        return reply.status() == 503 && reply.text().contains("/log-unavailable\"");
    }

    private Optional<RawHttp.Reply> exchange(RawHttp http, BadRequests.Request request) throws IOException {
        long began = System.nanoTime();
        try {
            return http.exchange(request.bytes(), request.headOnly(), PATIENCE_MILLIS);
        } catch (IOException e) {
            http.close();
            if (request.framed()) {
                silent.add(e + " after " + (System.nanoTime() - began) / 1_000_000 + " ms");
            }
            return Optional.empty();
        } finally {
            if (!request.framed()) {
                http.close();
            }
        }
    }

    private void judge(BadRequests.Request request, Optional<RawHttp.Reply> answered) {
        if (answered.isEmpty()) {
            unanswered.incrementAndGet();
            if (request.framed()) {
                failed.add("no answer to " + request);
            }
            return;
        }
        RawHttp.Reply reply = answered.get();
        targets.learn(request.began(), reply);
        if (reply.status() >= FAILED) {
            failed.add(reply.text() + "\nto " + request);
        } else if (reply.status() >= REFUSED) {
            refused.incrementAndGet();
        } else {
            done.incrementAndGet();
        }
        if (reply.status() >= REFUSED && reply.text().contains(request.canary())) {
            repeated.add(reply.text() + "\nto " + request);
        }
        if (reply.status() == UNAUTHORISED && !request.user().isEmpty()) {
            signInAgain(request.user());
        }
    }

    /** Some requests end a session. */
    private void signInAgain(String user) {
        boolean isOver = vault.call("GET", "/v1/sessions", tokens.get(user)).status() == UNAUTHORISED;
        if (!isOver || Set.of("vendor", "ils").contains(user)) {
            return;
        }
        Answer signedIn = vault.call("POST", "/v1/sessions", "", RunningVault.credentials(user, RunningVault.PASSWORD));
        if (signedIn.status() == 503) {
            // The log was late; the next who is not signed in tries again.
            late.incrementAndGet();
        } else {
            assertThat(signedIn.status()).as("%s", signedIn).isEqualTo(201);
            tokens.put(user, signedIn.json().path("token").asText());
        }
    }
}
