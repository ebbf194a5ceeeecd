package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.patronvault.testing.Kiosk;

/** A kiosk asks a vault that runs (P7, P8): by SIP2 as vault.yaml says, and nothing of a patron comes out. */
class Sip2IT {
    private static final int OF_EACH = 20;
    private static final int QUESTIONS = 10_000;
    private static final int KIOSKS = 4;
    private static final int ROUNDS = 6;
    private static final int ASKED_A_ROUND = 1_200;
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
            return SamplePatron.card(1_000 * range + 1 + n % OF_EACH);
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
        vault.as("admin", "client", "add", "kiosk", "--scope", "entitlement");
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
            vault.register(clerk, SamplePatron.of(1 + n));
            vault.register(clerk, SamplePatron.of(1_001 + n).put("expires", "2026-01-31"));
            vault.register(clerk, SamplePatron.of(2_001 + n).put("status", "blocked"));
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
        for (ObjectNode patron : List.of(SamplePatron.of(1), SamplePatron.of(1_001), SamplePatron.of(2_001))) {
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
                String question = random.nextBoolean() ? kind.status(kiosk, n) : kind.information(kiosk, n);
                String answer = kiosk.ask(question);
                assertThat(answer).contains(kind == Kind.ENTITLED ? "|BLY|" : "|BLN|CQN|");
                got.append(answer).append('\r');
                if (n % 2 == 1) {
                    assertThat(kiosk.ask(question)).isEqualTo(answer);
                }
                if (n % 16 == 0) {
                    got.append(kiosk.ask(kiosk.end(kind.card(n)))).append('\r');
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

    /** A difference that is there is there in every round; what a busy machine adds is not. */
    @Test
    void unknownExpiredBlockedAndWrongPinTakeTheSameTime() {
        List<Kind> refused = List.of(Kind.UNKNOWN, Kind.EXPIRED, Kind.BLOCKED, Kind.WRONG_PIN);
        List<Double> apart = new ArrayList<>();
        medians(refused, 0);
        for (int round = 1; round <= ROUNDS && apart.stream().noneMatch(one -> one < MOST_APART); round++) {
            double[] medians = medians(refused, round);
            double least = Arrays.stream(medians).min().orElseThrow();
            double most = Arrays.stream(medians).max().orElseThrow();
            apart.add(most / least - 1);
        }
        assertThat(apart).anyMatch(one -> one < MOST_APART);
    }

    /** Asks about each in random order, so that nothing falls on one kind only; no more than is answered without a wait. */
    private double[] medians(List<Kind> kinds, int seed) {
        Random random = new Random(seed);
        long[][] nanos = new long[kinds.size()][ASKED_A_ROUND];
        int[] asked = new int[kinds.size()];
        try (Kiosk kiosk = Kiosk.at(port, "kiosk", PASSWORD)) {
            for (int n = 0; n < kinds.size() * ASKED_A_ROUND; n++) {
                int kind = random.nextInt(kinds.size());
                while (asked[kind] == ASKED_A_ROUND) {
                    kind = (kind + 1) % kinds.size();
                }
                String question = kinds.get(kind).status(kiosk, random.nextInt(OF_EACH));
                long sent = System.nanoTime();
                String answer = kiosk.ask(question);
                nanos[kind][asked[kind]++] = System.nanoTime() - sent;
                assertThat(answer).contains("|BLN|CQN|");
            }
        }
        return Arrays.stream(nanos)
                .mapToDouble(some -> Arrays.stream(some).sorted().toArray()[ASKED_A_ROUND / 2])
                .toArray();
    }
}
