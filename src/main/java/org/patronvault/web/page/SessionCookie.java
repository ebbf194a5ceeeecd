package org.patronvault.web.page;

import io.javalin.http.Context;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.patronvault.access.account.SignInOrigin;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.web.http.RequestReader;
import org.patronvault.web.http.WebSettings;

/**
 * The session cookie of a browser, hidden from scripts and not sent by other sites. The class also holds the two proofs
 * that a form came from our pages: the origin that the browser states, and a token bound to the session.
 */
public final class SessionCookie {
    /** The form field that holds the token. */
    static final String FORM_FIELD = "csrf";

    private static final String FLOW = "-sign-on";
    private static final String KNOWN = "-known";
    private static final String GONE = "; Max-Age=0";

    /** Keeps an occasionally used browser known. */
    private static final String KEPT = "; Max-Age=" + TimeUnit.DAYS.toSeconds(180);

    private static final int LONGEST_KNOWN = 1_000;

    private final boolean secure;
    private final String name;

    /**
     * Creates the cookie for {@code settings}.
     *
     * <p>The prefix {@code __Host-} makes browsers keep it to this host, this path and TLS (RFC 6265bis, section
     * 4.1.3.2). On loopback without TLS browsers would refuse that prefix.
     */
    public SessionCookie(WebSettings settings) {
        this.secure = settings.tls().isPresent() || settings.behindProxy();
        this.name = secure ? "__Host-vault" : "vault";
    }

    /** Returns the session token, if the browser sent one. */
    public Optional<String> token(Context ctx) {
        return Optional.ofNullable(ctx.cookie(name)).filter(token -> !token.isEmpty() && token.length() <= 200);
    }

    /** Makes the browser keep the token until it closes. */
    public void set(Context ctx, String token) {
        write(ctx, token, "");
    }

    /** Makes the browser forget the token. */
    public void clear(Context ctx) {
        write(ctx, "", GONE);
    }

    private void write(Context ctx, String value, String lifetime) {
        ctx.res().addHeader("Set-Cookie", header(value, lifetime));
    }

    public String header(String value, String lifetime) {
        return strict(name, value, lifetime);
    }

    private String strict(String cookie, String value, String lifetime) {
        return cookie + "=" + value + "; Path=/; HttpOnly; SameSite=Strict" + (secure ? "; Secure" : "") + lifetime;
    }

    /** Makes the browser remember, beyond its session, the accounts it has signed in to. */
    public void remember(Context ctx, String known) {
        ctx.res().addHeader("Set-Cookie", strict(name + KNOWN, known, KEPT));
    }

    /** Returns the browser's sign-in origin, with its memory of earlier sign-ins. */
    public SignInOrigin origin(Context ctx, RequestReader requests) {
        Optional<String> known =
                Optional.ofNullable(ctx.cookie(name + KNOWN)).filter(text -> text.length() <= LONGEST_KNOWN);
        return SignInOrigin.of(requests.address(ctx), known);
    }

    /** Makes the browser keep the state of a started sign-on, and send it when the provider redirects back here. */
    public void beginFlow(Context ctx, String flow, int seconds) {
        writeFlow(ctx, flow, "; Max-Age=" + seconds);
    }

    /** Returns the state of the sign-on, if the browser sent it, and removes it from the browser. */
    public Optional<String> endFlow(Context ctx) {
        writeFlow(ctx, "", GONE);
        return Optional.ofNullable(ctx.cookie(name + FLOW));
    }

    /** Lax and not Strict: the return from the provider starts at another site. */
    private void writeFlow(Context ctx, String flow, String lifetime) {
        ctx.res()
                .addHeader(
                        "Set-Cookie",
                        name + FLOW + "=" + flow + "; Path=/; HttpOnly; SameSite=Lax" + (secure ? "; Secure" : "")
                                + lifetime);
    }

    /** Whether a page of another site caused the request. */
    public static boolean isFromElsewhere(Context ctx) {
        String site = ctx.header("Sec-Fetch-Site");
        return site != null && !site.equals("same-origin") && !site.equals("none");
    }

    /** Returns a session's form token: base64url of SHA-256("csrf" || session token). */
    public static String formToken(String sessionToken) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest((FORM_FIELD + sessionToken).getBytes(StandardCharsets.UTF_8));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Refuses a form that was not made for the session. */
    public static void requireFormToken(Form form, String sessionToken) {
        byte[] sent = form.text(FORM_FIELD).getBytes(StandardCharsets.UTF_8);
        if (!MessageDigest.isEqual(sent, formToken(sessionToken).getBytes(StandardCharsets.UTF_8))) {
            throw new Refused(
                    Problem.FOREIGN_ORIGIN, "That page belongs to an earlier session; nothing was done. Try again.");
        }
    }

    /**
     * Refuses a post that a page of another origin may have sent.
     *
     * <p>Our pages have {@code Referrer-Policy: no-referrer}, so browsers send {@code Origin: null} even to us (Fetch,
     * "append a request Origin header"). Sec-Fetch-Site must then say that the origin is ours. A header that names
     * another origin always wins.
     */
    public void requireSameOrigin(Context ctx) {
        String site = ctx.header("Sec-Fetch-Site");
        String origin = ctx.header("Origin");
        boolean named = origin != null && !origin.equals("null");
        boolean ours = named ? isOurs(origin, ctx.header("Host")) : "same-origin".equals(site);
        if (!ours || isFromElsewhere(ctx)) {
            throw new Refused(Problem.FOREIGN_ORIGIN, "That came from a page of another site; nothing was done.");
        }
    }

    private boolean isOurs(String origin, String host) {
        String scheme = secure ? "https://" : "http://";
        return host != null && origin.toLowerCase(Locale.ROOT).equals(scheme + host.toLowerCase(Locale.ROOT));
    }
}
