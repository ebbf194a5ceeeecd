package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.patronvault.system.VaultProcess.Ran;
import org.patronvault.testing.Authenticator;
import org.patronvault.testing.LongRun;
import org.patronvault.testing.OpenSsl;
import org.patronvault.testing.Postgres;

/**
 * What the processes of a vault's life leave on the machine, from {@code init} to a move, every call traced:
 * which files they write, who may read them though the umask lets everybody, what was ever written to them, and what the
 * list of processes shows.
 */
@Tag(LongRun.TAG)
final class ResidueIT {
    private static final String FAMILY = "Zqxvmarmot";
    private static final String GIVEN = "Quibbleford";
    private static final String EMAIL = "wvx.canary@example.org";
    private static final String STREET = "Wyxlperch";
    private static final int CARD = 90_210_117;

    /** As somebody types it; without the dashes it is in every form that the vault gives it. */
    private static final String PHONE = "203-957-4862";

    private static final String DIGITS = PHONE.replace("-", "");

    private static final List<String> SHOWN = List.of(FAMILY, GIVEN, EMAIL, STREET, DIGITS);
    private static final Needles PERSONAL =
            new Needles(Stream.concat(SHOWN.stream(), Stream.of(PHONE, SamplePatron.card(CARD)))
                    .toList());
    private static final String CARELESS = "Brimbledown";
    private static final List<String> CARELESS_FILES = List.of("careless", "widened", "brought");
    private static final String UNSYNCED = "named/unsynced";
    private static final String RENAMED = "named/renamed";
    private static final Needles CONTROL = new Needles(List.of(CARELESS));

    /** Harmless, in the environment of one process of the vault. */
    private static final String MARKER = "Tumblecroft";

    private static final Needles MARKED = new Needles(List.of(MARKER));

    /** Whatever opens something: what is in the files that people keep, and what this run is given. */
    private static final List<String> SECRETS =
            new ArrayList<>(List.of(RunningVault.PASSWORD, RunningVault.PASSPHRASE));

    private static final int SHARES = 3;

    /** Where shares are asked for. */
    private static final String SHARES_DIRECTORY = "shares";

    /** What the Java runtime keeps of itself for tools that watch it: its version, words, options and counters. */
    private static final Pattern OF_THE_RUNTIME = Pattern.compile(
            "/tmp/hsperfdata_[^/]+(/[0-9]+)?|/proc/[0-9]+/coredump_filter|/dev/(null|tty|random|urandom)");

    /** Libraries that SQLite's driver and Conscrypt open to all, in directories that nobody else can enter. */
    private static final Pattern LIBRARY =
            Pattern.compile("tmp/patron-vault-([0-9]+/sqlite-[^/]+-libsqlitejdbc|aes-[0-9]+/libconscrypt[^/]+)\\.so");

    /**
     * What a process has for itself: SQLite's library, in a directory that says by a lock whose it is; Conscrypt's while it
     * is loaded; a backup while it is read.
     */
    private static final Pattern FOR_A_WHILE =
            Pattern.compile("tmp/patron-vault-[0-9]+(/sqlite-[^/]+-libsqlitejdbc\\.so(\\.lck)?|/lock(\\.new)?)?"
                    + "|tmp/patron-vault-aes-[0-9]+(/libconscrypt[^/]+\\.so)?|backup-[0-9a-f]+\\.opened");

    private static final Pattern BY_CARELESS_PROGRAM =
            Pattern.compile("careless|widened|brought|named(/.*)?|closed(/.*)?");

    /** What is in it, or is it until it has its name. */
    private static final String BESIDE = "([.-][a-z]+)?(/.*)?";

    private static final ObjectNode NOTHING = JsonNodeFactory.instance.objectNode();

    /** Of somebody who stays. */
    private static String stays = "";

    private static RunningVault vault;
    private static TracedRuns runs;
    private static Optional<String> database = Optional.empty();
    private static Optional<String> movedTo = Optional.empty();

    /** The files that somebody asked for, beside the home. */
    private static final List<String> ASKED_FOR =
            List.of("home", "made", "backup", "tiles", "out.p7m", "patrons.p7m", "opened.db", SHARES_DIRECTORY);

    @BeforeAll
    static void live() throws IOException {
        vault = RunningVault.create();
        Files.writeString(
                vault.home().resolve("vault.yaml"),
                "http: {publicUrl: 'https://vault.example.org'}\n",
                StandardOpenOption.APPEND);
        runs = new TracedRuns(vault.root(), vault.home());
        Map<String, String> another = vault.environment();
        another.put("PATRON_VAULT_HOME", vault.root().resolve("made").toString());
        another.put("MARKER", MARKER);
        database = Databases.fresh();
        database.ifPresent(url -> another.putAll(Databases.variable(url)));
        done(vault.apartUnder(runs.program(), another, "init", "--admin", "admin", "--admin-password-file", "../pw"));
        vault.startUnder(runs.program().toArray(String[]::new));
        enrol();
        work();
        mail();
        release();
        leaveBehind();
        share();
        traced("cust1", "backup", "../backup");
        change();
        traced("officer", "log", "export", "../tiles");
        OpenSsl.certificate(vault.root(), "next", "-newkey", "rsa:2048");
        takeIn("first.jsonl", CARD + 1);
        traced("cust1", "keys", "rotate", "all", "--wait");
        traced("cust1", "keys", "rotate", "search", "--wait");
        traced(
                "dir",
                "patrons",
                "export",
                "--format",
                "vault-jsonl",
                "--recipient",
                "../next.pem",
                "--out",
                "../patrons.p7m",
                "--second",
                "officer",
                "--second-password-file",
                "../pw");
        traced(
                "cust1",
                "keys",
                "export",
                "--recipient",
                "../next.pem",
                "--out",
                "../out.p7m",
                "--second",
                "cust2",
                "--second-password-file",
                "../pw");
        assertThat(vault.stop()).isIn(0, 143);
        takeIn("second.jsonl", CARD + 2);
        traced("cust1", "check");
        traced("cust1", "restore", "../backup", "--open", "../opened.db");
        restore();
        done(vault.apartUnder(runs.program(), vault.environment("admin"), "tls", "init", "--name", "localhost"));
        if (!Databases.ON_POSTGRES) {
            movedTo = Optional.of(Postgres.freshDatabase());
            traced("cust1", "move", "--to", movedTo.get());
        }
    }

    /** Brings back what was changed since the backup: its values are opened, and sealed again. */
    private static void restore() {
        Ran ran = vault.apartUnder(
                runs.program(),
                vault.environment("cust1"),
                "restore",
                "../backup",
                "--second",
                "cust2",
                "--second-password-file",
                "../pw",
                "--json");
        done(ran);
        assertThat(RunningVault.document(ran).at("/restored/patrons").asInt())
                .as("%s", ran)
                .isEqualTo(1);
    }

    @AfterAll
    static void remove() {
        vault.close();
        database.ifPresent(Postgres::drop);
        movedTo.ifPresent(Postgres::drop);
    }

    private static ObjectNode canary(int card) {
        ObjectNode canary = SamplePatron.of(card);
        canary.putObject("name").put("family", FAMILY).put("given", GIVEN);
        canary.putObject("address").put("line1", STREET).put("city", "New Canaan");
        canary.putArray("email").add(EMAIL);
        canary.putArray("phone").add(PHONE);
        return canary;
    }

    /** Has a file taken in, which is the library's own and is not looked at. */
    private static void takeIn(String file, int card) throws IOException {
        Files.writeString(vault.root().resolve(file), canary(card) + "\n");
        traced("boss", "patrons", "import", "../" + file, "--format", "vault-jsonl", "--consent-policy", "2018-05");
    }

    private static void change() {
        Answer changed = vault.send(
                "PATCH",
                "/v1/patrons/" + stays,
                signIn("clerk"),
                "{\"phone\":[\"203-555-0177\"]}",
                Map.of("If-Match", "\"2\""));
        assertThat(changed.status()).as("%s", changed).isEqualTo(200);
    }

    /** The token of a new session. */
    private static String signIn(String name) {
        return secret(vault.signIn(name));
    }

    private static String secret(String text) {
        assertThat(text).isNotEmpty();
        SECRETS.add(text);
        return text;
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    private static JsonNode post(String path, String token, ObjectNode body) {
        Answer answer = vault.call("POST", path, token, body);
        assertThat(answer.status()).as("%s: %s", path, answer).isIn(200, 201);
        return answer.json();
    }

    /** Another system, a new account and a second factor, each with what nobody else may know. */
    private static void enrol() {
        vault.json(
                "admin",
                "staff",
                "add",
                "fern",
                "--role",
                "outreach",
                "--library",
                "NC",
                "--new-password-file",
                "../pw");
        String admin = signIn("admin");
        ObjectNode client = object().put("name", "ils").put("scope", "ils");
        secret(post("/v1/clients", admin, client).path("key").asText());
        ObjectNode novice = object().put("name", "novice").put("role", "circulation");
        secret(post("/v1/staff", admin, novice.put("library", "NC"))
                .path("activationCode")
                .asText());
        ObjectNode page = RunningVault.credentials("page", RunningVault.PASSWORD);
        String seed = secret(post("/v1/second-factor", "", page).path("secret").asText());
        JsonNode enrolled =
                post("/v1/second-factor/confirmation", "", page.put("otp", Authenticator.code(seed, Instant.now())));
        secret(enrolled.at("/recoveryCodes/0").asText());
    }

    /** Has the police shown what a court orders. */
    private static void release() throws IOException {
        String officer = signIn("officer");
        String dir = signIn("dir");
        String tomorrow = LocalDate.now(Clock.systemUTC()).plusDays(1).toString();
        post("/v1/designations", dir, object().put("designee", "clerk").put("until", tomorrow));
        String path = "/v1/disclosures/"
                + post(
                                "/v1/disclosures",
                                signIn("clerk"),
                                object().put("agency", "Norwalk Police").put("instrument", "court-order"))
                        .path("id")
                        .asText();
        post(path + "/counsel", dir, object().put("counsel", "L. Exner").put("advice", "Valid."));
        ObjectNode decision = object().put("decision", "comply")
                .put("instrument", "court-order")
                .put("reason", "valid");
        decision.putArray("patrons").add(stays);
        decision.putArray("fields").add("name").add("phone");
        post(path + "/decision", dir, decision);
        post(path + "/approval", officer, NOTHING);
        String pem = Files.readString(OpenSsl.certificate(vault.root(), "police"));
        Answer released = vault.call("POST", path + "/release", dir, object().put("recipient", pem));
        assertThat(released.status()).as("%s", released).isEqualTo(200);
    }

    /** Has the keys opened by shares too, which are written where that was asked for. */
    private static void share() throws IOException {
        traced(
                "cust1",
                "keys",
                "slot",
                "add",
                "--shares",
                Integer.toString(SHARES),
                "--threshold",
                "2",
                "--shares-dir",
                "../" + SHARES_DIRECTORY,
                "--second",
                "cust2",
                "--second-password-file",
                "../pw");
        for (int n = 1; n <= SHARES; n++) {
            secret(Files.readString(vault.root().resolve(SHARES_DIRECTORY).resolve("share-" + n + ".txt"))
                    .strip());
        }
    }

    private static void work() {
        String clerk = signIn("clerk");
        stays = vault.register(clerk, canary(CARD + 3));
        String id = vault.register(clerk, canary(CARD));
        ObjectNode reveal = JsonNodeFactory.instance.objectNode().put("purpose", "account-service");
        reveal.putArray("fields").add("name").add("address").add("email").add("phone");
        Answer revealed = vault.call("POST", "/v1/patrons/" + id + "/reveal", clerk, reveal);
        assertThat(revealed.status()).as("%s", revealed).isEqualTo(200);
        assertThat(SHOWN)
                .allSatisfy(one -> assertThat(new Needles(List.of(one))
                                .hitsIn(revealed.response().body()))
                        .as(one)
                        .isNotEmpty());
        assertThat(vault.call("POST", "/v1/sessions", "", RunningVault.credentials("clerk", EMAIL))
                        .status())
                .isEqualTo(401);
        assertThat(vault.call("POST", "/v1/patrons/" + id + "/package", signIn("officer"), NOTHING)
                        .status())
                .isEqualTo(200);
        assertThat(vault.call("DELETE", "/v1/patrons/" + id, signIn("boss")).status())
                .isEqualTo(200);
    }

    /** Has those mailed who said yes, and counts who looked at whom, each as a file. */
    private static void mail() throws IOException {
        String fern = signIn("fern");
        ObjectNode yes = object().put("given", true).put("policy", "2018-05").put("channel", "desk");
        Answer said = vault.send(
                "PUT", "/v1/patrons/" + stays + "/consents/newsletter", signIn("clerk"), yes.toString(), Map.of());
        assertThat(said.status()).as("%s", said).isEqualTo(200);
        String pem = Files.readString(
                OpenSsl.certificate(vault.root(), "post", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"));
        JsonNode made =
                post("/v1/mailings", fern, object().put("purpose", "newsletter").put("recipient", pem));
        Answer sealed = vault.call("GET", "/v1/mailings/" + made.path("id").asText() + "/file", fern);
        assertThat(sealed.status()).as("%s", sealed).isEqualTo(200);
        for (String type : List.of("text/csv", "application/x-ndjson")) {
            Answer log = vault.send("POST", "/v1/log/search", signIn("officer"), "{}", Map.of("Accept", type));
            assertThat(log.status()).as("%s", log).isEqualTo(200);
        }
        assertThat(vault.call("GET", "/v1/statistics?by=library", signIn("dir")).status())
                .isEqualTo(200);
    }

    /**
     * What a careless program would do: words in a file that is gone while they are written, by several threads at once; a
     * directory, and a file given its name once it is written, whose names nobody puts on disk; a file for its owner that is
     * opened to others, and one that is brought out of a closed directory, before they are gone.
     */
    private static void leaveBehind() throws IOException {
        Path root = vault.root();
        Path file = root.resolve("careless");
        String widened = root.resolve("widened").toString();
        Path kept = vault.home().resolve("kept");
        Path brought = root.resolve("brought");
        Path unsynced = root.resolve(UNSYNCED);
        List<String> words = new ArrayList<>(runs.program());
        words.addAll(List.of(
                "bash",
                "-c",
                "exec 5>" + file + "; rm " + file + "; for n in 1 2 3 4; do (echo " + CARELESS + " >&5)& done; wait"
                        + "; mkdir -m 700 " + unsynced.getParent() + " " + unsynced + "; umask 077; : >" + unsynced
                        + "/new; mv "
                        + unsynced + "/new " + root.resolve(RENAMED) + "; : >" + widened
                        + "; chmod 604 "
                        + widened + "; rm " + widened
                        + "; umask 000; : >" + kept + "; mv " + kept + " " + brought + "; rm " + brought));
        try {
            assertThat(new ProcessBuilder(words).start().waitFor()).isZero();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void traced(String name, String... args) {
        done(vault.apartUnder(runs.program(), vault.environment(name), args));
    }

    private static void done(Ran ran) {
        assertThat(ran.exit()).as("%s", ran).isZero();
    }

    @Test
    void nothingIsWrittenButToTheHomeAndWhereItWasAskedFor() {
        assertThat(runs.made().keySet())
                .allSatisfy(path -> assertThat(
                                path.startsWith(vault.root())
                                        ? isAskedFor(
                                                vault.root().relativize(path).toString())
                                        : OF_THE_RUNTIME
                                                .matcher(path.toString())
                                                .matches())
                        .as(path.toString())
                        .isTrue());
    }

    private static boolean isAskedFor(String made) {
        return ASKED_FOR.stream().anyMatch(asked -> made.matches(Pattern.quote(asked) + BESIDE))
                || BY_CARELESS_PROGRAM.matcher(made).matches()
                || FOR_A_WHILE.matcher(made).matches();
    }

    @Test
    void nobodyElseCouldEverReadOrReplaceWhatWasWrittenWhateverTheUmask() {
        Map<Path, Boolean> made = runs.made();
        assertThat(made)
                .containsKey(vault.root().resolve("made/keys/ring.json.new"))
                .containsKey(vault.root().resolve("made/keys/ring.json"))
                .containsKey(vault.home().resolve("tls"));
        for (String careless : CARELESS_FILES) {
            assertThat(made.remove(vault.root().resolve(careless)))
                    .as("what a careless program made: " + careless)
                    .isTrue();
        }
        assertThat(made.entrySet().stream()
                        .filter(one -> one.getValue() && one.getKey().startsWith(vault.root()))
                        .map(Map.Entry::getKey))
                .isEmpty();
    }

    @Test
    void everythingThatStaysHasItsNameOnDisk() {
        List<Path> unsynced = new ArrayList<>(runs.unsyncedNames());
        for (String careless : List.of(UNSYNCED, RENAMED)) {
            assertThat(unsynced.remove(vault.root().resolve(careless)))
                    .as("what a careless program made")
                    .isTrue();
        }
        assertThat(unsynced.stream()
                        .filter(one -> ASKED_FOR.stream()
                                .anyMatch(asked -> one.startsWith(vault.root().resolve(asked)))))
                .isEmpty();
    }

    @Test
    void noModeIsEverChangedToOneForMoreThanItsOwner() {
        Map<Path, String> widened = runs.widened();
        assertThat(widened.remove(vault.root().resolve("widened")))
                .as("what a careless program changed")
                .isNotNull();
        assertThat(widened.keySet()
                        .removeIf(path -> LIBRARY.matcher(
                                        vault.root().relativize(path).toString())
                                .matches()))
                .as("what SQLite unpacked")
                .isTrue();
        assertThat(widened).isEmpty();
    }

    @Test
    void everyFileAndDirectoryThatStaysIsItsOwnersAlone() {
        List<String> others = new ArrayList<>();
        for (String asked : ASKED_FOR) {
            try (Stream<Path> files = Files.walk(vault.root().resolve(asked))) {
                for (Path file : files.toList()) {
                    String mode = PosixFilePermissions.toString(
                            Files.getPosixFilePermissions(file, LinkOption.NOFOLLOW_LINKS));
                    if (!mode.equals(Files.isDirectory(file) ? "rwx------" : "rw-------")) {
                        others.add(mode + " " + vault.root().relativize(file));
                    }
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        assertThat(others).isEmpty();
    }

    @Test
    void whatWasEverWrittenSaysNothingOfPatronsAndNoSecret() {
        assertThat(runs.content().stream()
                        .filter(written -> !CONTROL.hitsIn(written).isEmpty()))
                .as("what a careless program wrote to a file that was gone")
                .hasSize(4);
        Needles secret = new Needles(SECRETS);
        String shares = vault.root().resolve(SHARES_DIRECTORY) + "/";
        assertThat(runs.content()).allSatisfy(written -> {
            String file =
                    new String(Arrays.copyOf(written, Math.min(written.length, 200)), StandardCharsets.ISO_8859_1);
            assertThat(PERSONAL.hitsIn(written)).as(file).isEmpty();
            if (!file.startsWith(shares)) {
                assertThat(secret.hitsIn(written)).as(file).isEmpty();
            }
        });
        assertThat(runs.content().stream()
                        .filter(written -> new String(written, StandardCharsets.ISO_8859_1).startsWith(shares))
                        .filter(written -> !secret.hitsIn(written).isEmpty()))
                .as("shares where they were asked for")
                .hasSizeGreaterThanOrEqualTo(SHARES);
    }

    @Test
    void listOfProcessesAndTheirEnvironmentShowNoSecret() {
        Needles secret = new Needles(SECRETS);
        List<String> started = runs.started();
        assertThat(started)
                .as("a passphrase is stretched in a process of its own where the heap is small")
                .anyMatch(line -> line.contains("SlotKdf"));
        assertThat(started)
                .as("the environment of a process of the vault, and the words of a careless program")
                .anyMatch(line ->
                        line.contains("-jar") && !MARKED.hitsIn(bytes(line)).isEmpty())
                .anyMatch(line -> !CONTROL.hitsIn(bytes(line)).isEmpty());
        assertThat(started).allSatisfy(line -> {
            byte[] bytes = bytes(line);
            assertThat(secret.hitsIn(bytes)).as(line).isEmpty();
            assertThat(PERSONAL.hitsIn(bytes)).as(line).isEmpty();
        });
    }

    private static byte[] bytes(String line) {
        return line.getBytes(StandardCharsets.ISO_8859_1);
    }
}
