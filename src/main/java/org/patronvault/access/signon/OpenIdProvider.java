package org.patronvault.access.signon;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jwt.JWT;
import com.nimbusds.oauth2.sdk.AuthorizationCode;
import com.nimbusds.oauth2.sdk.AuthorizationCodeGrant;
import com.nimbusds.oauth2.sdk.OAuth2Error;
import com.nimbusds.oauth2.sdk.ParseException;
import com.nimbusds.oauth2.sdk.ResponseType;
import com.nimbusds.oauth2.sdk.Scope;
import com.nimbusds.oauth2.sdk.TokenRequest;
import com.nimbusds.oauth2.sdk.TokenResponse;
import com.nimbusds.oauth2.sdk.auth.ClientAuthentication;
import com.nimbusds.oauth2.sdk.auth.ClientAuthenticationMethod;
import com.nimbusds.oauth2.sdk.auth.ClientSecretBasic;
import com.nimbusds.oauth2.sdk.auth.ClientSecretPost;
import com.nimbusds.oauth2.sdk.auth.Secret;
import com.nimbusds.oauth2.sdk.http.HTTPResponse;
import com.nimbusds.oauth2.sdk.id.ClientID;
import com.nimbusds.oauth2.sdk.id.Issuer;
import com.nimbusds.oauth2.sdk.id.State;
import com.nimbusds.oauth2.sdk.pkce.CodeChallengeMethod;
import com.nimbusds.oauth2.sdk.pkce.CodeVerifier;
import com.nimbusds.openid.connect.sdk.AuthenticationRequest;
import com.nimbusds.openid.connect.sdk.Nonce;
import com.nimbusds.openid.connect.sdk.OIDCTokenResponse;
import com.nimbusds.openid.connect.sdk.OIDCTokenResponseParser;
import com.nimbusds.openid.connect.sdk.Prompt;
import com.nimbusds.openid.connect.sdk.claims.IDTokenClaimsSet;
import com.nimbusds.openid.connect.sdk.op.OIDCProviderMetadata;
import com.nimbusds.openid.connect.sdk.validators.IDTokenValidator;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.patronvault.access.signon.SignOnRefused.Reason;

/**
 * The identity provider for staff sign-on: OpenID Connect Core 1.0, the authorization code flow with PKCE (RFC 7636).
 * {@code sign-on.md} lists the checks of an answer and a token. Thread-safe.
 */
public final class OpenIdProvider {
    /**
     * Algorithms with the provider's own private key. Neither {@code none} nor one that works with the client's secret
     * or a public key is allowed.
     */
    private static final Set<JWSAlgorithm> ALGORITHMS = Set.of(
            JWSAlgorithm.RS256,
            JWSAlgorithm.RS384,
            JWSAlgorithm.RS512,
            JWSAlgorithm.PS256,
            JWSAlgorithm.PS384,
            JWSAlgorithm.PS512,
            JWSAlgorithm.ES256,
            JWSAlgorithm.ES384,
            JWSAlgorithm.ES512);

    private static final int SKEW_SECONDS = 60;

    /** Both times are the provider's; it counts in seconds. */
    private static final int ROUNDED_SECONDS = 2;

    /** The most characters of a parameter that the browser brings. */
    private static final int MOST_CHARS = 4_096;

    private final OpenIdSettings settings;
    private final OpenIdCalls calls = new OpenIdCalls();
    private final OpenIdDiscovery discovery;

    /** Makes the provider; sends nothing yet. */
    public OpenIdProvider(OpenIdSettings settings) {
        this(settings, System::nanoTime);
    }

    OpenIdProvider(OpenIdSettings settings, LongSupplier nanoTime) {
        this.settings = settings;
        this.discovery = new OpenIdDiscovery(settings.issuer(), calls, nanoTime);
    }

    /** Returns the name that the page gives the account there. */
    String name() {
        return settings.name();
    }

    /** Returns the URL to which a browser is sent to sign on. */
    URI address(SignOnAttempt attempt) throws SignOnRefused {
        AuthenticationRequest.Builder request = new AuthenticationRequest.Builder(
                        ResponseType.CODE,
                        new Scope(settings.scopes().toArray(String[]::new)),
                        new ClientID(settings.clientId()),
                        settings.callback())
                .endpointURI(discovery.known().document().getAuthorizationEndpointURI())
                .state(new State(attempt.state()))
                .nonce(new Nonce(attempt.nonce()))
                .codeChallenge(new CodeVerifier(attempt.verifier()), CodeChallengeMethod.S256)
                .maxAge((int) TimeUnit.MINUTES.toSeconds(settings.maxAgeMinutes()));
        if (settings.maxAgeMinutes() == 0) {
            // A provider counts in seconds. Without this, a person who clicks within the same second would be signed in
            // as the previous person.
            request.prompt(new Prompt(Prompt.Type.LOGIN));
        }
        return request.build().toURI();
    }

    /**
     * Returns the person who came back from the provider.
     *
     * @param answer the parameters that the browser brought; the state was already compared
     * @param now by the clock that the attempt was begun by
     */
    SignOnIdentity identify(SignOnAttempt attempt, Map<String, List<String>> answer, Instant now) throws SignOnRefused {
        OpenIdDiscovery.Provider at = discovery.known();
        Optional<String> issuer = one(answer, "iss");
        boolean named = issuer.isPresent() || at.document().supportsAuthorizationResponseIssuerParam();
        if (named && !issuer.equals(Optional.of(settings.issuer().toString()))) {
            throw new SignOnRefused(Reason.ANSWER, "it is of another issuer");
        }
        if (one(answer, "error").isPresent()) {
            throw new SignOnRefused(Reason.DENIED, "it is an error");
        }
        String code = one(answer, "code").orElseThrow(() -> new SignOnRefused(Reason.ANSWER, "it has no code"));
        try {
            return identity(proven(at, exchange(at, code, attempt.verifier()), attempt, now));
        } catch (IllegalArgumentException e) {
            // From the library for an empty required claim, or from this class for a claim that is no text.
            throw new SignOnRefused(Reason.TOKEN, "it says something that cannot be");
        }
    }

    /** Returns a parameter, which may be present once. */
    private static Optional<String> one(Map<String, List<String>> answer, String name) throws SignOnRefused {
        List<String> values = answer.getOrDefault(name, List.of());
        if (values.size() > 1) {
            throw new SignOnRefused(Reason.ANSWER, "it says something twice");
        }
        return values.stream()
                .filter(value -> !value.isBlank() && value.length() <= MOST_CHARS)
                .findFirst();
    }

    /** Returns the ID token for that code; other tokens in the answer are ignored. */
    private JWT exchange(OpenIdDiscovery.Provider at, String code, String verifier) throws SignOnRefused {
        TokenRequest request = new TokenRequest.Builder(
                        at.document().getTokenEndpointURI(),
                        secret(at.document()),
                        new AuthorizationCodeGrant(
                                new AuthorizationCode(code), settings.callback(), new CodeVerifier(verifier)))
                .build();
        try {
            HTTPResponse got = request.toHTTPRequest().send(calls);
            if (got.getStatusCode() >= 500) {
                throw SignOnRefused.unreachable("it answers " + got.getStatusCode());
            }
            TokenResponse answer = OIDCTokenResponseParser.parse(got);
            if (!answer.indicatesSuccess()) {
                boolean isTheClients = Set.of(OAuth2Error.INVALID_CLIENT, OAuth2Error.UNAUTHORIZED_CLIENT)
                        .contains(answer.toErrorResponse().getErrorObject());
                throw isTheClients
                        ? new SignOnRefused(Reason.CLIENT, "it refuses the client or its secret")
                        : new SignOnRefused(Reason.CODE, "it refuses the code");
            }
            JWT token = ((OIDCTokenResponse) answer.toSuccessResponse())
                    .getOIDCTokens()
                    .getIDToken();
            if (token == null) {
                throw new SignOnRefused(Reason.TOKEN, "there is none");
            }
            return token;
        } catch (ParseException e) {
            throw new SignOnRefused(Reason.TOKEN, "it cannot be read");
        } catch (IOException e) {
            throw SignOnRefused.unreachable(e.getMessage());
        }
    }

    private ClientAuthentication secret(OIDCProviderMetadata document) throws SignOnRefused {
        ClientID id = new ClientID(settings.clientId());
        Secret secret = new Secret(secret());
        List<ClientAuthenticationMethod> takes = document.getTokenEndpointAuthMethods();
        // The default method of a provider that names none (OpenID Connect Discovery, section 3).
        return takes == null || takes.contains(ClientAuthenticationMethod.CLIENT_SECRET_BASIC)
                ? new ClientSecretBasic(id, secret)
                : new ClientSecretPost(id, secret);
    }

    private String secret() throws SignOnRefused {
        try {
            String secret = Files.readString(settings.secretFile(), StandardCharsets.UTF_8)
                    .strip();
            if (secret.matches("[\\x21-\\x7e]+")) {
                return secret;
            }
        } catch (IOException e) {
            // Reported below.
        }
        throw new SignOnRefused(Reason.CLIENT, "the file with the secret cannot be read, or holds none");
    }

    private IDTokenClaimsSet proven(OpenIdDiscovery.Provider at, JWT token, SignOnAttempt attempt, Instant now)
            throws SignOnRefused {
        IDTokenValidator validator = new IDTokenValidator(
                new Issuer(settings.issuer()),
                new ClientID(settings.clientId()),
                new JWSVerificationKeySelector<>(ALGORITHMS, at.keys()),
                null);
        validator.setMaxClockSkew(SKEW_SECONDS);
        try {
            IDTokenClaimsSet claims = validator.validate(token, new Nonce(attempt.nonce()));
            // With several audiences, the authorized party says which one the token is for (Core, section 3.1.3.7).
            boolean ours = claims.getAuthorizedParty() == null
                    ? claims.getAudience().size() == 1
                    : claims.getAuthorizedParty().getValue().equals(settings.clientId());
            if (!ours) {
                throw new SignOnRefused(Reason.TOKEN, "it was made for another party");
            }
            if (claims.getAuthenticationTime() == null) {
                // A provider that was asked for a maximum age must send this claim (Core, section 2). Without it, the
                // person who typed the password is unknown.
                throw new SignOnRefused(
                        Reason.TOKEN,
                        "it has no auth_time, which says when the password was typed: have the provider put it into ID"
                                + " tokens (sign-on.md)");
            }
            Instant typed = claims.getAuthenticationTime().toInstant();
            long age =
                    Duration.between(typed, claims.getIssueTime().toInstant()).toSeconds();
            // The person had to type the password since the redirect, at least if the policy asks for it each time.
            long most = TimeUnit.MINUTES.toSeconds(settings.maxAgeMinutes())
                    + Math.max(0, Duration.between(attempt.begun(), now).toSeconds())
                    + ROUNDED_SECONDS;
            if (age > most) {
                throw new SignOnRefused(Reason.TOKEN, "the password was typed there too long ago");
            }
            return claims;
        } catch (BadJOSEException e) {
            // The text after a colon comes from the token.
            throw new SignOnRefused(Reason.TOKEN, String.valueOf(e.getMessage()).replaceFirst(":.*", ""));
        } catch (JOSEException e) {
            throw SignOnRefused.unreachable("its keys cannot be read");
        }
    }

    private SignOnIdentity identity(IDTokenClaimsSet claims) {
        boolean twice = settings.secondFactorValue()
                .filter(value -> value.equals(claims.getStringClaim("acr"))
                        || Optional.ofNullable(claims.getStringListClaim("amr"))
                                .orElse(List.of())
                                .contains(value))
                .isPresent();
        return new SignOnIdentity(
                claims.getIssuer().getValue(),
                claims.getSubject().getValue(),
                text(claims, settings.userNameClaim()),
                texts(claims, settings.rolesClaim()),
                settings.libraryClaim().flatMap(claim -> text(claims, claim)),
                twice);
    }

    private static Optional<String> text(IDTokenClaimsSet claims, String name) {
        return Optional.ofNullable(claims.getStringClaim(name)).filter(text -> !text.isBlank());
    }

    /** Returns a list of words, or one word; nothing else is a group. */
    private static List<String> texts(IDTokenClaimsSet claims, String name) {
        return Optional.ofNullable(claims.getStringListClaim(name))
                .orElseGet(() -> text(claims, name).stream().toList());
    }

    /**
     * A reason why nobody can sign on by this provider.
     *
     * @param says the fault in a phrase
     * @param ofClient whether the provider answers but rejects this vault as its client
     */
    public record Fault(String says, boolean ofClient) {}

    /**
     * Asks the provider now, and returns its fault; empty if sign-on works, as far as can be tested. The test sends the
     * client's secret with a code that the provider never gave. Most providers check the client first, though none has
     * to (RFC 6749, section 5.2).
     */
    public Optional<Fault> fault() {
        try {
            JWT unused = exchange(discovery.read(), new AuthorizationCode().getValue(), new CodeVerifier().getValue());
            return Optional.empty();
        } catch (SignOnRefused e) {
            return e.why() == Reason.CODE
                    ? Optional.empty()
                    : Optional.of(new Fault(e.getMessage(), e.why() == Reason.CLIENT));
        }
    }
}
