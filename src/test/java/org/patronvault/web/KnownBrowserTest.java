package org.patronvault.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests that wrong tries of others do not lock out a browser that has signed in to the account before. */
final class KnownBrowserTest {
    private static final String COOKIE = "__Host-vault-known";
    private static final String WRONG = "not that password";
    private static final AtomicInteger NEXT = new AtomicInteger();

    private static ServedVault vault;

    private String name;
    private String desk;
    private String quiet;

    @BeforeAll
    static void start() {
        vault = new ServedVault();
    }

    @AfterAll
    static void stop() {
        vault.close();
    }

    @BeforeEach
    void employSomebody() {
        int n = NEXT.incrementAndGet();
        name = "person" + n;
        desk = "203.0.113." + n;
        quiet = "198.51.100." + n;
        vault.staff(name, "circulation");
    }

    private static Browser browser(String address) {
        return new Browser(vault.port()).at(address);
    }

    private Browser signedOut() {
        Browser browser = browser(desk);
        assertThat(browser.signIn(name, ServedVault.PASSWORD).statusCode()).isEqualTo(303);
        browser.post("/lock", Map.of());
        assertThat(browser.cookie()).as("of the session").isEmpty();
        return browser;
    }

    private static void guess(String address, String name, int times) {
        for (int i = 0; i < times; i++) {
            vault.signIn(address, ServedVault.credentials(name, WRONG));
            vault.advance(Duration.ofMillis(1));
        }
    }

    private static void lockNetwork(String address) {
        for (int i = 0; i < 100; i++) {
            vault.signIn(address, ServedVault.credentials("nobody" + NEXT.incrementAndGet(), WRONG));
        }
    }

    private int tries(Browser browser, String password) {
        return browser.signIn(name, password).statusCode();
    }

    @Test
    void cookieIsForThisHostAloneAndOutlivesTheSession() {
        Browser browser = browser(desk);
        browser.get("/");
        HttpResponse<String> answer =
                browser.post("/sign-in", Map.of("username", name, "password", ServedVault.PASSWORD));
        List<String> set = answer.headers().allValues("Set-Cookie").stream()
                .filter(one -> one.startsWith(COOKIE + "="))
                .toList();
        assertThat(set).singleElement().satisfies(cookie -> {
            assertThat(cookie)
                    .contains("; Path=/", "; HttpOnly", "; SameSite=Strict", "; Secure", "; Max-Age=15552000");
            assertThat(cookie).doesNotContain(name);
        });
        browser.get("/");
        browser.post("/lock", Map.of());
        assertThat(browser.cookie(COOKIE)).isPresent();
        Browser wrong = browser(quiet);
        assertThat(tries(wrong, WRONG)).isEqualTo(401);
        assertThat(wrong.cookie(COOKIE)).as("of a wrong password").isEmpty();
    }

    @Test
    void browserSignsInThoughTheAccountAndTheNetworkAreLocked() {
        Browser known = signedOut();
        guess(desk, name, 5);
        assertThat(tries(browser(desk), ServedVault.PASSWORD)).isEqualTo(429);
        lockNetwork(desk);
        assertThat(vault.signIn(desk, ServedVault.credentials("nobody", WRONG)).status())
                .isEqualTo(429);
        assertThat(tries(known, ServedVault.PASSWORD)).isEqualTo(303);
    }

    @Test
    void browserHasFiveWrongTriesOfItsOwn() {
        Browser known = signedOut();
        guess(desk, name, 5);
        for (int i = 0; i < 5; i++) {
            assertThat(tries(known, WRONG)).isEqualTo(401);
        }
        assertThat(tries(known, ServedVault.PASSWORD)).isEqualTo(429);
        vault.restart();
        known = copy(known);
        assertThat(tries(known, ServedVault.PASSWORD)).as("after a restart").isEqualTo(429);
        vault.advance(Duration.ofMinutes(1));
        assertThat(tries(known, ServedVault.PASSWORD)).isEqualTo(303);
    }

    private Browser copy(Browser known) {
        Browser copy = browser(desk);
        copy.keep(COOKIE, known.cookie(COOKIE).orElseThrow());
        return copy;
    }

    @Test
    void cookieOfAnotherAccountOrOneThatIsForgedIsNoHelp() {
        String other = "person" + NEXT.incrementAndGet();
        vault.staff(other, "circulation");
        Browser thief = browser(desk);
        assertThat(thief.signIn(other, ServedVault.PASSWORD).statusCode()).isEqualTo(303);
        guess(desk, name, 5);
        assertThat(tries(copy(thief), ServedVault.PASSWORD)).isEqualTo(429);
        Browser forger = browser(desk);
        String cookie = thief.cookie(COOKIE).orElseThrow();
        forger.keep(COOKIE, cookie.substring(0, cookie.length() - 2) + "AA");
        assertThat(tries(forger, ServedVault.PASSWORD)).isEqualTo(429);
        forger.keep(COOKIE, "x".repeat(5_000));
        assertThat(tries(forger, ServedVault.PASSWORD)).isEqualTo(429);
        assertThat(tries(browser(quiet), ServedVault.PASSWORD)).isEqualTo(303);
    }

    @Test
    void twoPeopleAtOneDeskAreBothKnown() {
        String other = "person" + NEXT.incrementAndGet();
        vault.staff(other, "circulation");
        Browser shared = signedOut();
        assertThat(shared.signIn(other, ServedVault.PASSWORD).statusCode()).isEqualTo(303);
        shared.post("/lock", Map.of());
        guess(desk, name, 5);
        guess(desk, other, 5);
        assertThat(tries(shared, ServedVault.PASSWORD)).isEqualTo(303);
        shared.post("/lock", Map.of());
        assertThat(shared.signIn(other, ServedVault.PASSWORD).statusCode()).isEqualTo(303);
    }

    @Test
    void passwordThatIsSetInALockedNetworkTakesAKnownBrowserToo() {
        Browser known = signedOut();
        guess(desk, name, 5);
        Map<String, String> form = Map.of(
                "username",
                name,
                "current",
                ServedVault.PASSWORD,
                "password",
                "another quiet room",
                "again",
                "another quiet room");
        Browser stranger = browser(desk);
        stranger.get("/password");
        assertThat(stranger.post("/password", form).statusCode()).isEqualTo(429);
        known.get("/password");
        assertThat(known.post("/password", form).statusCode()).isEqualTo(200);
        assertThat(tries(known, "another quiet room")).isEqualTo(303);
    }
}
