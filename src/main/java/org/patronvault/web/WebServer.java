package org.patronvault.web;

import io.javalin.Javalin;
import io.javalin.compression.CompressionStrategy;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.jetty.server.AbstractConnectionFactory;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.web.api.ApprovableActs;
import org.patronvault.web.api.ApprovalApi;
import org.patronvault.web.api.BatchRevealApi;
import org.patronvault.web.api.ChangesApi;
import org.patronvault.web.api.ClientApi;
import org.patronvault.web.api.ConsentApi;
import org.patronvault.web.api.DesignationApi;
import org.patronvault.web.api.DestroyApi;
import org.patronvault.web.api.DisclosureApi;
import org.patronvault.web.api.EntitlementApi;
import org.patronvault.web.api.ErasureApi;
import org.patronvault.web.api.KeyApi;
import org.patronvault.web.api.LogApi;
import org.patronvault.web.api.LogSearchApi;
import org.patronvault.web.api.MailingApi;
import org.patronvault.web.api.MergeApi;
import org.patronvault.web.api.PackageApi;
import org.patronvault.web.api.PatronApi;
import org.patronvault.web.api.PermissionApi;
import org.patronvault.web.api.PolicyApi;
import org.patronvault.web.api.ProtectionApi;
import org.patronvault.web.api.PublicApi;
import org.patronvault.web.api.RetentionApi;
import org.patronvault.web.api.SecondFactorApi;
import org.patronvault.web.api.SessionApi;
import org.patronvault.web.api.StaffApi;
import org.patronvault.web.api.StatisticsApi;
import org.patronvault.web.api.SubjectApi;
import org.patronvault.web.api.VendorApi;
import org.patronvault.web.http.AllowedHosts;
import org.patronvault.web.http.BodyBuffering;
import org.patronvault.web.http.ClearedBuffers;
import org.patronvault.web.http.ConnectionLimits;
import org.patronvault.web.http.HotCall;
import org.patronvault.web.http.HotCallHandler;
import org.patronvault.web.http.Metrics;
import org.patronvault.web.http.Problems;
import org.patronvault.web.http.ProtocolGuard;
import org.patronvault.web.http.ReceivedRequest;
import org.patronvault.web.http.RequestReader;
import org.patronvault.web.http.RequestTracing;
import org.patronvault.web.http.SecurityHeaders;
import org.patronvault.web.http.SessionlessServer;
import org.patronvault.web.http.SlowClientGuard;
import org.patronvault.web.http.StreamedResponses;
import org.patronvault.web.http.WebSettings;
import org.patronvault.web.http.WebUseCases;
import org.patronvault.web.page.PageRenderer;
import org.patronvault.web.page.StaticFiles;
import org.patronvault.web.page.admin.AccountPage;
import org.patronvault.web.page.admin.AdminPages;
import org.patronvault.web.page.admin.StatisticsPage;
import org.patronvault.web.page.admin.VendorPages;
import org.patronvault.web.page.cases.CasePages;
import org.patronvault.web.page.cases.DesignationPage;
import org.patronvault.web.page.cases.IntakePage;
import org.patronvault.web.page.cases.OfficerPage;
import org.patronvault.web.page.cases.PermissionPage;
import org.patronvault.web.page.custody.CardPage;
import org.patronvault.web.page.custody.CustodyPages;
import org.patronvault.web.page.custody.DrillPage;
import org.patronvault.web.page.custody.UnsealPage;
import org.patronvault.web.page.desk.DeskPages;
import org.patronvault.web.page.desk.PasswordPage;
import org.patronvault.web.page.desk.RegisterPage;
import org.patronvault.web.page.desk.SignOnPage;
import org.patronvault.web.page.log.LogPages;
import org.patronvault.web.page.open.DocsPage;
import org.patronvault.web.page.open.PolicyPage;
import org.patronvault.web.page.open.TransparencyPage;
import org.patronvault.web.page.open.UnsubscribePage;

/** The HTTP server of one vault. */
public final class WebServer implements AutoCloseable {
    /**
     * More threads than cores: some wait for the log or for a file in transit. More threads make each request cost
     * more.
     */
    public static final int THREADS = 32;

    private static final int MAX_HEADER_BYTES = 8 * 1024;
    private static final int IDLE_MILLIS = 30_000;
    private static final int STOP_MILLIS = 5_000;

    /** A stopping server closes connections idle for this long. Jetty's default delays every stop by 1 s. */
    private static final int SHUTDOWN_IDLE_MILLIS = 100;

    /** The time a connection may take to send a request, and the time during a crowd. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final Duration HURRIED_PATIENCE = Duration.ofSeconds(5);

    /** The send buffer for a caller that does not read. The system's default grows to megabytes for each. */
    private static final int SEND_BYTES = 128 * 1024;

    private static final int ASYNC_MILLIS = 60_000;
    private static final Set<String> PUBLIC = Set.of(
            "/policy",
            TransparencyPage.PAGE,
            TransparencyPage.API,
            "/health/live",
            "/static/vault.css",
            "/static/vault.svg");

    private static final Set<String> READS = Set.of("GET", "HEAD");

    private final WebUseCases parts;
    private final WebSettings settings;
    private final SecurityHeaders headers;
    private final Metrics metrics;
    private final ConnectionLimits places;
    private final ClearedBuffers buffers = new ClearedBuffers();
    private final SlowClientGuard patience = new SlowClientGuard(PATIENCE, HURRIED_PATIENCE);
    private final Javalin javalin;
    private final Server server;
    private final ServerConnector connector;
    private ServerConnector publicConnector;

    private WebServer(WebUseCases parts, WebSettings settings) {
        this.parts = parts;
        this.settings = settings;
        this.headers = new SecurityHeaders(settings.tls().isPresent());
        this.metrics = new Metrics(parts, settings);
        this.places = ConnectionLimits.of(
                Runtime.getRuntime().maxMemory(), settings.tls().isPresent());
        RequestTracing calls = new RequestTracing(metrics, settings.proxies());
        RequestReader requests = new RequestReader(parts.access(), settings.proxies());
        PatronApi patrons = new PatronApi(parts.patrons(), parts.privacy().history(), requests);
        HotCall entitlements = new EntitlementApi(parts.privacy().entitlements(), requests).hotCall();
        this.javalin = Javalin.create(config -> configure(config, requests, calls, patrons, entitlements));
        HotCallHandler hotCalls = new HotCallHandler(
                calls,
                headers,
                this::admit,
                Stream.concat(patrons.hotCalls().stream(), Stream.of(entitlements))
                        .toList());
        patience.setHandler(hotCalls);
        this.server = SessionlessServer.create(javalin, new QueuedThreadPool(THREADS, 4), hotCalls);
        server.setErrorHandler(new PlainErrors(headers));
        // Requests sent before a stop get an answer, the request to stop included.
        server.setHandler(new GracefulHandler(new ProtocolGuard(new AllowedHosts(
                settings, new BodyBuffering(RequestReader.MAX_BODY_BYTES, patience::arrived, patience)))));
        server.setStopTimeout(STOP_MILLIS);
        this.connector = connector(settings.port(), places.most());
        settings.publicPort().ifPresent(port -> publicConnector = connector(port, places.mostPublic()));
    }

    /**
     * Starts to listen.
     *
     * @throws Refused if the address cannot be bound, or plain HTTP would leave this machine
     */
    public static WebServer start(WebUseCases parts, WebSettings settings) {
        boolean loopback = List.of("127.0.0.1", "localhost", "::1").contains(settings.host());
        if (!loopback && settings.tls().isEmpty() && !settings.behindProxy()) {
            throw new Refused(
                    Problem.INVALID,
                    "Without TLS the vault listens on 127.0.0.1 only: run `tls init`, give --tls-cert and --tls-key, or"
                            + " --behind-proxy.");
        }
        WebServer server = new WebServer(parts, settings);
        try {
            server.server.start();
            return server;
        } catch (Exception e) {
            server.close();
            throw new Refused(Problem.HOME_IN_USE, unbound(settings));
        }
    }

    private static String unbound(WebSettings settings) {
        return "The vault cannot listen on " + settings.host() + ", port " + settings.port()
                + settings.publicPort().stream().mapToObj(port -> " or " + port).collect(Collectors.joining())
                + ": another program does, the address is not this machine's, or the port is below 1024, which takes a"
                + " right of its own. Name another with --port or --host, or in vault.yaml.";
    }

    private void configure(
            JavalinConfig config,
            RequestReader requests,
            RequestTracing calls,
            PatronApi patrons,
            HotCall entitlements) {
        config.startup.showJavalinBanner = false;
        config.http.prefer405over404 = true;
        config.http.maxRequestSize = RequestReader.MAX_BODY_BYTES;
        config.http.asyncTimeout = ASYNC_MILLIS;
        // The length of a compressed answer reveals text next to the caller's input.
        config.http.compressionStrategy = CompressionStrategy.NONE;
        config.fileRenderer(new PageRenderer());
        calls.begin(config.routes);
        config.routes.before(ctx -> headers.put(ctx));
        config.routes.before(ctx -> admit(ReceivedRequest.of(ctx)));
        // Before the answer is reported, because without room the answer changes.
        config.routes.after(StreamedResponses::reserve);
        calls.end(config.routes);
        config.routes.after(StreamedResponses::withoutThread);
        config.routes.error(HttpStatus.NOT_FOUND.getCode(), this::plainNotFound);
        config.routes.error(HttpStatus.METHOD_NOT_ALLOWED.getCode(), this::plainNotFound);
        Problems.register(config.routes);
        new SessionApi(parts.access(), requests).register(config.routes);
        new SecondFactorApi(parts.access(), requests).register(config.routes);
        patrons.register(config.routes);
        new BatchRevealApi(parts.patrons(), requests).register(config.routes);
        new MergeApi(parts.patrons(), requests).register(config.routes);
        new ConsentApi(parts.patrons(), requests).register(config.routes);
        new SubjectApi(parts.patrons(), requests).register(config.routes);
        new ErasureApi(parts.patrons(), requests).register(config.routes);
        new ProtectionApi(parts.patrons(), requests).register(config.routes);
        new ChangesApi(parts.patrons(), requests).register(config.routes);
        entitlements.register(config.routes);
        new VendorApi(parts, requests).register(config.routes);
        new StatisticsApi(parts.privacy().statistics(), requests).register(config.routes);
        new LogApi(parts.access(), parts.log(), parts.privacy().history(), requests).register(config.routes);
        new PackageApi(parts.privacy().packages(), requests).register(config.routes);
        new LogSearchApi(parts.privacy().history(), requests).register(config.routes);
        new KeyApi(parts, requests).register(config.routes);
        ApprovableActs acts = new ApprovableActs(parts, requests);
        new StaffApi(parts, requests, acts).register(config.routes);
        new ClientApi(parts, acts).register(config.routes);
        new ApprovalApi(parts, acts).register(config.routes);
        new RetentionApi(parts, requests, acts).register(config.routes);
        new MailingApi(parts, requests, acts).register(config.routes);
        new DisclosureApi(parts, requests).register(config.routes);
        new DesignationApi(parts, requests).register(config.routes);
        new PermissionApi(parts, requests).register(config.routes);
        new DestroyApi(parts, requests, acts).register(config.routes);
        new PolicyApi(parts, requests, acts).register(config.routes);
        new PolicyPage(parts.access()).register(config.routes);
        new TransparencyPage(parts).register(config.routes);
        new PublicApi(parts, requests, metrics, settings.isProxied()).register(config.routes);
        new DocsPage().register(config.routes);
        new StaticFiles().register(config.routes);
        new DeskPages(parts, requests, settings).register(config.routes);
        new SignOnPage(parts, requests, settings).register(config.routes);
        new OfficerPage(parts, settings).register(config.routes);
        new DesignationPage(parts, settings).register(config.routes);
        new PermissionPage(parts, settings).register(config.routes);
        new IntakePage(parts, settings).register(config.routes);
        new CasePages(parts, settings).register(config.routes);
        new RegisterPage(parts, settings).register(config.routes);
        new LogPages(parts, settings).register(config.routes);
        new VendorPages(parts, settings).register(config.routes);
        new StatisticsPage(parts, settings).register(config.routes);
        new PasswordPage(parts, requests, settings).register(config.routes);
        new AdminPages(parts, settings).register(config.routes);
        new AccountPage(parts, requests, settings).register(config.routes);
        new UnsubscribePage(parts).register(config.routes);
        new UnsealPage(parts, requests, settings).register(config.routes);
        new CustodyPages(parts, settings).register(config.routes);
        new DrillPage(parts, settings).register(config.routes);
        new CardPage(parts, settings).register(config.routes);
    }

    @SuppressWarnings("removal")
    private ServerConnector connector(int port, int most) {
        HttpConfiguration http = SessionlessServer.configuration();
        http.setSendDateHeader(true);
        http.setRequestHeaderSize(MAX_HEADER_BYTES);
        http.setResponseHeaderSize(MAX_HEADER_BYTES);
        ConnectionFactory[] factories = {new HttpConnectionFactory(http)};
        if (settings.tls().isPresent()) {
            http.addCustomizer(new org.eclipse.jetty.server.SecureRequestCustomizer(false));
            factories =
                    AbstractConnectionFactory.getFactories(settings.tls().get().context(), factories);
        }
        ServerConnector made = new ServerConnector(server, null, null, buffers, -1, -1, factories);
        made.setHost(settings.host());
        made.setPort(port);
        made.setIdleTimeout(IDLE_MILLIS);
        made.setShutdownIdleTimeout(SHUTDOWN_IDLE_MILLIS);
        made.setAcceptedSendBufferSize(SEND_BYTES);
        made.addBean(patience, false);
        patience.keepRoom(made, ConnectionLimits.kept(most), ConnectionLimits.crowd(most));
        // If all connections are in use, the listener accepts no newcomer.
        server.addBean(new NetworkConnectionLimit(most, made));
        server.addConnector(made);
        return made;
    }

    /** Refuses what the listener does not serve, calls of a sealed vault, and queries that cannot be read. */
    private void admit(ReceivedRequest request) {
        requirePublic(request);
        if (request.path().startsWith("/v1/")) {
            requireUnsealed(request);
        }
        RequestReader.requireReadableQuery(request);
    }

    /** On the public listener only the public pages exist. */
    private void requirePublic(ReceivedRequest request) {
        boolean there = publicConnector != null && request.localPort() == publicConnector.getLocalPort();
        if (there
                && !PUBLIC.contains(request.path())
                && !readsPolicy(request)
                && !request.path().startsWith(UnsubscribePage.BEGIN)) {
            throw Problems.ofStatus(404);
        }
    }

    private static boolean readsPolicy(ReceivedRequest request) {
        return PolicyApi.isPath(request.path()) && READS.contains(request.method());
    }

    private void requireUnsealed(ReceivedRequest request) {
        if (parts.seal().isSealed() && !request.path().equals("/v1/unseal") && !readsPolicy(request)) {
            throw new Refused(Problem.SEALED, "The vault is sealed; a custodian must unseal it.", 5);
        }
    }

    /** Unknown paths get a problem document, except one of our own pages. */
    private void plainNotFound(Context ctx) {
        String type = ctx.res().getContentType();
        if (type == null || !(type.startsWith(Problems.MEDIA_TYPE) || type.startsWith("text/html"))) {
            Problems.of(Problems.ofStatus(ctx.statusCode())).write(ctx);
        }
    }

    /** The port in use. */
    public int port() {
        return connector.getLocalPort();
    }

    /** The port of the public pages, if they have their own. */
    public OptionalInt publicPort() {
        return publicConnector == null ? OptionalInt.empty() : OptionalInt.of(publicConnector.getLocalPort());
    }

    /** Method and path pattern of every route, such as {@code GET /v1/patrons/{id}}. */
    public List<String> routes() {
        return javalin.unsafe.internalRouter.allHttpHandlers().stream()
                .map(handler -> handler.endpoint.method.name() + " " + handler.endpoint.path)
                .toList();
    }

    /** The server itself, whose handlers tests look at. */
    Server jetty() {
        return server;
    }

    /** Stops to listen, and waits some seconds for running requests. Slower ones get no answer. */
    @Override
    public void close() {
        try {
            server.stop();
        } catch (Exception e) {
            // A request was slower.
        }
    }
}
