package org.patronvault.web;

import io.javalin.http.Context;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.patronvault.access.SignInOrigin;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;

/**
 * The session of a browser: a cookie no script reads and no other site sends, and the two proofs that a form comes from
 * a page of ours, namely what the browser says of its origin and a token bound to the session.
 */
final class SessionCookie {
    /** The form field that carries the token. */
    static final String FORM_FIELD = "csrf";

    private static final String FLOW = "-sign-on";
    private static final String KNOWN = "-known";
    private static final String GONE = "; Max-Age=0";

    /** A browser that is used now and then stays known. */
    private static final String KEPT = "; Max-Age=" + TimeUnit.DAYS.toSeconds(180);

    private static final int LONGEST_KNOWN = 1_000;

    private final boolean secure;
    private final String name;

    /**
     * A cookie for {@code settings}.
     *
     * <p>The prefix {@code __Host-} makes browsers keep it to this host, this path and TLS (RFC 6265bis, section
     * 4.1.3.2); without TLS, on loopback, they would refuse it.
     */
    SessionCookie(WebSettings settings) {
        this.secure = settings.tls().isPresent() || settings.behindProxy();
        this.name = secure ? "__Host-vault" : "vault";
    }

    /** The session token, if the browser sent one. */
    Optional<String> token(Context ctx) {
        return Optional.ofNullable(ctx.cookie(name)).filter(token -> !token.isEmpty() && token.length() <= 200);
    }

    /** Has the browser keep the token until it is closed. */
    void set(Context ctx, String token) {
        write(ctx, token, "");
    }

    /** Has the browser forget it. */
    void clear(Context ctx) {
        write(ctx, "", GONE);
    }

    private void write(Context ctx, String value, String lifetime) {
        ctx.res().addHeader("Set-Cookie", header(value, lifetime));
    }

    String header(String value, String lifetime) {
        return strict(name, value, lifetime);
    }

    private String strict(String cookie, String value, String lifetime) {
        return cookie + "=" + value + "; Path=/; HttpOnly; SameSite=Strict" + (secure ? "; Secure" : "") + lifetime;
    }

    /** Has the browser keep, also after its session, which accounts it has signed in to. */
    void remember(Context ctx, String known) {
        ctx.res().addHeader("Set-Cookie", strict(name + KNOWN, known, KEPT));
    }

    /** Where that browser signs in from, with what it keeps of earlier sign-ins. */
    SignInOrigin origin(Context ctx, RequestReader requests) {
        Optional<String> known =
                Optional.ofNullable(ctx.cookie(name + KNOWN)).filter(text -> text.length() <= LONGEST_KNOWN);
        return SignInOrigin.of(requests.address(ctx), known);
    }

    /** Has the browser keep what it began to sign on with, and send it when another site leads it back here. */
    void beginFlow(Context ctx, String flow, int seconds) {
        writeFlow(ctx, flow, "; Max-Age=" + seconds);
    }

    /** What it began to sign on with, if the browser sent it; from now on it has it no more. */
    Optional<String> endFlow(Context ctx) {
        writeFlow(ctx, "", GONE);
        return Optional.ofNullable(ctx.cookie(name + FLOW));
    }

    /** Lax and not Strict: the way back from the provider begins at another site. */
    private void writeFlow(Context ctx, String flow, String lifetime) {
        ctx.res()
                .addHeader(
                        "Set-Cookie",
                        name + FLOW + "=" + flow + "; Path=/; HttpOnly; SameSite=Lax" + (secure ? "; Secure" : "")
                                + lifetime);
    }

    /** Whether a page of another site had the browser ask. */
    static boolean isFromElsewhere(Context ctx) {
        String site = ctx.header("Sec-Fetch-Site");
        return site != null && !site.equals("same-origin") && !site.equals("none");
    }

    /** The token that forms of that session carry: base64url of SHA-256("csrf" || session token). */
    static String formToken(String sessionToken) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest((FORM_FIELD + sessionToken).getBytes(StandardCharsets.UTF_8));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Refuses a form that was not made for that session. */
    static void requireFormToken(Form form, String sessionToken) {
        byte[] sent = form.text(FORM_FIELD).getBytes(StandardCharsets.UTF_8);
        if (!MessageDigest.isEqual(sent, formToken(sessionToken).getBytes(StandardCharsets.UTF_8))) {
            throw new Refused(
                    Problem.FOREIGN_ORIGIN, "That page belongs to an earlier session; nothing was done. Try again.");
        }
    }

    /**
     * Refuses a post that a page of another origin may have sent.
     *
     * <p>Our pages are served with {@code Referrer-Policy: no-referrer}, which makes browsers send {@code Origin: null}
     * even to ourselves (Fetch, "append a request Origin header"); then Sec-Fetch-Site must say that it is us. A header
     * that names another origin is never outvoted.
     */
    void requireSameOrigin(Context ctx) {
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
