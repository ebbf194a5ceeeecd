package org.patronvault.testing;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWT;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.oauth2.sdk.AuthorizationCodeGrant;
import com.nimbusds.oauth2.sdk.ParseException;
import com.nimbusds.oauth2.sdk.TokenRequest;
import com.nimbusds.oauth2.sdk.auth.ClientSecretBasic;
import com.nimbusds.oauth2.sdk.http.HTTPRequest;
import com.nimbusds.oauth2.sdk.pkce.CodeChallenge;
import com.nimbusds.openid.connect.sdk.AuthenticationRequest;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Date;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;
import org.patronvault.access.signon.OpenIdSettings;

/**
 * A provider of OpenID Connect that does all that the code flow with PKCE takes, and then whatever a test wants it to do
 * wrong: it is honest until told otherwise. Codes are good once, for the client, its secret, the redirect address and the
 * verifier they were given for.
 */
public final class TestProvider implements AutoCloseable {
    /** What the vault is called there, and by what it is believed. */
    public static final String CLIENT = "patron-vault";

    private static final String SECRET = "a secret of the vault";
    private static final int KEY_BITS = 2_048;

    /** Each provider of this JVM begins with this key. To make one takes as long as a test. */
    private static final RSAKey FIRST_KEY = newKey();

    private record Granted(AuthenticationRequest request, String subject, Map<String, Object> claims) {}

    private final HttpServer server;
    private final Map<String, Granted> codes = new HashMap<>();
    private RSAKey key = FIRST_KEY;

    /** What is put into the discovery document beside what is true. */
    public final Map<String, Object> document = new LinkedHashMap<>();

    /** What is done to the claims of each token. */
    public Consumer<JWTClaimsSet.Builder> claims = token -> {};

    /** How they become a token. */
    public Function<JWTClaimsSet, JWT> signer = this::signed;

    /** A status with which the exchange answers, if not as it should. */
    public Optional<Integer> broken = Optional.empty();

    /** How often its keys were asked for. */
    public int keysAsked;

    private TestProvider(HttpServer server) {
        this.server = server;
        server.createContext("/.well-known/openid-configuration", http -> answer(http, 200, discovery()));
        server.createContext("/keys", http -> {
            keysAsked++;
            answer(http, 200, new JWKSet(key.toPublicJWK()).toString());
        });
        server.createContext("/token", this::exchange);
        server.start();
    }

    /** A new one, at a port of its own. */
    public static TestProvider start() throws IOException {
        return new TestProvider(HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0));
    }

    /** Its name for itself. */
    public String issuer() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** What a vault's settings say of it; the secret is put into that directory. */
    public OpenIdSettings settings(Path directory, String vault) throws IOException {
        Path secret = Files.writeString(directory.resolve("sign-on.secret"), SECRET.replace(' ', '-') + "\n");
        return new OpenIdSettings(
                URI.create(issuer()),
                CLIENT,
                secret,
                "the town's account",
                URI.create(vault + OpenIdSettings.CALLBACK),
                List.of("openid", "profile"),
                "preferred_username",
                "groups",
                Optional.of("library"),
                Optional.of("mfa"),
                0);
    }

    /** Makes a key that no provider has. */
    public static RSAKey newKey() {
        try {
            return new RSAKeyGenerator(KEY_BITS)
                    .keyID(UUID.randomUUID().toString())
                    .keyUse(KeyUse.SIGNATURE)
                    .generate();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Has another key from now on, and that alone. */
    public void rotate() {
        key = newKey();
    }

    /** The key that it signs with. */
    public RSAKey key() {
        return key;
    }

    /** Signs as it should. */
    public SignedJWT signed(JWTClaimsSet token) {
        return signed(token, key, JWSAlgorithm.RS256);
    }

    /** Signs by another key or algorithm. */
    public static SignedJWT signed(JWTClaimsSet token, RSAKey by, JWSAlgorithm algorithm) {
        try {
            SignedJWT signed = new SignedJWT(
                    new JWSHeader.Builder(algorithm).keyID(by.getKeyID()).build(), token);
            signed.sign(new RSASSASigner(by));
            return signed;
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Somebody proves there who they are; gives what the browser is sent back with.
     *
     * @param address where the vault sent the browser
     */
    public Map<String, List<String>> signOn(URI address, String subject, Map<String, Object> said) {
        try {
            AuthenticationRequest request = AuthenticationRequest.parse(address);
            if (!request.getClientID().getValue().equals(CLIENT)
                    || request.getCodeChallenge() == null
                    || request.getMaxAge() < 0) {
                throw new IllegalStateException("not what sign-on.md says it asks for");
            }
            String code = UUID.randomUUID().toString();
            codes.put(code, new Granted(request, subject, said));
            Map<String, List<String>> answer = new HashMap<>();
            answer.put("code", List.of(code));
            answer.put("state", List.of(request.getState().getValue()));
            return answer;
        } catch (ParseException e) {
            throw new IllegalStateException(e);
        }
    }

    private String discovery() {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("issuer", issuer());
        all.put("authorization_endpoint", issuer() + "/authorize");
        all.put("token_endpoint", issuer() + "/token");
        all.put("jwks_uri", issuer() + "/keys");
        all.put("response_types_supported", List.of("code"));
        all.put("subject_types_supported", List.of("public"));
        all.put("id_token_signing_alg_values_supported", List.of("RS256"));
        all.put("code_challenge_methods_supported", List.of("S256"));
        all.putAll(document);
        return com.nimbusds.jose.util.JSONObjectUtils.toJSONString(all);
    }

    private void exchange(HttpExchange http) throws IOException {
        if (broken.isPresent()) {
            http.getResponseHeaders().add("Location", issuer() + "/elsewhere");
            answer(http, broken.get(), "{}");
            return;
        }
        String body = new String(http.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        try {
            answer(http, 200, token(http, body));
        } catch (ParseException | IllegalArgumentException e) {
            answer(http, 400, "{\"error\":\"" + e.getMessage() + "\"}");
        }
    }

    private String token(HttpExchange http, String body) throws ParseException, IOException {
        HTTPRequest parsed = new HTTPRequest(HTTPRequest.Method.POST, new URL(issuer() + "/token"));
        parsed.setContentType(http.getRequestHeaders().getFirst("Content-Type"));
        parsed.setAuthorization(http.getRequestHeaders().getFirst("Authorization"));
        parsed.setBody(body);
        TokenRequest request = TokenRequest.parse(parsed);
        boolean known = request.getClientAuthentication() instanceof ClientSecretBasic basic
                && basic.getClientID().getValue().equals(CLIENT)
                && basic.getClientSecret().getValue().equals(SECRET.replace(' ', '-'));
        if (!known) {
            throw new IllegalArgumentException("invalid_client");
        }
        AuthorizationCodeGrant grant = (AuthorizationCodeGrant) request.getAuthorizationGrant();
        Granted granted = codes.remove(grant.getAuthorizationCode().getValue());
        boolean fits = granted != null
                && granted.request().getRedirectionURI().equals(grant.getRedirectionURI())
                && CodeChallenge.compute(granted.request().getCodeChallengeMethod(), grant.getCodeVerifier())
                        .equals(granted.request().getCodeChallenge());
        if (!fits) {
            throw new IllegalArgumentException("invalid_grant");
        }
        Instant now = Instant.now();
        JWTClaimsSet.Builder token = new JWTClaimsSet.Builder()
                .issuer(issuer())
                .audience(CLIENT)
                .subject(granted.subject())
                .issueTime(Date.from(now))
                .expirationTime(Date.from(now.plusSeconds(60)))
                .claim("auth_time", now.getEpochSecond())
                .claim("nonce", granted.request().getNonce().getValue());
        granted.claims().forEach(token::claim);
        claims.accept(token);
        return "{\"access_token\":\"none of the vault's business\",\"token_type\":\"Bearer\",\"id_token\":\""
                + signer.apply(token.build()).serialize() + "\"}";
    }

    private static void answer(HttpExchange http, int status, String json) throws IOException {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        http.getResponseHeaders().add("Content-Type", "application/json");
        http.sendResponseHeaders(status, bytes.length);
        http.getResponseBody().write(bytes);
        http.close();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
