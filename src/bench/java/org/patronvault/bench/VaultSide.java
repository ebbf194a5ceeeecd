package org.patronvault.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** The real jar, used as anyone would: commands on a home, one process each. */
final class VaultSide implements Side {
    /** Who set the vault up. */
    static final String ADMIN = "admin";

    /** Their password. */
    static final String PASSWORD = "correct horse battery staple 7";

    /** Who makes mailings, by the same password. */
    static final String OUTREACH = "outreach";

    /** Who is at the desk, by the same password. */
    static final String CLERK = "clerk";

    /** Who has the keys, by the same password. */
    static final String CUSTODIAN = "custodian";

    /** Who exports, by the same password. */
    static final String DIRECTOR = "director";

    /** Who agrees to it, by the same. */
    static final String OFFICER = "officer";

    /** The client of a vendor, by its own key. */
    static final String VENDOR = "vendor";

    /** What opens the vault. */
    static final String PASSPHRASE = "twelve small herons wade at dawn";

    private static final String MOST_A_DAY = "999999999";
    private static final String MOST_CHECKS_A_MINUTE = "10000000";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String KDF_CLASS = "org.patronvault.core.keys.slot.SlotKdf";
    private static final int KDF_MARGIN_MIB = 96;

    private final Options options;
    private final Path work;
    private final Optional<PostgresServer> server;
    private final Path passphrase;
    private final Path password;
    private final Path commissioned;
    private final String key;
    private final String vendorKey;
    private int runs;

    /**
     * Makes a home, a client that may open everything without limit, and people of some roles, while one person may do so;
     * with SQLite in each home, or with databases of that server.
     */
    VaultSide(Options options, Path work, Optional<PostgresServer> server) throws IOException, InterruptedException {
        this.options = options;
        this.work = work;
        this.server = server;
        this.passphrase = secret("passphrase", PASSPHRASE);
        this.password = secret("password", PASSWORD);
        this.commissioned = work.resolve("commissioned");
        List<String> init = new ArrayList<>(List.of(
                "init",
                "--passphrase-file",
                passphrase.toString(),
                "--admin",
                ADMIN,
                "--admin-password-file",
                password.toString(),
                "--home",
                commissioned.toString()));
        server.ifPresent(databases -> init.addAll(List.of("--db", databases.make(commissioned))));
        command("init", init.toArray(String[]::new));
        // Sign-ins are measured as if from many addresses.
        Files.writeString(
                commissioned.resolve("vault.yaml"),
                "\nhttp: {proxies: [127.0.0.1], publicUrl: 'https://vault.example.org'}\n",
                StandardOpenOption.APPEND);
        // One person looks up, takes out and erases as many as there are.
        Path policy = commissioned.resolve("policy.yaml");
        Files.writeString(
                policy,
                Files.readString(policy)
                        .replace(
                                "  opened: {tenMinutes: 60, day: 300}\n", "  opened: {tenMinutes: 50000, day: 50000}\n")
                        .replace(
                                "  names: {tenMinutes: 1000, day: 5000}\n",
                                "  names: {tenMinutes: 50000, day: 50000}\n")
                        .replace("  searches: {tenMinutes: 300}\n", "  searches: {tenMinutes: 50000}\n")
                        .replace("  alone: 500\n", "  alone: 100000\n")
                        .replace("  erasures: {day: 20}\n", "  erasures: {day: 1000000}\n")
                        .replace("  erasuresInAll: {day: 60}\n", "  erasuresInAll: {day: 1000000}\n")
                        .replace("  accessLog: 24\n", "  accessLog: 24\n  patrons: {expired: {expiredMonths: 240}}\n"));
        this.key = client("bench", "ils");
        this.vendorKey = client(VENDOR, "entitlement", "--checks", MOST_CHECKS_A_MINUTE);
        staff(CLERK, "circulation");
        staff(CUSTODIAN, "custodian");
        staff(OUTREACH, "outreach");
        staff(DIRECTOR, "director");
        staff(OFFICER, "privacy-officer");
        makeArchive();
    }

    /** Adds a client that is counted as every client is, up to more than there is time for; gives its key. */
    private String client(String name, String scope, String... more) throws IOException, InterruptedException {
        List<String> words = asAdmin(commissioned, "client", "add", name, "--scope", scope, "--daily", MOST_A_DAY);
        words.addAll(List.of(more));
        return JSON.readTree(command("client", words.toArray(String[]::new)))
                .path("key")
                .asText();
    }

    private void staff(String name, String role) throws IOException, InterruptedException {
        List<String> words = asAdmin(
                commissioned,
                "staff",
                "add",
                name,
                "--role",
                role,
                "--library",
                "NC",
                "--new-password-file",
                password.toString());
        command("staff", words.toArray(String[]::new));
    }

    private Path secret(String name, String text) throws IOException {
        Path file = work.resolve(name);
        Files.writeString(file, text + "\n", StandardCharsets.UTF_8);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    private List<String> asAdmin(Path home, String... command) {
        return as(ADMIN, home, command);
    }

    private List<String> as(String name, Path home, String... command) {
        List<String> words = new ArrayList<>(Arrays.asList(command));
        words.addAll(List.of(
                "--home",
                home.toString(),
                "--passphrase-file",
                passphrase.toString(),
                "--as",
                name,
                "--password-file",
                password.toString(),
                "--json"));
        return words;
    }

    private String command(String label, String... words) throws IOException, InterruptedException {
        try (JavaProcess process = start(label, Arrays.asList(words))) {
            return process.finish();
        }
    }

    private JavaProcess start(String label, List<String> words) throws IOException {
        return start(label, List.of(), words);
    }

    private JavaProcess start(String label, List<String> java, List<String> words) throws IOException {
        String numbered = "vault-" + label + "-" + runs++;
        List<String> all = new ArrayList<>(java);
        all.addAll(options.java());
        if (options.recording()) {
            // The recorder announces itself on standard output, where a command's one JSON document is awaited.
            all.add("-Xlog:jfr+startup=off");
            all.add("-XX:StartFlightRecording=settings=profile,filename="
                    + options.directory().resolve(numbered + ".jfr"));
        }
        all.addAll(List.of("-jar", options.jar().toString()));
        all.addAll(words);
        return JavaProcess.start(work, numbered, all);
    }

    @Override
    public String name() {
        return "vault";
    }

    @Override
    public void prepare(Path directory) throws IOException {
        Trees.copy(commissioned, directory);
        if (server.isPresent()) {
            String copy = server.get().copy(commissioned, directory);
            Path settings = directory.resolve("vault.yaml");
            Files.writeString(
                    settings,
                    Files.readString(settings)
                            .replace("\"" + server.get().url(commissioned) + "\"", "\"" + copy + "\""));
        }
    }

    /** Makes another node of the vault of that home: a home of its own on the same database, with the same keys. */
    void node(Path first, Path directory) throws IOException {
        Files.createDirectories(directory);
        for (String shared : List.of("keys", "policies", "policy.yaml")) {
            Files.createSymbolicLink(directory.resolve(shared), first.resolve(shared));
        }
        Files.copy(first.resolve("vault.yaml"), directory.resolve("vault.yaml"));
    }

    @Override
    public long load(Path directory, Path file) throws IOException, InterruptedException {
        List<String> words = asAdmin(
                directory,
                "patrons",
                "import",
                file.toString(),
                "--format",
                "vault-jsonl",
                "--consent-policy",
                "2018-05");
        JsonNode report = JSON.readTree(command("import", words.toArray(String[]::new)));
        return report.path("created").asLong();
    }

    /** Sweeps that home by the command, the server's if one runs; gives how many values were looked at. */
    long check(Path directory) throws IOException, InterruptedException {
        List<String> words = asAdmin(directory, "check");
        JsonNode report = JSON.readTree(command("check", words.toArray(String[]::new)));
        if (!report.path("ok").asBoolean()) {
            throw new IllegalStateException("the sweep found something: " + report);
        }
        return report.path("values").asLong();
    }

    /** Exports everybody of that home by the command, the server's if one runs; gives how many they were. */
    long export(Path directory, Path to) throws IOException, InterruptedException {
        List<String> words = as(
                DIRECTOR,
                directory,
                "patrons",
                "export",
                "--format",
                "vault-jsonl",
                "--recipient",
                certificate().toString(),
                "--out",
                to.toString(),
                "--second",
                OFFICER,
                "--second-password-file",
                password.toString());
        return JSON.readTree(command("export", words.toArray(String[]::new)))
                .path("exported")
                .asLong();
    }

    /** Somebody's certificate, made when first needed. */
    private Path certificate() throws IOException, InterruptedException {
        Path certificate = work.resolve("recipient.pem");
        if (!Files.exists(certificate)) {
            String store = work.resolve("recipient.p12").toString();
            keytool("-genkeypair", "-keyalg", "RSA", "-keysize", "2048", "-dname", "CN=recipient", "-keystore", store);
            keytool("-exportcert", "-rfc", "-file", certificate.toString(), "-keystore", store);
        }
        return certificate;
    }

    private void keytool(String... words) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>();
        all.add(JavaProcess.program("keytool"));
        all.addAll(Arrays.asList(words));
        all.addAll(List.of("-alias", "recipient", "-storepass", "changeit"));
        if (new ProcessBuilder(all).inheritIO().start().waitFor() != 0) {
            throw new IllegalStateException("no certificate was made");
        }
    }

    /** Verifies the log of that home; gives how many entries it has. */
    long verify(Path directory) throws IOException, InterruptedException {
        JsonNode report = JSON.readTree(command("verify", "log", "verify", "--home", directory.toString(), "--json"));
        if (!report.path("ok").asBoolean()) {
            throw new IllegalStateException("the log is not whole: " + report);
        }
        return report.path("entries").asLong();
    }

    /** Starts to move the database of that home into the one at that URL, and does not wait until it is there. */
    JavaProcess move(Path directory, String url) throws IOException {
        return start("move", asAdmin(directory, "move", "--to", url));
    }

    @Override
    public String database(Path directory) {
        return server.map(databases -> databases.url(directory))
                .orElseGet(() -> "jdbc:sqlite:" + directory.resolve("data").resolve("vault.db"));
    }

    @Override
    public JavaProcess serve(Path directory, int port) throws IOException {
        return serve(directory, port, List.of("--passphrase-file", passphrase.toString()));
    }

    /** The same with nothing that would open it. */
    JavaProcess serveSealed(Path directory, int port) throws IOException {
        return serve(directory, port, List.of());
    }

    private JavaProcess serve(Path directory, int port, List<String> more) throws IOException {
        List<String> words =
                new ArrayList<>(List.of("serve", "--home", directory.toString(), "--port", Integer.toString(port)));
        words.addAll(more);
        return start("serve", List.of("-XX:SharedArchiveFile=" + archive(), "-Xshare:auto"), words);
    }

    private Path archive() {
        return work.resolve("classes.jsa");
    }

    /** The archive of classes that the package makes when it is installed, by the demonstration run once. */
    private void makeArchive() throws IOException, InterruptedException {
        List<String> making = List.of("-XX:ArchiveClassesAtExit=" + archive());
        try (JavaProcess demo = start("archive", making, List.of("demo", "--port", "0"))) {
            demo.await("http");
        }
        if (!Files.exists(archive())) {
            throw new IllegalStateException("no archive of classes was made");
        }
    }

    @Override
    public String token() {
        return key;
    }

    @Override
    public String vendorToken() {
        return vendorKey;
    }

    /** Where {@link #PASSWORD} is written. */
    Path passwordFile() {
        return password;
    }

    /** The slot's key derivation alone, run as the vault runs it with this heap: in a process of its own. */
    void deriveSlotKey() throws IOException, InterruptedException {
        JsonNode argon = JSON.readTree(
                        commissioned.resolve("keys").resolve("slots.json").toFile())
                .findPath("argon2id");
        int memoryKiB = argon.path("memoryKiB").asInt();
        byte[] salt = Base64.getDecoder().decode(argon.path("salt").asText());
        byte[] secret = Files.readString(passphrase).strip().getBytes(StandardCharsets.UTF_8);
        Process process = new ProcessBuilder(
                        JavaProcess.program("java"),
                        "-Xmx" + (memoryKiB / 1024 + KDF_MARGIN_MIB) + "m",
                        "-XX:+UseSerialGC",
                        "-cp",
                        options.jar().toString(),
                        KDF_CLASS)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (DataOutputStream out = new DataOutputStream(process.getOutputStream())) {
            out.writeInt(memoryKiB);
            out.writeInt(argon.path("passes").asInt());
            out.writeInt(argon.path("lanes").asInt());
            out.writeInt(salt.length);
            out.write(salt);
            out.writeInt(secret.length);
            out.write(secret);
        }
        if (process.getInputStream().readAllBytes().length == 0 || process.waitFor() != 0) {
            throw new IllegalStateException("the slot's key was not derived");
        }
    }
}
