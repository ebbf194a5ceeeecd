package org.patronvault.system;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;
import org.patronvault.web.OpenApiDocument;

/**
 * Requests that are nearly right: each begins as an example of the HTTP interface's document, by whoever may send it, and
 * then something in its path, its headers, its JSON, its bytes or its frame is made wrong. Whatever is made up in one has
 * its {@code canary} in it, which no refusal may repeat. From one seed they come in one order. For one thread.
 */
final class BadRequests {
    /** What every canary looks like. */
    static final Pattern CANARY = Pattern.compile("zq[0-9a-f]{16}");

    private static final Pattern ID = Pattern.compile("[0-9a-f]{16}");
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final ObjectMapper JSON = new ObjectMapper();

    /** What text may hold that programs stumble over: %s is the canary. */
    static final List<String> TRAPS = List.of(
            "%s",
            "%s\u0000",
            "%s\u202egro.elpmaxe",
            "%s\u0130\u00df\ufb03\u01c5",
            "e\u0301".repeat(300) + "%s",
            "\ufdfa".repeat(250) + "%s",
            "\ud83d\udc68\u200d\ud83d\udc69\u200d\ud83d\udc67%s",
            "%s\ud800",
            "\udc00\ud800%s",
            "%s'; DROP TABLE patron; --",
            "%s\" OR \"1\"=\"1",
            "<script>%s</script>",
            "${jndi:ldap://%s}",
            "{{%s}}",
            "../../../../%s",
            "%s\r\nSet-Cookie: a=%s",
            "%%s%%n%s",
            "\ufeff%s",
            "\u2028%s\u2029",
            "\u00a0%s\u3000",
            "%s@%s.example",
            "+1 (203) 555-%s",
            "9".repeat(400) + "%s",
            "2026-02-30%s",
            "x".repeat(4_090) + "%s",
            "x".repeat(70_000) + "%s");

    private static final List<String> NUMBERS = List.of(
            "-1",
            "0",
            "-0",
            "1e400",
            "1E1000000000",
            "-9223372036854775809",
            "18446744073709551616",
            "0.1e-400",
            "1.5");

    static final List<String> PATH_TRAPS = List.of(
            "%2e%2e/%s",
            "..%2f%s",
            "%00%s",
            "%s%0d%0aX-A:%20%s",
            "%c0%ae%s",
            "%ff%fe%s",
            "%25%32%65%s",
            ";a=%s",
            "%s%",
            "%zz%s",
            "%s//",
            "%s/.",
            "\\%s",
            "%E2%80%AE%s",
            "x?%s=%s");

    /** Thousands of what is longer would be more than this side can hold. */
    private static final int LONG = 1_000;

    private static final List<String> METHODS = List.of(
            "GET", "PUT", "POST", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "PROPFIND", "get", "A".repeat(300));

    private static final List<String> TYPES = List.of(
            "text/plain",
            "application/json; charset=utf-16",
            "application/xml",
            "multipart/form-data; boundary=%s",
            "application/x-www-form-urlencoded",
            "application/json; charset=%s",
            "%s",
            "application/JSON ; q=%s",
            "");

    private static final List<String> HEADERS = List.of(
            "If-Match",
            "If-None-Match",
            "Idempotency-Key",
            "Accept",
            "Accept-Encoding",
            "Accept-Language",
            "Origin",
            "Referer",
            "Cookie",
            "Host",
            "X-Forwarded-For",
            "X-Forwarded-Proto",
            "X-HTTP-Method-Override",
            "Forwarded",
            "Range",
            "Expect",
            "Upgrade",
            "Sec-Fetch-Site",
            "Authorization",
            "Content-Encoding",
            "Transfer-Encoding",
            "Content-Length",
            "Connection");

    private static final List<String> HEADER_TRAPS = List.of(
            "%s",
            "\"%s\"",
            "W/\"%s\"",
            "*",
            "gzip, %s;q=1e400",
            "%s=%s; %s",
            "bytes=0-%s,-1,5-2",
            "Bearer %s",
            "Bearer pvk_%s",
            "Basic %s=",
            "127.0.0.1, %s",
            "%s\u0000",
            "\u00e9%s\u00ff",
            "x".repeat(9_000) + "%s",
            "chunked, %s",
            "-1",
            "99999999999999999999",
            "http://%s.example",
            "");

    /** What costs the server most of a second, and what ends a session: seldom. */
    private static final List<String> COSTLY = List.of(
            "signIn",
            "signOut",
            "beginSecondFactor",
            "confirmSecondFactor",
            "addStaff",
            "setPassword",
            "rotateKey",
            "reencryptField",
            "unseal");

    /**
     * One.
     *
     * @param began the operation it began as
     * @param user who sends it, or nothing
     * @param framed whether it is one request and no more, so that the connection is good for another
     */
    record Request(
            OpenApiDocument.Operation began,
            String user,
            String canary,
            byte[] bytes,
            boolean headOnly,
            boolean framed) {
        /** As it was sent, for whoever looks into a failure. */
        @Override
        public String toString() {
            String text = new String(bytes, StandardCharsets.ISO_8859_1);
            return began + " by " + user + ":\n" + text.substring(0, Math.min(text.length(), 2_000));
        }
    }

    private final Random random;
    private final List<OpenApiDocument.Operation> operations;
    private final OpenApiDocument document;
    private final Map<String, String> users;
    private final Targets targets;
    private final BiConsumer<Map<String, String>, String> signing;
    private String canary = "";

    /**
     * Requests by those users, about what is among the {@code targets}, which learn from the answers.
     *
     * @param users who may call which operation
     * @param signing puts the headers of a user into those of a request
     */
    BadRequests(
            long seed,
            OpenApiDocument document,
            Map<String, String> users,
            Targets targets,
            BiConsumer<Map<String, String>, String> signing) {
        this.random = new Random(seed);
        this.document = document;
        // The vault is to stay open.
        this.operations = document.operations().stream()
                .filter(operation -> !id(operation).equals("seal"))
                .toList();
        this.users = users;
        this.targets = targets;
        this.signing = signing;
    }

    private static String id(OpenApiDocument.Operation operation) {
        return operation.node().path("operationId").asText();
    }

    /** The next. */
    Request next() {
        OpenApiDocument.Operation operation = one(operations);
        while (COSTLY.contains(id(operation)) && !chance(150)) {
            operation = one(operations);
        }
        byte[] bits = new byte[8];
        random.nextBytes(bits);
        canary = "zq" + HexFormat.of().formatHex(bits);
        String user =
                chance(12) ? "" : chance(12) ? one(List.copyOf(users.values())) : users.getOrDefault(id(operation), "");
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Host", "127.0.0.1");
        signing.accept(headers, user);
        byte[] body = body(operation, headers);
        String path = path(operation, headers);
        String method = operation.method();
        boolean framed = true;
        int wrong = random.nextInt(10);
        if (wrong == 0) {
            method = one(METHODS);
        } else if (wrong < 4) {
            String name = one(HEADERS);
            framed = !List.of("Transfer-Encoding", "Content-Length", "Connection", "Upgrade", "Expect")
                    .contains(name);
            headers.put(name, filled(one(HEADER_TRAPS)));
        }
        if (framed && body.length > 0 && chance(20)) {
            headers.put("Transfer-Encoding", "chunked");
            body = chunked(body);
            if (chance(4)) {
                // Which of two lengths holds is for the server to refuse (RFC 9112, 6.3).
                headers.put("Content-Length", Integer.toString(random.nextInt(body.length)));
                framed = false;
            }
        } else if (body.length > 0 || method.equals("POST")) {
            headers.putIfAbsent("Content-Length", Integer.toString(body.length));
        }
        boolean headOnly = method.equals("HEAD");
        return new Request(operation, user, canary, message(method, path, headers, body), headOnly, framed);
    }

    /** In pieces of any size. */
    private byte[] chunked(byte[] body) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int from = 0; from < body.length; ) {
            int size = Math.min(body.length - from, 1 + random.nextInt(chance(2) ? 10 : body.length));
            all.writeBytes(bytes(Integer.toHexString(size) + (chance(5) ? ";a=\"" + canary + "\"" : "") + "\r\n"));
            all.write(body, from, size);
            all.writeBytes(bytes("\r\n"));
            from += size;
        }
        all.writeBytes(bytes("0\r\n\r\n"));
        return all.toByteArray();
    }

    private byte[] message(String method, String path, Map<String, String> headers, byte[] body) {
        StringBuilder head = new StringBuilder(method).append(' ').append(path).append(" HTTP/1.1\r\n");
        headers.forEach(
                (name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
        all.writeBytes(body);
        return all.toByteArray();
    }

    private String path(OpenApiDocument.Operation operation, Map<String, String> headers) {
        StringBuilder path = new StringBuilder();
        String before = "";
        for (String part : operation.path().substring(1).split("/", -1)) {
            String said = part.startsWith("{") ? parameter(part, before) : part;
            if (before.equals("patrons") && takesVersion(operation)) {
                headers.put("If-Match", targets.tag(said));
            }
            path.append('/').append(chance(40) ? filled(one(PATH_TRAPS)) : said);
            before = part;
        }
        if (chance(8)) {
            path.append('?');
            for (JsonNode parameter : operation.node().path("parameters")) {
                path.append(document.follow(parameter).path("name").asText())
                        .append('=')
                        .append(chance(4) ? filled(one(PATH_TRAPS)) : chance(2) ? one(NUMBERS) : filled("%s"))
                        .append('&');
            }
            path.append(filled("%s=%s"));
        }
        return path.toString();
    }

    private boolean takesVersion(OpenApiDocument.Operation operation) {
        for (JsonNode parameter : operation.node().path("parameters")) {
            JsonNode said = document.follow(parameter);
            if (said.path("name").asText().equals("If-Match")) {
                return said.path("required").asBoolean() || chance(2);
            }
        }
        return false;
    }

    /** Something to stand for that name, after that part of a path. */
    private String parameter(String name, String before) {
        if (chance(8)) {
            return canary;
        }
        return switch (name) {
            case "{field}" -> one(List.of("name", "phone", "card", "search"));
            case "{purpose}" -> one(List.of("service", "newsletter"));
            case "{client}" -> one(List.of("films-vendor", "nobody"));
            // Of those who send nobody is to lose anything.
            case "{name}" ->
                switch (before) {
                    case "vendors" -> "films-vendor";
                    case "clients" -> targets.one("clients", random).orElse("nobody");
                    default -> targets.one("staff", random).orElse("nobody");
                };
            case "{rule}" -> "expired";
            case "{version}" -> one(List.of("1", "2018-05"));
            case "{tile}" -> one(List.of("0/000", "0/x001/067.p/1"));
            default -> targets.one(before, random).orElse("0123456789abcdef");
        };
    }

    private byte[] body(OpenApiDocument.Operation operation, Map<String, String> headers) {
        JsonNode content = document.follow(operation.node().path("requestBody")).path("content");
        if (content.isEmpty()) {
            return chance(20) ? bytes(filled("{\"%s\":1}")) : new byte[0];
        }
        String type = one(List.copyOf(content.properties())).getKey();
        headers.put("Content-Type", chance(15) ? filled(one(TYPES)) : type);
        JsonNode body = living(example(content.path(type)).deepCopy());
        for (int times = random.nextInt(4); times > 0; times--) {
            body = spoilt(body);
        }
        byte[] sent = spoilt(written(body));
        if (chance(60)) {
            headers.put("Content-Encoding", "gzip");
            return chance(2) ? sent : zipped(sent);
        }
        return sent;
    }

    private JsonNode example(JsonNode content) {
        List<JsonNode> all = new ArrayList<>();
        if (content.has("example")) {
            all.add(content.path("example"));
        }
        content.path("examples").forEach(one -> all.add(document.follow(one).path("value")));
        return one(all);
    }

    /** With the ids of patrons that are there, and cards that nobody has. */
    private JsonNode living(JsonNode node) {
        if (node instanceof ObjectNode object) {
            for (Map.Entry<String, JsonNode> member : List.copyOf(object.properties())) {
                object.set(
                        member.getKey(),
                        member.getKey().equals("card") && chance(2)
                                ? NODES.textNode(SamplePatron.card("9998", random.nextInt(10_000_000)))
                                : living(member.getValue()));
            }
        } else if (node instanceof ArrayNode array) {
            for (int n = 0; n < array.size(); n++) {
                array.set(n, living(array.get(n)));
            }
        } else if (node.isTextual() && ID.matcher(node.asText()).matches()) {
            return NODES.textNode(targets.one("patrons", random).orElse(node.asText()));
        }
        return node;
    }

    /** With something in it that is another, anywhere. */
    private JsonNode spoilt(JsonNode node) {
        if (node.isEmpty() || chance(12)) {
            return value(node);
        }
        if (node instanceof ObjectNode object) {
            String name = one(List.copyOf(object.properties())).getKey();
            switch (random.nextInt(6)) {
                case 0 -> object.remove(name);
                case 1 -> object.set(filled(one(TRAPS.subList(0, 8))), value(object.path(name)));
                default -> object.set(name, spoilt(object.path(name)));
            }
        } else if (node instanceof ArrayNode array) {
            int at = random.nextInt(array.size());
            if (chance(4)) {
                JsonNode again = array.get(at);
                boolean many =
                        chance(10) && again.isValueNode() && again.asText().length() < LONG;
                for (int times = many ? 3_000 : 3; times > 0; times--) {
                    array.add(again);
                }
            } else {
                array.set(at, spoilt(array.get(at)));
            }
        }
        return node;
    }

    private JsonNode value(JsonNode instead) {
        return switch (random.nextInt(9)) {
            case 0 -> NODES.nullNode();
            case 1 -> NODES.booleanNode(random.nextBoolean());
            // Written as it stands, see written().
            case 2 -> NODES.textNode("#" + one(NUMBERS));
            case 3 -> NODES.arrayNode().add(instead);
            case 4 -> NODES.objectNode().set(canary, instead);
            case 5 -> deep();
            default -> NODES.textNode(filled(one(TRAPS)));
        };
    }

    private JsonNode deep() {
        JsonNode deep = NODES.textNode(canary);
        for (int depth = 15 + random.nextInt(20); depth > 0; depth--) {
            deep = chance(2) ? NODES.arrayNode().add(deep) : NODES.objectNode().set("a", deep);
        }
        return deep;
    }

    private static byte[] written(JsonNode body) {
        try {
            return bytes(JSON.writeValueAsString(body).replaceAll("\"#([-0-9.eE]+)\"", "$1"));
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    private byte[] spoilt(byte[] text) {
        int at = random.nextInt(text.length);
        byte[] other = text.clone();
        return switch (random.nextInt(24)) {
            case 0 -> Arrays.copyOf(text, at);
            case 1 -> {
                other[at] ^= (byte) (1 << random.nextInt(8));
                yield other;
            }
            case 2 -> joined(text, text);
            case 3 -> joined(bytes("\ufeff"), text);
            case 4 -> joined(text, bytes(filled("//%s")));
            case 5 -> {
                other[at] = (byte) 0xff;
                yield other;
            }
            case 6 -> new String(text, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_16);
            case 7 -> bytes("[".repeat(20_000));
            case 8 -> bytes(new String(text, StandardCharsets.UTF_8).replace('"', '\''));
            case 9 -> bytes(filled("{\"%s\":\"%s\",\"%s\":NaN}"));
            case 10 -> new byte[0];
            default -> text;
        };
    }

    private static byte[] zipped(byte[] text) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        try (GZIPOutputStream zip = new GZIPOutputStream(all)) {
            zip.write(text);
            zip.write(new byte[1 << 20]);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return all.toByteArray();
    }

    private static byte[] joined(byte[] first, byte[] second) {
        byte[] all = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, all, first.length, second.length);
        return all;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private String filled(String trap) {
        return trap.replace("%s", canary);
    }

    private boolean chance(int ofSoMany) {
        return random.nextInt(ofSoMany) == 0;
    }

    private <T> T one(List<T> all) {
        return all.get(random.nextInt(all.size()));
    }
}
