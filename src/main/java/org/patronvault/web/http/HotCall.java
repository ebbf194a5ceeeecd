package org.patronvault.web.http;

import io.javalin.config.RoutesConfig;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.server.Request;
import org.patronvault.core.model.PatronId;

/**
 * A POST call that other systems and desks make often. {@link HotCallHandler} answers it at its exact path, and a route
 * of Javalin answers every other spelling with the same function.
 */
public final class HotCall {
    private static final String PATRON = "{id}";

    private final String route;
    private final Pattern path;
    private final Function<ReceivedRequest, CompletableFuture<HttpAnswer>> answer;

    /**
     * Creates a call.
     *
     * @param route the path, which may have {@code {id}} in the place of a patron ID
     * @param answer refuses by what it throws or by what its future fails with
     */
    public HotCall(String route, Function<ReceivedRequest, CompletableFuture<HttpAnswer>> answer) {
        this.route = route;
        this.path = Pattern.compile(route.replace(PATRON, "([0-9a-f]{16})"));
        this.answer = answer;
    }

    /** Registers the route of Javalin. */
    public void register(RoutesConfig routes) {
        routes.post(
                route, ctx -> ctx.future(() -> answer(ReceivedRequest.of(ctx)).thenAccept(made -> made.write(ctx))));
    }

    String route() {
        return route;
    }

    /** Returns the request as this call reads it, if it is this call at its exact path and without a query. */
    Optional<ReceivedRequest> read(Request request) {
        HttpURI address = request.getHttpURI();
        if (!HttpMethod.POST.is(request.getMethod()) || address.getQuery() != null) {
            return Optional.empty();
        }
        Matcher exact = path.matcher(address.getPath());
        if (!exact.matches()) {
            return Optional.empty();
        }
        Optional<PatronId> patron = exact.groupCount() == 0 ? Optional.empty() : PatronId.parse(exact.group(1));
        return Optional.of(new JettyRequest(request, patron));
    }

    CompletableFuture<HttpAnswer> answer(ReceivedRequest request) {
        return answer.apply(request);
    }
}
