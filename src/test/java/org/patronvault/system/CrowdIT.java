package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.TreeMap;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** More connections than there are places, from nobody who is signed in: the desk is served beside them. */
final class CrowdIT {
    /** Of the 1,500 there are (fault.md). */
    private static final int CONNECTIONS = 1_700;

    private static final int CALLS = 60;
    private static final int PATRONS = 5;
    private static final int MOST_LATE = 20;
    private static final int PATIENCE_MILLIS = 30_000;

    @AutoClose
    private final RunningVault vault = RunningVault.create().withoutLimits().start("-Xmx256m");

    private byte[] search(String clerk, int n) {
        String body =
                "{\"card\":\"" + SamplePatron.card(n) + "\",\"purpose\":\"account-service\",\"reveal\":[\"phone\"]}";
        return ("POST /v1/patrons/search HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nAuthorization: Bearer "
                        + clerk + "\r\nContent-Length: " + body.length() + "\r\n\r\n" + body)
                .getBytes(StandardCharsets.US_ASCII);
    }

    /** By a connection of its own, as a browser that was not there before. */
    private String answer(byte[] request) throws IOException {
        try (RawHttp http = new RawHttp(vault.address())) {
            return http.exchange(request, false, PATIENCE_MILLIS)
                    .map(RawHttp.Reply::text)
                    .orElse("");
        }
    }

    @Test
    void deskIsServedBesideMoreConnectionsThanThereArePlacesFor() throws IOException {
        String clerk = vault.signIn("clerk");
        for (int n = 0; n < PATRONS; n++) {
            vault.register(clerk, SamplePatron.of(n));
        }
        TreeMap<String, Integer> answers = new TreeMap<>();
        try (SlowCallers crowd = SlowCallers.beginLong(vault.address(), CONNECTIONS)) {
            int late = 0;
            for (int n = 0; n < CALLS; n++) {
                String answer = answer(search(clerk, n % PATRONS));
                if (answer.contains("/log-unavailable\"") && late < MOST_LATE) {
                    // The machine has more to do than this; it is not what the crowd does.
                    late++;
                    n--;
                } else {
                    answers.merge(answer.lines().findFirst().orElse("none"), 1, Integer::sum);
                }
            }
            assertThat(crowd.again()).as("ended for one that is newer").isPositive();
        }
        assertThat(answers).containsOnlyKeys("HTTP/1.1 200 OK");
    }
}
