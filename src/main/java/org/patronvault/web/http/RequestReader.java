package org.patronvault.web.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.javalin.http.Context;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.QuotedQualityCSV;
import org.patronvault.access.Access;
import org.patronvault.access.account.SignInOrigin;
import org.patronvault.core.dual.IdempotencyStore;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;

/**
 * The reader of requests: it returns plain values. It sets the limits: 64 KiB a body, 20 levels of JSON, 4 KiB a text.
 */
public final class RequestReader {
    public static final int MAX_BODY_BYTES = 64 * 1024;
    private static final Pattern VERSION = Pattern.compile("\"([0-9]{1,18})\"");
    private static final Pattern IDEMPOTENCY_KEY = Pattern.compile("[\\x21-\\x7e]{1,200}");
    private static final String BEARER = "Bearer ";
    private static final ObjectMapper JSON = json(4_096);
    private static final ObjectMapper JSON_OF_LONG_TEXTS = json(MAX_BODY_BYTES);

    private static ObjectMapper json(int longestText) {
        return JsonMapper.builder(JsonFactory.builder()
                        // Otherwise each thread keeps the texts of its last body.
                        .recyclerPool(JsonRecyclerPools.nonRecyclingPool())
                        .streamReadConstraints(StreamReadConstraints.builder()
                                .maxNestingDepth(20)
                                .maxStringLength(longestText)
                                .maxNameLength(256)
                                .maxNumberLength(40)
                                .build())
                        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                        .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                        .build())
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .build();
    }

    private final Access access;
    private final Proxies proxies;

    public RequestReader(Access access, Proxies proxies) {
        this.access = access;
        this.proxies = proxies;
    }

    /** Returns the caller, or refuses with {@code not-signed-in} without valid credentials. */
    public Caller caller(ReceivedRequest request) {
        return access.resolve(token(request));
    }

    /** Returns the caller, or refuses with {@code not-signed-in} without valid credentials. */
    public Caller caller(Context ctx) {
        return caller(ReceivedRequest.of(ctx));
    }

    public static String token(ReceivedRequest request) {
        String header = request.header("Authorization").orElse("");
        if (!header.startsWith(BEARER) || header.length() > 200) {
            throw new Refused(Problem.NOT_SIGNED_IN, "Sign in first, and send Authorization: Bearer TOKEN.");
        }
        return header.substring(BEARER.length());
    }

    /** Returns the sign-in origin of a program without cookies. */
    public SignInOrigin origin(Context ctx) {
        return SignInOrigin.of(address(ctx));
    }

    /** Returns the address that wrong passwords count against. */
    public String address(Context ctx) {
        return proxies.caller(ReceivedRequest.of(ctx));
    }

    /** Returns the patron ID in the path. A malformed ID counts as unknown. */
    public static Optional<PatronId> patron(Context ctx) {
        return PatronId.parse(ctx.pathParam("id"));
    }

    public static byte[] bytes(Context ctx) {
        return bytes(ReceivedRequest.of(ctx));
    }

    private static byte[] bytes(ReceivedRequest request) {
        try {
            byte[] body = request.body().readNBytes(MAX_BODY_BYTES + 1);
            if (body.length > MAX_BODY_BYTES) {
                throw new Refused(Problem.BODY_TOO_LARGE, "The body is larger than 64 KiB.");
            }
            return body;
        } catch (IOException | HttpException.RuntimeException e) {
            throw new Refused(Problem.MALFORMED, "The body ended early.");
        }
    }

    /** Returns the media type without parameters, because an unknown charset need not exist. */
    public static String mediaType(ReceivedRequest request) {
        return request.header("Content-Type")
                .orElse("")
                .split(";", 2)[0]
                .strip()
                .toLowerCase(Locale.ROOT);
    }

    private static void requireWellFormed(JsonNode node) {
        if (node.isTextual() && !isText(node.textValue())) {
            throw new Refused(Problem.MALFORMED, "The body holds text that is not well-formed Unicode, or NUL.");
        }
        node.forEach(RequestReader::requireWellFormed);
    }

    /**
     * Whether the text has neither an unpaired surrogate nor NUL, which some databases cannot store and nobody can
     * type.
     */
    static boolean isText(String text) {
        return text.indexOf('\0') < 0 && StandardCharsets.UTF_8.newEncoder().canEncode(text);
    }

    /** Whether no body was sent, for acts that need none. */
    public static boolean isEmpty(Context ctx) {
        return ctx.contentLength() <= 0 && ctx.header("Transfer-Encoding") == null;
    }

    /** Returns the body that stands for none. */
    public static RequestBody emptyBody() {
        return new RequestBody(new byte[0], Optional.of(JSON.createObjectNode()), Optional.empty(), Set.of());
    }

    /** Returns the body as a JSON object. Like other faults, a parse error is thrown on access. */
    public static RequestBody body(ReceivedRequest request, String... members) {
        return body(request, JSON, members);
    }

    /** Returns the body as a JSON object. Like other faults, a parse error is thrown on access. */
    public static RequestBody body(Context ctx, String... members) {
        return body(ReceivedRequest.of(ctx), members);
    }

    /** Returns the body as a JSON object whose texts may be as long as the body. */
    public static RequestBody longTextBody(Context ctx, String... members) {
        return body(ReceivedRequest.of(ctx), JSON_OF_LONG_TEXTS, members);
    }

    private static RequestBody body(ReceivedRequest request, ObjectMapper json, String... members) {
        byte[] bytes = {};
        try {
            bytes = bytes(request);
            return new RequestBody(bytes, Optional.of(object(request, json, bytes)), Optional.empty(), Set.of(members));
        } catch (Refused fault) {
            return new RequestBody(bytes, Optional.empty(), Optional.of(fault), Set.of(members));
        }
    }

    private static JsonNode object(ReceivedRequest request, ObjectMapper json, byte[] bytes) {
        String media = mediaType(request);
        if (!media.equals("application/json") && !media.equals("application/merge-patch+json")) {
            throw new Refused(Problem.NOT_JSON, "Send JSON as application/json.");
        }
        try {
            JsonNode node = json.readTree(bytes);
            if (node == null || !node.isObject()) {
                throw new Refused(Problem.MALFORMED, "The body must be one JSON object.");
            }
            requireWellFormed(node);
            return node;
        } catch (JsonProcessingException e) {
            int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
            int column = e.getLocation() == null ? 1 : e.getLocation().getColumnNr();
            throw new Refused(
                    Problem.MALFORMED,
                    "The body is not JSON the vault reads (line " + line + ", column " + column + ").");
        } catch (IOException e) {
            throw new Refused(Problem.MALFORMED, "The body ended early.");
        }
    }

    public static Refused invalid(String sentence) {
        return new Refused(Problem.INVALID, sentence);
    }

    /** Returns the version in If-Match, or empty without that header. */
    public static OptionalLong ifMatch(Context ctx) {
        String header = ctx.header("If-Match");
        if (header == null) {
            return OptionalLong.empty();
        }
        Matcher version = VERSION.matcher(header.strip());
        // Anything but one strong tag of ours matches no version.
        return OptionalLong.of(version.matches() ? Long.parseLong(version.group(1)) : 0);
    }

    /** Returns the Idempotency-Key as sent, and refuses an invalid one. */
    public static Optional<String> idempotencyKey(ReceivedRequest request) {
        Optional<String> sent = request.header("Idempotency-Key");
        if (sent.filter(key -> !IDEMPOTENCY_KEY.matcher(key).matches()).isPresent()) {
            throw invalid("An Idempotency-Key is 1 to 200 visible characters.");
        }
        return sent;
    }

    /** Returns the Idempotency-Key, bound to caller and request. */
    public static Optional<IdempotencyStore.Key> replay(
            Context ctx, IdempotencyStore replay, Caller caller, byte[] body) {
        Optional<String> sent;
        try {
            sent = idempotencyKey(ReceivedRequest.of(ctx));
        } catch (Refused e) {
            return Optional.of(IdempotencyStore.Key.unusable(e));
        }
        // The precondition is part of the request: with another one it is another request.
        String asked = ctx.method() + " " + ctx.path() + " " + Objects.requireNonNullElse(ctx.header("If-Match"), "");
        return replay.key(caller, sent, asked, body);
    }

    /** Whether the caller prefers {@code mediaType} to JSON, the default. */
    public static boolean prefers(Context ctx, String mediaType) {
        return prefers(ctx, mediaType, "application/json");
    }

    /** Whether Accept prefers the first media type to the other: by weight, then by order (RFC 9110, 12.5.1). */
    public static boolean prefers(Context ctx, String mediaType, String other) {
        return prefers(ctx.header("Accept"), mediaType, other);
    }

    /** Whether an Accept header, null if absent, prefers the first media type to the other. */
    public static boolean prefers(String accept, String mediaType, String other) {
        return accepted(accept).stream()
                .map(value -> value.split(";", 2)[0].strip().toLowerCase(Locale.ROOT))
                .filter(value -> value.equals(mediaType) || value.equals(other))
                .findFirst()
                .filter(mediaType::equals)
                .isPresent();
    }

    /** Returns the media types of Accept, weightiest first, or none if it cannot be read. */
    private static List<String> accepted(String accept) {
        QuotedQualityCSV accepted = new QuotedQualityCSV();
        try {
            Optional.ofNullable(accept).ifPresent(accepted::addValue);
            return accepted.getValues();
        } catch (IllegalArgumentException e) {
            return List.of();
        }
    }

    /** Refuses an unreadable query: half of it would mean something the caller never said. */
    public static void requireReadableQuery(ReceivedRequest request) {
        if (request.query().filter(query -> decoded(query).isEmpty()).isPresent()) {
            throw new Refused(Problem.MALFORMED, "The part of the address after the question mark cannot be read.");
        }
    }

    /** Decodes a form or query value (WHATWG URL, section 5.1), or returns empty if it cannot be read. */
    public static Optional<String> decoded(String sent) {
        try {
            return Optional.of(URLDecoder.decode(sent, StandardCharsets.UTF_8)).filter(RequestReader::isText);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** Returns a whole number from the query. */
    public static long query(Context ctx, String name, long absent) {
        String text = ctx.queryParam(name);
        if (text == null) {
            return absent;
        }
        if (!text.matches("[0-9]{1,18}")) {
            throw invalid(name + " must be a whole number.");
        }
        return Long.parseLong(text);
    }
}
