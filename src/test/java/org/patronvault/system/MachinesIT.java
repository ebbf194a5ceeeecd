package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.patronvault.system.VaultProcess.Ran;
import org.patronvault.testing.KmsDouble;
import org.patronvault.testing.LongRun;
import org.patronvault.testing.SoftHsm;

/** A vault that an HSM (SoftHSM2) or AWS KMS (the double) opens unattended, with a real server. */
final class MachinesIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String PIN = "141421";
    private static final String KMS = "aws-kms://" + KmsDouble.ARN;
    private static final String[] SECOND = {"--second", "cust2", "--second-password-file", "../pw"};

    /** One more than the period in which a sealed vault asks its machines. */
    private static final Duration MORE_THAN_A_TURN = Duration.ofSeconds(11);

    private RunningVault vault;
    private SoftHsm token;
    private KmsDouble kms;

    @BeforeEach
    void create() {
        token = SoftHsm.token(PIN);
        kms = new KmsDouble();
        vault = RunningVault.empty();
        vault.secret("pin", PIN);
    }

    @AfterEach
    void remove() {
        if (vault != null) {
            vault.close();
        }
        if (kms != null) {
            kms.close();
        }
        if (token != null) {
            token.close();
        }
    }

    private String hsm() {
        return "pkcs11:token="
                + URLEncoder.encode(token.label(), StandardCharsets.UTF_8).replace("+", "%20")
                + ";object=root?module-path=" + SoftHsm.library();
    }

    /** Runs a command as somebody, where no variable names what opens the vault. */
    private Ran run(String name, String... args) {
        Map<String, String> environment = name.equals("nobody") ? vault.environment() : vault.environment(name);
        environment.remove("PATRON_VAULT_PASSPHRASE_FILE");
        return vault.command(environment, args);
    }

    private Ran done(String name, String... args) {
        Ran ran = run(name, args);
        assertThat(ran.exit()).as(ran.toString()).isZero();
        return ran;
    }

    private void refused(int exit, String cure, Ran ran) {
        assertThat(ran.exit()).as(ran.toString()).isEqualTo(exit);
        assertThat(ran.err()).contains(cure).doesNotContain(PIN);
        assertThat(ran.err().strip().lines()).hasSize(1);
    }

    private Ran init(String... opens) {
        List<String> words = new ArrayList<>(List.of("init", "--admin", "admin", "--admin-password-file", "../pw"));
        words.addAll(List.of(opens));
        return run("nobody", words.toArray(String[]::new));
    }

    private void pinIsNamed() throws IOException {
        Files.writeString(
                vault.home().resolve("vault.yaml"), "\nunseal:\n  hsmPinFile: ../pin\n", StandardOpenOption.APPEND);
    }

    private boolean isReady() {
        return vault.call("GET", "/health/ready").status() == 200;
    }

    private void awaitReady() {
        vault.server().awaitUntil("not ready", this::isReady);
    }

    private long said(String sentence) {
        return vault.server()
                .printed()
                .lines()
                .filter(line -> line.contains(sentence))
                .count();
    }

    private static String[] with(String[] second, String... words) {
        String[] all = Arrays.copyOf(words, words.length + second.length);
        System.arraycopy(second, 0, all, words.length, second.length);
        return all;
    }

    @Test
    void anHsmIsRefusedAtInitWithTheCureAndNothingIsLeft() {
        vault.secret("wrong", "000000");
        refused(2, "RFC 7512", init("--hsm", "pkcs11:token=x"));
        refused(2, "--hsm-pin-file", init("--hsm", hsm()));
        refused(4, "Look it up", init("--hsm", hsm(), "--hsm-pin-file", "../wrong"));
        refused(4, "connected", init("--hsm", hsm().replace("token=", "token=no"), "--hsm-pin-file", "../pin"));
        refused(2, "arn:aws:kms", init("--kms", "aws-kms://alias/vault"));
        kms.refuse(403, "AccessDeniedException");
        refused(4, "kms:Encrypt", init("--kms", KMS));
        assertThat(vault.home()).doesNotExist();
    }

    @Test
    @Tag(LongRun.TAG)
    void anHsmOpensTheVaultAtItsStartAndWhenItIsBackAndNeverAfterAPersonSealedIt() throws IOException {
        assertThat(init("--hsm", hsm(), "--hsm-pin-file", "../pin").out()).contains("the key root in the HSM token");
        refused(4, "unseal.hsmPinFile", run("nobody", "keys", "status"));
        done("nobody", "keys", "status", "--hsm-pin-file", "../pin");
        pinIsNamed();
        done("nobody", "keys", "status");

        vault.startSealed();
        awaitReady();
        vault.staffAndAPatron();
        token.unplug();
        assertThat(vault.call("GET", "/v1/changes?after=0", vault.signIn("clerk"))
                        .status())
                .as("an open vault needs no HSM")
                .isNotEqualTo(503);
        token.plugIn();
        done("cust1", "seal");
        await().during(MORE_THAN_A_TURN)
                .atMost(MORE_THAN_A_TURN.plusSeconds(20))
                .until(() -> !isReady());
        vault.stop();
        vault.startSealed();
        vault.server().awaitUntil("nothing said", () -> said("A person sealed the vault") == 1);
        assertThat(isReady()).as("started anew").isFalse();
        token.unplug();
        refused(4, "connected", run("nobody", "unseal", "--machines"));
        token.plugIn();
        done("nobody", "unseal", "--machines");
        assertThat(isReady()).isTrue();
        vault.stop();

        token.unplug();
        vault.startSealed();
        vault.server().awaitUntil("nothing said", () -> said("It is asked again every ten seconds.") == 1);
        assertThat(isReady()).isFalse();
        token.plugIn();
        awaitReady();
        assertThat(said("It is asked again")).as("said once").isEqualTo(1);
        assertThat(vault.signIn("clerk")).isNotEmpty();
        assertThat(run("nobody", "log", "verify").exit()).isZero();
    }

    @Test
    @Tag(LongRun.TAG)
    void aWrongPinInTheFileIsTriedOnceInAllStartsAndTheDoctorSaysWhatToDo() throws IOException {
        done0(init("--hsm", hsm(), "--hsm-pin-file", "../pin", "--passphrase-file", "../passphrase"));
        pinIsNamed();
        assertThat(run("nobody", "doctor").out())
                .containsPattern("fine +hsm +Slot 1 .*the token is there")
                .containsPattern("fine +hsm-pin ");
        Path pin = vault.secret("pin", "000000");
        vault.startSealed();
        vault.server().awaitUntil("nothing said", () -> said("Look it up") == 1);
        assertThat(token.sawWrongPin()).isTrue();
        assertThat(vault.home().resolve("node/hsm-pin-refused")).exists();
        // A right PIN from elsewhere takes the flag down, so that it shows the next wrong one.
        token.tool("--login", "--pin", PIN, "--list-objects");
        vault.stop();
        vault.startSealed();
        vault.server().awaitUntil("nothing said", () -> said("not offered again") == 1);
        assertThat(vault.call(
                                "POST",
                                "/v1/unseal",
                                "",
                                JSON.createObjectNode().put("passphrase", RunningVault.PASSPHRASE))
                        .status())
                .as("a person opens it meanwhile")
                .isEqualTo(200);
        vault.stop();
        refused(4, "not offered again", run("nobody", "keys", "status"));
        assertThat(token.sawWrongPin()).as("tried once in all").isFalse();
        assertThat(run("nobody", "doctor").out()).containsPattern("wrong +hsm-pin +.*`touch`");

        vault.secret("pin", PIN);
        done("nobody", "keys", "status");
        Files.setPosixFilePermissions(pin, PosixFilePermissions.fromString("rw-r-----"));
        assertThat(run("nobody", "doctor").out()).containsPattern("wrong +hsm-pin +Its file is open to others");
        Files.setPosixFilePermissions(pin, PosixFilePermissions.fromString("rw-------"));
        Files.copy(pin, vault.home().resolve("keys/pin"));
        assertThat(run("nobody", "doctor", "--hsm-pin-file", "../home/keys/pin").out())
                .containsPattern("wrong +hsm-pin +Its file lies in the home");
    }

    private static void done0(Ran ran) {
        assertThat(ran.exit()).as(ran.toString()).isZero();
    }

    @Test
    @Tag(LongRun.TAG)
    void aKmsOpensTheVaultAndOtherSlotsAreAddedProvedAndNotForgottenWithTheRoot() {
        done0(init("--kms", KMS, "--passphrase-file", "../passphrase"));
        done("nobody", "keys", "status");
        vault.startSealed(kms.jvmOptions());
        awaitReady();
        assertThat(kms.got())
                .anySatisfy(got -> assertThat(got.context().has("patron-vault")).isTrue());
        vault.staffAndAPatron();

        vault.secret("wrong", "000000");
        refused(4, "Look it up", add("--hsm", hsm(), "--hsm-pin-file", "../wrong"));
        refused(2, "one slot at a time", add("--hsm", hsm(), "--kms", KMS));
        String[] addHsm = {"keys", "slot", "add", "--hsm", hsm(), "--hsm-pin-file", "../pin", "--json"};
        Ran filed = run("cust1", addHsm);
        assertThat(filed.exit()).as(filed.toString()).isEqualTo(3);
        String request = RunningVault.document(filed).path("id").asText();
        assertThat(run("cust2", "approvals", "show", request).out())
                .contains("the key root in the HSM token " + token.label());
        done("cust2", "approvals", "approve", request);
        done("cust1", addHsm);
        done0(add("--kms", KMS));
        JsonNode slots = RunningVault.document(done("nobody", "keys", "slot", "list", "--json"))
                .path("slots");
        assertThat(slots)
                .extracting(slot -> slot.path("kind").asText())
                .containsExactly("kms", "passphrase", "hsm", "kms");
        assertThat(vault.call("GET", "/v1/keys", vault.signIn("cust1"))
                        .json()
                        .at("/slots/2/openedBy")
                        .asText())
                .isEqualTo("the key root in the HSM token " + token.label());

        String drilled = done("nobody", "keys", "drill", "--machines", "--hsm-pin-file", "../pin")
                .out();
        assertThat(drilled.lines().filter(line -> line.contains("opens the keys")))
                .hasSize(3);
        assertThat(run("nobody", "keys", "drill", "--machines", "--hsm-pin-file", "../wrong")
                        .exit())
                .isEqualTo(1);

        String[] renew = {"keys", "rotate", "root", "--new-passphrase-file", "../passphrase", "--kms", KMS};
        refused(2, "slot-3 (the key root in the HSM token", run("cust1", with(SECOND, renew)));
        done("cust1", with(SECOND, with(new String[] {"--drop-others"}, renew)));
        assertThat(RunningVault.document(done("nobody", "keys", "slot", "list", "--json"))
                        .path("slots"))
                .extracting(slot -> slot.path("kind").asText())
                .containsExactly("kms", "passphrase");
        vault.stop();

        kms.refuse(403, "AccessDeniedException");
        vault.startSealed(kms.jvmOptions());
        vault.server().awaitUntil("nothing said", () -> said("AWS KMS does not allow it") == 1);
        kms.asUsual();
        awaitReady();
        assertThat(said("The vault is open.")).isEqualTo(1);
    }

    private Ran add(String... opens) {
        List<String> words = new ArrayList<>(List.of("keys", "slot", "add"));
        words.addAll(List.of(opens));
        return run("cust1", with(SECOND, words.toArray(String[]::new)));
    }
}
