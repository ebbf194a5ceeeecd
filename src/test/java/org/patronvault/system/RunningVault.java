package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.net.SocketFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import org.patronvault.app.Home;
import org.patronvault.app.OpenedHome;
import org.patronvault.cli.CommandHere;
import org.patronvault.system.VaultProcess.Ran;
import org.patronvault.testing.OpenSsl;
import org.patronvault.testing.Postgres;

/**
 * One vault of its own in a temporary directory: administrator {@code admin} and one account for each of {@link
 * #STAFF}, all with the same password. The directory holds {@code home}, the secret files, {@code tmp} for the JVMs'
 * temporary files, and what every process printed. Calls may be made by several
 * threads, while one starts and stops it.
 */
final class RunningVault implements AutoCloseable {
    static final String PASSWORD = "correct horse battery staple 7";
    static final String PASSPHRASE = "twelve small herons wade at dawn";

    /** User name and role. */
    static final Map<String, String> STAFF = staff();

    /** Commands that last until they are ended. */
    private static final Set<String> STAYING = Set.of("serve", "demo");

    private static final Pattern ADDRESS = Pattern.compile("Listening on (https?://127\\.0\\.0\\.1:[0-9]+)/");
    private static final Pattern PUBLIC_ADDRESS = Pattern.compile("Public pages on (https?://127\\.0\\.0\\.1:[0-9]+)/");
    private static final int ANEW_MILLIS = 30_000;
    private static final int AGAIN = 5;
    private static final ObjectMapper JSON = new ObjectMapper();

    private Optional<SSLContext> tls = Optional.empty();
    private HttpClient http = client().build();
    private final Path root;
    private final List<String> databases = new ArrayList<>();
    private volatile VaultProcess server;
    private volatile String address = "";
    private List<String> shares = List.of();
    private String slots = "";

    private RunningVault(Path root) {
        this.root = root;
    }

    private static HttpClient.Builder client() {
        return HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10));
    }

    private static Map<String, String> staff() {
        Map<String, String> staff = new LinkedHashMap<>();
        staff.put("clerk", "circulation");
        staff.put("boss", "supervisor");
        staff.put("officer", "privacy-officer");
        staff.put("dir", "director");
        staff.put("cust1", "custodian");
        staff.put("cust2", "custodian");
        staff.put("page", "page");
        return staff;
    }

    /** A vault that is set up and not started. */
    static RunningVault create() {
        RunningVault vault = empty();
        Path prepared = prepared();
        vault.copyHome(prepared, vault.home());
        vault.remember(PreparedHome.shares(prepared));
        return vault;
    }

    private void remember(Path words) {
        shares = text(words).lines().toList();
        slots = text(slotsFile());
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path slotsFile() {
        return home().resolve("keys/slots.json");
    }

    /** A directory with secret files and no home yet. */
    static RunningVault empty() {
        try {
            Path root = Files.createTempDirectory("vault-it");
            RunningVault vault = new RunningVault(root);
            Files.createDirectory(root.resolve("tmp"));
            vault.secret("pw", PASSWORD);
            vault.secret("passphrase", PASSPHRASE);
            return vault;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static synchronized Path prepared() {
        return PreparedHome.home(jvm -> {
            RunningVault first = empty();
            Runtime.getRuntime().addShutdownHook(new Thread(() -> remove(first.root)));
            Optional<String> database = Databases.fresh();
            List<String> words = OpenedHome.prepare(new Home(first.home()), database, PASSPHRASE, STAFF, PASSWORD);
            first.secret("shares", String.join("\n", words));
            first.remember(PreparedHome.shares(first.home()));
            first.start(jvm);
            first.stop();
            return first.home();
        });
    }

    /** Another node on the same database and the same keys, with what this one has published, which is not started. */
    RunningVault another() {
        RunningVault node = empty();
        try {
            Files.createDirectory(node.home());
            for (String shared : List.of("keys", "policy.yaml", "policies")) {
                Files.createSymbolicLink(node.home().resolve(shared), home().resolve(shared));
            }
            copy(home().resolve("published"), node.home().resolve("published"));
            Files.copy(home().resolve("vault.yaml"), node.home().resolve("vault.yaml"));
            node.shares = shares;
            node.slots = slots;
            return node;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs {@code init} on the home. */
    Ran init() {
        return run("init", "--admin", "admin", "--admin-password-file", "../pw");
    }

    Path home() {
        return root.resolve("home");
    }

    /** Everything this vault's processes may write to, secrets aside. */
    Path root() {
        return root;
    }

    /** Writes a secret file, 0600, beside the home. */
    Path secret(String name, String text) {
        try {
            Path file = root.resolve(name);
            Files.writeString(file, text + "\n", StandardCharsets.UTF_8);
            return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs a command on the home, which nobody answers for. Relative paths start in a sister directory of the home. */
    Ran run(String... args) {
        return command(environment(), args);
    }

    /** Runs a command that {@code name} answers for. */
    Ran as(String name, String... args) {
        return command(environment(name), args);
    }

    /**
     * Runs a command with these variables alone. One that ends by itself runs in this JVM, by the jar's classes and
     * from its entry on, without a new JVM's second of work; {@link #apart} is for what only a process can show.
     */
    Ran command(Map<String, String> environment, String... args) {
        if (STAYING.contains(args[0])) {
            return apart(environment, args);
        }
        try {
            Path directory = Files.createDirectories(root.resolve("runs"));
            Path out = Files.createTempFile(directory, "run", ".out");
            Path err = Files.createTempFile(directory, "run", ".err");
            int exit = CommandHere.run(environment, directory, out, err, args);
            return new Ran(exit, Files.readString(out), Files.readString(err));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs a command with these variables alone in a process of its own. */
    Ran apart(Map<String, String> environment, String... args) {
        try (VaultProcess process = process(environment, List.of(), args)) {
            return process.await();
        }
    }

    /** Starts the vault as {@link #start} does, in a JVM with the given option. */
    Ran apart(String jvm, Map<String, String> environment, String... args) {
        return apartUnder(List.of(), jvm, environment, args);
    }

    /** The same under another program, and in a JVM with the least heap there is. */
    Ran apartUnder(List<String> program, Map<String, String> environment, String... args) {
        return apartUnder(program, "-Xmx256m", environment, args);
    }

    /** The same under another program, and in a JVM with that option. */
    Ran apartUnder(List<String> program, String jvm, Map<String, String> environment, String... args) {
        try (VaultProcess process = process(program, environment, List.of(jvm), List.of(args))) {
            return process.await();
        }
    }

    /** The one JSON document a command prints. */
    JsonNode json(String name, String... args) {
        String[] words = Arrays.copyOf(args, args.length + 1);
        words[args.length] = "--json";
        return document(expectDone(as(name, words)));
    }

    /** Reads standard output that must be exactly one JSON document. */
    static JsonNode document(Ran ran) {
        try (var documents = JSON.readerFor(JsonNode.class).<JsonNode>readValues(ran.out())) {
            List<JsonNode> all = documents.readAll();
            assertThat(all).as("documents on standard output").hasSize(1);
            return all.get(0);
        } catch (IOException e) {
            throw new AssertionError("standard output is not JSON: " + ran.out(), e);
        }
    }

    private Ran expectDone(Ran ran) {
        assertThat(ran.exit()).as(ran.toString()).isZero();
        return ran;
    }

    /** Variables that name home and passphrase, and until there is a home its database, if it shall not be in it. */
    Map<String, String> environment() {
        Map<String, String> environment = new LinkedHashMap<>();
        if (!Files.exists(home())) {
            if (databases.isEmpty()) {
                Databases.fresh().ifPresent(databases::add);
            }
            databases.forEach(url -> environment.putAll(Databases.variable(url)));
        }
        environment.put("PATRON_VAULT_HOME", home().toString());
        environment.put(
                "PATRON_VAULT_PASSPHRASE_FILE", root.resolve("passphrase").toString());
        return environment;
    }

    /** The same, and variables that say that {@code name} answers for it. */
    Map<String, String> environment(String name) {
        Map<String, String> environment = environment();
        environment.put("PATRON_VAULT_AS", name);
        environment.put("PATRON_VAULT_PASSWORD_FILE", root.resolve("pw").toString());
        return environment;
    }

    /** Starts a command and does not wait for it. */
    VaultProcess process(Map<String, String> environment, List<String> jvm, String... args) {
        return process(List.of(), environment, jvm, List.of(args));
    }

    private VaultProcess process(
            List<String> program, Map<String, String> environment, List<String> jvm, List<String> args) {
        try {
            List<String> options = new ArrayList<>(jvm);
            options.add("-Djava.io.tmpdir=" + root.resolve("tmp"));
            Path directory = Files.createDirectories(root.resolve("runs"));
            return VaultProcess.startUnder(program, directory, options, environment, args);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Has the policy let a person look at as many as there are, from the next start on. */
    RunningVault withoutLimits() {
        Path policy = home().resolve("policy.yaml");
        try {
            String limited = Files.readString(policy);
            String free = limited.replace("{tenMinutes: 60, day: 300}", "{tenMinutes: 100000, day: 100000}")
                    .replace("{tenMinutes: 1000, day: 5000}", "{tenMinutes: 100000, day: 100000}")
                    .replace("{tenMinutes: 300}", "{tenMinutes: 100000}")
                    .replace("erasures: {day: 20}", "erasures: {day: 100000}")
                    .replace("erasuresInAll: {day: 60}", "erasuresInAll: {day: 100000}");
            assertThat(free).isNotEqualTo(limited);
            Files.writeString(policy, free);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Has it serve over TLS from the next start on; all calls here are by somebody who trusts its authority. */
    RunningVault overTls() {
        Ran made = expectDone(run("tls", "init", "--json", "--name", "localhost"));
        return trusting(Path.of(document(made).path("authority").asText()));
    }

    /** It serves over TLS already; all calls here are by somebody who trusts that authority. */
    RunningVault trusting(Path authority) {
        try {
            SSLContext trusting = OpenSsl.trusting(authority);
            tls = Optional.of(trusting);
            http = client().sslContext(trusting).build();
            return this;
        } catch (IOException | GeneralSecurityException e) {
            throw new AssertionError("its authority cannot be read", e);
        }
    }

    /** Makes sockets to a vault that serves over TLS. */
    SSLSocketFactory tls() {
        return tls.orElseThrow().getSocketFactory();
    }

    /** Starts the service and waits until it is ready. */
    RunningVault start(String... jvm) {
        return startWith(List.of(jvm));
    }

    /** Starts the service without a passphrase and waits until it lives. */
    RunningVault startSealed(String... jvm) {
        Map<String, String> environment = environment();
        environment.remove("PATRON_VAULT_PASSPHRASE_FILE");
        serve(environment, List.of(jvm));
        awaitStatus("/health/live", 200);
        return this;
    }

    /** Starts the service with more options and waits until it is ready. */
    RunningVault startWith(String... options) {
        return startWith(List.of(), options);
    }

    /**
     * Starts the vault in a JVM with the given options. While its slots are those it was made with it is opened by shares, which
     * takes no second of Argon2id as the passphrase does.
     */
    RunningVault startWith(List<String> jvm, String... options) {
        boolean byShares = !shares.isEmpty() && text(slotsFile()).equals(slots);
        Map<String, String> environment = environment();
        if (byShares) {
            environment.remove("PATRON_VAULT_PASSPHRASE_FILE");
        }
        serve(environment, jvm, options);
        if (byShares) {
            shares.forEach(this::offer);
        }
        awaitStatus("/health/ready", 200);
        return this;
    }

    private void offer(String words) {
        Answer answer = call("POST", "/v1/unseal", "", JSON.createObjectNode().put("share", words));
        assertThat(answer.status()).as("%s", answer).isEqualTo(200);
    }

    /** Starts the service under another program and waits until it is ready. */
    RunningVault startUnder(String... program) {
        server = process(List.of(program), environment(), List.of(), List.of("serve", "--port", "0"));
        address = server.awaitLine(ADDRESS);
        awaitStatus("/health/ready", 200);
        return this;
    }

    private void serve(Map<String, String> environment, List<String> jvm, String... options) {
        List<String> words = new ArrayList<>(List.of("serve", "--port", "0"));
        words.addAll(List.of(options));
        server = process(environment, jvm, words.toArray(String[]::new));
        address = server.awaitLine(ADDRESS);
    }

    /** Where calls go now. */
    String address() {
        return address;
    }

    /** Where the public pages are, if they have a listener of their own. */
    String publicAddress() {
        return server.awaitLine(PUBLIC_ADDRESS);
    }

    /** From now on calls go to another server, such as a demonstration's. */
    RunningVault at(String url) {
        address = url.replaceAll("/$", "");
        return this;
    }

    private void awaitStatus(String path, int status) {
        server.awaitUntil(path + " is not " + status, () -> call("GET", path).status() == status);
    }

    /** The process of the service. */
    VaultProcess server() {
        return server;
    }

    /** Ends the service as an operator would; gives its exit code. */
    int stop() {
        return server.terminate();
    }

    /** Signs in; gives the token. */
    String signIn(String user) {
        JsonNode credentials = credentials(user, PASSWORD);
        Answer answer = insist(() -> call("POST", "/v1/sessions", "", credentials));
        assertThat(answer.status()).as("%s", answer).isEqualTo(201);
        return answer.json().path("token").asText();
    }

    static ObjectNode credentials(String user, String password) {
        return JSON.createObjectNode().put("username", user).put("password", password);
    }

    /** Ends the commissioning of a running vault of one's own making: two custodians, a clerk, a patron; gives its id. */
    String staffAndAPatron() {
        List.of("cust1", "cust2", "clerk")
                .forEach(name -> json(
                        "admin",
                        "staff",
                        "add",
                        name,
                        "--role",
                        STAFF.get(name),
                        "--library",
                        "NC",
                        "--new-password-file",
                        "../pw"));
        return register(signIn("clerk"), SamplePatron.of(1));
    }

    /** Registers a patron; gives the id. */
    String register(String token, JsonNode patron) {
        Map<String, String> once = Map.of("Idempotency-Key", UUID.randomUUID().toString());
        Answer answer = insist(() -> send("POST", "/v1/patrons", token, patron.toString(), once));
        assertThat(answer.status()).as("%s", answer).isEqualTo(201);
        return answer.json().path("id").asText();
    }

    /** What a test only prepares is called again while the disk is too slow for the log, as every client is told to. */
    private static Answer insist(Supplier<Answer> call) {
        Answer answer = call.get();
        for (int again = 0; again < AGAIN && answer.status() == 503; again++) {
            answer = call.get();
        }
        return answer;
    }

    Answer call(String method, String path) {
        return send(method, path, "", null, Map.of());
    }

    Answer call(String method, String path, String token) {
        return send(method, path, token, null, Map.of());
    }

    Answer call(String method, String path, String token, JsonNode body) {
        return send(method, path, token, body.toString(), Map.of());
    }

    /**
     * Calls the service by a connection of its own, as a browser that was not there before.
     *
     * @return all that was answered, or empty text
     */
    String callAnew(String path, String token, JsonNode body) {
        String json = body.toString();
        byte[] request = ("POST " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                        + (token.isEmpty() ? "" : "Authorization: Bearer " + token + "\r\n")
                        + "Content-Length: " + json.length() + "\r\n\r\n" + json)
                .getBytes(StandardCharsets.US_ASCII);
        SocketFactory sockets = tls.isEmpty() ? SocketFactory.getDefault() : tls();
        try (RawHttp raw = new RawHttp(address, sockets)) {
            return raw.exchange(request, false, ANEW_MILLIS)
                    .map(RawHttp.Reply::text)
                    .orElse("");
        } catch (IOException e) {
            return "";
        }
    }

    /** Calls the service. A body is sent as JSON unless {@code headers} say otherwise; an empty token is not sent. */
    Answer send(String method, String path, String token, String body, Map<String, String> headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(address + path))
                .timeout(Duration.ofSeconds(30))
                .method(
                        method,
                        body == null
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(body, StandardCharsets.UTF_8));
        if (body != null) {
            request.setHeader("Content-Type", "application/json");
        }
        if (!token.isEmpty()) {
            request.setHeader("Authorization", "Bearer " + token);
        }
        headers.forEach(request::setHeader);
        try {
            return new Answer(http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray()));
        } catch (IOException e) {
            throw new UncheckedIOException(server == null ? "no server" : server.printed(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** What the server's metrics of that name and with that label add up to; it counts nothing of a case. */
    long counted(String name, String label) {
        return call("GET", "/metrics")
                .text()
                .lines()
                .filter(line -> line.startsWith(name + "{") && line.contains(label))
                .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    /** How many calls the server counts that it answered by 500 or above. */
    long failures() {
        String answers = "vault_http_request_duration_seconds_count";
        assertThat(counted(answers, "status=\"2xx\"")).as("done").isPositive();
        return counted(answers, "status=\"5xx\"");
    }

    /** Copies a home, on which no server runs, with its database; that is removed with this vault. */
    void copyHome(Path from, Path to) {
        copy(from, to);
        Databases.copy(from, to).ifPresent(databases::add);
    }

    /** Copies a file or a directory with everything in it; a socket left behind is not copied. */
    static void copy(Path from, Path to) {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                if (Files.isDirectory(file) || Files.isRegularFile(file)) {
                    Files.copy(file, to.resolve(from.relativize(file).toString()), StandardCopyOption.COPY_ATTRIBUTES);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        if (server != null) {
            server.close();
        }
        databases.forEach(Postgres::drop);
        remove(root);
    }

    /** Removes a directory with everything in it, if it is there. */
    static void remove(Path directory) {
        Home.delete(directory);
    }
}
