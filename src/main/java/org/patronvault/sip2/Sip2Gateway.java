package org.patronvault.sip2;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.AbstractConnectionFactory;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.patronvault.access.Access;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.custody.slot.SealControl;
import org.patronvault.privacy.entitlement.Entitlements;
import org.patronvault.privacy.entitlement.GatewayAccount;

/** The server for SIP2 clients. Listens until it is closed. Safe for use by many threads. */
public final class Sip2Gateway implements AutoCloseable {
    private static final List<String> LOOPBACK = List.of("127.0.0.1", "localhost", "::1");
    private static final int THREADS = 16;
    private static final int OUTSIDE_THREADS = 16;
    private static final int OUTSIDE_OF_ONE_CLIENT = 8;
    private static final int OUTSIDE_WAITING = 256;
    private static final int BUFFER_BYTES = 16 * 1_024;
    private static final int STOP_MILLIS = 2_000;
    private static final String PROTOCOL = "sip2";

    /** The parts of the vault that the gateway needs. */
    public record Parts(Access access, Entitlements entitlements, SealControl seal, Clock clock, ZoneId zone) {}

    /** The longest time that a client may be slow. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /** How many times that long a repeated message gets the stored answer. */
    private static final int REPEATED = 3;

    private final Sip2Settings settings;
    private final Duration patience;
    private final Logins logins;
    private final EntitlementPort desk;
    private final Replies replies;
    private final AtomicInteger connections = new AtomicInteger();
    private final Set<Sip2Connection> open = ConcurrentHashMap.newKeySet();
    private final Sip2Connection.Doorkeeper door = new Door();
    private final ThreadPoolExecutor outside;
    private final Lanes lanes;
    private final Server server;
    private final ServerConnector connector;

    private Sip2Gateway(Sip2Settings settings, Optional<SslContextFactory.Server> tls, Parts parts, Duration patience) {
        this.settings = settings;
        this.patience = patience;
        this.logins = new Logins(settings.accounts(), settings.connections(), parts.clock());
        this.desk =
                new EntitlementPort(parts.access(), parts.entitlements(), parts.seal(), parts.clock(), parts.zone());
        this.replies = new Replies(settings.institution(), desk::now);
        this.outside = new ThreadPoolExecutor(
                OUTSIDE_THREADS,
                OUTSIDE_THREADS,
                1,
                TimeUnit.MINUTES,
                new LinkedBlockingQueue<>(),
                task -> daemon(task, "sip2-outside"));
        outside.allowCoreThreadTimeOut(true);
        this.lanes = new Lanes(outside, OUTSIDE_OF_ONE_CLIENT, OUTSIDE_WAITING);
        QueuedThreadPool threads = new QueuedThreadPool(THREADS, 4);
        threads.setName(PROTOCOL);
        threads.setDaemon(true);
        this.server = new Server(threads);
        server.setStopTimeout(STOP_MILLIS);
        this.connector = new Listener(server, factories(tls));
        connector.setHost(settings.host());
        connector.setPort(settings.port());
        connector.setAcceptedSendBufferSize(BUFFER_BYTES);
        connector.setAcceptedReceiveBufferSize(BUFFER_BYTES);
        connector.setIdleTimeout(patience.toMillis());
        server.addConnector(connector);
    }

    private static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    /**
     * Starts to listen.
     *
     * @param tls with which it speaks TLS itself
     * @throws Refused if the address cannot be bound, or the traffic would leave this machine unencrypted
     */
    public static Sip2Gateway start(Sip2Settings settings, Optional<SslContextFactory.Server> tls, Parts parts) {
        return start(settings, tls, parts, PATIENCE);
    }

    /** Starts to listen as {@link #start(Sip2Settings, Optional, Parts)} does, with another limit for slow clients. */
    static Sip2Gateway start(
            Sip2Settings settings, Optional<SslContextFactory.Server> tls, Parts parts, Duration patience) {
        if (tls.isEmpty() && !LOOPBACK.contains(settings.host())) {
            throw new Refused(
                    Problem.INVALID,
                    "Without TLS the SIP2 gateway listens on 127.0.0.1 only: give sip2.tlsCert and sip2.tlsKey in"
                            + " vault.yaml, or put stunnel before it.");
        }
        Sip2Gateway gateway = new Sip2Gateway(settings, tls, parts, patience);
        try {
            gateway.server.start();
            gateway.forgetByAndBy();
            return gateway;
        } catch (Exception e) {
            gateway.close();
            throw new Refused(Problem.HOME_IN_USE, "The port of sip2 is taken, or the address is not this machine's.");
        }
    }

    private ConnectionFactory[] factories(Optional<SslContextFactory.Server> tls) {
        ConnectionFactory plain = new Factory();
        return tls.map(ssl -> new ConnectionFactory[] {new SslConnectionFactory(ssl, PROTOCOL), plain})
                .orElseGet(() -> new ConnectionFactory[] {plain});
    }

    private void forgetByAndBy() {
        open.forEach(Sip2Connection::forget);
        connector.getScheduler().schedule(this::forgetByAndBy, patience.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Returns the port where it listens. */
    public int port() {
        return connector.getLocalPort();
    }

    /** Returns the number of connections, signed in or not. */
    public int connections() {
        return connections.get();
    }

    /** Returns the state of its accounts. */
    public List<GatewayAccount> accounts() {
        return logins.states();
    }

    /** Closes all connections. */
    @Override
    public void close() {
        try {
            server.stop();
        } catch (Exception e) {
            // Some thread did not stop in time.
        }
        outside.shutdownNow();
    }

    /** Counts connections. If it is full, the oldest connection that has not signed in must make room. */
    private final class Door implements Sip2Connection.Doorkeeper {
        private final Deque<Sip2Connection> strangers = new ConcurrentLinkedDeque<>();

        @Override
        public boolean comes(Sip2Connection connection) {
            open.add(connection);
            strangers.add(connection);
            if (connections.incrementAndGet() <= settings.connections()) {
                return true;
            }
            Optional<Sip2Connection> oldest =
                    Optional.ofNullable(strangers.peek()).filter(stranger -> stranger != connection);
            oldest.ifPresent(stranger -> {
                signsIn(stranger);
                stranger.close();
            });
            return oldest.isPresent();
        }

        @Override
        public void signsIn(Sip2Connection connection) {
            boolean unused = strangers.remove(connection);
        }

        @Override
        public void goes(Sip2Connection connection) {
            open.remove(connection);
            boolean unused = strangers.remove(connection);
            connections.decrementAndGet();
        }
    }

    /** Has the system detect clients that disappeared silently. */
    private static final class Listener extends ServerConnector {
        private Listener(Server server, ConnectionFactory... factories) {
            super(server, 1, 1, factories);
        }

        @Override
        protected void configure(Socket socket) {
            super.configure(socket);
            try {
                socket.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
            } catch (IOException e) {
                // Gone already.
            }
        }
    }

    private final class Factory extends AbstractConnectionFactory {
        private Factory() {
            super(PROTOCOL);
        }

        @Override
        public Connection newConnection(Connector from, EndPoint endPoint) {
            Sip2Session session = new Sip2Session(
                    logins,
                    desk,
                    replies,
                    address(endPoint.getRemoteSocketAddress()),
                    patience.multipliedBy(REPEATED),
                    System::nanoTime);
            Sip2Connection connection = new Sip2Connection(
                    endPoint,
                    from.getExecutor(),
                    session,
                    new Sip2Connection.Shared(lanes, from.getScheduler(), door, patience));
            return configure(connection, from, endPoint);
        }

        private String address(SocketAddress remote) {
            return remote instanceof InetSocketAddress inet && inet.getAddress() != null
                    ? inet.getAddress().getHostAddress()
                    : "";
        }
    }
}
