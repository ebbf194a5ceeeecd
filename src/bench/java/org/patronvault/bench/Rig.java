package org.patronvault.bench;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.patronvault.app.madeup.MadeUpFile;
import org.patronvault.app.madeup.MadeUpPatrons;

/** What figures share: patrons, their file, both sides, and one loaded directory of each. */
final class Rig {
    private static final int READY_PATIENCE_SECONDS = 120;
    private static final int POLL_MILLIS = 50;

    private final Options options;
    private final Path work;
    private final Optional<PostgresServer> server;
    private final VaultSide vault;
    private final TwinSide twin;
    private final Path file;
    private final Map<Side, Disk> loaded = new LinkedHashMap<>();
    private Optional<Rig> onPostgres = Optional.empty();

    /** How large a side's database was right after an import, without its write-ahead log. */
    record Disk(long bytes, Map<String, Long> bytesByTable) {}

    Rig(Options options) throws IOException, InterruptedException {
        this.options = options;
        this.work = options.directory().resolve("work");
        Trees.delete(work);
        Files.createDirectories(work);
        this.server = Optional.empty();
        this.vault = new VaultSide(options, work, server);
        this.twin = new TwinSide(options, work, server);
        this.file = work.resolve("patrons.jsonl");
        MadeUpFile.vaultJsonl(patrons(), file);
    }

    private Rig(Rig other, PostgresServer server) throws IOException, InterruptedException {
        this.options = other.options;
        this.work = Files.createDirectories(other.work.resolve("on-postgres"));
        this.server = Optional.of(server);
        this.vault = new VaultSide(options, work, this.server);
        this.twin = new TwinSide(options, work, this.server);
        this.file = other.file;
    }

    /** The same patrons, with both sides on a PostgreSQL of the run's own, which is started when first needed. */
    Rig onPostgres() throws IOException, InterruptedException {
        if (onPostgres.isEmpty()) {
            onPostgres = Optional.of(new Rig(this, PostgresServer.start(work.resolve("postgres"))));
        }
        return onPostgres.get();
    }

    /** The server of a rig that is on one. */
    PostgresServer server() {
        return server.orElseThrow();
    }

    Options options() {
        return options;
    }

    /** The made-up patrons, anew for each caller. */
    MadeUpPatrons patrons() {
        return new MadeUpPatrons(options.seed(), options.patrons(), Options.DAY);
    }

    /** Those patrons as a file. */
    Path file() {
        return file;
    }

    /** A file beside the databases, not yet there. */
    Path scratch(String name) {
        return work.resolve(name);
    }

    VaultSide vault() {
        return vault;
    }

    TwinSide twin() {
        return twin;
    }

    /** Vault and twin, in the order in which they take turns. */
    List<Side> sides() {
        return List.of(vault, twin);
    }

    /** Where that side's loaded database is. */
    Path home(Side side) {
        return work.resolve("loaded-" + side.name());
    }

    /** Loads that side, unless a figure has done so, and tells how large it was then. */
    Disk disk(Side side) throws IOException, InterruptedException {
        if (!loaded.containsKey(side)) {
            importAnew(side);
        }
        return loaded.get(side);
    }

    /** Imports the file into an empty database, which takes the place of the loaded one; gives the seconds it took. */
    double importAnew(Side side) throws IOException, InterruptedException {
        double seconds = importInto(side, home(side), file, options.patrons());
        loaded.put(side, server.isPresent() ? server.get().disk(home(side)) : measure(side.database(home(side))));
        return seconds;
    }

    /** Imports any file into an empty database in {@code directory}; gives the seconds the whole command took. */
    double importInto(Side side, Path directory, Path patrons, long expected) throws IOException, InterruptedException {
        Trees.delete(directory);
        side.prepare(directory);
        long start = System.nanoTime();
        long created = side.load(directory, patrons);
        double seconds = (System.nanoTime() - start) / 1e9;
        if (created != expected) {
            throw new IllegalStateException(side.name() + " took " + created + " of " + expected + " patrons");
        }
        return seconds;
    }

    /**
     * Reads a side's loaded file once, so that a turn is not about when the machine last needed the memory that held it.
     * A server has its own.
     */
    void readThrough(Side side) throws IOException {
        if (server.isEmpty()) {
            long unused = Files.copy(file(side.database(home(side))), OutputStream.nullOutputStream());
        }
    }

    private static Path file(String sqlite) {
        return Path.of(sqlite.replace("jdbc:sqlite:", ""));
    }

    private static Disk measure(String sqlite) throws IOException {
        Map<String, Long> tables = new LinkedHashMap<>();
        try (Connection connection = DriverManager.getConnection(sqlite);
                Statement statement = connection.createStatement()) {
            try (ResultSet result = statement.executeQuery("PRAGMA wal_checkpoint(TRUNCATE)")) {
                if (!result.next() || result.getInt(1) != 0) {
                    throw new IllegalStateException("the write-ahead log was not emptied");
                }
            }
            try (ResultSet result = statement.executeQuery(
                    "SELECT name, SUM(pgsize) AS bytes FROM dbstat GROUP BY name ORDER BY bytes DESC LIMIT 8")) {
                while (result.next()) {
                    tables.put(result.getString(1), result.getLong(2));
                }
            }
        } catch (SQLException e) {
            throw new IOException(e);
        }
        return new Disk(Files.size(file(sqlite)), tables);
    }

    /** A server that is ready. */
    record Serving(Side side, JavaProcess process, int port, double secondsToReady) implements AutoCloseable {
        @Override
        public void close() {
            process.close();
        }
    }

    /** Starts the loaded side and waits until it says that it is ready. */
    Serving serve(Side side) throws IOException, InterruptedException {
        disk(side);
        return serve(side, home(side));
    }

    /** The same of any directory of that side. */
    Serving serve(Side side, Path directory) throws IOException, InterruptedException {
        return serve(side, port -> side.serve(directory, port), 200);
    }

    /** Starts the loaded vault without what would open it, and waits until it says that it is sealed. */
    Serving serveSealed() throws IOException, InterruptedException {
        disk(vault);
        return serve(vault, port -> vault.serveSealed(home(vault), port), 503);
    }

    /** Starts what listens there. */
    private interface Starting {
        JavaProcess at(int port) throws IOException;
    }

    private static Serving serve(Side side, Starting starting, int expected) throws IOException, InterruptedException {
        int port = freePort();
        byte[] question = HttpConnection.request("GET", "/health/ready", "", "");
        long start = System.nanoTime();
        JavaProcess process = starting.at(port);
        while (!answers(port, question, expected)) {
            process.requireAlive();
            if (System.nanoTime() - start > READY_PATIENCE_SECONDS * 1_000_000_000L) {
                process.close();
                throw new IllegalStateException(side.name() + " is not ready");
            }
            Thread.sleep(POLL_MILLIS);
        }
        return new Serving(side, process, port, (System.nanoTime() - start) / 1e9);
    }

    private static boolean answers(int port, byte[] question, int expected) {
        try (HttpConnection connection = new HttpConnection(port)) {
            return connection.exchange(question) == expected;
        } catch (IOException e) {
            return false;
        }
    }

    /** One that nobody listened on a moment ago. */
    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** Ends the run's PostgreSQL; removes homes and databases, and leaves what the processes printed. */
    void clean() throws IOException {
        onPostgres.ifPresent(other -> other.server().close());
        if (!options.keep()) {
            Trees.delete(work);
        }
    }
}
