package org.patronvault.web;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import org.patronvault.access.client.ClientGrant;
import org.patronvault.app.Service;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.model.PatronId;
import org.patronvault.testing.OpenVault;
import org.patronvault.web.http.Proxies;
import org.patronvault.web.http.WebSettings;

/** A served vault with people who have a part in disclosure cases, people without one, and two patrons. */
public final class ServedCases implements AutoCloseable {
    public static final String PAGE = "pat";
    public static final String CLERK = "kim";
    public static final String DIRECTOR = "dora";
    public static final String OTHER_DIRECTOR = "dean";
    public static final String OFFICER = "olga";
    public static final String COUNSEL = "lex";
    public static final String DESIGNEE = "desi";
    static final String DELEGATE = "dele";
    /** Everybody, and the role each acts in. */
    public static final Map<String, String> PEOPLE = people();

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    public static final String DISCLOSURES = "/v1/disclosures";

    public final OpenVault vault = OpenVault.onSqlite();
    public final PatronId kat;
    public final PatronId ines;
    private final WebServer server;
    private final Map<String, String> tokens = new LinkedHashMap<>();

    /** An answer. */
    public record Answer(int status, byte[] body) {
        public JsonNode json() {
            try {
                return JSON.readTree(body);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        String text() {
            return new String(body, StandardCharsets.UTF_8);
        }

        /** Status and problem; the status alone of what went well. */
        String outcome() {
            String type = status < 400 ? "" : json().path("type").asText();
            return (status + " " + type.substring(type.lastIndexOf('/') + 1)).strip();
        }
    }

    public ServedCases() {
        // By which certificates made now are good.
        vault.clock()
                .advance(Duration.between(vault.clock().instant(), Instant.now().plus(Duration.ofHours(1))));
        server = WebServer.start(
                Service.partsOf(vault.vault()),
                new WebSettings("127.0.0.1", 0, Optional.empty(), true, OptionalInt.empty(), Proxies.NONE));
        PEOPLE.forEach((name, role) -> vault.employ(name, ServedVault.PASSWORD, role));
        kat = vault.register("'card':'KAT1','name':{'family':'O\\u0027Sullivan','given':'Katherine'},"
                + "'address':{'line1':'1437 South Elm St','city':'New Canaan','region':'CT','postalCode':'06840'},"
                + "'phone':['203-555-0143'],'email':['kat@example.org']");
        ines = vault.register("'card':'INES1','name':{'family':'Álvarez','given':'Inés'},'phone':['203-555-0144']");
    }

    private static Map<String, String> people() {
        Map<String, String> people = new LinkedHashMap<>();
        people.put(PAGE, "page");
        people.put(CLERK, "circulation");
        people.put("sue", "supervisor");
        people.put(DIRECTOR, "director");
        people.put(OTHER_DIRECTOR, "director");
        people.put(OFFICER, "privacy-officer");
        people.put(COUNSEL, "counsel");
        people.put("cusa", "custodian");
        people.put("ada", "admin");
        people.put("outi", "outreach");
        people.put(DESIGNEE, "circulation");
        people.put(DELEGATE, "page");
        return people;
    }

    private String token(String name) {
        return tokens.computeIfAbsent(name, any -> {
            Answer answer = send(
                    "POST",
                    "/v1/sessions",
                    Optional.empty(),
                    ServedVault.credentials(name, ServedVault.PASSWORD).toString(),
                    "");
            return answer.json().path("token").asText();
        });
    }

    /** Sends JSON that is written with single quotes, as that person. */
    Answer post(String name, String path, String singleQuoted) {
        return send("POST", path, Optional.of(token(name)), singleQuoted.replace('\'', '"'), "");
    }

    /** Posts with an Idempotency-Key. */
    Answer postOnce(String name, String path, String singleQuoted, String key) {
        return send("POST", path, Optional.of(token(name)), singleQuoted.replace('\'', '"'), key);
    }

    public Answer get(String name, String path) {
        return send("GET", path, Optional.of(token(name)), "", "");
    }

    Answer delete(String name, String path) {
        return send("DELETE", path, Optional.of(token(name)), "", "");
    }

    private Answer send(String method, String path, Optional<String> token, String body, String key) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                .header("Content-Type", "application/json")
                .method(method, HttpRequest.BodyPublishers.ofString(body));
        token.ifPresent(one -> request.header("Authorization", "Bearer " + one));
        if (!key.isEmpty()) {
            request.header("Idempotency-Key", key);
        }
        try {
            HttpResponse<byte[]> answer = HTTP.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
            return new Answer(answer.statusCode(), answer.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A new case, by a page, on an order of a court; its path. */
    public String opened() {
        return opened("court-order");
    }

    public String opened(String instrument) {
        Answer answer = post(
                PAGE,
                DISCLOSURES,
                "{'agency':'Norwalk Police','officer':'Sgt. Miller','badge':'417','instrument':'" + instrument
                        + "','arrived':'2026-11-27 10:12','about':'where a reader lives'}");
        return DISCLOSURES + "/" + answer.json().path("id").asText();
    }

    static String decision(PatronId... patrons) {
        return decision("court-order", patrons);
    }

    static String decision(String instrument, PatronId... patrons) {
        StringBuilder ids = new StringBuilder();
        for (PatronId patron : patrons) {
            ids.append(ids.isEmpty() ? "" : ",").append('\'').append(patron).append('\'');
        }
        return "{'decision':'comply','instrument':'" + instrument + "','reason':'valid on its face','patrons':[" + ids
                + "],'fields':['name','address']}";
    }

    static final String COUNSELLED = "{'counsel':'L. Exner','advice':'It is valid; name what is asked.'}";

    /** A body for a release. */
    static String release(String pem) {
        return "{'recipient':'" + pem.replace("\n", "\\n") + "'}";
    }

    /** A designation of that person, in force for an hour; its path. */
    String designated(String name) {
        Answer answer = post(
                DIRECTOR,
                "/v1/designations",
                "{'designee':'" + name + "','until':'" + vault.clock().instant().plusSeconds(3_600) + "'}");
        return "/v1/designations/" + answer.json().path("id").asText();
    }

    /** Another system with that scope, which calls by its key from now on. */
    String client(String name, String scope) {
        ClientGrant grant =
                new ClientGrant(Set.of(scope), Set.of(), Set.of(), OptionalInt.of(100), "", Optional.empty());
        tokens.put(
                name,
                vault.vault()
                        .access()
                        .clients()
                        .add(Approvals.Requester.alone(ServedVault.ADMIN), name, grant)
                        .secret()
                        .orElseThrow());
        return name;
    }

    static String anyKey() {
        return UUID.randomUUID().toString();
    }

    @Override
    public void close() {
        server.close();
        vault.close();
    }
}
