package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.patronvault.testing.OpenSsl;

/** A patron with values that occur nowhere else leaves none of them behind, in no file and in no output (P1). */
class CanaryIT {
    private static final String FAMILY = "Zqxvmarmot";
    private static final String GIVEN = "Quibbleford";
    private static final String STREET = "Wyxlperch";
    private static final String EMAIL = "wvx.canary@example.org";
    private static final String NEW_EMAIL = "jkq.kestrel@example.org";
    private static final String PHONE = "5550173";
    private static final int CARD = 90_210_117;

    /** Typed where it does not belong, so that errors and access logs are searched for what they repeat. */
    private static final String JUNK = "Vroqblenth";

    private static final Needles NEEDLES = new Needles(
            List.of(FAMILY, GIVEN, STREET, EMAIL, NEW_EMAIL, PHONE, SamplePatron.card(CARD), "90210117", JUNK));

    private final List<Answer> refusals = new ArrayList<>();
    private RunningVault vault;
    private String clerk;

    @BeforeEach
    void start() {
        vault = RunningVault.create().start();
        clerk = vault.signIn("clerk");
    }

    @AfterEach
    void stop() {
        vault.close();
    }

    @Test
    void searchFindsEveryFormItIsMadeFor() {
        byte[] text = ("before " + FAMILY + " after").getBytes(StandardCharsets.UTF_8);

        assertThat(NEEDLES.hitsIn(text)).isNotEmpty();
        assertThat(NEEDLES.hitsIn(Base64.getEncoder().encode(text))).isNotEmpty();
        assertThat(NEEDLES.hitsIn(new StringBuilder(FAMILY).reverse().toString().getBytes(StandardCharsets.UTF_8)))
                .isNotEmpty();
        assertThat(NEEDLES.hitsIn(FAMILY.getBytes(StandardCharsets.UTF_16LE))).isNotEmpty();
        assertThat(NEEDLES.hitsIn("before and after".getBytes(StandardCharsets.UTF_8)))
                .isEmpty();
    }

    @Test
    void nothingOfAPatronIsLeftInAnyFileOrOutput() throws IOException {
        String id = vault.register(clerk, canary());
        use(id);
        leave(id);
        mistype(id);
        mistypeCommands();
        Path importFile = importOfTheSamePatron();

        assertNothingLeft(importFile);

        assertThat(vault.call("DELETE", "/v1/patrons/" + id, vault.signIn("boss"))
                        .status())
                .isEqualTo(200);
        assertNothingLeft(importFile);

        vault.stop();
        assertThat(vault.run("log", "verify").exit()).isZero();
        assertNothingLeft(importFile);
        assertThat(refusals).isNotEmpty().allSatisfy(refusal -> {
            assertThat(refusal.status()).isGreaterThanOrEqualTo(400);
            assertThat(NEEDLES.hitsIn(refusal.response().body())).isEmpty();
            assertThat(NEEDLES.hitsIn(
                            refusal.response().headers().map().toString().getBytes(StandardCharsets.UTF_8)))
                    .isEmpty();
        });
    }

    private static ObjectNode canary() {
        ObjectNode patron = SamplePatron.of(CARD);
        patron.putObject("name").put("family", FAMILY).put("given", GIVEN);
        patron.putObject("address").put("line1", STREET).put("city", "New Canaan");
        patron.putArray("phone").add("203-555-0173");
        patron.putArray("email").add(EMAIL);
        return patron;
    }

    private void use(String id) {
        String path = "/v1/patrons/" + id;
        for (String member : List.of("q", "card")) {
            ok(vault.call("POST", "/v1/patrons/search", clerk, question().put(member, SamplePatron.card(CARD))));
        }
        ok(vault.call("POST", "/v1/patrons/search", clerk, question().put("q", "203 " + PHONE)));
        ok(vault.call("POST", "/v1/patrons/search", clerk, question().put("email", EMAIL)));
        ok(vault.call("POST", "/v1/patrons/search", clerk, question().put("q", JUNK + "@example.org")));
        for (String member : List.of("q", "name")) {
            for (String typed : List.of(FAMILY, FAMILY + ", " + GIVEN, FAMILY.substring(0, 5), JUNK)) {
                ok(vault.call("POST", "/v1/patrons/search", clerk, question().put(member, typed)));
            }
        }
        ObjectNode reveal = question();
        reveal.putArray("fields")
                .add("card")
                .add("name")
                .add("address")
                .add("phone")
                .add("email");
        Answer revealed = vault.call("POST", path + "/reveal", clerk, reveal);
        ok(revealed);
        assertThat(NEEDLES.hitsIn(revealed.response().body()))
                .as("the answer itself must say it")
                .isNotEmpty();
        ok(vault.call(
                "POST", path + "/verify", clerk, object().put("family", FAMILY).put("email", JUNK + "@x.org")));
        ok(vault.send("PATCH", path, clerk, "{\"email\":[\"" + NEW_EMAIL + "\"]}", Map.of("If-Match", "\"1\"")));
    }

    /** Takes everything out, sealed; the package stays in this process. */
    private void leave(String id) throws IOException {
        Answer held = vault.call("POST", "/v1/patrons/" + id + "/package", vault.signIn("officer"), object());
        ok(held);
        assertThat(NEEDLES.hitsIn(held.response().body())).isNotEmpty();
        OpenSsl.certificate(vault.root(), "next", "-newkey", "rsa:2048");
        List<String> words = new ArrayList<>(List.of("patrons", "export", "--format", "koha-csv", "--out"));
        words.addAll(List.of("../out.p7m", "--recipient", "../next.pem", "--second", "officer"));
        words.addAll(List.of("--second-password-file", "../pw"));
        assertThat(vault.as("dir", words.toArray(String[]::new)).exit()).isZero();
        assertThat(vault.root().resolve("out.p7m")).isNotEmptyFile();
    }

    private static void ok(Answer answer) {
        assertThat(answer.status()).as("%s", answer).isEqualTo(200);
    }

    private void mistype(String id) {
        refused("POST", "/v1/patrons/search", "{\"q\":\"" + JUNK, Map.of());
        refused("POST", "/v1/patrons/search", "{\"" + JUNK + "\":1,\"purpose\":\"checkout\",\"q\":\"x\"}", Map.of());
        refused("POST", "/v1/patrons/search", "{\"q\":\"x\",\"purpose\":\"" + JUNK + "\"}", Map.of());
        refused("POST", "/v1/patrons", canary().put(JUNK, FAMILY).toString(), Map.of());
        refused("POST", "/v1/patrons", canary().toString(), Map.of());
        refused("POST", "/v1/patrons", canary().put("card", JUNK + "-" + EMAIL).toString(), Map.of());
        refused("POST", "/v1/patrons", canary().put("expires", JUNK).toString(), Map.of());
        refused("POST", "/v1/patrons/" + id + "/reveal", "{\"fields\":[\"" + JUNK + "\"]}", Map.of());
        refused("PATCH", "/v1/patrons/" + id, "{\"" + JUNK + "\":1}", Map.of("If-Match", "\"2\""));
        refused("PATCH", "/v1/patrons/" + id, "{}", Map.of("If-Match", JUNK));
        refused("GET", "/v1/patrons/" + JUNK, null, Map.of());
        refused("GET", "/" + EMAIL, null, Map.of());
        refused("GET", "/v1/log/entries?from=" + JUNK, null, Map.of());
        refused("POST", "/v1/patrons", canary().toString(), Map.of("Content-Type", "text/" + JUNK));
        refused("POST", "/v1/patrons", canary().toString(), Map.of("Authorization", "Bearer " + JUNK));
        refused("POST", "/v1/sessions", RunningVault.credentials(EMAIL, JUNK).toString(), Map.of());
        refused("POST", "/v1/sessions", RunningVault.credentials("clerk", JUNK).toString(), Map.of());
    }

    private void refused(String method, String path, String body, Map<String, String> headers) {
        refusals.add(vault.send(method, path, clerk, body, headers));
    }

    private void mistypeCommands() {
        failed("staff", "add", "kim", "--role", JUNK, "--new-password-file", JUNK);
        failed("client", "add", "kiosk", "--scope", "entitlement", "--daily", JUNK);
        failed("client", "add", "kiosk", "--scope", JUNK);
        failed("patrons", "import", JUNK, "--format", JUNK, "--consent-policy", "2018-05");
        failed("patrons", "export", "--format", JUNK, "--recipient", JUNK, "--out", JUNK, "--library", JUNK);
        failed("patrons", "package", JUNK, "--recipient", JUNK);
        failed("keys", "rotate", JUNK);
        failed("serve", "--port", JUNK);
        failed("log", "verify", "--checkpoint", JUNK);
        failed(JUNK);
        failed("doctor", "--" + JUNK);
    }

    /** In a process of its own, whose temporary files are searched too. */
    private void failed(String... args) {
        assertThat(vault.apart(vault.environment("admin"), args).exit())
                .as(String.join(" ", args))
                .isNotZero();
    }

    /** The file belongs to whoever made it and is not searched; what the import makes of it is. */
    private Path importOfTheSamePatron() throws IOException {
        Path file = vault.root().resolve("patrons.jsonl");
        Files.writeString(file, canary() + "\n" + canary().put("expires", JUNK) + "\n{\"card\":\"" + JUNK + "\n");
        vault.apart(
                vault.environment("boss"),
                "patrons",
                "import",
                "../patrons.jsonl",
                "--format",
                "vault-jsonl",
                "--consent-policy",
                "2018-05");
        return file;
    }

    private void assertNothingLeft(Path importFile) {
        assertThat(NEEDLES.hitsBelow(vault.root(), Set.of(importFile))).isEmpty();
        Databases.serverDirectory(vault.home())
                .ifPresent(
                        files -> assertThat(NEEDLES.hitsBelow(files, Set.of())).isEmpty());
        assertThat(Pattern.compile("Exception|\\bat org\\.patronvault")
                        .matcher(vault.server().printed())
                        .find())
                .as(vault.server().printed())
                .isFalse();
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    private static ObjectNode question() {
        return object().put("purpose", "account-service");
    }
}
