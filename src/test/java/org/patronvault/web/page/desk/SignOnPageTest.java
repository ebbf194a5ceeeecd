package org.patronvault.web.page.desk;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.access.signon.OpenIdProvider;
import org.patronvault.core.policy.PolicyFile;
import org.patronvault.testing.TestProvider;
import org.patronvault.web.Browser;
import org.patronvault.web.ServedVault;

/** Tests of sign-on by a provider over real HTTP: cookies, headers and pages. */
final class SignOnPageTest {
    private static final String FLOW = "__Host-vault-sign-on=";

    @TempDir
    private static Path directory;

    private static ServedVault vault;
    private static TestProvider provider;

    @BeforeAll
    static void start() throws IOException {
        vault = new ServedVault();
        String policy = new String(PolicyFile.defaultText(), StandardCharsets.UTF_8);
        vault.policy.put(PolicyFile.parse(
                policy.replace("signOn: {}", "signOn: {desk: [circulation]}").getBytes(StandardCharsets.UTF_8)));
        provider = TestProvider.start();
        vault.access()
                .signOn()
                .use(new OpenIdProvider(provider.settings(directory, "http://127.0.0.1:" + vault.port())));
    }

    @AfterAll
    static void stop() {
        provider.close();
        vault.close();
    }

    private static String query(URI address) {
        Map<String, List<String>> answer =
                provider.signOn(address, "1", Map.of("preferred_username", "kim", "groups", List.of("desk")));
        return "?code=" + answer.get("code").get(0) + "&state="
                + answer.get("state").get(0);
    }

    private static HttpResponse<String> back(Browser browser, String query) {
        return browser.send(browser.request("/sign-on/callback" + query).header("Sec-Fetch-Site", "cross-site"));
    }

    private static Optional<String> cookie(HttpResponse<?> answer, String begin) {
        return answer.headers().allValues("Set-Cookie").stream()
                .filter(cookie -> cookie.startsWith(begin))
                .findFirst();
    }

    @Test
    void wayThereAndBackEndsInASessionAndAPageThatGoesOnByItself() {
        Browser browser = new Browser(vault.port());
        assertThat(browser.get("/").body()).contains("<a href=\"/sign-on\">Sign in with the town's account</a>");
        HttpResponse<String> there = browser.get("/sign-on");
        assertThat(there.statusCode()).isEqualTo(303);
        assertThat(cookie(there, FLOW).orElseThrow())
                .contains("; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=600")
                .doesNotContain("Domain");
        URI address = URI.create(there.headers().firstValue("Location").orElseThrow());
        // The provider learns nothing of the browser's stored state.
        String kept = cookie(there, FLOW).orElseThrow().split("[=;]", 3)[1];
        assertThat(address.toString()).startsWith(provider.issuer()).doesNotContain(kept);

        HttpResponse<String> back = back(browser, query(address));
        assertThat(back.statusCode()).as(back.body()).isEqualTo(200);
        assertThat(cookie(back, FLOW).orElseThrow()).contains("Max-Age=0");
        assertThat(cookie(back, "__Host-vault=pvs_").orElseThrow()).contains("SameSite=Strict", "HttpOnly", "Secure");
        assertThat(back.body())
                .contains("<meta http-equiv=\"refresh\" content=\"0; url=/\">", "<a href=\"/\">")
                .doesNotContain("code=", "state=");
    }

    @Test
    void callbackOfAnotherBrowserIsRefusedAndForgetsWhatItBegan() {
        Browser begun = new Browser(vault.port());
        URI address = URI.create(
                begun.get("/sign-on").headers().firstValue("Location").orElseThrow());
        Browser another = new Browser(vault.port());
        HttpResponse<String> back = back(another, query(address));
        assertThat(back.statusCode()).isEqualTo(401);
        assertThat(Browser.status(back)).startsWith("No sign-on was begun in this browser");
        assertThat(back.body()).contains("<form method=\"post\" action=\"/sign-in\"");
        assertThat(cookie(back, "__Host-vault=")).isEmpty();
        assertThat(cookie(back, FLOW).orElseThrow()).contains("Max-Age=0");
    }

    @Test
    void callbackWhoseQueryCannotBeReadIsRefusedWhateverOfItThatIs() throws IOException {
        for (String query : List.of("state=%zz", "state=a&iss=%", "code=%4")) {
            Browser browser = new Browser(vault.port());
            String kept = cookie(browser.get("/sign-on"), FLOW).orElseThrow().split(";", 2)[0];
            // No address of Java's can say it.
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), vault.port())) {
                socket.getOutputStream()
                        .write(("GET /sign-on/callback?" + query + " HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: " + kept
                                        + "\r\nConnection: close\r\n\r\n")
                                .getBytes(StandardCharsets.US_ASCII));
                assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                        .startsWith("HTTP/1.1 400 ");
            }
        }
    }

    @Test
    void pageOfAnotherSiteBeginsNothing() {
        Browser browser = new Browser(vault.port());
        HttpResponse<String> led = browser.send(browser.request("/sign-on").header("Sec-Fetch-Site", "cross-site"));
        assertThat(led.statusCode()).isEqualTo(403);
        assertThat(cookie(led, FLOW)).isEmpty();
    }

    @Test
    void queryThatIsNoAnswerIsOneSentenceAndNothingOfItIsShown() {
        Browser browser = new Browser(vault.port());
        browser.get("/sign-on");
        HttpResponse<String> back = back(browser, "?error=%3Cscript%3E&error_description=zyzzyva&state=zyzzyva");
        assertThat(back.statusCode()).isEqualTo(401);
        assertThat(back.body()).doesNotContain("zyzzyva", "<script>");
    }
}
