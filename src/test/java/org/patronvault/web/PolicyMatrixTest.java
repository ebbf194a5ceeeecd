package org.patronvault.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.patronvault.access.client.ClientGrant;
import org.patronvault.app.Service;
import org.patronvault.app.VaultInstance;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.read.LogReader;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Role;
import org.patronvault.core.policy.PolicyFile;
import org.patronvault.testing.LongRun;
import org.patronvault.testing.OpenVault;
import org.patronvault.web.http.Proxies;
import org.patronvault.web.http.WebSettings;

/**
 * Tests of every cell of role or scope × purpose × field × method × own or other library, over HTTP. The vault allows
 * and refuses exactly what the policy's text says. It shows the permitted values, masked if the text says so, and logs
 * each refusal.
 */
final class PolicyMatrixTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int THREADS = 16;
    private static final String PASSWORD = "a quiet reading room";
    private static final Approvals.Requester ALONE =
            Approvals.Requester.of(new Actor(Actor.Kind.STAFF, "root", Role.ADMIN.name(), ""), Optional.empty());
    private static final Set<String> SHIPPED_ROLES =
            new RawPolicy(new String(PolicyFile.defaultText(), StandardCharsets.UTF_8)).roles();
    private static final String JSON_TYPE = "application/json";
    private static final String OWN_PATRON = "'card':'OWN0001234','name':{'family':'Ng','given':'Kat','preferred':'K'},"
            + "'address':{'line1':'1 Elm St','city':'New Canaan','region':'CT','postalCode':'06840','country':'US'},"
            + "'phone':['203-555-0143'],'email':['kat@example.org']";
    private static final String OTHER_PATRON =
            "'library':'WL','card':'OTH0005678','name':{'family':'Ray','given':'Sam','preferred':'S'},"
                    + "'address':{'line1':'2 Oak St','city':'Wilton','region':'CT','postalCode':'06897','country':'US'},"
                    + "'phone':['203-555-0199'],'email':['sam@example.net']";
    private static final List<String> FIELDS = List.of("card", "name", "address", "phone", "email");
    private static final List<String> PURPOSES = List.of(
            "checkout",
            "account-service",
            "registration",
            "hold-notice",
            "overdue-notice",
            "patron-request",
            "newsletter",
            "fundraising",
            "disclosure",
            "import",
            "reindex",
            "check",
            "export");
    private static final Map<String, String> CLAIMS =
            Map.of("phone", "phone", "email", "email", "postalCode", "address", "family", "name", "given", "name");

    /** A policy with everything a file can say: fields by purpose, masks, elsewhere, own library only. */
    private static final String FEATURED = """
            version: "featured"
            roles:
              circulation:
                may: [search, reveal, verify, register, change, replace-card, merge, erase, accesses]
                purposes: [checkout, account-service, hold-notice]
                opens:
                  checkout: [card, name]
                  account-service: [card, name, phone, email, address]
                  hold-notice: [phone, email]
                results: {checkout: [name, phone: last-four], account-service: [name, card]}
                searches: [card, phone]
                masks: {card: last-four}
                elsewhere:
                  opens: {account-service: [name, phone, email, address], checkout: [card]}
                  results: [name]
                  masks: {name: initials, phone: last-four, email: domain, address: locality}
              supervisor:
                may: [search, reveal, verify, register, change, replace-card, merge, erase, accesses, reveal-many, protect]
                purposes: [checkout, account-service, patron-request]
                opens: [card, name, phone, email, address]
                results: [name]
                libraries: own
              director:
                may: [search, reveal, verify, accesses, package, read-log, proof, seal, reveal-many]
                purposes: [account-service, disclosure]
                opens: [name, phone]
                masks: {phone: last-four}
                elsewhere: {opens: [phone, email], masks: {}}
              outreach:
                may: [reveal]
                purposes: [newsletter, fundraising]
                opens: {newsletter: [email]}
                masks: {email: domain}
              privacy-officer:
                may: [search, accesses, package, erase]
                purposes: [patron-request]
                searches: [card]
                libraries: own
              custodian:
                may: [keys, rotate]
              page:
                may: [search]
                purposes: [checkout]
                searches: [card, phone, email]
                results: [name]
                masks: {name: initials}
                elsewhere: {results: []}
            scopes:
              ils:
                may: [search, reveal, reveal-many, register, change, read-changes]
                purposes: [checkout, hold-notice]
                opens: {checkout: [card, name, email], hold-notice: [phone]}
                results: {checkout: [name]}
                masks: {phone: last-four, email: domain}
                elsewhere: {masks: {email: domain, name: initials}}
              notices:
                may: [search, reveal, reveal-many, change]
                purposes: [hold-notice]
                opens: [name, phone, email]
                results: [name]
                libraries: own
              entitlement: {may: [entitlement]}
              witness: {may: [proof]}
              metrics: {may: [metrics]}
            limits:
              opened: {tenMinutes: 60, day: 300}
              names: {tenMinutes: 1000, day: 5000}
              searches: {tenMinutes: 300}
              failedVerifies: {hour: 10}
            services: {}
            """;

    /** A caller: a role's session or a scope's client key. */
    private record Who(String name, String token, RawPolicy.Said said) {}

    /**
     * One call and its expected result.
     *
     * @param act its name in the log
     * @param refusal the slug of the problem, or empty if it must succeed
     * @param holds the condition on a successful answer
     */
    private record Cell(
            Who who,
            String what,
            String act,
            HttpRequest request,
            Optional<String> refusal,
            BiConsumer<JsonNode, List<String>> holds) {

        private String logged(String reason) {
            return who.name() + " " + act + " " + reason;
        }
    }

    static Stream<String> policies() {
        return Stream.of(new String(PolicyFile.defaultText(), StandardCharsets.UTF_8), FEATURED)
                .limit(LongRun.times(1, 2))
                // Counted is elsewhere: here every cell must be reached.
                .map(policy -> policy.replaceAll("(tenMinutes|day|hour): [0-9]+", "$1: 1000000"));
    }

    @ParameterizedTest(name = "policy {index}")
    @MethodSource("policies")
    void everyCellIsAnsweredAsThePolicySaysAndEachRefusalIsInTheLog(String policy) throws Exception {
        try (OpenVault vault = OpenVault.onSqlite()) {
            employ(vault);
            vault.restartUnder(policy);
            try (WebServer server = server(vault.vault())) {
                Matrix matrix = new Matrix(vault, server.port(), new RawPolicy(policy));
                matrix.make();
                long from = vault.logSize();
                matrix.call();
                assertThat(matrix.wrong).as("of %d cells", matrix.called).isEmpty();
                assertThat(refusals(vault, from)).isEqualTo(matrix.refused);
                assertThat(matrix.called).isGreaterThan(5_000);
                matrix.sealLast();
            }
        }
    }

    /** Creates several accounts for each shipped role, because one alone may be refused too often. */
    private static void employ(OpenVault vault) {
        for (String role : SHIPPED_ROLES) {
            vault.employ("only-" + role, PASSWORD, role);
        }
    }

    private static WebServer server(VaultInstance vault) {
        return WebServer.start(
                Service.partsOf(vault),
                // Behind a proxy even this machine must say who asks for metrics.
                new WebSettings("127.0.0.1", 0, Optional.empty(), true, OptionalInt.empty(), Proxies.NONE));
    }

    /** Counts refusals by caller, act and reason. */
    private static Map<String, Integer> refusals(OpenVault vault, long from) {
        Map<String, Integer> refusals = new TreeMap<>();
        LogReader reader = vault.vault().log().reader();
        long size = reader.size();
        for (long at = from; at < size; ) {
            LogReader.Page page = reader.entries(at, size);
            for (LogReader.Entry entry : page.entries()) {
                AccessEvent event = entry.event();
                if (event.outcome() == Outcome.REFUSED) {
                    String key = event.actor().role() + " " + event.act().wireName() + " "
                            + event.reason().orElseThrow().slug();
                    refusals.merge(key, 1, Integer::sum);
                }
            }
            at = page.next();
        }
        return refusals;
    }

    /** All cells of one policy, on one vault. */
    private static final class Matrix {
        private final HttpClient http =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        private final OpenVault vault;
        private final String base;
        private final RawPolicy policy;
        private final List<Cell> cells = new ArrayList<>();
        private final List<Cell> last = new ArrayList<>();
        private final Map<String, Integer> refused = new TreeMap<>();
        private final List<String> wrong = new ArrayList<>();
        private int called;
        private int made;
        private Map<Boolean, PatronId> patrons;

        Matrix(OpenVault vault, int port, RawPolicy policy) {
            this.vault = vault;
            this.base = "http://127.0.0.1:" + port;
            this.policy = policy;
        }

        /** Staff, clients and patrons, and then the cells. */
        void make() {
            VaultInstance instance = vault.vault();
            assertThat(SHIPPED_ROLES).containsAll(policy.roles());
            List<Who> whos = new ArrayList<>();
            for (String role : SHIPPED_ROLES) {
                whos.add(new Who(role, session(role), policy.ofRole(role)));
            }
            for (String scope : policy.scopes()) {
                ClientGrant grant =
                        new ClientGrant(Set.of(scope), Set.of(), Set.of(), OptionalInt.empty(), "", Optional.empty());
                String key = instance.access()
                        .clients()
                        .add(ALONE, "client-" + scope, grant)
                        .secret()
                        .orElseThrow();
                whos.add(new Who(scope, key, policy.ofScope(scope)));
            }
            patrons = Map.of(false, vault.register(OWN_PATRON), true, vault.register(OTHER_PATRON));
            for (Who who : whos) {
                onNobody(who);
                for (boolean other : List.of(false, true)) {
                    onPatron(who, other);
                    for (String purpose : PURPOSES) {
                        forPurpose(who, other, purpose);
                    }
                }
            }
        }

        private String session(String role) {
            ObjectNode body = object().put("username", "only-" + role).put("password", PASSWORD);
            return send(request("POST", "/v1/sessions", "", body.put("role", role)))
                    .path("token")
                    .textValue();
        }

        private void forPurpose(Who who, boolean other, String purpose) {
            PatronId id = patrons.get(other);
            for (String field : FIELDS) {
                ObjectNode one = object().put("purpose", purpose);
                one.putArray("fields").add(field);
                add(
                        who,
                        "reveal",
                        request("POST", "/v1/patrons/" + id + "/reveal", who.token(), one),
                        who.said().open("reveal", field, purpose, other),
                        (answer, faults) -> shows(who, other, answer, Set.of(field), faults));
                ObjectNode many = one.deepCopy();
                many.putArray("patrons").add(id.toString());
                add(
                        who,
                        "reveal",
                        request("POST", "/v1/patrons/reveal", who.token(), many),
                        who.said().open("reveal-many", field, purpose, other),
                        (answer, faults) -> shows(who, other, answer.path(0), Set.of(field), faults));
                search(who, other, purpose, "card", Optional.of(field));
            }
            for (String by : List.of("card", "phone", "email")) {
                search(who, other, purpose, by, Optional.empty());
            }
        }

        private void search(Who who, boolean other, String purpose, String by, Optional<String> reveal) {
            JsonNode value = whole(by, other);
            ObjectNode body = object().put("purpose", purpose);
            body.set(by, value.isArray() ? value.path(0) : value);
            reveal.ifPresent(field -> body.putArray("reveal").add(field));
            RawPolicy.Found found = who.said().search(by, reveal, purpose, other);
            add(
                    who,
                    "search",
                    request("POST", "/v1/patrons/search", who.token(), body),
                    found.refusal(),
                    (answer, faults) -> {
                        check(answer.path("results").size() == (found.hit() ? 1 : 0), "hits", faults);
                        if (found.hit()) {
                            JsonNode hit = answer.path("results").path(0);
                            check(
                                    hit.path("id")
                                            .textValue()
                                            .equals(patrons.get(other).toString()),
                                    "id",
                                    faults);
                            check(hit.has("library") == !found.shown().isEmpty(), "facts", faults);
                            shows(who, other, hit, found.shown(), found.parts(), faults);
                        }
                    });
        }

        /** Acts aimed at a patron of that library: each that writes has one of its own. */
        private void onPatron(Who who, boolean other) {
            String path = "/v1/patrons/" + patrons.get(other);
            CLAIMS.forEach((claim, field) -> {
                JsonNode value = whole(field, other);
                JsonNode said = value.isObject() ? value.path(claim) : value.path(0);
                add(
                        who,
                        "verify",
                        request("POST", path + "/verify", who.token(), object().set(claim, said)),
                        who.said().open("verify", field, "account-service", other),
                        (answer, faults) -> check(answer.path(claim).booleanValue(), claim, faults));
            });
            // Out of reach is like not there.
            Optional<String> facts = who.said().act("search").isPresent()
                    ? who.said().act("search")
                    : who.said().act("search", other).map(refusal -> "not-found");
            add(who, "facts", request("GET", path, who.token(), null), facts, (answer, faults) -> {
                check(answer.path("library").textValue().equals(other ? "WL" : "NC"), "library", faults);
                shows(who, other, answer, Set.of(), faults);
            });
            add(
                    who,
                    "accesses",
                    request("GET", path + "/accesses", who.token(), null),
                    who.said().act("accesses", other),
                    (answer, faults) -> check(answer.path("accesses").isArray(), "accesses", faults));
            add(
                    who,
                    "package",
                    request("POST", path + "/package", who.token(), null),
                    who.said().act("package", other),
                    (answer, faults) -> FIELDS.forEach(
                            field -> check(answer.path(field).equals(whole(field, other)), field, faults)));
            ObjectNode patch = object();
            patch.putArray("email").add("new" + made + "@example.org");
            add(
                    who,
                    "change",
                    builder("PATCH", fresh(other), who.token(), patch)
                            .header("If-Match", "\"1\"")
                            .build(),
                    who.said().act("change", other),
                    Matrix::written);
            ObjectNode card = object().put("card", "NEW" + made).put("reason", "lost");
            add(
                    who,
                    "replace-card",
                    request("POST", fresh(other) + "/card", who.token(), card),
                    who.said().act("replace-card", other),
                    Matrix::written);
            String stays = fresh(other);
            ObjectNode into = object().put("into", stays.substring(stays.lastIndexOf('/') + 1));
            add(
                    who,
                    "merge",
                    request("POST", fresh(other) + "/merge", who.token(), into),
                    who.said().act("merge", other),
                    Matrix::written);
            add(
                    who,
                    "protect",
                    request("PUT", fresh(other) + "/protection", who.token(), object().put("protected", true)),
                    who.said().act("protect", other),
                    Matrix::written);
            add(
                    who,
                    "erase",
                    request("DELETE", fresh(other), who.token(), null),
                    who.said().act("erase", other),
                    (answer, faults) -> check(answer.has("certificate"), "certificate", faults));
            ObjectNode draft = object().put("card", "REG" + ++made).put("library", other ? "WL" : "NC");
            draft.put("category", "adult").putObject("name").put("family", "Fresh");
            draft.putObject("consent")
                    .put("policy", "2018-05")
                    .put("given", "2026-11-24")
                    .put("channel", "desk");
            add(
                    who,
                    "register",
                    request("POST", "/v1/patrons", who.token(), draft),
                    who.said().act("register"),
                    Matrix::written);
        }

        private String fresh(boolean other) {
            PatronId id = vault.register(
                    "'library':'" + (other ? "WL" : "NC") + "','card':'FRESH" + ++made + "','name':{'family':'F'}");
            return "/v1/patrons/" + id;
        }

        private static void written(JsonNode answer, List<String> faults) {
            check(answer.path("version").intValue() >= 1, "version", faults);
        }

        /** Acts aimed at no patron. */
        private void onNobody(Who who) {
            get(who, "facts", "/v1/changes", "read-changes");
            get(who, "checkpoint", "/v1/log/checkpoint", "proof");
            get(who, "checkpoint", "/v1/log/proof/inclusion?index=0", "proof");
            get(who, "checkpoint", "/v1/log/proof/consistency?from=1&to=1", "proof");
            get(who, "checkpoint", "/v1/log/tile/0/000.p/1", "proof");
            get(who, "read-log", "/v1/log/tile/entries/000.p/1", "read-log");
            get(who, "read-log", "/v1/log/entries?from=0&to=1", "read-log");
            get(who, "read-keys", "/v1/keys", "keys");
            get(who, "read-keys", "/v1/operations", "keys");
            get(who, "read-log", "/metrics", "metrics");
            get(who, "staff", "/v1/staff", "staff");
            get(who, "client", "/v1/clients", "clients");
            Optional<String> mailing = who.said().act("mail").or(() -> Optional.of("not-found"));
            for (String path : List.of("/v1/mailings/nothing", "/v1/mailings/nothing/file")) {
                add(who, "mailing", request("GET", path, who.token(), null), mailing, (a, f) -> {});
            }
            ObjectNode service = object().put("purpose", "service").put("recipient", "-");
            add(
                    who,
                    "mailing",
                    request("POST", "/v1/mailings", who.token(), service),
                    who.said().act("mail").or(() -> Optional.of("purpose-unknown")),
                    (a, f) -> {});
            administer(who);
            Optional<String> operation = who.said().act("keys").or(() -> Optional.of("not-found"));
            add(who, "read-keys", request("GET", "/v1/operations/nothing", who.token(), null), operation, (a, f) -> {});
            ObjectNode check = object().put("card", "OWN0001234").put("service", "ebooks");
            add(
                    who,
                    "entitlement",
                    request("POST", "/v1/entitlements/check", who.token(), check),
                    who.said().act("entitlement"),
                    (answer, faults) -> check(answer.has("entitled"), "entitled", faults));
            for (String[] act : new String[][] {{"rotate", "email"}, {"reencrypt", "phone"}}) {
                String path = "/v1/keys/" + act[1] + "/" + act[0];
                HttpRequest begin = request("POST", path, who.token(), object().put("rate", 0));
                add(who, act[0], begin, who.said().act("rotate"), (a, f) -> check(a.has("operation"), "operation", f));
            }
            Optional<String> destroy = who.said().act("custody").or(() -> Optional.of("not-found"));
            HttpRequest end = request("POST", "/v1/keys/email/versions/99/destroy", who.token(), object());
            add(who, "destroy", end, destroy, (a, f) -> {});
            HttpRequest cancel = request("POST", "/v1/operations/nothing/cancel", who.token(), object());
            add(who, "destroy", cancel, destroy, (a, f) -> {});
            HttpRequest seal = request("POST", "/v1/seal", who.token(), object());
            Cell cell = new Cell(
                    who,
                    "POST /v1/seal",
                    "seal",
                    seal,
                    who.said().act("seal"),
                    (a, f) -> check(a.path("sealed").booleanValue(), "sealed", f));
            (cell.refusal().isPresent() ? cells : last).add(cell);
        }

        /** Acts on accounts and clients that are not there, and on requests of others. */
        private void administer(Who who) {
            Optional<String> account = who.said().act("staff").or(() -> Optional.of("not-found"));
            for (String act :
                    List.of("grant", "revoke", "disable", "enable", "unlock", "unlink", "reset-second-factor")) {
                HttpRequest request = request("POST", "/v1/staff/nobody/" + act, who.token(), object());
                add(who, "staff", request, account, (a, f) -> {});
            }
            Optional<String> client = who.said().act("clients").or(() -> Optional.of("not-found"));
            for (String act : List.of("rotate", "revoke")) {
                HttpRequest request = request("POST", "/v1/clients/nobody/" + act, who.token(), object());
                add(who, "client", request, client, (a, f) -> {});
            }
            boolean asks = Stream.of("staff", "clients", "custody", "restore", "export", "mail", "erase", "retention")
                    .anyMatch(act -> who.said().act(act).isEmpty());
            boolean hasPart = asks
                    || Set.of("admin", "director", "custodian", "privacy-officer", "supervisor")
                            .contains(who.name());
            Optional<String> part = hasPart ? Optional.empty() : Optional.of("not-allowed");
            add(who, "approval", request("GET", "/v1/approvals", who.token(), null), part, (a, f) -> {});
            HttpRequest agree =
                    request("POST", "/v1/approvals/0123456789abcdef0123456789abcdef", who.token(), object());
            add(who, "approval", agree, part.or(() -> Optional.of("not-found")), (a, f) -> {});
        }

        private void get(Who who, String act, String path, String permission) {
            add(who, act, request("GET", path, who.token(), null), who.said().act(permission), (a, f) -> {});
        }

        private void add(
                Who who,
                String act,
                HttpRequest request,
                Optional<String> refusal,
                BiConsumer<JsonNode, List<String>> holds) {
            String what = request.method() + " " + request.uri().getPath();
            cells.add(new Cell(who, what, act, request, refusal, holds));
        }

        private static void shows(Who who, boolean other, JsonNode answer, Set<String> shown, List<String> faults) {
            shows(who, other, answer, shown, Set.of(), faults);
        }

        /** Exactly these fields are there, whole or masked as the policy says. */
        private static void shows(
                Who who, boolean other, JsonNode answer, Set<String> shown, Set<String> parts, List<String> faults) {
            for (String field : FIELDS) {
                boolean isMasked = who.said().masks(field, other) || parts.contains(field);
                JsonNode expected = !shown.contains(field)
                        ? JSON.missingNode()
                        : isMasked ? masked(field, other) : whole(field, other);
                check(answer.path(field).equals(expected), field, faults);
            }
        }

        private static JsonNode whole(String field, boolean other) {
            return switch (field) {
                case "card" -> json(other ? "'OTH0005678'" : "'OWN0001234'");
                case "name" ->
                    json("{'family':'" + (other ? "Ray','given':'Sam" : "Ng','given':'Kat")
                            + "','middle':'','suffix':'','preferred':'" + (other ? "S'}" : "K'}"));
                case "address" ->
                    json("{'line1':'" + (other ? "2 Oak St" : "1 Elm St") + "','line2':'','city':'"
                            + (other
                                    ? "Wilton','region':'CT','postalCode':'06897"
                                    : "New Canaan','region':'CT'," + "'postalCode':'06840")
                            + "','country':'US'}");
                case "phone" -> json(other ? "['+12035550199']" : "['+12035550143']");
                default -> json(other ? "['sam@example.net']" : "['kat@example.org']");
            };
        }

        private static JsonNode masked(String field, boolean other) {
            return switch (field) {
                case "card" -> json(other ? "'…5678'" : "'…1234'");
                case "name" ->
                    json("{'family':'" + (other ? "R.','given':'S." : "N.','given':'K.")
                            + "','middle':'','suffix':'','preferred':'" + (other ? "S.'}" : "K.'}"));
                case "address" ->
                    json("{'line1':'','line2':'','city':'"
                            + (other
                                    ? "Wilton','region':'CT','postalCode':'06897"
                                    : "New Canaan','region':'CT'," + "'postalCode':'06840")
                            + "','country':''}");
                case "phone" -> json(other ? "['…0199']" : "['…0143']");
                default -> json(other ? "['…@example.net']" : "['…@example.org']");
            };
        }

        private static JsonNode json(String singleQuoted) {
            return OpenVault.json(singleQuoted);
        }

        private static void check(boolean holds, String what, List<String> faults) {
            if (!holds) {
                faults.add(what);
            }
        }

        /** Calls every cell, many at a time; notes what came otherwise. */
        void call() throws InterruptedException, ExecutionException {
            ExecutorService callers = Executors.newFixedThreadPool(THREADS);
            try {
                List<Future<JsonNode>> answers = cells.stream()
                        .map(cell -> callers.submit(() -> send(cell.request())))
                        .toList();
                for (int i = 0; i < cells.size(); i++) {
                    judge(cells.get(i), answers.get(i).get());
                }
            } finally {
                callers.shutdownNow();
            }
        }

        private void judge(Cell cell, JsonNode answer) {
            called++;
            int status = answer.path("httpStatus").intValue();
            String type = answer.path("type").asText("");
            Optional<String> refusal =
                    status < 400 ? Optional.empty() : Optional.of(type.substring(type.lastIndexOf('/') + 1));
            List<String> faults = new ArrayList<>();
            if (refusal.isEmpty() && cell.refusal().isEmpty()) {
                cell.holds().accept(answer.path("answer"), faults);
            }
            if (!refusal.equals(cell.refusal()) || !faults.isEmpty()) {
                String was = refusal.orElse("allowed") + " (" + status + ")";
                wrong.add(cell.who().name() + " " + cell.what() + ": " + was + ", said is "
                        + cell.refusal().orElse("allowed") + (faults.isEmpty() ? "" : ", wrong in " + faults));
            }
            refusal.ifPresent(reason -> refused.merge(cell.logged(reason), 1, Integer::sum));
        }

        /** Runs the cells that may seal the vault, one after the other. */
        void sealLast() {
            for (Cell cell : last) {
                judge(cell, send(cell.request()));
                assertThat(vault.vault().seal().isSealed()).isTrue();
                if (!cell.equals(last.get(last.size() - 1))) {
                    vault.unseal();
                    assertThat(vault.vault().seal().isSealed()).isFalse();
                }
            }
            assertThat(wrong).isEmpty();
        }

        private static ObjectNode object() {
            return JSON.createObjectNode();
        }

        private HttpRequest request(String method, String path, String token, JsonNode body) {
            return builder(method, path, token, body).build();
        }

        private HttpRequest.Builder builder(String method, String path, String token, JsonNode body) {
            HttpRequest.Builder builder = HttpRequest.newBuilder(URI.create(base + path));
            if (body == null) {
                builder.method(method, HttpRequest.BodyPublishers.noBody());
            } else {
                builder.method(method, HttpRequest.BodyPublishers.ofString(body.toString()))
                        .header("Content-Type", JSON_TYPE);
            }
            return token.isEmpty() ? builder : builder.header("Authorization", "Bearer " + token);
        }

        /** The answer with its status: {@code httpStatus}, a problem's {@code type}, else {@code answer}. */
        private JsonNode send(HttpRequest request) {
            try {
                HttpResponse<String> answer =
                        http.send(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
                boolean isJson =
                        answer.headers().firstValue("Content-Type").orElse("").contains("json");
                JsonNode body = isJson ? JSON.readTree(answer.body()) : JSON.missingNode();
                ObjectNode read = object().put("httpStatus", answer.statusCode());
                read.set("type", body.path("type"));
                read.set("token", body.path("token"));
                read.set("answer", body);
                return read;
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
