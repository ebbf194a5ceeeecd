package org.patronvault.access.signon;

import com.nimbusds.jose.util.Resource;
import com.nimbusds.jose.util.ResourceRetriever;
import com.nimbusds.oauth2.sdk.ParseException;
import com.nimbusds.oauth2.sdk.http.HTTPRequestSender;
import com.nimbusds.oauth2.sdk.http.HTTPResponse;
import com.nimbusds.oauth2.sdk.http.ReadOnlyHTTPRequest;
import com.nimbusds.oauth2.sdk.http.ReadOnlyHTTPResponse;
import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Semaphore;
import org.patronvault.access.external.BoundedHttpCall;
import org.patronvault.access.external.ExternalEndpoint;

/**
 * The HTTP client for calls to an identity provider. It uses TLS, except on this machine, and follows no redirects. An
 * answer has at most 64 KiB and five seconds. At most eight calls run at a time, so a provider that hangs holds few
 * threads. Thread-safe.
 */
final class OpenIdCalls implements HTTPRequestSender, ResourceRetriever {
    private static final Duration ANSWER = Duration.ofSeconds(5);
    private static final int MAX_ANSWER_BYTES = 64 * 1024;
    private static final int AT_A_TIME = 8;
    private static final Set<String> CARRIED = Set.of("authorization", "content-type", "accept");

    private final BoundedHttpCall call = new BoundedHttpCall();
    private final Semaphore places = new Semaphore(AT_A_TIME);

    @Override
    public ReadOnlyHTTPResponse send(ReadOnlyHTTPRequest request) throws IOException {
        HttpRequest.Builder sent = HttpRequest.newBuilder(closed(request.getURI()))
                .timeout(ANSWER)
                .method(
                        request.getMethod().name(),
                        request.getBody() == null
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(request.getBody()));
        request.getHeaderMap().forEach((name, values) -> {
            if (CARRIED.contains(name.toLowerCase(Locale.ROOT))) {
                values.forEach(value -> sent.header(name, value));
            }
        });
        HttpResponse<byte[]> got = ask(sent.build());
        HTTPResponse answer = new HTTPResponse(got.statusCode());
        got.headers().firstValue("Content-Type").ifPresent(type -> {
            try {
                answer.setContentType(type);
            } catch (ParseException e) {
                // Then it has no content type; callers that need one refuse this.
            }
        });
        answer.setBody(new String(got.body(), StandardCharsets.UTF_8));
        return answer;
    }

    /** Returns a document, which must exist. */
    String get(URI url) throws IOException {
        HttpResponse<byte[]> got = ask(HttpRequest.newBuilder(closed(url))
                .timeout(ANSWER)
                .header("Accept", "application/json")
                .build());
        if (got.statusCode() != HTTPResponse.SC_OK) {
            throw new IOException("it answers " + got.statusCode());
        }
        return new String(got.body(), StandardCharsets.UTF_8);
    }

    @Override
    public Resource retrieveResource(URL url) throws IOException {
        return new Resource(get(URI.create(url.toString())), "application/json");
    }

    private static URI closed(URI url) throws IOException {
        if (!isClosed(url)) {
            throw new IOException("its document names an address without TLS");
        }
        return url;
    }

    /** Whether messages to that URL are encrypted or stay on this machine. */
    static boolean isClosed(URI url) {
        boolean web = "https".equalsIgnoreCase(url.getScheme()) || "http".equalsIgnoreCase(url.getScheme());
        return web && url.getHost() != null && url.getUserInfo() == null && !ExternalEndpoint.isOpenToTheNetwork(url);
    }

    private HttpResponse<byte[]> ask(HttpRequest request) throws IOException {
        if (!places.tryAcquire()) {
            throw new IOException("too many wait for it");
        }
        try {
            HttpResponse<byte[]> answer = call.send(request, ANSWER, MAX_ANSWER_BYTES);
            if (answer.body().length == MAX_ANSWER_BYTES) {
                throw new IOException("its answer is too long");
            }
            return answer;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("the vault is stopping", e);
        } finally {
            places.release();
        }
    }
}
