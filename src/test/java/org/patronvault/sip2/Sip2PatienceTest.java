package org.patronvault.sip2;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.patronvault.testing.Kiosk;
import org.patronvault.testing.OpenSsl;
import org.patronvault.web.http.ServerTls;

/**
 * Tests that a slow, silent or unresponsive client is cut off, and that a client waiting for the next patron is not.
 */
@Timeout(60)
final class Sip2PatienceTest {
    private static final Duration PATIENCE = Duration.ofMillis(400);
    private static final int LONGER_MILLIS = 2 * (int) PATIENCE.toMillis();
    private static ServedGateway served;

    @BeforeAll
    static void serve() {
        served = ServedGateway.of(List.of(ServedGateway.KIOSK), Optional.empty(), 600, PATIENCE);
    }

    @AfterAll
    static void stop() {
        served.close();
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void whoDoesNotSignInIsCutOff() {
        try (Kiosk kiosk = Kiosk.at(served.port())) {
            assertThat(kiosk.answer()).isNull();
        }
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void messageThatBeginsAndDoesNotEndIsCutOff() {
        try (Kiosk kiosk = served.signedIn()) {
            kiosk.send("2300");
            assertThat(kiosk.answer()).isNull();
        }
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void messageThatComesByteByByteIsCutOffThoughNoByteIsLate() {
        try (Kiosk kiosk = served.signedIn()) {
            boolean over = false;
            for (int n = 0; n < 200 && !over; n++) {
                kiosk.send("2");
                over = kiosk.isOverWithin(50);
            }
            assertThat(over).isTrue();
        }
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void whoWaitsForTheNextPatronIsNotCutOff() {
        try (Kiosk kiosk = served.signedIn()) {
            for (int patron = 0; patron < 2; patron++) {
                assertThat(kiosk.ask(kiosk.status("GOOD", Optional.empty()))).contains("BLY");
                assertThat(kiosk.isOverWithin(LONGER_MILLIS)).isFalse();
            }
            assertThat(kiosk.ask(kiosk.status("GOOD", Optional.empty()))).contains("BLY");
        }
    }

    /** The answer kept for repetition holds a card, and a hash by which a PIN could be guessed. */
    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void lastAnswerIsForgottenThoughTheKioskOnlyWaits() {
        try (Kiosk kiosk = served.signedIn()) {
            assertThat(kiosk.ask(kiosk.status("GOOD", Optional.empty()))).contains("BLY");
            assertThat(kiosk.isOverWithin(4 * LONGER_MILLIS)).isFalse();
            kiosk.send("97\r");
            assertThat(kiosk.ask("9900802.00")).startsWith("98");
        }
    }

    @Test
    void whoDoesNotTakeAnswersIsCutOffAndHoldsUpNobody() {
        // A gateway of its own, since connections are counted.
        try (ServedGateway own = ServedGateway.of(List.of(ServedGateway.KIOSK), Optional.empty(), 600, PATIENCE);
                Kiosk deaf = own.signedIn();
                Kiosk other = own.signedIn()) {
            String many = (deaf.status("GOOD", Optional.empty()) + "\r").repeat(100);
            Thread talks = new Thread(() -> {
                for (int n = 0; n < 2_000; n++) {
                    deaf.send(many);
                }
            });
            talks.start();
            while (own.gateway().connections() > 1) {
                assertThat(other.ask(other.status("GOOD", Optional.empty()))).contains("BLY");
            }
            talks.interrupt();
            assertThat(other.ask(other.status("GOOD", Optional.empty()))).contains("BLY");
        }
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void overTlsItIsTheSame(@TempDir Path directory) throws Exception {
        Path certificate = OpenSsl.certificate(directory, "localhost");
        SSLContext context = OpenSsl.trusting(certificate);
        var tls = new ServerTls(certificate, directory.resolve("localhost.key"), "the files").context();
        try (ServedGateway secured = ServedGateway.of(List.of(ServedGateway.KIOSK), Optional.of(tls), 10, PATIENCE);
                Kiosk kiosk = Kiosk.at(secured.port(), context.getSocketFactory());
                Kiosk silent = Kiosk.at(secured.port(), context.getSocketFactory());
                Kiosk plain = Kiosk.at(secured.port())) {
            assertThat(kiosk.ask(kiosk.login("kiosk", ServedGateway.PASSWORD))).startsWith("941");
            assertThat(kiosk.ask(kiosk.status("GOOD", Optional.empty()))).contains("BLY");
            assertThat(kiosk.isOverWithin(LONGER_MILLIS)).isFalse();
            assertThat(kiosk.ask(kiosk.status("BLOCKED", Optional.empty()))).contains("BLN");
            assertThat(silent.isOverWithin(10 * LONGER_MILLIS)).isTrue();
            plain.send("9300CNkiosk|CO" + ServedGateway.PASSWORD + "|\r");
            assertThat(plain.isOverWithin(10 * LONGER_MILLIS) || plain.answer() == null)
                    .isTrue();
        }
    }
}
