package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.patronvault.system.VaultProcess.Ran;

/** Commands as people type them: mistakes, their exit codes and sentences, and the shapes of --json. */
class CommandsIT {
    /** A value that is wrong everywhere, and must not come back in a message. */
    private static final String WRONG = "vroqblenth-7";

    private static final Pattern TRACE = Pattern.compile("\\bat [a-z.]+\\.[A-Z]|Exception|null");

    private static RunningVault vault;

    @BeforeAll
    static void create() {
        vault = RunningVault.create().start();
        vault.secret("wrong", WRONG + " and more than twelve");
    }

    @AfterAll
    static void remove() {
        vault.close();
    }

    /** What the other tests see of a command in their own JVM is what a shell would. */
    @Test
    void commandInAProcessOfItsOwnPrintsAndEndsAsInThisOne() {
        Map<String, String> nobody = vault.environment();
        Map<String, String> clerk = vault.environment("clerk");
        assertSameApart(0, nobody, "keys", "status", "--json");
        assertSameApart(2, nobody, "keys", "status", "--" + WRONG);
        assertSameApart(3, clerk, "staff", "list");
        assertSameApart(4, Map.of(), "keys", "status", "--home", sealedHome());
        assertSameApart(5, nobody, "keys", "status", "--home", WRONG);
        assertSameApart(0, Map.of(), "--help");
    }

    /** A home on which no server runs. */
    private static String sealedHome() {
        Path sealed = vault.root().resolve("sealed");
        RunningVault.copy(vault.home(), sealed);
        return sealed.toString();
    }

    private static void assertSameApart(int exit, Map<String, String> environment, String... args) {
        Ran here = vault.command(environment, args);
        assertThat(here.exit()).as("%s", here).isEqualTo(exit);
        assertThat(vault.apart(environment, args)).isEqualTo(here);
    }

    @Test
    void missingHomeIsNotFound() {
        Ran ran = vault.command(
                Map.of("PATRON_VAULT_PASSPHRASE_FILE", "../passphrase"), "keys", "status", "--home", WRONG);

        assertMistake(ran, 5, "init");
        assertMistake(vault.command(Map.of(), "serve", "--home", WRONG), 5, "init");
        assertMistake(vault.command(Map.of(), "log", "verify", "--home", WRONG), 5, "init");
        assertMistake(vault.command(Map.of(), "doctor", "--home", WRONG), 5, "init");
    }

    @Test
    void wrongOrMissingPassphraseLeavesTheVaultSealed() {
        try (RunningVault alone = RunningVault.create()) {
            alone.secret("wrong", WRONG + " and more than twelve");
            assertMistake(alone.run("keys", "status", "--passphrase-file", "../wrong"), 4, "slot");
            assertMistake(
                    alone.command(Map.of("PATRON_VAULT_HOME", alone.home().toString()), "keys", "status"),
                    4,
                    "--passphrase-file");
        }
    }

    @Test
    void wrongOrMissingPersonIsRefused() {
        assertMistake(vault.run("staff", "list", "--as", "admin", "--password-file", "../wrong"), 3, "password");
        assertMistake(vault.run("staff", "list", "--as", WRONG, "--password-file", "../pw"), 3, "password");
        assertMistake(vault.run("staff", "list"), 3, "--as");
        assertMistake(vault.as("clerk", "staff", "list"), 3, "");
    }

    @Test
    void wrongUsageSaysWhichOptionAndNeverWhatWasTyped() {
        assertMistake(vault.run("keys", "status", "--" + WRONG), 2, "--help");
        assertMistake(vault.run(WRONG), 2, "--help");
        assertMistake(vault.run("init", "--admin", WRONG), 2, "--admin-password-file");
        assertMistake(vault.run("patrons", "import", WRONG), 2, "--format");
        assertMistake(vault.run("serve", "--port", WRONG), 2, "--port");
        assertMistake(vault.run("staff", "list", "--as", "admin", "--password-file", WRONG), 2, "secret file");
    }

    @Test
    void whatIsNearlyACommandOrAnOptionIsAskedBackByTheNameThereIs() {
        assertThat(vault.run("patron", "import").err()).contains("did you mean", "patrons");
        assertThat(vault.run("staff", "list", "--passphrase-fil", WRONG).err())
                .contains("did you mean", "--passphrase-file")
                .doesNotContain(WRONG);
    }

    @Test
    void portThatIsTakenIsNamedWithTheCure() {
        try (RunningVault other = RunningVault.create()) {
            String port = vault.address().replaceFirst(".*:", "");
            Ran refused = other.run("serve", "--passphrase-file", "../passphrase", "--port", port);
            assertMistake(refused, 5, "--port");
            assertThat(refused.err()).contains("127.0.0.1, port " + port);
        }
    }

    @Test
    void policyIsCheckedAndExplainedByNobodyAndWithoutAKey() throws IOException {
        Path policy = vault.home().resolve("policy.yaml");
        Ran checked = vault.run("policy", "check", policy.toString());
        assertThat(checked.exit()).isZero();
        assertThat(checked.out()).contains("Role circulation:").endsWith("nothing more than the home's policy.\n");
        String[] explain = {"policy", "explain", "--role", "circulation", "--field", "card", "--purpose", "checkout"};
        assertThat(vault.run(explain).exit()).isZero();
        explain[3] = "outreach";
        assertThat(vault.run(explain).exit()).isEqualTo(3);

        Path wrong = Files.writeString(vault.home().resolveSibling("wrong.yaml"), "version: " + WRONG + "\n");
        Ran refused = vault.run("policy", "check", wrong.toString());
        assertThat(refused.exit()).isEqualTo(1);
        assertThat(refused.out()).contains("policy.yaml has no roles").doesNotContain(WRONG);
    }

    @Test
    void unknownRoleScopeOrKeyIsRefused() {
        assertMistake(
                vault.as("admin", "staff", "add", "kim", "--role", WRONG, "--new-password-file", "../pw"), 2, "role");
        assertMistake(vault.as("admin", "client", "add", "kiosk", "--scope", WRONG), 2, "scope");
        assertMistake(vault.as("cust1", "keys", "rotate", WRONG), 2, "");
    }

    @Test
    void initOnAHomeIsAConflict() {
        assertMistake(vault.init(), 5, "already");
    }

    @Test
    void importOfWhatIsNoImportFileIsRefused() throws IOException {
        Files.writeString(vault.root().resolve("empty"), "");
        Files.writeString(vault.root().resolve("cut"), "{\"users\":[{\"barcode\":\"" + WRONG + "\",");
        Files.createDirectories(vault.root().resolve("directory"));
        for (String format : List.of("folio-json", "vault-jsonl")) {
            assertMistake(importing("../directory", format), 2, "");
            assertMistake(importing("../missing", format), 2, "");
        }
        assertMistake(importing("../empty", "folio-json"), 2, "");
        assertMistake(importing("../cut", "folio-json"), 2, "");
        assertMistake(importing("../cut", WRONG), 2, "formats");
        Ran cutLine = vault.as(
                "boss",
                "patrons",
                "import",
                "../cut",
                "--format",
                "vault-jsonl",
                "--consent-policy",
                "2018-05",
                "--json");
        assertThat(cutLine.exit()).isZero();
        JsonNode report = RunningVault.document(cutLine);
        assertThat(report.path("created").asInt()).isZero();
        assertThat(report.at("/refused/0/line").asInt()).isEqualTo(1);
        assertThat(report.at("/refused/0/reason").asText()).matches("[a-z-]+");
        assertThat(cutLine.out()).doesNotContain(WRONG);
    }

    private static Ran importing(String file, String format) {
        return vault.as("boss", "patrons", "import", file, "--format", format, "--consent-policy", "2018-05");
    }

    @Test
    void brokenPolicyIsNamedAndTheApprovedOneStaysInForce() throws IOException {
        for (String text : List.of("roles: [" + WRONG, "", "roles: {clerk: {may: [" + WRONG + "]}}")) {
            Ran ran = broken("policy.yaml", text, "keys", "status");
            assertThat(ran.exit()).as("%s", ran).isZero();
            assertThat(ran.err().lines()).singleElement().asString().contains("policy.yaml", "stays in force");
            assertThat(ran.err()).doesNotContain(WRONG);
        }
    }

    @Test
    void brokenSettingsAreNamed() throws IOException {
        assertMistake(broken("vault.yaml", "http: [" + WRONG, "keys", "status"), 2, "vault.yaml");
        assertMistake(broken("vault.yaml", WRONG + ": 1", "keys", "status"), 2, "vault.yaml");
        assertMistake(broken("vault.yaml", "http: {port: " + WRONG + "}", "serve"), 2, "vault.yaml");
    }

    @Test
    void brokenKeysOpenNothing() throws IOException {
        assertMistake(broken("keys/ring.json", "{\"format\":", "keys", "status"), 4, "ring.json");
        assertMistake(
                broken("keys/ring.json", "{\"format\":\"" + WRONG + "\"}", "serve", "--port", "0"), 4, "ring.json");
        assertMistake(broken("keys/slots.json", "[]", "keys", "status"), 4, "slots.json");
        String ring = Files.readString(vault.home().resolve("keys/ring.json"));
        int sealed = ring.indexOf("\"sealed\"") + 40;
        String flipped =
                ring.substring(0, sealed) + (ring.charAt(sealed) == 'A' ? 'B' : 'A') + ring.substring(sealed + 1);
        assertMistake(broken("keys/ring.json", flipped, "keys", "status"), 4, "ring.json");
    }

    /** Runs a command on a copy of the home in which one file says something else. */
    private static Ran broken(String file, String content, String... args) throws IOException {
        try (RunningVault copy = RunningVault.create()) {
            Files.writeString(copy.home().resolve(file), content);
            return copy.run(args);
        }
    }

    @Test
    void vaultDoesNotStartOnTheExampleKeys() throws IOException {
        try (RunningVault copy = RunningVault.create()) {
            for (String file : List.of("ring.json", "slots.json")) {
                Files.writeString(
                        copy.home().resolve("keys").resolve(file), Files.readString(Path.of("keys-example", file)));
            }
            assertMistake(copy.run("serve", "--port", "0"), 4, "example keys");
            copy.secret(
                    "passphrase",
                    Files.readString(Path.of("keys-example/passphrase")).strip());
            assertMistake(copy.run("keys", "status"), 4, "example keys");
        }
    }

    /** Exit code, and one plain sentence on standard error that holds {@code word} and repeats nothing. */
    private static void assertMistake(Ran ran, int exit, String word) {
        assertThat(ran.exit()).as("%s", ran).isEqualTo(exit);
        assertThat(ran.out()).isEmpty();
        List<String> lines = ran.err().lines().toList();
        assertThat(lines).as(ran.err()).hasSizeBetween(1, 2);
        assertThat(lines.get(0)).endsWith(".");
        assertThat(ran.err()).contains(word);
        assertThat(lines.stream().skip(1)).allMatch(line -> line.matches("See `patron-vault[a-z -]* --help`\\."));
        assertThat(ran.err()).doesNotContain(WRONG).doesNotContainPattern(TRACE);
    }

    @Test
    void statusIsOneDocumentOfTheAgreedShape() {
        JsonNode status = RunningVault.document(vault.run("keys", "status", "--json"));

        assertThat(status.path("sealed").isBoolean()).isTrue();
        assertThat(status.path("keys"))
                .extracting(key -> key.path("field").asText())
                .contains("card", "name", "address", "phone", "email", "log");
        assertThat(status.path("keys"))
                .allSatisfy(key -> assertThat(key.path("versions")).isNotEmpty().allSatisfy(version -> {
                    assertThat(version.path("version").isInt()).isTrue();
                    assertThat(version.path("state").asText()).isIn("primary", "active", "retired", "destroyed");
                    assertThat(version.path("created").asText()).endsWith("Z");
                    assertThat(version.path("values").isIntegralNumber()).isTrue();
                }));
        assertThat(status.at("/slots/0/id").asInt()).isEqualTo(1);
        assertThat(status.at("/slots/0/kind").asText()).isEqualTo("passphrase");
    }

    @Test
    void clientAndLogAreOfTheAgreedShape() {
        JsonNode client = vault.json("admin", "client", "add", "kiosk-1", "--scope", "entitlement");
        assertThat(client.path("name").asText()).isEqualTo("kiosk-1");
        assertThat(client.path("key").asText()).startsWith("pvk_");
        assertThat(vault.json("admin", "log", "verify").path("ok").asBoolean()).isTrue();
        assertThat(vault.json("admin", "log", "checkpoint").path("note").asText())
                .contains("\n\n\u2014 ");
    }

    @Test
    void checkpointPrintsTheNoteAloneAndTheLogGrowsFromIt() throws IOException {
        Ran printed = vault.as("dir", "log", "checkpoint");
        assertThat(printed.exit()).as("%s", printed).isZero();
        assertThat(printed.err()).isEmpty();
        assertThat(printed.out()).matches("\\S+\n[0-9]+\n[A-Za-z0-9+/]{43}=\n\n(\u2014 \\S+ [A-Za-z0-9+/=]+\n)+");
        Files.writeString(vault.root().resolve("kept"), printed.out());
        vault.json("admin", "client", "list");
        vault.as("page", "staff", "list");

        Ran verified = vault.run("log", "verify", "--checkpoint", "../kept", "--json");

        assertThat(verified.exit()).as("%s", verified).isZero();
        JsonNode report = RunningVault.document(verified);
        assertThat(report.path("ok").asBoolean()).isTrue();
        assertThat(report.path("entries").asLong())
                .isGreaterThanOrEqualTo(
                        Long.parseLong(printed.out().lines().toList().get(1)));
        assertThat(report.path("problems")).isEmpty();
    }
}
