package org.patronvault.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.patronvault.app.madeup.MadeUpPatron;
import org.patronvault.app.madeup.MadeUpPatrons;

/** Searches by card for four fields, each patron as likely as the other, in an order that the seed makes. */
final class CardSearches implements Load.Asking {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int LEAST_ANSWER_BYTES = 200;
    private static final int STREAMS_APART = 1_000_003;

    private final long seed;
    private final MadeUpPatrons patrons;
    private final String token;
    private final String[] cards;

    CardSearches(Rig rig, Side side) {
        this.seed = rig.options().seed();
        this.patrons = rig.patrons();
        this.token = side.token();
        this.cards = new String[rig.options().patrons()];
        for (int i = 0; i < cards.length; i++) {
            cards[i] = patrons.patron(i + 1).card();
        }
    }

    @Override
    public byte[] request(long stream, long n) {
        // Made anew for each: a million of them would not go into the harness's heap.
        return request(cards[index(stream, n)]);
    }

    private byte[] request(String card) {
        return HttpConnection.request(
                "POST",
                "/v1/patrons/search",
                token,
                "{\"card\":\"" + card + "\",\"purpose\":\"account-service\","
                        + "\"reveal\":[\"name\",\"address\",\"phone\",\"email\"]}");
    }

    /** Returns the generator that sends these searches to a server by {@code wrk}. */
    ClosedLoop wrk(Rig rig, int port) throws IOException {
        String request = new String(request(cards[0]), StandardCharsets.UTF_8);
        int at = request.indexOf(cards[0]);
        Wrk wrk = new Wrk(
                rig.scratch("searches-" + port + ".lua"),
                port,
                request.substring(0, at),
                List.of(cards),
                request.substring(at + cards[0].length()),
                "\"match\":\"exact\"");
        return (connections, seconds, stream) -> wrk.closed(connections, seconds, seed * STREAMS_APART + stream);
    }

    private int index(long stream, long n) {
        return Load.drawn(seed, stream, n, cards.length);
    }

    @Override
    public void check(HttpConnection answered, int status) throws IOException {
        // Whether it is the right patron was looked at before; here a look must not cost more than the answer.
        if (status != 200 || answered.bodyBytes() < LEAST_ANSWER_BYTES) {
            throw new IOException("status " + status + ": " + answered.body());
        }
    }

    /** Fails unless some patrons, taken at random, are answered with what they were made of. */
    void checkWhole(int port, int some) throws IOException {
        try (HttpConnection connection = new HttpConnection(port)) {
            for (int n = 0; n < some; n++) {
                int status = connection.exchange(request(-1, n));
                check(connection, status);
                MadeUpPatron patron = patrons.patron(index(-1, n) + 1);
                JsonNode result =
                        JSON.readTree(connection.body()).path("results").path(0);
                boolean right = result.path("name")
                                .path("family")
                                .asText()
                                .equals(patron.name().family())
                        && result.path("address")
                                .path("line1")
                                .asText()
                                .equals(patron.address().line1())
                        && result.path("phone").size() == patron.phones().size()
                        && result.path("email").equals(JSON.valueToTree(patron.email()));
                if (!right) {
                    throw new IOException("a search by card was answered with something else");
                }
            }
        }
    }
}
