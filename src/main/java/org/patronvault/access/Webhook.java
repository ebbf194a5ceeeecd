package org.patronvault.access;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Posts alerts to one address. Follows no redirection, so that no answer can send alerts or the token elsewhere; the
 * token is read from its file each time, so that it may be renewed.
 */
final class Webhook implements AlertReceiver {
    private static final Duration CONNECT = Duration.ofSeconds(3);
    private static final Duration ANSWER = Duration.ofSeconds(5);

    private final URI url;
    private final Optional<Path> tokenFile;
    private final HttpClient http = HttpClient.newBuilder()
            .connectTimeout(CONNECT)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();

    Webhook(URI url, Optional<Path> tokenFile) {
        this.url = url;
        this.tokenFile = tokenFile;
    }

    @Override
    public String name() {
        return "webhook";
    }

    @Override
    public void deliver(byte[] json) throws Undelivered, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(url)
                .timeout(ANSWER)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(json));
        if (tokenFile.isPresent()) {
            request.header("Authorization", "Bearer " + token(tokenFile.get()));
        }
        CompletableFuture<HttpResponse<Void>> answer =
                http.sendAsync(request.build(), HttpResponse.BodyHandlers.discarding());
        int status;
        try {
            // The request's own timeout ends with the head of the answer; a body may go on for ever.
            status = answer.get(ANSWER.toMillis(), TimeUnit.MILLISECONDS).statusCode();
        } catch (TimeoutException e) {
            throw new Undelivered("it does not answer in time");
        } catch (ExecutionException e) {
            throw new Undelivered("it cannot be reached");
        } finally {
            answer.cancel(true);
        }
        if (status < 200 || status > 299) {
            throw new Undelivered("it answers with status " + status);
        }
    }

    private static String token(Path file) throws Undelivered {
        try {
            String token = Files.readString(file, StandardCharsets.UTF_8).strip();
            if (!token.matches("[\\x21-\\x7e]+")) {
                throw new Undelivered("its token file holds no token");
            }
            return token;
        } catch (IOException e) {
            throw new Undelivered("its token file cannot be read");
        }
    }
}
