package org.patronvault.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * AWS KMS with one key, as far as a slot needs it: Encrypt and Decrypt of the JSON protocol 1.1. It recomputes each
 * request's signature from the published algorithm (AWS Signature Version 4), refuses a wrong one, and encrypts with
 * the encryption context as AAD. While it is there, the SDK in this JVM finds it and credentials for it by the system
 * properties that the SDK reads.
 */
public final class KmsDouble implements AutoCloseable {
    /** The one key. */
    public static final String ARN = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

    /** What stands in answers and must not stand in any message of ours. */
    public static final String REQUEST_ID = "e0b5c2f1-request-id";

    private static final String ACCESS_KEY = "AKIDEXAMPLE";
    private static final String SECRET_KEY = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    private static final String SECRET_PROPERTY = "aws.secretAccessKey";
    private static final List<String> PROPERTIES = List.of("aws.accessKeyId", SECRET_PROPERTY, "aws.endpointUrlKms");
    private static final Pattern AUTHORIZATION = Pattern.compile("AWS4-HMAC-SHA256 Credential=" + ACCESS_KEY
            + "/(\\d{8})/us-east-1/kms/aws4_request, SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})");
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HexFormat HEX = HexFormat.of();
    private static final int IV_BYTES = 12;

    /** One request whose signature was right. */
    public record Got(String action, String keyId, JsonNode context) {}

    private record Answer(int status, String body) {}

    private final byte[] key = new byte[32];
    private final List<Got> got = new CopyOnWriteArrayList<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpServer server;
    private volatile Answer instead;
    private final AtomicInteger calls = new AtomicInteger();
    private volatile CountDownLatch answering = new CountDownLatch(0);

    /** Listens on a free port of this machine. */
    public KmsDouble() {
        new SecureRandom().nextBytes(key);
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(threads);
        server.createContext("/", this::take);
        server.start();
        System.setProperty("aws.accessKeyId", ACCESS_KEY);
        System.setProperty(SECRET_PROPERTY, SECRET_KEY);
        System.setProperty(
                "aws.endpointUrlKms", "http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** The requests so far whose signature was right, oldest first. */
    public List<Got> got() {
        return List.copyOf(got);
    }

    /** What another JVM needs to find it, as options of its command line. */
    public String[] jvmOptions() {
        return PROPERTIES.stream()
                .map(name -> "-D" + name + "=" + System.getProperty(name))
                .toArray(String[]::new);
    }

    /** How many requests there were at all. */
    public int calls() {
        return calls.get();
    }

    /** From now on it answers this, whatever it is asked. */
    public void answer(int status, String body) {
        instead = new Answer(status, body);
    }

    /** From now on it refuses as KMS does, with a type and a message that says too much. */
    public void refuse(int status, String type) {
        answer(status, "{\"__type\":\"" + type + "\",\"message\":\"User clerk may not use " + ARN + "\"}");
    }

    /** From now on it takes requests and answers none. */
    public void hold() {
        answering = new CountDownLatch(1);
    }

    /** From now on it takes other credentials than the SDK has. */
    public static void forgetCredentials() {
        System.setProperty(SECRET_PROPERTY, "another");
    }

    /** It is as it was at first, and has heard nothing. */
    public void asUsual() {
        answering.countDown();
        instead = null;
        calls.set(0);
        got.clear();
        System.setProperty(SECRET_PROPERTY, SECRET_KEY);
    }

    private void take(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        Answer answer;
        try {
            calls.incrementAndGet();
            answering.await();
            answer = answer(exchange, body);
        } catch (InterruptedException | GeneralSecurityException e) {
            answer = new Answer(500, "");
        }
        byte[] bytes = answer.body().getBytes(UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/x-amz-json-1.1");
        exchange.getResponseHeaders().add("x-amzn-RequestId", REQUEST_ID);
        exchange.sendResponseHeaders(answer.status(), bytes.length == 0 ? -1 : bytes.length);
        if (bytes.length > 0) {
            exchange.getResponseBody().write(bytes);
        }
        exchange.close();
    }

    private Answer answer(HttpExchange exchange, byte[] body) throws IOException, GeneralSecurityException {
        if (!isSigned(exchange, body)) {
            return refusal(403, "InvalidSignatureException");
        }
        JsonNode asked = JSON.readTree(body);
        String action = exchange.getRequestHeaders().getFirst("X-Amz-Target");
        got.add(new Got(action, asked.path("KeyId").asText(), asked.path("EncryptionContext")));
        if (instead != null) {
            return instead;
        }
        if (!ARN.equals(asked.path("KeyId").asText())) {
            return refusal(400, "NotFoundException");
        }
        // KMS sorts it; a slot's has one entry.
        byte[] context = asked.path("EncryptionContext").toString().getBytes(UTF_8);
        ObjectNode answer = JSON.createObjectNode().put("KeyId", ARN);
        switch (action) {
            case "TrentService.Encrypt" -> {
                byte[] iv = new byte[IV_BYTES];
                new SecureRandom().nextBytes(iv);
                byte[] encrypted = cipher(Cipher.ENCRYPT_MODE, iv, context)
                        .doFinal(asked.path("Plaintext").binaryValue());
                byte[] blob = Arrays.copyOf(iv, IV_BYTES + encrypted.length);
                System.arraycopy(encrypted, 0, blob, IV_BYTES, encrypted.length);
                answer.put("CiphertextBlob", blob);
            }
            case "TrentService.Decrypt" -> {
                byte[] blob = asked.path("CiphertextBlob").binaryValue();
                Cipher cipher = cipher(Cipher.DECRYPT_MODE, Arrays.copyOf(blob, IV_BYTES), context);
                try {
                    answer.put("Plaintext", cipher.doFinal(blob, IV_BYTES, blob.length - IV_BYTES));
                } catch (GeneralSecurityException e) {
                    return refusal(400, "InvalidCiphertextException");
                }
            }
            default -> {
                return refusal(400, "UnknownOperationException");
            }
        }
        return new Answer(200, answer.toString());
    }

    private static Answer refusal(int status, String type) {
        return new Answer(status, "{\"__type\":\"" + type + "\",\"message\":\"" + ARN + "\"}");
    }

    private Cipher cipher(int mode, byte[] iv, byte[] context) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(128, iv));
        cipher.updateAAD(context);
        return cipher;
    }

    /** AWS Signature Version 4: canonical request, string to sign, signing key, signature. */
    private static boolean isSigned(HttpExchange exchange, byte[] body) throws GeneralSecurityException {
        String header = exchange.getRequestHeaders().getFirst("Authorization");
        Matcher given = AUTHORIZATION.matcher(String.valueOf(header));
        if (!given.matches()) {
            return false;
        }
        List<String> signed = List.of(given.group(2).split(";", -1));
        String time = exchange.getRequestHeaders().getFirst("X-Amz-Date");
        if (!signed.containsAll(List.of("host", "x-amz-date", "x-amz-target"))
                || !time.startsWith(given.group(1))
                || Duration.between(TIME.parse(time, Instant::from), Instant.now())
                                .abs()
                                .compareTo(Duration.ofMinutes(5))
                        > 0) {
            return false;
        }
        List<String> canonical = new ArrayList<>(List.of(exchange.getRequestMethod(), "/", ""));
        signed.forEach(name -> canonical.add(name + ":"
                + String.join(",", exchange.getRequestHeaders().get(name)).strip()));
        canonical.addAll(List.of("", given.group(2), sha256(body)));
        String scope = given.group(1) + "/us-east-1/kms/aws4_request";
        String toSign = String.join(
                "\n",
                "AWS4-HMAC-SHA256",
                time,
                scope,
                sha256(String.join("\n", canonical).getBytes(UTF_8)));
        byte[] signing = ("AWS4" + SECRET_KEY).getBytes(UTF_8);
        for (String part : scope.split("/", -1)) {
            signing = hmac(signing, part);
        }
        return HEX.formatHex(hmac(signing, toSign)).equals(given.group(3));
    }

    private static String sha256(byte[] bytes) throws GeneralSecurityException {
        return HEX.formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }

    private static byte[] hmac(byte[] key, String text) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return mac.doFinal(text.getBytes(UTF_8));
    }

    @Override
    public void close() {
        answering.countDown();
        server.stop(0);
        threads.shutdownNow();
        PROPERTIES.forEach(System::clearProperty);
    }
}
