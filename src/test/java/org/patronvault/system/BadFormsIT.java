package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.patronvault.testing.FaultLedger;
import org.patronvault.testing.LongRun;

/**
 * Forms of the pages that are wrong in one way or another, by somebody of every role at once: each is answered, none by a
 * failure of the vault, nothing that was sent becomes part of a page but its text, and no line of the server's output
 * repeats it. Few unless more are asked for: {@code -Dfault.forms=100000}, which the profile {@code fault} puts into the
 * ledger (fault.md).
 */
@Tag(LongRun.TAG)
final class BadFormsIT {
    private static final FaultLedger LEDGER = new FaultLedger(
            "forms.csv",
            "seed",
            "date",
            "requests",
            "forms",
            "done",
            "refused",
            "late",
            "failed",
            "woven",
            "broken off");

    private static final Integer ASKED = Integer.getInteger("fault.forms");
    private static final int BUILD = 2_000;

    /** How many different forms are done at least by chance, and how many by ten times as many requests. */
    private static final int LEAST_FORMS = 15;

    private static final int LEAST_FORMS_OF_MANY = 25;

    /** The build sends the same ones each time, as far as the answers are the same. */
    private static final long SEED = Long.getLong("fault.seed", ASKED == null ? 5 : System.nanoTime() % 1_000_000);

    /** Of eleven. */
    private static final int LEAST_LEFT = 6;

    /** How often a page may be told to wait: so often, or once in so many requests. */
    private static final int LEAST_LATE = 20;

    private static final int LATE_OF_EACH = 1_000;
    private static final int MOST_AGAIN = 5;
    private static final int MOST_FAILED = 100;

    /** One request in so many. */
    private static final int HTMX_EACH = 3;

    @AutoClose
    private final RunningVault vault = RunningVault.create();

    private final Map<String, String> cookies = new ConcurrentHashMap<>();
    private final Set<String> done = new ConcurrentSkipListSet<>();
    private final Set<String> met = new ConcurrentSkipListSet<>();
    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong fulfilled = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private final AtomicLong late = new AtomicLong();
    private final Set<String> failed = ConcurrentHashMap.newKeySet();
    private final Set<String> woven = ConcurrentHashMap.newKeySet();

    @BeforeEach
    void start() {
        vault.withoutLimits().start();
        Map<String, String> tokens = Callers.signIn(vault);
        for (int n = 0; n < BadForms.PATRONS; n++) {
            String unused = vault.register(tokens.get("clerk"), SamplePatron.of(n));
        }
        tokens.keySet().stream()
                .filter(name -> !Set.of("vendor", "ils").contains(name))
                .forEach(name -> assertThat(signIn(name)).as(name).isTrue());
    }

    private boolean signIn(String name) {
        String typed =
                "username=" + name + "&password=" + URLEncoder.encode(RunningVault.PASSWORD, StandardCharsets.UTF_8);
        Answer answer = vault.send("POST", "/sign-in", "", typed, headers(""));
        boolean isIn = answer.status() == 303;
        if (isIn) {
            cookies.put(name, answer.header("Set-Cookie").split(";", 2)[0]);
        } else {
            cookies.remove(name);
        }
        return isIn;
    }

    private static Map<String, String> headers(String cookie) {
        Map<String, String> headers = new HashMap<>();
        headers.put("Content-Type", "application/x-www-form-urlencoded");
        headers.put("Sec-Fetch-Site", "same-origin");
        if (!cookie.isEmpty()) {
            headers.put("Cookie", cookie);
        }
        return headers;
    }

    @Test
    void formsThatAreWrongAreAnsweredWithoutFailureAndNothingThatWasSentIsPartOfThePage() throws Exception {
        int times = ASKED == null ? BUILD : ASKED;
        System.out.println("Seed: " + SEED);
        boolean ended = false;
        try {
            sendAll(times);
            ServerSaid.failure(vault, failed.size(), List.of("log-unavailable", "busy"))
                    .ifPresent(failed::add);
            ServerSaid.repeated(vault).ifPresent(woven::add);
            if (late.get() > Math.max(LEAST_LATE, times / LATE_OF_EACH)) {
                failed.add("not now was said " + late + " times");
            }
            assertThat(done)
                    .as("forms done, of %s", met)
                    .hasSizeGreaterThanOrEqualTo(times < 10 * BUILD ? LEAST_FORMS : LEAST_FORMS_OF_MANY);
            assertThat(cookies).as("who can still sign in").hasSizeGreaterThanOrEqualTo(LEAST_LEFT);
            ended = true;
        } finally {
            record(ended);
        }
        assertThat(failed)
                .as(
                        "failures, seed %d; the server said %s",
                        SEED, vault.server().printed())
                .isEmpty();
        assertThat(woven).as("what became part of a page, seed %d", SEED).isEmpty();
    }

    private void sendAll(int times) throws InterruptedException, ExecutionException {
        List<Callable<Object>> all = new ArrayList<>();
        for (String name : cookies.keySet().stream().sorted().toList()) {
            long seed = SEED * 100 + all.size();
            int each = times / cookies.size();
            all.add(Executors.callable(() -> walk(name, seed, each)));
        }
        ExecutorService threads = Executors.newFixedThreadPool(all.size());
        try {
            for (Future<Object> one : threads.invokeAll(all)) {
                one.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private void walk(String name, long seed, int times) {
        BadForms forms = new BadForms(seed);
        Random random = new Random(seed);
        // Some take roles from others, and some their own way in.
        for (int n = 0; n < times && failed.size() < MOST_FAILED && cookies.containsKey(name); n++) {
            BadForms.Sent one = forms.next();
            Optional<String> path = Optional.of(one.path()).filter(BadFormsIT::canBeSent);
            if (path.isEmpty()) {
                continue;
            }
            Map<String, String> headers = headers(cookies.get(name));
            if (random.nextInt(HTMX_EACH) == 0) {
                headers.put("HX-Request", "true");
            }
            Answer answer = send(one, headers);
            forms.learn(answer);
            judge(name, one, answer);
        }
    }

    /** What this side's client takes for an address; what others send is in {@link BadRequestsIT}. */
    private static boolean canBeSent(String path) {
        try {
            return !java.net.URI.create("http://127.0.0.1" + path).getPath().isEmpty();
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private Answer send(BadForms.Sent one, Map<String, String> headers) {
        sent.incrementAndGet();
        Answer answer = vault.send(one.method(), one.path(), "", one.body().orElse(null), headers);
        for (int again = 0; again < MOST_AGAIN && isNotNow(answer); again++) {
            late.incrementAndGet();
            answer = vault.send(one.method(), one.path(), "", one.body().orElse(null), headers);
        }
        return answer;
    }

    /** The log is late, or somebody else is tried just now: a page says so in words alone. */
    private static boolean isNotNow(Answer answer) {
        return answer.status() == 503;
    }

    /** Whoever tries passphrases beside somebody who does is told to come again. */
    private static boolean isBusy(BadForms.Sent one, Answer answer) {
        return answer.status() == 503
                && one.path().equals("/custody/drill")
                && !answer.header("Retry-After").isEmpty();
    }

    private void judge(String name, BadForms.Sent one, Answer answer) {
        if (answer.status() >= 500 && !isBusy(one, answer)) {
            failed.add(answer + "\nto " + one + " by " + name);
        } else if (answer.status() >= 400) {
            refused.incrementAndGet();
        } else {
            fulfilled.incrementAndGet();
        }
        if (!one.form().isEmpty()) {
            met.add(one.form());
            if (answer.status() < 400) {
                done.add(one.form());
            }
        }
        boolean isPage = answer.mediaType().equals("text/html");
        if (BadForms.isWoven(one, answer)
                || (!isPage && answer.status() >= 400 && answer.text().contains(one.canary()))) {
            woven.add(answer + "\nto " + one + " by " + name);
        }
        // Whoever is shown the way in has had his session ended, by himself or by another.
        if (answer.status() == 401 || answer.text().contains("action=\"/sign-in\"")) {
            boolean unused = signIn(name);
        }
    }

    private void record(boolean ended) {
        LEDGER.add(
                SEED,
                LocalDate.now(ZoneOffset.UTC),
                sent,
                done.size(),
                fulfilled,
                refused,
                late,
                failed.size(),
                woven.size(),
                ended ? 0 : 1);
        System.out.println("Done: " + String.join("\n", done));
        System.out.println("Met: " + String.join("\n", met));
    }
}
