package org.patronvault.web.http;

import io.javalin.Javalin;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.LowResourceMonitor;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.thread.ThreadPool;

/**
 * Jetty servers that answer with Javalin's routes. They have no session handler, so no request can leave a session in
 * memory or get its cookie. The server that Javalin makes always has one.
 */
public final class SessionlessServer {
    private SessionlessServer() {}

    /**
     * Creates a server with no listener and no handler yet, and puts the routes behind {@code last}.
     *
     * @param last the last of the handlers that the caller sets
     */
    public static Server create(Javalin routes, ThreadPool threads, Handler.Wrapper last) {
        Server server = new Server(threads);
        server.addBean(new LowResourceMonitor(server));
        server.getMimeTypes().addInferred("text/plain", StandardCharsets.UTF_8.name());
        ServletContextHandler context = new ServletContextHandler(ServletContextHandler.NO_SESSIONS);
        context.setContextPath("/");
        context.addServlet(new ServletHolder(routes.javalinServlet()), "/*");
        last.setHandler(context);
        return server;
    }

    /** Returns a new configuration for one listener, which reads requests strictly. */
    public static HttpConfiguration configuration() {
        HttpConfiguration http = new HttpConfiguration();
        // If two programs disagree on line ends, one request becomes two.
        http.setHttpCompliance(HttpCompliance.STRICT);
        http.setUriCompliance(UriCompliance.LEGACY);
        http.setSendServerVersion(false);
        http.addCustomizer(PlainMethod::of);
        return http;
    }
}
