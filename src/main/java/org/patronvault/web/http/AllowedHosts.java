package org.patronvault.web.http;

import java.net.InetAddress;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.eclipse.jetty.http.HostPortHttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.patronvault.upkeep.doctor.AddressLook;

/**
 * A Jetty handler that answers requests for another host with 421, before it reads their body. It stops DNS rebinding:
 * a page of another site lets its own name resolve to this machine. To the browser its requests then have one origin,
 * and only {@code Host} shows that they are not for the vault. Jetty has already refused a second {@code Host}, and a
 * request line whose host differs from {@code Host}.
 */
public final class AllowedHosts extends Handler.Wrapper {
    private static final String HEALTH = "/health/";

    /** Wildcard addresses: a listener may bind to them, but nobody types them. */
    private static final Set<String> EVERY_ADDRESS = Set.of("0.0.0.0", "0:0:0:0:0:0:0:0");

    private final Set<String> names = new HashSet<>();
    private final Optional<ServerTls> tls;

    public AllowedHosts(WebSettings settings, Handler next) {
        super(next);
        this.tls = settings.tls();
        names.add("localhost");
        names.add("127.0.0.1");
        names.add(canonical(settings.host()));
        settings.hosts().forEach(host -> names.add(canonical(host)));
        names.removeAll(EVERY_ADDRESS);
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        if (isAllowed(request)) {
            return super.handle(request, response, callback);
        }
        Response.writeError(request, response, callback, HttpStatus.MISDIRECTED_REQUEST_421);
        return true;
    }

    private boolean isAllowed(Request request) {
        return (request.getHeaders().getField(HttpHeader.HOST) instanceof HostPortHttpField host
                        && isAllowed(host.getHost()))
                || request.getHttpURI().getPath().startsWith(HEALTH);
    }

    private boolean isAllowed(String host) {
        // Most callers write it in canonical form.
        if (names.contains(host)) {
            return true;
        }
        String name = canonical(host);
        return names.contains(name)
                || Proxies.literal(name).filter(InetAddress::isLoopbackAddress).isPresent()
                || tls.filter(used -> AddressLook.isNamed(used.names(), name)).isPresent();
    }

    /** Returns the canonical spelling: a name without DNS's final dot, an address without brackets. */
    private static String canonical(String host) {
        String lower = host.toLowerCase(Locale.ROOT);
        String name = lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
        return Proxies.literal(name).map(InetAddress::getHostAddress).orElse(name);
    }
}
