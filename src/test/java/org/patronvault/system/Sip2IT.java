package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.patronvault.testing.Kiosk;
import org.patronvault.testing.LongRun;

/** A kiosk asks a vault that runs (P7, P8): by SIP2 as vault.yaml says, and nothing of a patron comes out. */
@Tag(LongRun.TAG)
class Sip2IT {
    private static final int OF_EACH = 20;
    private static final int QUESTIONS = 10_000;
    private static final int KIOSKS = 4;
    private static final int TIMED = 1_500;
    private static final int ROUNDS = 4;
    private static final int WARMING = -1;
    private static final int WITHOUT_WAIT = 4_500;
    private static final double MOST_APART = 0.05;
    private static final String PASSWORD = "kiosk by the door";

    /** Who a card is of, and whether a PIN is sent along; nobody here knows PINs. */
    private enum Kind {
        ENTITLED(0, Optional.empty()),
        WRONG_PIN(0, Optional.of("1234")),
        EXPIRED(1, Optional.empty()),
        BLOCKED(2, Optional.empty()),
        UNKNOWN(3, Optional.empty());

        private final int range;
        private final Optional<String> pin;

        Kind(int range, Optional<String> pin) {
            this.range = range;
            this.pin = pin;
        }

        String card(int n) {
            return SamplePatron.card(number(n));
        }

        int number(int n) {
            return 2_000 * range + 1 + n;
        }

        String status(Kiosk kiosk, int n) {
            return kiosk.status(card(n), pin);
        }

        String information(Kiosk kiosk, int n) {
            return kiosk.information(card(n), pin);
        }
    }

    private RunningVault vault;
    private int port;

    @BeforeEach
    void start() throws IOException {
        vault = RunningVault.create();
        vault.as("admin", "client", "add", "kiosk", "--scope", "entitlement", "--checks", "1000000");
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        Files.writeString(vault.home().resolve("kiosk.pw"), PASSWORD + "\n");
        Files.writeString(
                vault.home().resolve("vault.yaml"),
                "\nsip2:\n  port: " + port + "\n  accounts: [{login: kiosk, passwordFile: kiosk.pw, client: kiosk,"
                        + " service: ebooks, charset: CP850, refuse: BLN}]\n",
                StandardOpenOption.APPEND);
        vault.start();
        String clerk = vault.signIn("clerk");
        for (int n = 0; n < OF_EACH; n++) {
            vault.register(clerk, SamplePatron.of(Kind.ENTITLED.number(n)));
            vault.register(clerk, SamplePatron.of(Kind.EXPIRED.number(n)).put("expires", "2026-01-31"));
            vault.register(clerk, SamplePatron.of(Kind.BLOCKED.number(n)).put("status", "blocked"));
        }
    }

    @AfterEach
    void stop() {
        vault.close();
    }

    @Test
    void tenThousandQuestionsGiveNoStoredValueAwayAndCountOnceThoughEverySecondIsSentTwice() throws Exception {
        ByteArrayOutputStream capture = new ByteArrayOutputStream();
        List<Callable<Long>> kiosks = new ArrayList<>();
        for (int k = 0; k < KIOSKS; k++) {
            int own = k;
            kiosks.add(() -> ask(own, capture));
        }
        long entitled = 0;
        ExecutorService threads = Executors.newFixedThreadPool(KIOSKS);
        try {
            for (Future<Long> end : threads.invokeAll(kiosks)) {
                entitled += end.get();
            }
        } finally {
            threads.shutdownNow();
        }
        byte[] all = capture.toByteArray();
        assertThat(new String(all, StandardCharsets.ISO_8859_1)).contains(Kind.ENTITLED.card(0));
        for (ObjectNode patron : List.of(SamplePatron.of(1), SamplePatron.of(2_001), SamplePatron.of(4_001))) {
            assertThat(stored(patron).hitsIn(all)).isEmpty();
        }

        vault.stop();
        vault.start();

        JsonNode seen =
                vault.call("GET", "/v1/vendors/kiosk", vault.signIn("dir")).json();
        assertThat(count(seen, "entitled")).isEqualTo(entitled);
        assertThat(count(seen, "notEntitled")).isEqualTo(QUESTIONS - entitled);
        assertThat(vault.as("officer", "log", "verify").exit()).isZero();
    }

    private static long count(JsonNode vendor, String answer) {
        return vendor.path("thirtyDays").path(answer).asLong();
    }

    /** What is kept of a patron, the card aside, which the kiosk itself sends. */
    private static Needles stored(ObjectNode patron) {
        return new Needles(List.of(
                patron.path("name").path("family").asText(),
                patron.path("name").path("given").asText(),
                patron.path("address").path("line1").asText(),
                patron.path("address").path("city").asText(),
                "06840",
                "|Kat|",
                patron.path("phone").path(0).asText().replace("-", ""),
                patron.path("email").path(0).asText()));
    }

    /** Asks its share of the questions; gives how many were about somebody entitled. */
    private long ask(int own, ByteArrayOutputStream capture) {
        Random random = new Random(own);
        long entitled = 0;
        StringBuilder got = new StringBuilder();
        try (Kiosk kiosk = Kiosk.at(port, "kiosk", PASSWORD)) {
            for (int n = 0; n < QUESTIONS / KIOSKS; n++) {
                Kind kind = Kind.values()[random.nextInt(Kind.values().length)];
                String question =
                        random.nextBoolean() ? kind.status(kiosk, n % OF_EACH) : kind.information(kiosk, n % OF_EACH);
                String answer = kiosk.ask(question);
                assertThat(answer).contains(kind == Kind.ENTITLED ? "|BLY|" : "|BLN|CQN|");
                got.append(answer).append('\r');
                if (n % 2 == 1) {
                    assertThat(kiosk.ask(question)).isEqualTo(answer);
                }
                if (n % 16 == 0) {
                    got.append(kiosk.ask(kiosk.end(kind.card(n % OF_EACH)))).append('\r');
                    got.append(kiosk.ask(kiosk.detected("9900802.00"))).append('\r');
                }
                entitled += kind == Kind.ENTITLED ? 1 : 0;
            }
        }
        synchronized (capture) {
            capture.writeBytes(got.toString().getBytes(StandardCharsets.ISO_8859_1));
        }
        return entitled;
    }

    /** Of thousands of cards, each asked about as often as any other, in an order in which nothing falls on one kind only. */
    @Test
    void unknownExpiredBlockedAndWrongPinTakeTheSameTime() throws IOException {
        VaultProcess.Ran imported = vault.as(
                "boss",
                "patrons",
                "import",
                cards().toString(),
                "--format",
                "vault-jsonl",
                "--consent-policy",
                "2018-05");
        assertThat(imported.exit()).as(imported.err()).isZero();
        List<Kind> refused = List.of(Kind.UNKNOWN, Kind.EXPIRED, Kind.BLOCKED, Kind.WRONG_PIN);
        List<List<Long>> nanos = new ArrayList<>();
        refused.forEach(kind -> nanos.add(new ArrayList<>()));
        askAll(refused, WARMING, Collections.nCopies(refused.size(), new ArrayList<>()));
        for (int round = 0; round < ROUNDS; round++) {
            askAll(refused, round, nanos);
        }
        double[] medians = nanos.stream().mapToDouble(Sip2IT::median).toArray();
        double apart = Arrays.stream(medians).max().orElseThrow()
                        / Arrays.stream(medians).min().orElseThrow()
                - 1;
        assertThat(apart).as(Arrays.toString(medians)).isLessThan(MOST_APART);
    }

    /** Patrons of each kind that is known, as many as are timed. */
    private Path cards() throws IOException {
        StringBuilder lines = new StringBuilder();
        for (int n = OF_EACH; n < TIMED; n++) {
            lines.append(SamplePatron.of(Kind.ENTITLED.number(n))).append('\n');
            lines.append(SamplePatron.of(Kind.EXPIRED.number(n)).put("expires", "2026-01-31"))
                    .append('\n');
            lines.append(SamplePatron.of(Kind.BLOCKED.number(n)).put("status", "blocked"))
                    .append('\n');
        }
        return Files.writeString(vault.home().resolve("cards.jsonl"), lines);
    }

    /** Asks once about each card of each kind, over no more questions a connection than are answered without a wait. */
    private void askAll(List<Kind> kinds, int seed, List<List<Long>> nanos) {
        List<int[]> questions = new ArrayList<>();
        for (int kind = 0; kind < kinds.size(); kind++) {
            for (int n = 0; n < TIMED; n++) {
                questions.add(new int[] {kind, n});
            }
        }
        Collections.shuffle(questions, new Random(seed));
        for (int from = 0; from < questions.size(); from += WITHOUT_WAIT) {
            try (Kiosk kiosk = Kiosk.at(port, "kiosk", PASSWORD)) {
                for (int[] question : questions.subList(from, Math.min(from + WITHOUT_WAIT, questions.size()))) {
                    String message = kinds.get(question[0]).status(kiosk, question[1]);
                    long sent = System.nanoTime();
                    String answer = kiosk.ask(message);
                    nanos.get(question[0]).add(System.nanoTime() - sent);
                    assertThat(answer).contains("|BLN|CQN|");
                }
            }
        }
    }

    private static double median(List<Long> nanos) {
        return nanos.stream().sorted().skip(nanos.size() / 2).findFirst().orElseThrow();
    }
}
