package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.patronvault.system.VaultProcess.Ran;
import org.patronvault.testing.Authenticator;
import org.patronvault.testing.LongRun;
import org.patronvault.testing.Skips;

/**
 * A newer version takes the home of an older one (upgrade.md). Which tables the next version will have nobody knows; here
 * it is this one with a migration more, which adds a table and a column and writes every patron's row.
 */
final class UpgradeIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String NEXT = """
            CREATE TABLE next_thing (id ${int} NOT NULL PRIMARY KEY, text TEXT NOT NULL) ${strict};
            ALTER TABLE patron ADD COLUMN next TEXT;
            UPDATE patron SET next = 'next';
            INSERT INTO next_thing SELECT id, 'next' FROM patron;
            """;
    private static final long SEED = Long.getLong("fault.seed", System.nanoTime() % 1_000_000);
    private static final int KILLED = 128 + 9;
    private static final int PATRONS = 12;

    private RunningVault vault = RunningVault.empty();

    @AfterEach
    void remove() {
        vault.close();
    }

    private void use(RunningVault other) {
        vault.close();
        vault = other;
    }

    private JsonNode found(String token, String typed) throws IOException {
        Answer answer = vault.call(
                "POST",
                "/v1/patrons/search",
                token,
                JSON.createObjectNode().put("q", typed).put("purpose", "account-service"));
        assertThat(answer.status()).as("%s", answer).isEqualTo(200);
        return answer.json().path("results");
    }

    private String phone(String token, int n) throws IOException {
        String id = found(token, SamplePatron.card(n)).path(0).path("id").asText();
        Answer answer = vault.call(
                "POST",
                "/v1/patrons/" + id + "/reveal",
                token,
                JSON.readTree("{\"fields\":[\"name\",\"phone\"],\"purpose\":\"account-service\"}"));
        assertThat(answer.status()).as("%s", answer).isEqualTo(200);
        assertThat(answer.json().at("/name/family").asText()).isEqualTo("O'Sullivan-Ng");
        return answer.json().at("/phone/0").asText();
    }

    static Stream<Boolean> versions() {
        return Stream.of(false, true).limit(LongRun.times(1, 2));
    }

    @ParameterizedTest
    @MethodSource("versions")
    void homeOfTheFirstReleaseIsServedAndItsBackupAndCheckpointAreGoodStill(boolean byTheNextVersion)
            throws IOException {
        Databases.requireSqlite("the home of a release is on SQLite");
        use(ReleasedHome.of("0.1.0"));
        JsonNode known = ReleasedHome.known(vault);
        vault.start(byTheNextVersion ? new String[] {next()} : new String[0]);
        String clerk = vault.signIn("clerk");
        assertThat(vault.address()).as("by its tls/").startsWith("https://");
        assertThat(phone(clerk, ReleasedHome.CHANGED)).isEqualTo(ReleasedHome.PHONE_SINCE);
        assertPatrons(known.path("patrons"), clerk);
        assertFormerCard(clerk, ReleasedHome.MERGED, known.path("patrons").path(ReleasedHome.MERGED_INTO));
        assertWhoCalls(known);
        assertCases(known);
        assertKeys();
        assertThat(read(
                                "officer",
                                "/v1/patrons/" + known.path("patrons").path(1).asText() + "/accesses")
                        .path("accesses"))
                .as("who looked at the first, although the view of the older version is gone")
                .hasSizeGreaterThan(ReleasedHome.LOOKS);
        assertThat(vault.register(clerk, SamplePatron.of(9))).isNotEmpty();
        assertThat(vault.run("log", "verify", "--checkpoint", "../kept").exit()).isZero();
        Ran check = vault.as("cust1", "check");
        assertThat(check.exit()).as("%s", check).isZero();

        vault.json("cust1", "restore", "../backup", "--second", "cust2", "--second-password-file", "../pw");
        assertThat(phone(clerk, ReleasedHome.CHANGED)).isEqualTo(ReleasedHome.PHONE_BEFORE);
        assertPatrons(known.path("patrons"), clerk);
        assertThat(found(clerk, SamplePatron.card(ReleasedHome.MERGED)))
                .as("what came with the merge, of which the backup does not know")
                .isEmpty();
        assertThat(found(clerk, SamplePatron.card(9))).hasSize(1);
        assertThat(vault.json("cust1", "keys", "rotate", "phone", "--wait")
                        .at("/operations/0/state")
                        .asText())
                .isEqualTo("done");
    }

    /** One with a new card, a decoy, and those who are not there, or not to be opened, since the backup. */
    private void assertPatrons(JsonNode patrons, String clerk) throws IOException {
        assertThat(found(clerk, SamplePatron.card(ReleasedHome.NEW_CARD))
                        .at("/0/match")
                        .asText())
                .isEqualTo("exact");
        assertFormerCard(clerk, ReleasedHome.WITH_A_NEW_CARD, patrons.path(ReleasedHome.WITH_A_NEW_CARD));
        assertThat(read(
                                "officer",
                                "/v1/patrons/"
                                        + patrons.path(ReleasedHome.DECOY).asText() + "/protection")
                        .path("decoy")
                        .asBoolean())
                .isTrue();
        String erased = patrons.path(ReleasedHome.ERASED).asText();
        for (String gone : List.of(erased, patrons.path(ReleasedHome.MERGED).asText())) {
            assertThat(vault.call("GET", "/v1/patrons/" + gone, clerk).status()).isEqualTo(404);
        }
        assertThat(read("officer", "/v1/erasures/" + erased + "/certificate")
                        .at("/certificate/patron")
                        .asText())
                .isEqualTo(erased);
        assertThat(found(clerk, SamplePatron.card(ReleasedHome.ERASED))).isEmpty();
        assertThat(found(clerk, SamplePatron.card(ReleasedHome.WITHDRAWN))
                        .at("/0/withdrawn")
                        .asBoolean())
                .isTrue();
        assertThat(read("officer", "/v1/erasures").path("erasures"))
                .extracting(one -> one.path("patron"))
                .containsExactly(patrons.path(ReleasedHome.WITHDRAWN));
    }

    private void assertFormerCard(String clerk, int n, JsonNode patron) throws IOException {
        JsonNode found = found(clerk, SamplePatron.card(n)).path(0);
        assertThat(found.path("match").asText()).as("card %d", n).isEqualTo("inactive-card");
        assertThat(found.path("id")).isEqualTo(patron);
    }

    private JsonNode read(String user, String path) {
        return readBy(vault.signIn(user), path);
    }

    private JsonNode readBy(String token, String path) {
        Answer answer = vault.call("GET", path, token);
        assertThat(answer.status()).as("%s: %s", path, answer).isEqualTo(200);
        return answer.json();
    }

    /** A library system by its key, which learns of the erasure, and a person by a second factor. */
    private void assertWhoCalls(JsonNode known) {
        JsonNode erased = known.path("patrons").path(ReleasedHome.ERASED);
        assertThat(readBy(known.path("client").asText(), "/v1/changes?after=0")).anySatisfy(change -> {
            assertThat(change.path("id")).isEqualTo(erased);
            assertThat(change.path("erased").asBoolean()).isTrue();
        });
        ObjectNode credentials = RunningVault.credentials(ReleasedHome.WITH_A_FACTOR, RunningVault.PASSWORD);
        assertThat(vault.call("POST", "/v1/sessions", "", credentials).status()).isEqualTo(401);
        credentials.put("otp", Authenticator.code(known.path("factor").asText(), Instant.now()));
        assertThat(vault.call("POST", "/v1/sessions", "", credentials).status()).isEqualTo(201);
    }

    /** Of two cases one is released; what waited for a second person does not wait for ever. */
    private void assertCases(JsonNode known) {
        for (String state : List.of("referred", "released")) {
            JsonNode one = read("dir", "/v1/disclosures/" + known.path(state).asText());
            assertThat(one.path("state").asText()).isEqualTo(state);
        }
        assertThat(read("dir", "/v1/approvals/" + known.path("approval").asText())
                        .path("state")
                        .asText())
                .isIn("pending", "expired");
    }

    /** The shares open them, and the copy that was handed out is known. */
    private void assertKeys() {
        Ran drill = vault.run("keys", "drill", "--shares-dir", "../shares");
        assertThat(drill.exit()).as("%s", drill).isZero();
        JsonNode status = vault.json("cust1", "keys", "status");
        assertThat(status.at("/copies/0/state").asText()).isEqualTo("held");
        assertThat(status.path("slots").findValuesAsText("id"))
                .hasSize(2)
                .doesNotContain(Integer.toString(ReleasedHome.REMOVED_SLOT));
        String copy = status.at("/copies/0/id").asText();
        String[] outOfUse = {
            "keys", "destroy", "log-view", "1", "--gone", copy, "--second", "cust2", "--second-password-file", "../pw"
        };
        assertThat(vault.json("cust1", outOfUse).path("operation").asText())
                .as("the primary version of a key that nothing needs any more")
                .isNotEmpty();
    }

    @Test
    @Tag(LongRun.TAG)
    void tablesAreChangedOnceACopyIsProvedAndTheWayBackEndsWithTheUnsealing() throws Exception {
        patronsOfTheOlderVersion(2);
        Path copy = copy();
        if (Databases.ON_POSTGRES) {
            Ran served = vault.apart(next(), vault.environment(), "serve", "--port", "0");
            assertThat(served.exit()).as("%s", served).isNotZero();
            assertThat(served.err()).contains("stop every node", "`db upgrade`");
            assertThat(vault.apart(next(), Map.of(), "db", "upgrade", "--db", Databases.url(vault.home()))
                            .err())
                    .contains("--copy FILE");
            vault.start();
            assertThat(upgrade().err()).contains("stop every node first");
            vault.stop();
            assertThat(copy).doesNotExist();
            assertThat(upgrade().exit()).isZero();
            assertThat(upgrade().exit()).as("with nothing left to do").isZero();
        } else {
            vault.startSealed(next());
        }
        assertThat(Files.getPosixFilePermissions(copy)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
        assertThat(number("jdbc:sqlite:" + copy, "SELECT count(*) FROM patron")).isEqualTo(2);
        assertThat(number("jdbc:sqlite:" + copy, "SELECT max(CAST(version AS INTEGER)) FROM flyway_schema_history"))
                .isEqualTo(2);
        assertThat(number(Databases.url(vault.home()), "SELECT count(*) FROM next_thing"))
                .isEqualTo(2);
        if (!Databases.ON_POSTGRES) {
            vault.stop();
        }
        Ran older = vault.apart(vault.environment(), "serve", "--port", "0");
        assertThat(older.exit()).as("%s", older).isNotZero();
        assertThat(older.err()).contains("newer version");
        if (!Databases.ON_POSTGRES) {
            Files.copy(copy, vault.root().resolve("older"), StandardCopyOption.COPY_ATTRIBUTES);
            Files.move(copy, vault.home().resolve("data/vault.db"), StandardCopyOption.REPLACE_EXISTING);
            vault.start();
            assertThat(phone(vault.signIn("clerk"), 2)).isEqualTo("+12035550002");
            Ran beside = vault.apart(next(), Map.of(), "db", "upgrade", "--db", Databases.url(vault.home()));
            assertThat(beside.exit()).as("%s", beside).isNotZero();
            assertThat(beside.err()).contains("Another process uses this home");
            vault.stop();
        }

        vault.start(next());
        assertThat(phone(vault.signIn("clerk"), 2)).isEqualTo("+12035550002");
        assertThat(vault.run("log", "verify").exit()).isZero();
        try (Stream<Path> files = Files.list(vault.home().resolve("data"))) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .as("nothing that would bring back who is erased from now on")
                    .noneMatch(name -> name.contains("before-upgrade"));
        }
    }

    @Test
    @Tag(LongRun.TAG)
    void backupOfTheOlderVersionIsRestoredByTheNewerAndNotTheOtherWayRound() throws Exception {
        patronsOfTheOlderVersion(2);
        vault.start();
        vault.json("cust1", "backup", "../older");
        vault.stop();
        upgrade();
        vault.start(next());
        String clerk = vault.signIn("clerk");
        String id = found(clerk, SamplePatron.card(1)).path(0).path("id").asText();
        Answer changed = vault.send(
                "PATCH", "/v1/patrons/" + id, clerk, "{\"phone\":[\"203-555-0177\"]}", Map.of("If-Match", "\"1\""));
        assertThat(changed.status()).as("%s", changed).isEqualTo(200);
        vault.json("cust1", "restore", "../older", "--second", "cust2", "--second-password-file", "../pw");
        assertThat(phone(clerk, 1)).isEqualTo("+12035550001");
        vault.json("cust1", "backup", "../newer");
        vault.stop();
        Ran opened = vault.run(
                "restore",
                "../newer",
                "--open",
                vault.root().resolve("elsewhere.db").toString());
        assertThat(opened.exit()).as("%s", opened).isZero();
        if (!Databases.ON_POSTGRES) {
            Files.move(
                    vault.root().resolve("elsewhere.db"),
                    vault.home().resolve("data/vault.db"),
                    StandardCopyOption.REPLACE_EXISTING);
            assertThat(vault.apart(vault.environment(), "serve", "--port", "0").err())
                    .contains("newer version");
        }
    }

    @Test
    @Tag(LongRun.TAG)
    void upgradeThatIsKilledAtAnyOfItsWritesIsDoneByTheNext() throws Exception {
        Strace.require();
        Databases.requireSqlite("whose process was killed a server takes everything back; HalfMadeIT shows that");
        patronsOfTheOlderVersion(PATRONS);
        Path trace = vault.root().resolve("trace");
        RunningVault.copy(vault.home(), vault.root().resolve("as-it-was"));
        RunningVault.copy(vault.home(), vault.root().resolve("looked-at"));
        List<String> rows = rows(vault.root().resolve("looked-at/data/vault.db"));
        assertThat(rows).contains("ok", "patron " + PATRONS);
        assertThat(traced("-o", trace.toString()).exit()).isZero();
        List<String> expected = contents();
        assertThat(expected).hasSize(PATRONS);
        int writes = Strace.mostOfAThread(trace, "pwrite64");
        Random random = new Random(SEED);
        int times = UnderFault.times("upgrades", 3);
        for (int n = 0; n < times; n++) {
            RunningVault.remove(vault.home());
            RunningVault.copy(vault.root().resolve("as-it-was"), vault.home());
            int last = 1 + random.nextInt(writes);
            Ran killed = traced("-o", "/dev/null", "-e", "inject=pwrite64:signal=SIGKILL:when=" + last);
            assertThat(killed.exit())
                    .as("killed at write %d: %s, seed %d", last, killed, SEED)
                    .isEqualTo(KILLED);
            if (Files.exists(copy())) {
                assertThat(rows(copy())).as("a copy that has its name is whole").isEqualTo(rows);
            }
            assertThat(upgrade().exit()).isZero();
            assertThat(contents()).as("killed at write %d, seed %d", last, SEED).isEqualTo(expected);
            vault.start(next());
            assertThat(phone(vault.signIn("clerk"), PATRONS)).isEqualTo("+12035550012");
            vault.stop();
        }
    }

    @Test
    @Tag(LongRun.TAG)
    void withoutRoomForTheCopyNothingIsChanged() throws Exception {
        Strace.require();
        Databases.requireSqlite("what a server does with a full disk is its own");
        patronsOfTheOlderVersion(2);
        Ran full = traced("-o", "/dev/null", "-P", copy() + ".new", "-e", "inject=pwrite64:error=ENOSPC:when=2+");
        assertThat(full.exit()).as("%s", full).isNotZero();
        assertThat(full.err()).contains("room for another database", "Nothing was changed");
        assertThat(copy()).doesNotExist();
        assertThat(copy().resolveSibling(copy().getFileName() + ".new")).doesNotExist();
        vault.start();
        assertThat(phone(vault.signIn("clerk"), 2)).isEqualTo("+12035550002");
    }

    @Test
    @Tag(LongRun.TAG)
    void roomForTheCopyIsReckonedBeforeItIsBegun() throws Exception {
        Databases.requireSqlite("its copy is written by the same code");
        patronsOfTheOlderVersion(2);
        Path small = Files.createDirectory(vault.root().resolve("small"));
        Skips.unless(
                VaultProcess.command(Map.of(), "mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", small.toString())
                                .exit()
                        == 0,
                "this machine lets nobody mount a small disk");
        try {
            Ran full = vault.apart(
                    next(),
                    vault.environment(),
                    "db",
                    "upgrade",
                    "--copy",
                    small.resolve("copy").toString());
            assertThat(full.exit()).as("%s", full).isNotZero();
            assertThat(full.err())
                    .contains("room for another database", "Nothing was changed")
                    .doesNotContain("is made and proved");
        } finally {
            assertThat(VaultProcess.command(Map.of(), "umount", small.toString())
                            .exit())
                    .isZero();
        }
    }

    private void patronsOfTheOlderVersion(int patrons) {
        use(RunningVault.create().start());
        String clerk = vault.signIn("clerk");
        for (int n = 1; n <= patrons; n++) {
            vault.register(clerk, SamplePatron.of(n));
        }
        vault.stop();
    }

    private Path copy() {
        return Databases.ON_POSTGRES
                ? vault.root().resolve("before-upgrade.db")
                : vault.home().resolve("data/vault.db.before-upgrade");
    }

    /** The option of the JVM that makes this version the next. */
    private String next() throws IOException {
        Path classes = vault.root().resolve("next");
        Path migrations = Files.createDirectories(classes.resolve("db/migration"));
        // Two steps at once, as for whoever has passed a version over.
        int split = NEXT.indexOf("UPDATE");
        Files.writeString(migrations.resolve("V3__next.sql"), NEXT.substring(0, split));
        Files.writeString(migrations.resolve("V4__next.sql"), NEXT.substring(split));
        return "-Xbootclasspath/a:" + classes;
    }

    private Ran upgrade() throws IOException {
        return Databases.ON_POSTGRES
                ? vault.apart(
                        next(),
                        Map.of(),
                        "db",
                        "upgrade",
                        "--db",
                        Databases.url(vault.home()),
                        "--copy",
                        copy().toString())
                : vault.apart(next(), vault.environment(), "db", "upgrade");
    }

    private Ran traced(String... options) throws IOException {
        List<String> words =
                new ArrayList<>(List.of("strace", "-D", "-f", "-qq", "-e", "signal=none", "-e", "trace=pwrite64"));
        words.addAll(List.of(options));
        return vault.apartUnder(words, next(), vault.environment(), "db", "upgrade");
    }

    /** Of each patron what only the newer version has. */
    private List<String> contents() throws SQLException {
        return texts(
                Databases.url(vault.home()),
                "SELECT p.id || ' ' || p.next || ' ' || n.text FROM patron p JOIN next_thing n ON n.id = p.id"
                        + " ORDER BY p.id");
    }

    private static List<String> texts(String url, String sql) throws SQLException {
        List<String> texts = new ArrayList<>();
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement();
                ResultSet found = statement.executeQuery(sql)) {
            while (found.next()) {
                texts.add(found.getString(1));
            }
        }
        return texts;
    }

    /** What SQLite says of a database as a whole, and how many rows each of its tables has. */
    private static List<String> rows(Path database) throws SQLException {
        String url = "jdbc:sqlite:" + database;
        List<String> rows = new ArrayList<>(texts(url, "PRAGMA integrity_check"));
        for (String table : texts(url, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")) {
            rows.add(table + " " + number(url, "SELECT count(*) FROM \"" + table + '"'));
        }
        return rows;
    }

    private static long number(String url, String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement();
                ResultSet found = statement.executeQuery(sql)) {
            found.next();
            return found.getLong(1);
        }
    }
}
