package org.patronvault.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/** Checks entitlement over HTTP; whether somebody is entitled is looked at in every answer. */
final class EntitlementChecks implements Load.Connector {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String ENTITLED = "{\"entitled\":true,\"validUntil\":\"";
    private static final String DENIED = "{\"entitled\":false,\"reason\":\"not-entitled\"}";
    private static final Duration LONGEST = Duration.ofHours(24);

    private final CheckedCards cards;
    private final int port;
    private final byte[][] requests;

    EntitlementChecks(CheckedCards cards, int port, String token) {
        this.cards = cards;
        this.port = port;
        this.requests = new byte[cards.size()][];
        for (int i = 0; i < requests.length; i++) {
            requests[i] = HttpConnection.request(
                    "POST",
                    "/v1/entitlements/check",
                    token,
                    "{\"card\":\"" + cards.card(i) + "\",\"service\":\"ebooks\"}");
        }
    }

    @Override
    public Client connect() throws IOException {
        return new Client(new HttpConnection(port));
    }

    /** One connection. */
    final class Client implements Load.Client {
        private final HttpConnection connection;
        private int asked;
        private int status;

        private Client(HttpConnection connection) {
            this.connection = connection;
        }

        @Override
        public void prepare(long stream, long n) {
            asked = cards.index(stream, n);
        }

        @Override
        public void exchange() throws IOException {
            status = connection.exchange(requests[asked]);
        }

        @Override
        public void check() throws IOException {
            String body = connection.body();
            if (status != 200 || !(cards.isEntitled(asked) ? body.startsWith(ENTITLED) : body.equals(DENIED))) {
                throw new IOException("a check was answered " + status + ": " + body);
            }
        }

        @Override
        public void close() throws IOException {
            connection.close();
        }
    }

    /** Fails unless some cards, taken at random, are answered rightly, with a subject of their own and no longer than a day. */
    void checkWhole(int some) throws IOException {
        Map<String, Integer> subjects = new HashMap<>();
        try (Client client = connect()) {
            for (int n = 0; n < some; n++) {
                client.prepare(-1, n);
                client.exchange();
                client.check();
                if (cards.isEntitled(client.asked)) {
                    JsonNode answer = JSON.readTree(client.connection.body());
                    Integer other = subjects.put(answer.path("subject").asText(), client.asked);
                    boolean own = other == null || other == client.asked;
                    Instant end = Instant.parse(answer.path("validUntil").asText());
                    if (!own || end.isAfter(Instant.now().plus(LONGEST))) {
                        throw new IOException("a check was answered with something else");
                    }
                }
            }
        }
    }
}
