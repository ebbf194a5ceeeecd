package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.patronvault.app.Home;
import org.patronvault.app.Service;
import org.patronvault.app.VaultInstance;
import org.patronvault.testing.Authenticator;
import org.patronvault.testing.OpenSsl;
import org.patronvault.web.OpenApiDocument;
import org.patronvault.web.http.Proxies;
import org.patronvault.web.http.WebSettings;

/** The service does what its document says: the same routes, and answers of the described form. */
class OpenApiIT {
    private static final String UNKNOWN = "0123456789abcdef";
    private static final String READY = "isReady";

    /** What any staff may do, and no other system. */
    private static final Set<String> ANY_STAFF = Set.of(
            "signOut", "listSessions", "endSession", "openDisclosure", "openUrgentDisclosure", "addToDisclosure");

    private static final DescribedAnswers DESCRIBED = new DescribedAnswers();
    private static final Map<String, String> TOKENS = new java.util.HashMap<>();
    private static RunningVault vault;

    @BeforeAll
    static void start() throws IOException {
        vault = RunningVault.create();
        Files.writeString(
                vault.home().resolve("vault.yaml"),
                "http: {publicUrl: 'https://vault.example.org'}\n",
                StandardOpenOption.APPEND);
        Path policy = vault.home().resolve("policy.yaml");
        String rule = "  accessLog: 24\n  patrons: {expired: {expiredMonths: 36}}\n";
        Files.writeString(policy, Files.readString(policy).replace("  accessLog: 24\n", rule));
        vault.start();
        TOKENS.putAll(Callers.signIn(vault));
    }

    @AfterAll
    static void stop() {
        vault.close();
    }

    @Test
    void liveRoutesAreThoseOfTheDocument() {
        Set<String> documented = new TreeSet<>();
        DESCRIBED.operations().forEach(operation -> documented.add(operation.toString()));

        assertThat(liveRoutes()).isEqualTo(documented);
    }

    /** Routes of the API in this process; the desk's pages and their parts are no part of it. */
    private static Set<String> liveRoutes() {
        Set<String> live = new TreeSet<>();
        try (RunningVault other = RunningVault.create();
                Service service = Service.start(
                        new Home(other.home()),
                        VaultInstance.open(new Home(other.home()), Clock.systemUTC(), why -> {}),
                        new WebSettings("127.0.0.1", 0, Optional.empty(), false, OptionalInt.empty(), Proxies.NONE))) {
            for (String route : service.web().routes()) {
                String[] words = route.split(" ", 2);
                boolean handler = !words[0].contains("BEFORE") && !words[0].contains("AFTER");
                boolean api = words[1].matches("/(v1|health)/.*|/openapi\\.json|/docs|/metrics");
                if (handler && api) {
                    // A tile's name has slashes of its own, which OpenAPI cannot say of a parameter.
                    live.add(route.replace("<tile>", "{tile}"));
                }
            }
        }
        return live;
    }

    @Test
    void everyOperationSucceedsAsDescribed() throws IOException {
        ObjectNode signIn = RunningVault.credentials("page", RunningVault.PASSWORD);
        String page = check("signIn", 201, call("signIn", "", signIn))
                .json()
                .path("token")
                .asText();
        check("signOut", 204, vault.call("DELETE", "/v1/sessions/current", page));
        check("listSessions", 200, call("listSessions", "", null));
        secondFactorSucceeds();
        String id = patronsSucceed();
        check("checkEntitlement", 200, call("checkEntitlement", "", entitlement(SamplePatron.card(3))));
        check("checkEntitlement", 200, call("checkEntitlement", "", entitlement("unknown")));
        check("listVendors", 200, call("listVendors", "", null));
        check("readVendor", 200, call("readVendor", "films-vendor", null));
        check("listAccesses", 200, call("listAccesses", id, null));
        check("reportAccesses", 200, call("reportAccesses", id, null));
        check("makePackage", 200, call("makePackage", id, null));
        check("searchLog", 200, call("searchLog", "", object().put("patron", id)));
        check("erasePatronField", 200, call("erasePatronField", id, null));
        mailingsSucceed();
        cases(60).succeed();
        check("erasePatron", 200, call("erasePatron", id, null));
        check("readCertificate", 200, call("readCertificate", id, null));
        erasuresBeyondADaysNumberSucceed();
        retentionSucceeds();
        TwoPersonAnswers shared = new TwoPersonAnswers(DESCRIBED, vault, TOKENS.get("admin"), TOKENS.get("dir"));
        shared.staffSucceeds();
        shared.clientsSucceed();
        shared.approvalsSucceed();
        keysSucceed();
        logSucceeds();
        for (String open : List.of(
                "readPolicy",
                "listPolicyVersions",
                "readTransparency",
                "isLive",
                READY,
                "readOpenApi",
                "readDocs",
                "readMetrics")) {
            check(open, 200, call(open, "", null));
        }
        policyVersionsSucceed();
        check("unseal", 200, call("unseal", "", object().put("passphrase", RunningVault.PASSPHRASE)));
        check("seal", 200, call("seal", "", null));
        sealedIsRefused();
        check("unseal", 200, call("unseal", "", object().put("passphrase", RunningVault.PASSPHRASE)));

        Set<String> successes = new TreeSet<>();
        DESCRIBED
                .operations()
                .forEach(o -> o.node().path("responses").fieldNames().forEachRemaining(status -> {
                    if (status.startsWith("2")) {
                        successes.add(
                                status + " " + o.node().path("operationId").asText());
                    }
                }));
        assertThat(DESCRIBED.seen()).containsAll(successes);
    }

    private void secondFactorSucceeds() {
        String token = vault.signIn("page");
        Answer open = vault.call("GET", "/v1/sessions", token);
        String own = StreamSupport.stream(open.json().path("sessions").spliterator(), false)
                .filter(session -> session.path("current").asBoolean())
                .findFirst()
                .orElseThrow()
                .path("id")
                .asText();
        check("endSession", 204, call("endSession", own, null));
        ObjectNode person = RunningVault.credentials("enrols", RunningVault.PASSWORD);
        Answer begun = check("beginSecondFactor", 201, call("beginSecondFactor", "", person));
        person.put("otp", Authenticator.code(begun.json().path("secret").asText(), Instant.now()));
        check("confirmSecondFactor", 200, call("confirmSecondFactor", "", person));
        check("beginSecondFactor", 401, call("beginSecondFactor", "", person));
        check("confirmSecondFactor", 401, call("confirmSecondFactor", "", person));
    }

    private void erasuresBeyondADaysNumberSucceed() {
        for (int erased = 1; erased <= 20; erased++) {
            String id = vault.register(TOKENS.get("clerk"), SamplePatron.of(100 + erased));
            // One field and one patron were erased before, and one was merged.
            check("erasePatron", erased < 18 ? 200 : 202, call("erasePatron", id, null));
        }
        String id = vault.register(TOKENS.get("clerk"), SamplePatron.of(130));
        check("erasePatronField", 202, call("erasePatronField", id, null));
        String into = vault.register(TOKENS.get("clerk"), SamplePatron.of(131));
        check("mergePatrons", 202, call("mergePatrons", id, object().put("into", into)));
    }

    private void retentionSucceeds() {
        vault.register(TOKENS.get("clerk"), SamplePatron.of(140).put("expires", "2001-01-31"));
        check("listRetention", 200, call("listRetention", "", null));
        String review = check("reviewRetention", 201, call("reviewRetention", "expired", null))
                .json()
                .path("id")
                .asText();
        check("readReview", 200, call("readReview", review, null));
        ObjectNode today =
                object().put("today", LocalDate.now(Clock.systemUTC()).toString());
        check("runRetention", 202, call("runRetention", review, today));
    }

    private String patronsSucceed() {
        String id = check("registerPatron", 201, call("registerPatron", "", SamplePatron.of(1)))
                .json()
                .path("id")
                .asText();
        ObjectNode least = SamplePatron.of(2);
        least.remove(List.of("address", "phone", "email", "category", "expires", "status"));
        check("registerPatron", 201, call("registerPatron", "", least));
        check("searchPatrons", 200, call("searchPatrons", "", question().put("q", SamplePatron.card(1))));
        check("searchPatrons", 200, call("searchPatrons", "", question().put("q", "203-555-9999")));
        // A failed check digit and an item's barcode are named, since nobody has such a card.
        for (String scan : List.of("21234000000019", "31234000000017")) {
            check("searchPatrons", 200, call("searchPatrons", "", question().put("q", scan)));
        }
        ObjectNode officers = object().put("card", SamplePatron.card(1)).put("purpose", "patron-request");
        check("searchPatrons", 200, vault.call("POST", "/v1/patrons/search", TOKENS.get("officer"), officers));
        check("readPatron", 200, call("readPatron", id, null));
        ObjectNode reveal = question();
        reveal.putArray("fields")
                .add("card")
                .add("name")
                .add("address")
                .add("phone")
                .add("email");
        check("revealPatron", 200, call("revealPatron", id, reveal));
        check(
                "verifyPatron",
                200,
                call("verifyPatron", id, object().put("phone", "1").put("given", "Kat")));
        check("changePatron", 200, change(id, object().put("status", "blocked"), "\"1\""));
        check("changePatron", 412, change(id, object().put("status", "active"), "\"1\""));
        check("changePatron", 428, call("changePatron", id, object()));
        ObjectNode card = object().put("card", SamplePatron.card(3)).put("reason", "replaced");
        check("replaceCard", 200, call("replaceCard", id, card));
        String duplicate = vault.register(TOKENS.get("clerk"), SamplePatron.of(4));
        check("revealPatrons", 200, call("revealPatrons", "", many("card name address phone email", id, duplicate)));
        check("mergePatrons", 200, call("mergePatrons", duplicate, object().put("into", id)));
        check("putConsent", 200, call("putConsent", id, consent()));
        OpenApiDocument.Operation put = DESCRIBED.operation("putConsent");
        check("putConsent", 412, send(put, id, consent().toString(), Map.of("If-Match", "\"1\"")));
        check("putConsent", 422, call("putConsent", id, consent().put("policy", "1999-01")));
        check("putConsent", 422, call("putConsent", id, consent().put("on", "2999-01-01")));
        check("readConsents", 200, call("readConsents", id, null));
        check("forgetSubject", 204, forget(id, "films-vendor", Map.of()));
        check("forgetSubject", 404, forget(id, "ils", Map.of()));
        check("forgetSubject", 412, forget(id, "films-vendor", Map.of("If-Match", "\"1\"")));
        check("listErasures", 200, call("listErasures", "", null));
        check("putProtection", 200, call("putProtection", id, object().put("protected", true)));
        check("putProtection", 412, protect(id, "\"1\""));
        check("readProtection", 200, call("readProtection", id, null));
        check("revealPatrons", 403, call("revealPatrons", "", many("phone", id)));
        check("verifyPatron", 403, call("verifyPatron", id, object().put("phone", "1")));
        check("listChanges", 200, call("listChanges", "", null));
        check("listChanges", 200, query("listChanges", "after=20&limit=1"));
        return id;
    }

    private static Answer forget(String id, String vendor, Map<String, String> headers) {
        String path = "/v1/patrons/" + id + "/subjects/" + vendor;
        return vault.send("DELETE", path, TOKENS.get("clerk"), null, headers);
    }

    private static CaseAnswers cases(int patron) throws IOException {
        String id = vault.register(TOKENS.get("clerk"), SamplePatron.of(patron));
        return new CaseAnswers(DESCRIBED, vault, Callers.USERS, TOKENS, id);
    }

    @Test
    void whatMayNotBeHandedOutIsRefusedAsDescribed() throws IOException {
        cases(61).refusalsAreDescribed();
    }

    private void mailingsSucceed() throws IOException {
        ObjectNode wanted = object().put("purpose", "newsletter")
                .put(
                        "recipient",
                        Files.readString(OpenSsl.certificate(
                                vault.root(), "post", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")));
        Answer made = check("makeMailing", 201, call("makeMailing", "", wanted));
        check("makeMailing", 202, call("makeMailing", "", wanted.deepCopy().put("limit", 501)));
        check("makeMailing", 422, call("makeMailing", "", wanted.deepCopy().put("purpose", "service")));
        String id = made.json().path("id").asText();
        check("fetchMailing", 200, call("fetchMailing", id, null));
        assertThat(check("readMailing", 200, call("readMailing", id, null))
                        .json()
                        .path("files")
                        .asInt())
                .isEqualTo(1);
    }

    private void policyVersionsSucceed() {
        ObjectNode next = object().put("version", "2026-11")
                .put("approved", "2026-11-01")
                .put("nextReview", "2029-11-01")
                .put("text", "# Privacy\n\n" + "We keep to ourselves what you read. ".repeat(500));
        check("postPolicyVersion", 201, call("postPolicyVersion", "", next));
        check(
                "postPolicyVersion",
                409,
                call("postPolicyVersion", "", next.deepCopy().put("text", "Other.")));
        check(
                "postPolicyVersion",
                422,
                call("postPolicyVersion", "", next.deepCopy().put("approved", "2999-01-01")));
        check("readPolicyVersion", 200, call("readPolicyVersion", "2026-11", null));
        check("readPolicyVersion", 404, call("readPolicyVersion", "1999-01", null));
    }

    private void keysSucceed() {
        check("readStatistics", 200, call("readStatistics", "", null));
        check("listKeys", 200, call("listKeys", "", null));
        Answer begun = check("rotateKey", 202, call("rotateKey", "phone", null));
        check("reencryptField", 202, call("reencryptField", "email", object().put("rate", 1_000)));
        check("reencryptField", 422, call("reencryptField", "name", object().put("rate", -1)));
        check("listOperations", 200, call("listOperations", "", null));
        String rotation = begun.json().path("operation").asText();
        check("readOperation", 200, call("readOperation", rotation, null));
        vault.server()
                .awaitUntil(
                        "the rotation has not ended",
                        () -> call("readOperation", rotation, null).json().has("finished"));
        destructionSucceeds();
    }

    private void destructionSucceeds() {
        check("destroyKey", 409, destroy(2, Map.of()));
        check("destroyKey", 409, destroy(1, Map.of()));
        vault.json("cust1", "backup", "../backup-1");
        Answer filed = check("destroyKey", 202, destroy(1, Map.of("Idempotency-Key", "destroy-1")));
        check("destroyKey", 409, destroy(2, Map.of("Idempotency-Key", "destroy-1")));
        String path = "/v1/approvals/" + filed.json().path("id").asText();
        assertThat(vault.call("POST", path, vault.signIn("cust2"), object()).status())
                .isEqualTo(200);
        String waits = StreamSupport.stream(
                        check("listOperations", 200, call("listOperations", "", null))
                                .json()
                                .path("operations")
                                .spliterator(),
                        false)
                .filter(operation -> operation.path("state").asText().equals("waiting"))
                .findFirst()
                .orElseThrow()
                .path("id")
                .asText();
        check("cancelOperation", 200, call("cancelOperation", waits, null));
        check("cancelOperation", 409, call("cancelOperation", waits, null));
    }

    private static Answer destroy(int version, Map<String, String> headers) {
        String path = "/v1/keys/phone/versions/" + version + "/destroy";
        return vault.send("POST", path, TOKENS.get("cust1"), null, headers);
    }

    private void logSucceeds() {
        check("readCheckpoint", 200, call("readCheckpoint", "", null));
        Answer entries = check("listLogEntries", 200, call("listLogEntries", "", null));
        assertThat(entries.json().path("entries")).anySatisfy(entry -> {
            assertThat(entry.path("second").asText()).isEqualTo("dir");
            assertThat(entry.path("secondFrom").asText()).isEqualTo("own-session");
        });
        assertThat(entries.json().path("entries"))
                .anySatisfy(entry ->
                        assertThat(entry.path("packageSha256").asText()).hasSize(64));
        check("proveInclusion", 200, query("proveInclusion", "index=1"));
        check("proveConsistency", 200, query("proveConsistency", "from=1&to=4"));
        check("proveInclusion", 422, query("proveInclusion", "index=99999"));
        check("readLogTile", 200, call("readLogTile", "0/000.p/1", null));
        check("readLogTile", 200, call("readLogTile", "entries/000.p/1", null));
        check("readLogTile", 404, call("readLogTile", "0/x001/000", null));
        check("proveConsistency", 422, query("proveConsistency", "from=4&to=1"));
        check("listLogEntries", 422, query("listLogEntries", "from=x"));
        check(
                "searchLog",
                200,
                call("searchLog", "", object().put("actor", "clerk").put("limit", 3)));
        check("searchLog", 422, call("searchLog", "", object().put("since", "yesterday")));
    }

    private void sealedIsRefused() {
        for (OpenApiDocument.Operation operation : DESCRIBED.operations()) {
            String id = idOf(operation);
            boolean refused = id.equals(READY)
                    || (operation.path().startsWith("/v1")
                            && !Set.of("unseal", "readPolicy", "listPolicyVersions", "readPolicyVersion")
                                    .contains(id));
            if (refused) {
                Answer answer = check(id, 503, call(id, UNKNOWN, hasBody(operation) ? object() : null));
                assertThat(answer.problem()).isEqualTo("sealed");
            }
        }
    }

    @Test
    void callWithoutSignInIsRefusedAsDescribed() {
        for (OpenApiDocument.Operation operation : DESCRIBED.operations()) {
            if (Callers.USERS.containsKey(idOf(operation))) {
                for (String token : List.of("", "pvk_unknown")) {
                    check(
                            idOf(operation),
                            401,
                            vault.send(operation.method(), path(operation, UNKNOWN), token, null, Map.of()));
                }
            }
        }
        check("signIn", 401, call("signIn", "", RunningVault.credentials("nobody", RunningVault.PASSWORD)));
    }

    @Test
    void callByAnotherRoleIsRefusedAsDescribed() {
        for (OpenApiDocument.Operation operation : DESCRIBED.operations()) {
            String id = idOf(operation);
            if (Callers.USERS.containsKey(id)) {
                String other = TOKENS.get(ANY_STAFF.contains(id) ? "vendor" : "page");
                String body = hasBody(operation) ? "{}" : null;
                check(id, 403, vault.send(operation.method(), path(operation, UNKNOWN), other, body, Map.of()));
            }
        }
        check(
                "signIn",
                403,
                call(
                        "signIn",
                        "",
                        RunningVault.credentials("page", RunningVault.PASSWORD).put("role", "director")));
    }

    @Test
    void whatIsNotThereIsRefusedAsDescribed() {
        Map<String, ObjectNode> bodies = Map.of(
                "changePatron", object(),
                "revealPatron",
                        (ObjectNode)
                                question().set("fields", object().arrayNode().add("phone")),
                "verifyPatron", object().put("given", "Kat"),
                "replaceCard", object().put("card", SamplePatron.card(4)).put("reason", "lost"),
                "mergePatrons", object().put("into", UNKNOWN),
                "putConsent", consent(),
                "putProtection", object().put("protected", true));
        for (OpenApiDocument.Operation operation : DESCRIBED.operations()) {
            if (operation.path().contains("{")) {
                for (String unknown : List.of(UNKNOWN, "nonsense")) {
                    check(idOf(operation), 404, call(idOf(operation), unknown, bodies.get(idOf(operation))));
                }
            }
        }
    }

    @Test
    void listThatCannotBeOpenedIsRefusedAsDescribed() {
        String id = vault.register(TOKENS.get("clerk"), SamplePatron.of(40));
        for (String unknown : List.of(UNKNOWN, "nonsense", "", id.toUpperCase(java.util.Locale.ROOT) + "A")) {
            check("revealPatrons", 404, call("revealPatrons", "", many("name", id, unknown)));
        }
        String[] tooMany = new String[101];
        java.util.Arrays.setAll(tooMany, i -> String.format("%016x", i));
        for (String[] ids : List.of(new String[0], new String[] {id, id}, tooMany)) {
            check("revealPatrons", 422, call("revealPatrons", "", many("name", ids)));
        }
        for (String list : List.of("{}", "null", "[1]", "[null]", "[[]]", "\"" + id + "\"")) {
            String body = "{\"patrons\":" + list + ",\"fields\":[\"name\"],\"purpose\":\"checkout\"}";
            check("revealPatrons", 422, send(DESCRIBED.operation("revealPatrons"), "", body, Map.of()));
        }
        check("revealPatrons", 422, call("revealPatrons", "", many("", id)));
        check("revealPatrons", 422, call("revealPatrons", "", many("shoeSize", id)));
        ObjectNode newsletter = many("name", id).put("purpose", "newsletter");
        check("revealPatrons", 403, call("revealPatrons", "", newsletter));
        check("revealPatrons", 422, call("revealPatrons", "", many("name", id).put("purpose", "curiosity")));
        for (String query : List.of("after=-1", "after=x", "limit=0", "limit=1001")) {
            check("listChanges", 422, query("listChanges", query));
        }
        check("mergePatrons", 422, call("mergePatrons", id, object().put("into", id)));
        check("mergePatrons", 422, call("mergePatrons", id, object().put("into", 5)));
        check("mergePatrons", 404, call("mergePatrons", id, object().put("into", "nonsense")));
    }

    @Test
    void bodyThatIsNoneIsRefusedAsDescribed() throws IOException {
        CaseAnswers cases = cases(62);
        String patron = vault.register(TOKENS.get("clerk"), SamplePatron.of(10));
        TwoPersonAnswers shared = new TwoPersonAnswers(DESCRIBED, vault, TOKENS.get("admin"), TOKENS.get("dir"));
        String waiting = shared.waiting();
        String review =
                call("reviewRetention", "expired", null).json().path("id").asText();
        String large = "{\"q\":\"" + "x".repeat(70_000) + "\"}";
        for (OpenApiDocument.Operation operation : DESCRIBED.operations()) {
            if (hasBody(operation)) {
                String id = idOf(operation);
                Map<String, String> abouts = Map.of(
                        "approvals", waiting, "staff", "page", "clients", "ils", "keys", "card", "retention", review);
                String about = CaseAnswers.STEPS.contains(id) || id.equals("addToDisclosure")
                        ? cases.due(id)
                        : abouts.getOrDefault(operation.path().split("/", -1)[2], patron);
                // A missing precondition is told before what is wrong with the body.
                Map<String, String> current = Map.of("If-Match", "\"1\"");
                Map<String, String> text = Map.of("If-Match", "\"1\"", "Content-Type", "text/plain");
                check(id, 400, send(operation, about, "{\"a\":", current));
                check(id, 400, send(operation, about, "{\"a\":1,\"a\":2}", current));
                check(id, 415, send(operation, about, "{}", text));
                check(id, 413, send(operation, about, large, current));
                check(id, 422, send(operation, about, "{\"birthDate\":\"x\"}", current));
            }
        }
    }

    private static Answer send(
            OpenApiDocument.Operation operation, String patron, String body, Map<String, String> headers) {
        return vault.send(operation.method(), path(operation, patron), token(operation), body, headers);
    }

    @Test
    void conflictsAreRefusedAsDescribed() throws IOException {
        Map<String, String> key = Map.of("Idempotency-Key", "conflict-1");
        String clerk = TOKENS.get("clerk");
        String id = check(
                        "registerPatron",
                        201,
                        vault.send(
                                "POST",
                                "/v1/patrons",
                                clerk,
                                SamplePatron.of(20).toString(),
                                key))
                .json()
                .path("id")
                .asText();
        String other = vault.register(clerk, SamplePatron.of(21));
        OpenApiDocument.Operation merge = DESCRIBED.operation("mergePatrons");
        for (int i = 0; i < 2; i++) {
            String duplicate = vault.register(clerk, SamplePatron.of(23 + i));
            String into = object().put("into", other).toString();
            // By one who has erased nobody: merges count as erasures, and the day's number of the other is used up.
            Answer merged = vault.send(merge.method(), path(merge, duplicate), TOKENS.get("chief"), into, key);
            check("mergePatrons", i == 0 ? 200 : 409, merged);
        }
        OpenApiDocument.Operation agrees = DESCRIBED.operation("putConsent");
        for (int i = 0; i < 2; i++) {
            String body = consent().put("given", i == 0).toString();
            check("putConsent", i == 0 ? 200 : 409, send(agrees, other, body, Map.of("Idempotency-Key", "consent-1")));
        }
        Map<String, String> once = Map.of("Idempotency-Key", "forget-1");
        Answer forgotten = check("forgetSubject", 204, forget(other, "films-vendor", once));
        Answer again = check("forgetSubject", 204, forget(other, "films-vendor", once));
        assertThat(again.header("ETag")).isNotEmpty().isEqualTo(forgotten.header("ETag"));
        check("forgetSubject", 409, forget(id, "films-vendor", once));
        OpenApiDocument.Operation protection = DESCRIBED.operation("putProtection");
        for (int i = 0; i < 2; i++) {
            String body = object().put("protected", i == 0).toString();
            check("putProtection", i == 0 ? 200 : 409, send(protection, other, body, key));
        }

        new TwoPersonAnswers(DESCRIBED, vault, TOKENS.get("admin"), TOKENS.get("dir")).conflictsAreRefused();
        cases(63).conflictsAreRefused();
        check(
                "registerPatron",
                409,
                vault.send("POST", "/v1/patrons", clerk, SamplePatron.of(22).toString(), key));
        check("registerPatron", 409, call("registerPatron", "", SamplePatron.of(20)));
        check("changePatron", 409, change(id, object().put("card", SamplePatron.card(21)), "\"1\""));
        check(
                "replaceCard",
                409,
                call(
                        "replaceCard",
                        id,
                        object().put("card", SamplePatron.card(21)).put("reason", "lost")));
    }

    @Test
    void limitsAreRefusedAsDescribed() {
        String id = vault.register(TOKENS.get("clerk"), SamplePatron.of(30));
        ObjectNode wrong = object().put("given", "Nobody");
        for (int i = 0; i < 10; i++) {
            check("verifyPatron", 200, call("verifyPatron", id, wrong));
        }
        Answer verify = check("verifyPatron", 429, call("verifyPatron", id, wrong));
        assertThat(verify.header("Retry-After")).isNotEmpty();
        ObjectNode lost = RunningVault.credentials("admin", "not the password of anyone");
        for (int i = 0; i < 5; i++) {
            check("signIn", 401, call("signIn", "", lost));
        }
        assertThat(check("signIn", 429, call("signIn", "", lost)).header("Retry-After"))
                .isNotEmpty();
        check("changeClient", 200, call("changeClient", "ils", object().put("daily", 8)));
        String[] nine = new String[9];
        java.util.Arrays.setAll(nine, i -> vault.register(TOKENS.get("clerk"), SamplePatron.of(50 + i)));
        check("revealPatrons", 429, call("revealPatrons", "", many("name", nine)));
        String chief = TOKENS.get("chief");
        List<Answer> searches = new ArrayList<>();
        for (int i = 0; i <= 300; i++) {
            searches.add(
                    vault.call("POST", "/v1/patrons/search", chief, question().put("card", "unknown")));
        }
        check("searchPatrons", 429, searches.get(300));
        check("searchPatrons", 200, searches.get(299));
        ObjectNode card = object().put("card", "unknown");
        check("registerPatron", 429, vault.call("POST", "/v1/patrons", chief, card));
        check("replaceCard", 429, vault.call("POST", "/v1/patrons/" + id + "/card", chief, card.put("reason", "lost")));
        check("changePatron", 429, vault.call("PATCH", "/v1/patrons/" + id, chief, object().put("card", "unknown")));
    }

    private static Answer check(String id, int status, Answer answer) {
        return DESCRIBED.check(id, status, answer);
    }

    /** Calls an operation as one who may; {@code parameter} stands for what the path leaves open. */
    private static Answer call(String id, String parameter, ObjectNode body) {
        OpenApiDocument.Operation operation = DESCRIBED.operation(id);
        String text = body == null ? null : body.toString();
        return vault.send(operation.method(), path(operation, parameter), token(operation), text, Map.of());
    }

    private static Answer query(String id, String query) {
        OpenApiDocument.Operation operation = DESCRIBED.operation(id);
        return vault.call(operation.method(), operation.path() + "?" + query, token(operation));
    }

    private static Answer change(String patron, ObjectNode body, String version) {
        return send(DESCRIBED.operation("changePatron"), patron, body.toString(), Map.of("If-Match", version));
    }

    private static Answer protect(String patron, String version) {
        String body = object().put("protected", true).toString();
        return send(DESCRIBED.operation("putProtection"), patron, body, Map.of("If-Match", version));
    }

    private static String path(OpenApiDocument.Operation operation, String parameter) {
        return operation
                .path()
                .replace("{purpose}", "newsletter")
                .replace("fields/{field}", "fields/email")
                .replaceAll("\\{[a-z]+}", parameter);
    }

    private static String token(OpenApiDocument.Operation operation) {
        return TOKENS.getOrDefault(Callers.USERS.getOrDefault(idOf(operation), ""), "");
    }

    private static String idOf(OpenApiDocument.Operation operation) {
        return operation.node().path("operationId").asText();
    }

    private static boolean hasBody(OpenApiDocument.Operation operation) {
        return operation.node().has("requestBody");
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    private static ObjectNode consent() {
        return object().put("given", true).put("policy", "2018-05").put("channel", "desk");
    }

    private static ObjectNode question() {
        return object().put("purpose", "account-service");
    }

    /** Asks to open fields, separated by blanks, of those patrons. */
    private static ObjectNode many(String fields, String... ids) {
        ObjectNode body = question();
        List.of(ids).forEach(body.putArray("patrons")::add);
        java.util.stream.Stream.of(fields.split(" ", -1))
                .filter(field -> !field.isEmpty())
                .forEach(body.putArray("fields")::add);
        return body;
    }

    private static ObjectNode entitlement(String card) {
        return object().put("card", card).put("service", "ebooks");
    }
}
