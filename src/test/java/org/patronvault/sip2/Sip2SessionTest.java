package org.patronvault.sip2;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.patronvault.testing.OpenVault;

/** Tests of one connection's dialog, without the connection. */
final class Sip2SessionTest {
    private static final byte[] LOGIN = bytes("9300CNkiosk|CO" + ServedGateway.PASSWORD + "|");
    private static OpenVault vault;

    private final AtomicLong nanos = new AtomicLong();
    private final Logins logins = new Logins(List.of(ServedGateway.KIOSK), 4, vault.clock());

    @BeforeAll
    static void open() {
        vault = OpenVault.onSqlite();
        vault.addVendor("kiosk");
    }

    @AfterAll
    static void close() {
        vault.close();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private Sip2Session session() {
        EntitlementPort desk = new EntitlementPort(
                vault.vault().access(),
                vault.vault().privacy().entitlements(),
                vault.vault().seal(),
                vault.clock(),
                ZoneOffset.UTC);
        return new Sip2Session(
                logins, desk, new Replies("NC", desk::now), "198.51.100.1", Duration.ofSeconds(30), nanos::get);
    }

    private static String answer(Sip2Session session, byte[] message) {
        return session.take(message)
                .answer()
                .map(sent -> new String(sent, StandardCharsets.US_ASCII))
                .orElse("");
    }

    private int connections() {
        return logins.states().get(0).connections();
    }

    @Test
    void sessionThatIsOverGivesItsPlaceBackOnceAndTakesNoOther() {
        Sip2Session session = session();
        assertThat(answer(session, LOGIN)).startsWith("941");
        assertThat(connections()).isEqualTo(1);
        session.end();
        for (int i = 0; i < 3; i++) {
            assertThat(answer(session, LOGIN)).startsWith("940");
            assertThat(session.take(LOGIN).ends()).isTrue();
        }
        session.end();
        assertThat(connections()).isZero();
    }

    @Test
    void whatWasAnsweredIsForgottenAfterItCanBeAskedAgainNoLonger() {
        Sip2Session session = session();
        assertThat(answer(session, LOGIN)).startsWith("941");
        nanos.addAndGet(Duration.ofSeconds(29).toNanos());
        session.forget();
        assertThat(answer(session, bytes("97"))).startsWith("941");
        nanos.addAndGet(Duration.ofSeconds(1).toNanos());
        session.forget();
        assertThat(session.take(bytes("97")).answer()).isEqualTo(Optional.empty());
    }
}
