package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.patronvault.system.VaultProcess.Ran;

/** Two custodians rotate everything after a theft of the keys, while the desk goes on. */
final class RotateEverythingIT {
    private static final String NEXT = "nine grey geese over the still pond";
    private static final int PATRONS = 24;
    private static final int TIMES = 3;
    private static final String[] BY_TWO = {"--second", "cust2", "--second-password-file", "../pw"};
    private static final String[] EVERYTHING = {
        "keys", "rotate", "everything", "--new-passphrase-file", "../next", "--drop-others"
    };

    @AutoClose
    private final RunningVault vault = RunningVault.create().withoutLimits();

    private final AtomicInteger registered = new AtomicInteger(PATRONS);
    private String kiosk;

    @BeforeEach
    void start() {
        vault.start();
        vault.secret("next", NEXT);
        String clerk = vault.signIn("clerk");
        for (int n = 1; n <= PATRONS; n++) {
            vault.register(clerk, SamplePatron.of(n));
        }
        kiosk = vault.json("admin", "client", "add", "kiosk", "--scope", "entitlement")
                .path("key")
                .asText();
    }

    private Ran byTwo(String... words) {
        List<String> all = new ArrayList<>(Arrays.asList(words));
        all.addAll(Arrays.asList(BY_TWO));
        return vault.as("cust1", all.toArray(String[]::new));
    }

    private static void assertDone(Ran ran) {
        assertThat(ran.exit()).as("%s", ran).isZero();
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    /** Registers a patron and finds them by their card; signs in again when the session has ended. */
    private String serve(String session) {
        int n = registered.incrementAndGet();
        Answer answer = vault.call("POST", "/v1/patrons", session, SamplePatron.of(n));
        if (answer.status() == 401) {
            String again = vault.signIn("clerk");
            registered.decrementAndGet();
            return serve(again);
        }
        assertThat(answer.status()).as("%s", answer).isEqualTo(201);
        assertFound(session, n);
        return session;
    }

    private void assertFound(String session, int n) {
        Answer found = vault.call(
                "POST",
                "/v1/patrons/search",
                session,
                object().put("card", SamplePatron.card(n)).put("purpose", "account-service"));
        if (found.status() == 401) {
            assertFound(vault.signIn("clerk"), n);
            return;
        }
        assertThat(found.status()).as("%s", found).isEqualTo(200);
        assertThat(found.json().path("results")).hasSize(1);
    }

    private Answer entitled() {
        return vault.call(
                "POST",
                "/v1/entitlements/check",
                kiosk,
                object().put("card", SamplePatron.card(1)).put("service", "ebooks"));
    }

    private List<String> states(String key) {
        List<String> states = new ArrayList<>();
        for (JsonNode one : vault.json("cust1", "keys", "status").path("keys")) {
            if (one.path("field").asText().equals(key)) {
                one.path("versions")
                        .forEach(version ->
                                states.add(version.path("state").asText() + (version.has("retired") ? " due" : "")));
            }
        }
        return states;
    }

    private int opensBy(String passphrase) {
        return vault.call("POST", "/v1/unseal", "", object().put("passphrase", passphrase))
                .status();
    }

    @Test
    void deskGoesOnAndWhatTheThiefHasOpensNothing() throws IOException {
        assertDone(vault.as("cust1", "backup", "../before"));
        String session = serve(vault.signIn("clerk"));
        AtomicBoolean over = new AtomicBoolean();
        AtomicInteger served = new AtomicInteger();
        CompletableFuture<Void> desk = CompletableFuture.runAsync(() -> {
            for (String now = session; !over.get(); served.incrementAndGet()) {
                now = serve(now);
                assertThat(entitled().status()).isEqualTo(200);
            }
        });

        Ran ran = byTwo(EVERYTHING);
        int during = served.get();
        vault.server().awaitUntil("the desk stands still", () -> desk.isDone() || served.get() >= during + TIMES);
        over.set(true);
        desk.join();

        assertDone(ran);
        assertThat(during).as("served meanwhile").isPositive();
        assertThat(ran.err())
                .contains("Ended at once: every session", "Kept until next used: client keys, passwords")
                .contains("Backups made so far open until");
        assertThat(ran.out())
                .contains("log: done")
                .containsPattern("From size \\d+ of the log on, only the new key counts");
        assertThat(vault.call("POST", "/v1/patrons/search", session, object()).status())
                .isEqualTo(401);
        for (String key : List.of("phone", "card", "case", "index-label", "log", "row", "statement", "totp")) {
            assertThat(states(key)).as(key).containsExactly("retired due", "primary");
        }
        assertThat(states("token").get(0)).as("the one client key was used").endsWith(" due");
        assertThat(states("pairwise")).containsExactly("primary");
        assertThat(vault.as("cust1", "keys", "status").out())
                .containsPattern("pepper 1: [1-9] passwords not used since .* kept until used or until");

        assertDone(vault.as("cust1", "backup", "../after"));
        assertDone(vault.as("cust1", "check"));
        assertDone(vault.run("log", "verify"));
        assertDone(vault.as("cust1", "seal"));
        assertThat(opensBy(RunningVault.PASSPHRASE)).isEqualTo(422);
        assertThat(opensBy(NEXT)).isEqualTo(200);
        vault.secret("passphrase", NEXT);
        assertDone(byTwo("restore", "../before"));
        assertOpensElsewhere("after");
    }

    private void assertOpensElsewhere(String backup) throws IOException {
        try (RunningVault other = RunningVault.empty()) {
            Files.createDirectory(other.home());
            for (String part : List.of("keys", "vault.yaml", "policy.yaml")) {
                RunningVault.copy(vault.home().resolve(part), other.home().resolve(part));
            }
            if (Databases.ON_POSTGRES) {
                Databases.unname(other.home());
            }
            Path made = vault.root().resolve(backup);
            other.secret("passphrase", NEXT);
            assertDone(other.run("restore", made.toString(), "--open", "../home/data/vault.db"));
            assertDone(other.run("log", "verify"));
        }
    }

    @Test
    void killedInTheMiddleItGoesOnByItselfAndNothingIsDoneTwice() {
        List<String> words = new ArrayList<>(Arrays.asList(EVERYTHING));
        words.addAll(Arrays.asList(BY_TWO));
        words.addAll(List.of("--rate", "5"));
        try (VaultProcess command =
                vault.process(vault.environment("cust1"), List.of(), words.toArray(String[]::new))) {
            command.awaitUntil("nothing is begun", () -> !operations().isEmpty());
            vault.server().kill();
            assertThat(command.await().exit()).isNotZero();
        }
        Ran old = vault.run("unseal");
        assertThat(old.exit()).as("%s", old).isNotZero();
        vault.secret("passphrase", NEXT);
        vault.start();

        assertThat(operations()).as("begun and not ended").isNotEmpty();
        Ran again = byTwo(EVERYTHING);
        assertThat(again.exit()).as("%s", again).isEqualTo(5);
        assertThat(again.err()).contains("Under way: keys rotate ", "Each goes on by itself, also after a restart");
        String session = serve(vault.signIn("clerk"));
        operations()
                .forEach(one ->
                        vault.json("cust2", "keys", "pace", one.path("id").asText(), "--rate", "0"));
        vault.server().awaitUntil("it has not ended", () -> operations().isEmpty());

        serve(session);
        for (String key : List.of("phone", "index-label", "log", "row", "statement")) {
            assertThat(states(key)).as(key).containsExactly("retired due", "primary");
        }
        assertThat(vault.json("cust1", "keys", "status").path("slots")).hasSize(1);
        assertThat(entitled().status()).isEqualTo(200);
        assertDone(vault.as("cust1", "check"));
        assertDone(vault.run("log", "verify"));
    }

    private JsonNode operations() {
        return vault.json("cust1", "keys", "status").path("operations");
    }
}
