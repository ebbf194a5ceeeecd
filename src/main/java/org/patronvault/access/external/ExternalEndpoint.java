package org.patronvault.access.external;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A URL from {@code vault.yaml} to which JSON is posted. No redirect is followed, so no answer can send the message or
 * the token elsewhere. The token is read from its file each time, so it may be renewed. Only the answer's status is
 * used. Thread-safe.
 */
public final class ExternalEndpoint {
    private static final Duration ANSWER = Duration.ofSeconds(5);

    /** Bytes read of the answer's body, so that a connection with a short answer can be reused. */
    private static final int READ_BYTES = 1_024;

    private final URI url;
    private final Optional<Path> tokenFile;
    private final BoundedHttpCall call = new BoundedHttpCall();

    /** Thrown if there was no answer. The reason holds nothing of the message, the address or the token. */
    public static final class Unanswered extends Exception {
        private static final long serialVersionUID = 1L;

        Unanswered(String why) {
            super(why, null, false, false);
        }
    }

    /**
     * Makes the endpoint; sends nothing yet.
     *
     * @param tokenFile holds the bearer token that is sent along
     */
    public ExternalEndpoint(URI url, Optional<Path> tokenFile) {
        this.url = url;
        this.tokenFile = tokenFile;
    }

    /** Whether messages to that URL leave this machine unencrypted. */
    public static boolean isOpenToTheNetwork(URI url) {
        return "http".equalsIgnoreCase(url.getScheme())
                && !List.of("127.0.0.1", "localhost", "[::1]").contains(url.getHost());
    }

    /** Posts JSON, and returns the answer's status; ends within seconds. */
    public int post(byte[] json) throws Unanswered, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(url)
                .timeout(ANSWER)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(json));
        if (tokenFile.isPresent()) {
            request.header("Authorization", "Bearer " + token(tokenFile.get()));
        }
        try {
            return call.send(request.build(), ANSWER, READ_BYTES).statusCode();
        } catch (IOException e) {
            throw new Unanswered(e.getMessage());
        }
    }

    private static String token(Path file) throws Unanswered {
        try {
            String token = Files.readString(file, StandardCharsets.UTF_8).strip();
            if (!token.matches("[\\x21-\\x7e]+")) {
                throw new Unanswered("its token file holds no token");
            }
            return token;
        } catch (IOException e) {
            throw new Unanswered("its token file cannot be read");
        }
    }
}
