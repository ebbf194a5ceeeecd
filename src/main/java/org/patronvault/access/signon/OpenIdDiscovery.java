package org.patronvault.access.signon;

import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.oauth2.sdk.ParseException;
import com.nimbusds.oauth2.sdk.pkce.CodeChallengeMethod;
import com.nimbusds.openid.connect.sdk.op.OIDCProviderMetadata;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The discovery document of an identity provider (OpenID Connect Discovery 1.0), with its keys. Endpoints are cached
 * for an hour, keys for five minutes. Keys are read again when a token names an unknown one. Thread-safe.
 */
final class OpenIdDiscovery {
    private static final Logger LOG = LoggerFactory.getLogger(OpenIdDiscovery.class);
    private static final long DOCUMENT_NANOS = TimeUnit.HOURS.toNanos(1);
    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long KEYS_MILLIS = TimeUnit.MINUTES.toMillis(5);
    private static final long KEYS_WAIT_MILLIS = TimeUnit.SECONDS.toMillis(6);
    private static final String WELL_KNOWN = "/.well-known/openid-configuration";

    /**
     * @param document names the endpoints for codes, tokens and keys
     */
    record Provider(OIDCProviderMetadata document, JWKSource<SecurityContext> keys, long readNanos) {}

    private record Failure(SignOnRefused why, long atNanos) {}

    private final URI issuer;
    private final OpenIdCalls calls;
    private final LongSupplier nanoTime;
    private volatile Provider known;
    private volatile Optional<Failure> failed = Optional.empty();

    OpenIdDiscovery(URI issuer, OpenIdCalls calls, LongSupplier nanoTime) {
        this.issuer = issuer;
        this.calls = calls;
        this.nanoTime = nanoTime;
    }

    /**
     * Returns the document read within the hour. A provider that did not answer is not asked again for some seconds.
     */
    Provider known() throws SignOnRefused {
        Provider now = known;
        if (now == null || nanoTime.getAsLong() - now.readNanos() > DOCUMENT_NANOS) {
            now = readAgain();
        }
        return now;
    }

    private Provider readAgain() throws SignOnRefused {
        Optional<Failure> before = failed.filter(last -> nanoTime.getAsLong() - last.atNanos() < PAUSE_NANOS);
        if (before.isPresent()) {
            throw before.get().why();
        }
        try {
            Provider now = read();
            failed = Optional.empty();
            return now;
        } catch (SignOnRefused e) {
            LOG.warn("The sign-on provider cannot be asked: {}.", e.getMessage());
            failed = Optional.of(new Failure(e, nanoTime.getAsLong()));
            throw e;
        }
    }

    /** Reads the document now. */
    Provider read() throws SignOnRefused {
        try {
            OIDCProviderMetadata document = OIDCProviderMetadata.parse(
                    calls.get(URI.create(issuer.toString().replaceFirst("/$", "") + WELL_KNOWN)));
            Optional<String> fault = fault(document);
            if (fault.isPresent()) {
                throw SignOnRefused.unreachable(fault.get());
            }
            Provider now = new Provider(
                    document,
                    JWKSourceBuilder.<SecurityContext>create(
                                    document.getJWKSetURI().toURL(), calls)
                            .cache(KEYS_MILLIS, KEYS_WAIT_MILLIS)
                            .refreshAheadCache(false)
                            .build(),
                    nanoTime.getAsLong());
            known = now;
            return now;
        } catch (ParseException | MalformedURLException | IllegalArgumentException e) {
            throw SignOnRefused.unreachable("its discovery document cannot be read");
        } catch (IOException e) {
            throw SignOnRefused.unreachable(e.getMessage());
        }
    }

    /** Returns a fault in the document, if there is one. */
    private Optional<String> fault(OIDCProviderMetadata document) {
        if (!document.getIssuer().getValue().equals(issuer.toString())) {
            return Optional.of("its discovery document is of another issuer");
        }
        boolean complete = document.getAuthorizationEndpointURI() != null
                && document.getTokenEndpointURI() != null
                && document.getJWKSetURI() != null;
        if (!complete) {
            return Optional.of("its discovery document names no endpoint for codes, tokens or keys");
        }
        boolean closed = Stream.of(
                        document.getAuthorizationEndpointURI(), document.getTokenEndpointURI(), document.getJWKSetURI())
                .allMatch(endpoint ->
                        OpenIdCalls.isClosed(endpoint) && issuer.getScheme().equalsIgnoreCase(endpoint.getScheme()));
        if (!closed) {
            return Optional.of("its discovery document names an address without TLS");
        }
        List<CodeChallengeMethod> proofs = document.getCodeChallengeMethods();
        return proofs != null && !proofs.contains(CodeChallengeMethod.S256)
                ? Optional.of("it does not take PKCE by S256")
                : Optional.empty();
    }
}
