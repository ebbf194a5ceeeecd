package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.patronvault.testing.LongRun;

/** More connections than there are places, from nobody who is signed in: the desk is served beside them. */
@Tag(LongRun.TAG)
final class CrowdIT {
    private static final String LEAST_HEAP = "-Xmx256m";

    /** Of the 1,500 there are, and of 500 (fault.md). */
    private static final int CONNECTIONS = 1_700;

    private static final int PUBLIC_CONNECTIONS = 600;

    /** Of the some 186 and 62 there are over TLS with so little heap; if there were as many as these, it would not do. */
    private static final int TLS_CONNECTIONS = 600;

    private static final int PUBLIC_TLS_CONNECTIONS = 200;

    private static final int CALLS = 60;
    private static final int TLS_CALLS = 20;
    private static final int PATRONS = 5;
    private static final int MOST_LATE = 20;

    /** One more than are computed at once, so that there are always two. */
    private static final int PEOPLE = 3;

    @AutoClose
    private final RunningVault vault = RunningVault.create().withoutLimits();

    private static ObjectNode search(int n) {
        ObjectNode body = JsonNodeFactory.instance
                .objectNode()
                .put("card", SamplePatron.card(n))
                .put("purpose", "account-service");
        body.putArray("reveal").add("phone");
        return body;
    }

    private String clerkWithPatrons() {
        String clerk = vault.signIn("clerk");
        for (int n = 0; n < PATRONS; n++) {
            vault.register(clerk, SamplePatron.of(n));
        }
        return clerk;
    }

    private void requireDeskIsServed(String clerk, int calls) {
        TreeMap<String, Integer> answers = new TreeMap<>();
        int late = 0;
        for (int n = 0; n < calls; n++) {
            String answer = vault.callAnew("/v1/patrons/search", clerk, search(n % PATRONS));
            if (answer.contains("/log-unavailable\"") && late < MOST_LATE) {
                // The machine has more to do than this; it is not what the crowd does.
                late++;
                n--;
            } else {
                answers.merge(answer.lines().findFirst().orElse("none"), 1, Integer::sum);
            }
        }
        assertThat(answers).containsOnlyKeys("HTTP/1.1 200 OK");
    }

    /** Who is ended for one that is newer notices with the second drop that comes to nothing. */
    private void awaitEnded(SlowCallers crowd) {
        vault.server().awaitUntil("nobody was ended for one that is newer", () -> crowd.again() > 0);
    }

    @Test
    void deskIsServedBesideMoreConnectionsThanThereArePlacesFor() {
        vault.start(LEAST_HEAP);
        String clerk = clerkWithPatrons();
        try (SlowCallers crowd = SlowCallers.beginLong(vault.address(), CONNECTIONS)) {
            requireDeskIsServed(clerk, CALLS);
            awaitEnded(crowd);
        }
    }

    @Test
    void deskIsServedBesideACrowdBeforeThePublicPages() {
        vault.startWith(List.of(LEAST_HEAP), "--public-port", "0");
        String clerk = clerkWithPatrons();
        try (SlowCallers crowd = SlowCallers.beginLong(vault.publicAddress(), PUBLIC_CONNECTIONS);
                SigningIn people = SigningIn.begin(vault, PEOPLE)) {
            requireDeskIsServed(clerk, CALLS);
            people.requireAnswered();
            awaitEnded(crowd);
        }
    }

    /** All that takes memory at once, by whoever has no account but two: connections over TLS, bodies, passwords. */
    @Test
    void leastHeapHasRoomForACrowdOverTlsOnBothListenersBesideThoseWhoSignIn() {
        vault.overTls().startWith(List.of(LEAST_HEAP), "--public-port", "0");
        String clerk = clerkWithPatrons();
        try (SigningIn people = SigningIn.begin(vault, PEOPLE);
                SlowCallers before = SlowCallers.beginLong(vault.publicAddress(), vault.tls(), PUBLIC_TLS_CONNECTIONS);
                SlowCallers crowd = SlowCallers.beginLong(vault.address(), vault.tls(), TLS_CONNECTIONS)) {
            requireDeskIsServed(clerk, TLS_CALLS);
            people.requireAnswered();
            awaitEnded(crowd);
            awaitEnded(before);
        }
        assertThat(vault.server().isAlive()).isTrue();
        assertThat(vault.server().printed()).doesNotContain("Fatal", "OutOfMemory");
    }
}
