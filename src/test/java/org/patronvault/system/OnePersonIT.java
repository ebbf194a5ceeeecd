package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.patronvault.system.VaultProcess.Ran;
import org.patronvault.testing.LongRun;
import org.patronvault.testing.OpenSsl;

/**
 * Promise 3: as each single role, with a shell, one's own password and everything the vault answers, every path to what
 * cannot be undone. What counts is how the vault is afterwards, not only what it answered.
 */
@Tag(LongRun.TAG)
class OnePersonIT {
    private static final int DONE = 0;
    private static final int REFUSED = 3;
    private static final List<String> POWERFUL = List.of("admin", "custodian", "director", "privacy-officer");

    private static final Map<String, String> TOKENS = new TreeMap<>();
    private static RunningVault vault;
    private static String wider;
    private static String widening = "";
    private static String patron;
    private static String decided;
    private static Map<String, String> before;
    private static byte[] slots;

    @BeforeAll
    static void endCommissioning() throws IOException {
        vault = RunningVault.create().start();
        vault.json("admin", "staff", "add", "out", "--role", "outreach", "--new-password-file", "../pw");
        vault.json("admin", "client", "add", "small", "--scope", "notices", "--daily", "5");
        Stream.of("clerk", "dir", "admin", "page", "cust1").forEach(user -> TOKENS.put(user, vault.signIn(user)));
        patron = vault.register(TOKENS.get("clerk"), SamplePatron.of(1));

        // One request that two decided in all honesty, to be used again by one.
        Ran filed = vault.as("admin", "staff", "grant", "boss", "--role", "custodian", "--json");
        assertThat(filed.exit()).isEqualTo(REFUSED);
        decided = RunningVault.document(filed).path("id").asText();
        vault.json("dir", "approvals", "approve", decided);
        vault.json("admin", "staff", "revoke", "boss", "--role", "custodian");

        String shipped = Files.readString(policyFile());
        wider = shipped.replace(
                "  page:\n    may: []", "  page:\n    may: [search]\n    purposes: [checkout]\n    opens: [card]");
        assertThat(wider).isNotEqualTo(shipped);
        widenAgain();
        prepareKeys();
        before = accountsAndClients();
    }

    /** Everything is so that two custodians could export the keys, remove a slot, and destroy the old phone key. */
    private static void prepareKeys() throws IOException {
        OpenSsl.certificate(vault.root(), "keeper", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256");
        vault.secret("other", "one of my own words");
        // A root of one's own needs each slot's secret, and the shares are other people's.
        vault.json("cust1", together("keys", "slot", "remove", "2"));
        vault.json("cust1", together("keys", "slot", "add", "--new-passphrase-file", "../passphrase"));
        vault.json("cust1", "keys", "rotate", "phone", "--wait");
        vault.json("cust1", "backup", "../backup");
        slots = slotsFile();
    }

    private static String[] together(String... words) {
        return with("cust2", words);
    }

    private static String[] with(String second, String... words) {
        List<String> all = new ArrayList<>(List.of(words));
        all.addAll(List.of("--second", second, "--second-password-file", "../pw"));
        return all.toArray(String[]::new);
    }

    private static byte[] slotsFile() throws IOException {
        return Files.readAllBytes(vault.home().resolve("keys/slots.json"));
    }

    @AfterAll
    static void stop() {
        vault.close();
    }

    private static Path policyFile() {
        return vault.home().resolve("policy.yaml");
    }

    static Stream<String> everybody() {
        return Stream.concat(
                Stream.of("admin", "out"), RunningVault.STAFF.keySet().stream().filter(name -> !name.equals("cust2")));
    }

    /** Who holds which role, and which system may do what. */
    private static Map<String, String> accountsAndClients() {
        Map<String, String> now = new TreeMap<>();
        for (JsonNode one :
                vault.call("GET", "/v1/staff", TOKENS.get("admin")).json().path("staff")) {
            now.put("staff " + one.path("name").asText(), one.path("roles") + " " + one.path("disabled"));
        }
        for (JsonNode one :
                vault.call("GET", "/v1/clients", TOKENS.get("admin")).json().path("clients")) {
            now.put("client " + one.path("name").asText(), one.path("scopes") + " " + one.path("daily"));
        }
        return now;
    }

    /** Runs a command as that person alone; none may come to its end. */
    private static Ran tried(String user, String... words) {
        Ran ran = vault.as(user, words);
        assertThat(ran.exit()).as("%s %s: %s", user, List.of(words), ran).isEqualTo(REFUSED);
        return ran;
    }

    /** Calls the service as that person alone; nothing may be done at once. */
    private static void called(String token, String method, String path, ObjectNode body) {
        called(token, method, path, body, 202);
    }

    private static void called(String token, String method, String path, ObjectNode body, int filed) {
        Answer answer = vault.send(method, path, token, body == null ? null : body.toString(), Map.of());
        assertThat(answer.status()).as("%s %s: %s", method, path, answer).isIn(filed, 403, 404, 405, 409, 422);
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    @ParameterizedTest
    @MethodSource("everybody")
    void nobodyAloneComesToWhatCannotBeUndone(String user) throws IOException {
        String token = vault.signIn(user);
        takeOverThePowerful(user, token);
        grantOneself(user, token);
        makeABigClient(user, token);
        takeKeysOut(user, token);
        useAnApprovalAgain(user, token);
        eraseTheLastPatron(user, token);
        widenThePolicy(token);
        agreeToOnesOwn(user, token);
        assertThat(accountsAndClients()).isEqualTo(before);
        assertThat(vault.call("POST", "/v1/sessions", "", RunningVault.credentials("dir", RunningVault.PASSWORD))
                        .status())
                .as("the director's password is still hers")
                .isEqualTo(201);
    }

    /** By a new password, or by coming back to life. */
    private static void takeOverThePowerful(String user, String token) {
        String other = user.equals("dir") ? "cust1" : "dir";
        tried(user, "staff", "password", other, "--second", user, "--second-password-file", "../pw");
        for (String victim : List.of("dir", "cust1", "officer", "admin")) {
            if (!victim.equals(user)) {
                called(token, "POST", "/v1/staff/" + victim + "/password", null);
                called(token, "POST", "/v1/staff/" + victim + "/enable", null);
                called(token, "POST", "/v1/staff/" + victim + "/reset-second-factor", null);
            }
        }
    }

    private static void grantOneself(String user, String token) {
        tried(user, "staff", "grant", user, "--role", "admin");
        tried(user, "staff", "grant", "page", "--role", "admin", "--second", user, "--second-password-file", "../pw");
        for (String role : POWERFUL) {
            called(token, "POST", "/v1/staff/page/grant", object().put("role", role));
            called(token, "POST", "/v1/staff/" + user + "/grant", object().put("role", role));
            called(token, "POST", "/v1/staff", object().put("name", "mine").put("role", role));
            ObjectNode known = object().put("name", "mine").put("role", role).put("password", RunningVault.PASSWORD);
            called(token, "POST", "/v1/staff", known);
        }
    }

    private static void makeABigClient(String user, String token) {
        tried(user, "client", "rotate", "small", "--second", user, "--second-password-file", "../pw");
        called(token, "POST", "/v1/clients", object().put("name", "mine").put("scope", "ils"));
        ObjectNode busy =
                object().put("name", "mine").put("scope", "entitlement").put("daily", 10_001);
        called(token, "POST", "/v1/clients", busy);
        ObjectNode boundless =
                object().put("name", "mine").put("scope", "entitlement").put("daily", "none");
        called(token, "POST", "/v1/clients", boundless);
        called(token, "PATCH", "/v1/clients/small", object().put("scope", "ils"));
        called(token, "PATCH", "/v1/clients/small", object().put("daily", "none"));
        called(token, "POST", "/v1/clients/small/rotate", null);
    }

    /** In an own slot, in a copy, by a root of one's own; and none is destroyed, and no slot removed. */
    private static void takeKeysOut(String user, String token) throws IOException {
        List<String[]> paths = List.of(
                new String[] {"keys", "slot", "add", "--new-passphrase-file", "../other"},
                new String[] {"keys", "slot", "remove", "3"},
                new String[] {"keys", "rotate", "root", "--new-passphrase-file", "../other"},
                new String[] {"keys", "export", "--recipient", "../keeper.pem", "--out", "../stolen.p7m"},
                new String[] {"keys", "destroy", "phone", "1"},
                new String[] {"restore", "../backup"});
        for (String[] path : List.of("admin", "dir", "cust1").contains(user) ? paths : paths.subList(3, 4)) {
            tried(user, path);
        }
        tried(user, with(user, paths.get(0)));
        tried(user, with("dir", paths.get(3)));
        called(token, "POST", "/v1/keys/phone/versions/1/destroy", null);
        agreeToOnesOwn(user, token);
        assertThat(vault.root().resolve("stolen.p7m")).doesNotExist();
        assertThat(slotsFile()).isEqualTo(slots);
        for (JsonNode one :
                vault.call("GET", "/v1/keys", TOKENS.get("cust1")).json().path("keys")) {
            if (one.path("field").asText().equals("phone")) {
                assertThat(one.at("/versions/0/state").asText()).isEqualTo("retired");
            }
        }
        assertThat(vault.call("GET", "/v1/operations", TOKENS.get("cust1")).text())
                .doesNotContain("destroy");
        assertThat(vault.as(user, "patrons", "export").exit())
                .as("absent from this version")
                .isEqualTo(2);
    }

    /** Commissioning does not come back with an empty vault. */
    private static void eraseTheLastPatron(String user, String token) {
        int erased = vault.call("DELETE", "/v1/patrons/" + patron, token).status();
        if (erased == 200) {
            tried(user, "staff", "grant", "page", "--role", "director");
            tried("admin", "staff", "grant", "page", "--role", "director");
            patron = vault.register(TOKENS.get("clerk"), SamplePatron.of(1));
        } else {
            assertThat(erased).isEqualTo(403);
        }
    }

    private static void useAnApprovalAgain(String user, String token) {
        Ran ran = vault.as(user, "approvals", "approve", decided);
        assertThat(ran.exit()).as("%s", ran).isNotEqualTo(DONE);
        called(token, "POST", "/v1/approvals/" + decided, null);
    }

    /** By whoever can write the file: the request waits for two. */
    private static void widenThePolicy(String token) throws IOException {
        for (int i = 0; i < 2; i++) {
            called(token, "POST", "/v1/approvals/" + widening, null, 200);
        }
        ObjectNode search = object().put("card", "21234000000018").put("purpose", "checkout");
        assertThat(vault.call("POST", "/v1/patrons/search", TOKENS.get("page"), search)
                        .status())
                .as("what the wider policy would allow")
                .isEqualTo(403);
        JsonNode request = vault.call("GET", "/v1/approvals/" + widening, TOKENS.get("dir"))
                .json();
        if (!request.path("approvers").isEmpty()) {
            // The next one begins with a request to which nobody has agreed.
            widenAgain();
        }
    }

    /** The same file with another word in it is another request. */
    private static void widenAgain() throws IOException {
        wider += "# \n";
        Files.writeString(policyFile(), wider);
        String before = widening;
        vault.server().awaitUntil("no request for the wider policy", () -> {
            for (JsonNode one : pending(TOKENS.get("dir"))) {
                if (one.path("kind").asText().equals("policy")
                        && !one.path("id").asText().equals(before)) {
                    widening = one.path("id").asText();
                }
            }
            return !widening.equals(before);
        });
        if (!before.isEmpty()) {
            vault.call("POST", "/v1/approvals/" + before, TOKENS.get("dir"), object().put("approve", false));
        }
    }

    private static List<JsonNode> pending(String token) {
        List<JsonNode> pending = new ArrayList<>();
        for (JsonNode one : vault.call("GET", "/v1/approvals", token).json().path("approvals")) {
            if (one.path("state").asText().equals("pending")) {
                pending.add(one);
            }
        }
        return pending;
    }

    /** All that was filed by this person, and a new one by a puppet of an administrator's. */
    private static void agreeToOnesOwn(String user, String token) {
        List<String> own = new ArrayList<>();
        for (JsonNode one : pending(token)) {
            if (one.path("requester").asText().equals(user)) {
                own.add(one.path("id").asText());
            }
        }
        assertThat(own.isEmpty()).isEqualTo(!Set.of("admin", "cust1").contains(user));
        for (String id : own) {
            called(token, "POST", "/v1/approvals/" + id, null);
            called(token, "POST", "/v1/approvals/" + id + "/result", null);
        }
        if (!own.isEmpty()) {
            tried(user, "approvals", "approve", own.get(0));
        }
        if (user.equals("admin")) {
            tried(
                    user,
                    "staff",
                    "grant",
                    "page",
                    "--role",
                    "admin",
                    "--second",
                    "clerk",
                    "--second-password-file",
                    "../pw");
        }
    }
}
