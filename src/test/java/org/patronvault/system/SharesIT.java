package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.patronvault.system.VaultProcess.Ran;
import org.patronvault.testing.LongRun;

/** A vault that people open with their cards: made, opened, renewed and drilled, with a real server. */
final class SharesIT {
    private static final ObjectMapper JSON = new ObjectMapper();

    private RunningVault vault;

    @BeforeEach
    void makeAVaultOpenedByThreeOfFive() {
        vault = RunningVault.empty();
        Ran init = run(
                "nobody",
                "init",
                "--shares",
                "5",
                "--threshold",
                "3",
                "--shares-dir",
                "../shares",
                "--admin",
                "admin",
                "--admin-password-file",
                "../pw");
        assertThat(init.exit()).as(init.toString()).isZero();
    }

    @AfterEach
    void close() {
        vault.close();
    }

    /** Runs a command as somebody, on a home that no passphrase opens. */
    private Ran run(String name, String... args) {
        Map<String, String> environment = name.equals("nobody") ? vault.environment() : vault.environment(name);
        environment.remove("PATRON_VAULT_PASSPHRASE_FILE");
        return vault.command(environment, args);
    }

    private void done(String name, String... args) {
        Ran ran = run(name, args);
        assertThat(ran.exit()).as(ran.toString()).isZero();
    }

    private Path share(String directory, int index) {
        return vault.root().resolve(directory).resolve("share-" + index + ".txt");
    }

    private String words(String directory, int index) {
        try {
            return Files.readString(share(directory, index));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private Answer offer(String words) {
        return vault.call("POST", "/v1/unseal", "", JSON.createObjectNode().put("share", words));
    }

    private static ObjectNode state(boolean sealed, int have, int need) {
        return JSON.createObjectNode().put("sealed", sealed).put("have", have).put("need", need);
    }

    private Answer offerOnPage(String words) {
        return vault.send(
                "POST",
                "/unseal",
                "",
                "share=" + URLEncoder.encode(words, StandardCharsets.UTF_8),
                Map.of("Content-Type", "application/x-www-form-urlencoded", "Origin", vault.address()));
    }

    @Test
    void sharesCarriedByThreePeopleThreeWaysOpenTheVault() throws IOException {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(share("shares", 1))))
                .isEqualTo("rw-------");
        vault.startSealed();
        assertThat(vault.send("GET", "/unseal", "", null, Map.of()).text()).contains("0 of 3");

        assertThat(offer(words("shares", 1)).json()).isEqualTo(state(true, 1, 3));
        assertThat(offer(words("shares", 1)).refusal()).isEqualTo("409 share-duplicate");
        assertThat(offer(words("shares", 2).replaceFirst("^[a-z]+", "qqqqq")).refusal())
                .isEqualTo("422 share-mistyped");
        assertThat(offer(words("shares", 2).replaceFirst("^[a-z]+", "qqqqq")).text())
                .contains("Word 1 ")
                .doesNotContain("qqqqq");
        assertThat(offer("abandon ".repeat(30)).status()).isEqualTo(422);
        assertThat(vault.send("GET", "/metrics", "", null, Map.of()).text()).contains("vault_unseal_refused_total 4.0");
        JsonNode sealed = vault.call("GET", "/v1/keys").json();
        assertThat(sealed.path("type").asText()).endsWith("/sealed");
        assertThat(sealed.properties())
                .as("a sealed answer says that, and nothing else")
                .extracting(Map.Entry::getKey)
                .containsExactlyInAnyOrder("type", "title", "status", "detail");

        assertThat(offerOnPage(words("shares", 5)).text()).contains("2 of 3").doesNotContain(words("shares", 5));
        Ran third = run("nobody", "unseal", "--share-file", "../shares/share-3.txt", "--json");
        assertThat(RunningVault.document(third)).isEqualTo(state(false, 0, 0));
        assertThat(vault.signIn("admin")).isNotEmpty();
        assertThat(vault.send("GET", "/unseal", "", null, Map.of()).text()).contains("The vault is open");
    }

    @Test
    @Tag(LongRun.TAG)
    void rootIsRenewedByTwoCustodiansAndTheOldCardsAreDead() throws IOException {
        vault.startSealed();
        for (int i = 1; i <= 3; i++) {
            assertThat(offer(words("shares", i)).status()).isEqualTo(200);
        }
        String patron = vault.staffAndAPatron();

        String[] renew = {
            "keys", "rotate", "root", "--shares", "4", "--threshold", "2", "--shares-dir", "../next", "--json"
        };
        Ran alone = run("cust1", renew);
        assertThat(alone.exit()).as(alone.toString()).isEqualTo(3);
        assertThat(vault.root().resolve("next")).doesNotExist();
        String request = RunningVault.document(alone).path("id").asText();
        assertThat(run("cust1", "approvals", "approve", request).exit()).isEqualTo(3);
        assertThat(run("admin", "approvals", "approve", request).exit()).isEqualTo(5);
        assertThat(run("cust2", "approvals", "approve", request).out())
                .contains("Nothing is done yet: cust1 types the same command again.");
        JsonNode renewed = RunningVault.document(run("cust1", renew));
        assertThat(renewed.at("/slots/0/shares").asInt()).isEqualTo(4);
        assertThat(run("cust1", renew).exit()).as("there are shares already").isEqualTo(5);
        renew[8] = "../third";
        assertThat(run("cust1", renew).exit()).as("leave is good once").isEqualTo(3);

        done("nobody", "keys", "drill", "--shares-dir", "../next");
        done("cust1", "seal");
        assertThat(offer(words("shares", 1)).refusal()).isEqualTo("422 share-foreign");
        done("nobody", "keys", "drill", "--shares-dir", "../next");
        assertThat(run("nobody", "keys", "drill", "--shares-dir", "../shares").exit())
                .isNotZero();
        // One card that is none, one of another set: the others are proved all the same, and both are named.
        Files.write(vault.root().resolve("next/share-1.txt"), new byte[] {(byte) 0xef, (byte) 0xbb, (byte) 0xbf, 'x'});
        Files.writeString(vault.root().resolve("next/share-3.txt"), words("shares", 3));
        Ran mixed = run("nobody", "keys", "drill", "--shares-dir", "../next", "--passphrase-file", "../pw");
        assertThat(mixed.exit()).isEqualTo(1);
        assertThat(mixed.err()).contains("share-1.txt: ", "share-3.txt: ", "The passphrase: ");
        assertThat(mixed.out()).contains("2 of 4 shares proved, opens the keys.");
        assertThat(offer(words("next", 4)).json()).isEqualTo(state(true, 1, 2));
        assertThat(offer(words("next", 2)).json()).isEqualTo(state(false, 0, 0));
        assertThat(vault.call("GET", "/v1/patrons/" + patron, vault.signIn("clerk"))
                        .status())
                .isEqualTo(200);
        assertThat(run("nobody", "log", "verify").exit()).isZero();
    }

    @Test
    @Tag(LongRun.TAG)
    void passphraseSlotIsAddedBesideTheSharesAndTakenAwayAgainByTwo() {
        vault.startSealed();
        for (int i = 1; i <= 3; i++) {
            assertThat(offer(words("shares", i)).status()).isEqualTo(200);
        }
        vault.staffAndAPatron();
        assertThat(run("cust1", "keys", "slot", "remove", "1", "--second", "cust2", "--second-password-file", "../pw")
                        .err())
                .contains("last slot");
        String[] add = {"keys", "slot", "add", "--new-passphrase-file", "../passphrase", "--json"};
        Ran filed = run("cust1", add);
        assertThat(filed.exit()).isEqualTo(3);
        String request = RunningVault.document(filed).path("id").asText();
        assertThat(run("cust1", "approvals", "show", request, "--json").out())
                .as("nothing is made before it is agreed to")
                .contains("a passphrase")
                .doesNotContain("wrap");
        done("cust2", "approvals", "approve", request);
        assertThat(RunningVault.document(run("nobody", "keys", "slot", "list", "--json"))
                        .path("slots"))
                .hasSize(1);
        done("cust1", add);
        Ran slots = run("nobody", "keys", "slot", "list", "--json");
        assertThat(RunningVault.document(slots).path("slots")).hasSize(2);
        assertThat(vault.call(
                                "POST",
                                "/v1/unseal",
                                "",
                                JSON.createObjectNode().put("passphrase", RunningVault.PASSPHRASE))
                        .status())
                .isEqualTo(200);
        assertThat(run("cust1", "keys", "slot", "remove", "1", "--second", "cust1", "--second-password-file", "../pw")
                        .exit())
                .isEqualTo(3);
        done("cust1", "seal");
        sharesAreTakenWhileOthersTryPassphrases();
        done("cust1", "keys", "slot", "remove", "1", "--second", "cust2", "--second-password-file", "../pw");
        done("cust2", "seal");
        assertThat(offer(words("shares", 1)).refusal()).isEqualTo("422 share-foreign");
        Ran opened = vault.run("unseal");
        assertThat(opened.exit()).as(opened.toString()).isZero();
    }

    /** Each of those takes a second, and three shares must be here within a quarter of an hour. */
    private void sharesAreTakenWhileOthersTryPassphrases() {
        AtomicBoolean over = new AtomicBoolean();
        List<CompletableFuture<Void>> flood = Stream.generate(() -> CompletableFuture.runAsync(() -> {
                    while (!over.get()) {
                        assertThat(vault.call(
                                                "POST",
                                                "/v1/unseal",
                                                "",
                                                JSON.createObjectNode().put("passphrase", "not one of any slot"))
                                        .status())
                                .isIn(422, 503);
                    }
                }))
                .limit(4)
                .toList();
        try {
            for (int i = 1; i <= 3; i++) {
                assertThat(offer(words("shares", i)).json()).isEqualTo(state(i < 3, i < 3 ? i : 0, i < 3 ? 3 : 0));
            }
        } finally {
            over.set(true);
        }
        flood.forEach(CompletableFuture::join);
    }
}
