package org.patronvault.web.http;

import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/**
 * A Jetty handler that refuses, before anything else reads it, a request for another protocol, for an unknown connection
 * option, or for its own echo. The answer closes the connection. A proxy may treat what follows a request to upgrade as
 * bytes of a tunnel, and not check it.
 *
 * <p>A request to change to HTTP/2 alone is served as HTTP/1.1, as RFC 9110 (7.8) allows. Java's client sends it with
 * each request over plain HTTP, unless its program asks for HTTP/1.1.
 */
public final class ProtocolGuard extends Handler.Wrapper {
    private static final String HTTP_2 = "h2c";

    /** The forms that clients and proxies send. A proxy may name {@code upgrade} with each request. */
    private static final Set<String> OPTIONS = Set.of("keep-alive", "close", "te", "upgrade", "http2-settings");

    public ProtocolGuard(Handler next) {
        super(next);
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        Optional<Refused> refusal = refusal(request);
        if (refusal.isEmpty()) {
            return super.handle(request, response, callback);
        }
        Response.writeError(
                request, response, callback, Problems.statusOf(refusal.get().problem()), null, refusal.get());
        return true;
    }

    private static Optional<Refused> refusal(Request request) {
        if (HttpMethod.TRACE.is(request.getMethod())) {
            return Optional.of(Problems.ofStatus(405));
        }
        for (HttpField field : request.getHeaders()) {
            if (field.getHeader() == HttpHeader.UPGRADE && !HTTP_2.equalsIgnoreCase(field.getValue())) {
                return Optional.of(malformed("The vault changes to no other protocol. Leave out the field Upgrade."));
            }
            if (field.getHeader() == HttpHeader.CONNECTION && !isKnown(field.getValue())) {
                return Optional.of(malformed("The field Connection may have these options only: close, keep-alive, te,"
                        + " upgrade, http2-settings."));
            }
        }
        return Optional.empty();
    }

    private static boolean isKnown(String connection) {
        if (connection == null) {
            return true;
        }
        for (String option : connection.split(",", -1)) {
            String name = option.strip().toLowerCase(Locale.ROOT);
            if (!name.isEmpty() && !OPTIONS.contains(name)) {
                return false;
            }
        }
        return true;
    }

    private static Refused malformed(String detail) {
        return new Refused(Problem.MALFORMED, detail);
    }
}
