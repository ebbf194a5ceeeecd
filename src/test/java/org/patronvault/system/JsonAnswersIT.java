package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.patronvault.cli.CommandHere;
import org.patronvault.system.VaultProcess.Ran;
import org.patronvault.testing.LongRun;
import org.patronvault.testing.OpenSsl;

/** What {@code --json} has on standard output is one document and nothing else. */
@Tag(LongRun.TAG)
final class JsonAnswersIT {
    /** What these need is more than one vault that serves, with people and patrons: tests of their own ask for them. */
    private static final Set<String> OF_OTHER_TESTS = Set.of(
            "init",
            "serve",
            "witness",
            "move",
            "db roles",
            "db upgrade",
            "log accept",
            "keys pace",
            "patrons mail",
            "staff link",
            "staff unlink");

    private static final List<String> SECOND = List.of("--second", "cust2", "--second-password-file", "../pw");

    @AutoClose
    private final RunningVault vault = RunningVault.create();

    private final Set<String> commands = CommandHere.having("--json");
    private final Set<String> asked = new TreeSet<>();

    private JsonNode ask(String name, String... words) {
        return ask(0, name, words);
    }

    /** The one document of that person's command, which has to end so. */
    private JsonNode ask(int exit, String name, String... words) {
        asked.add(IntStream.rangeClosed(1, words.length)
                .mapToObj(first -> String.join(" ", Arrays.asList(words).subList(0, first)))
                .filter(commands::contains)
                .findFirst()
                .orElseThrow());
        Ran ran = vault.as(name, with(words, List.of("--json")));
        assertThat(ran.exit()).as("%s: %s", List.of(words), ran).isEqualTo(exit);
        return RunningVault.document(ran);
    }

    private static String[] with(String[] words, List<String> more) {
        return Stream.concat(Arrays.stream(words), more.stream()).toArray(String[]::new);
    }

    /** By two custodians. */
    private JsonNode together(String... words) {
        return ask("cust1", with(words, SECOND));
    }

    @Test
    void everyCommandThatHasTheOptionPrintsExactlyOneDocument() throws IOException {
        Path policy = vault.home().resolve("policy.yaml");
        Files.writeString(
                policy,
                Files.readString(policy)
                        .replace("accessLog: 24\n", "accessLog: 24\n  patrons: {gone: {withdrawnDays: 30}}\n"));
        vault.start();
        String clerk = vault.signIn("clerk");
        String patron = vault.register(clerk, SamplePatron.of(1));

        staff();
        keys();
        patrons(patron);
        log(patron);
        home();

        assertThat(commands).hasSizeGreaterThan(60).containsAll(asked);
        assertThat(commands).filteredOn(one -> !asked.contains(one)).isSubsetOf(OF_OTHER_TESTS);
    }

    private void staff() {
        ask("admin", "staff", "add", "kim", "--role", "circulation");
        ask("admin", "staff", "list");
        ask("admin", "staff", "grant", "kim", "--role", "supervisor");
        ask("admin", "staff", "revoke", "kim", "--role", "supervisor");
        ask("admin", "staff", "disable", "kim");
        ask("admin", "staff", "enable", "kim");
        ask("admin", "staff", "unlock", "kim");
        ask("admin", "staff", "password", "kim");
        ask("admin", "staff", "sessions");
        ask("admin", "staff", "sign-out", "kim");
        ask("page", "staff", "second-factor", "page");
        ask("admin", "staff", "reset-second-factor", "page");

        String wanted = ask(3, "admin", "staff", "add", "ann", "--role", "admin")
                .path("id")
                .asText();
        ask("dir", "approvals", "list");
        ask("dir", "approvals", "show", wanted);
        ask("dir", "approvals", "approve", wanted);
        ask("admin", "approvals", "collect", wanted);
        ask(
                "dir",
                "approvals",
                "reject",
                ask(3, "admin", "staff", "add", "bo", "--role", "admin")
                        .path("id")
                        .asText());

        ask("admin", "client", "add", "kiosk", "--scope", "entitlement");
        ask("admin", "client", "list");
        ask("admin", "client", "change", "kiosk", "--reference", "contract 7");
        ask("admin", "client", "rotate", "kiosk");
        ask("admin", "client", "revoke", "kiosk");
    }

    private void keys() throws IOException {
        ask("cust1", "keys", "status");
        ask("cust1", "keys", "rotate", "phone", "--wait");
        ask("cust1", "keys", "reencrypt", "email", "--wait");
        ask("cust1", "backup", "../backup");
        String waits =
                together("keys", "destroy", "phone", "1").path("operation").asText();
        ask("cust1", "keys", "cancel", waits);
        ask("cust1", "keys", "slot", "list");
        vault.secret("another", "nine slow otters sleep at noon");
        together("keys", "slot", "add", "--new-passphrase-file", "../another");
        together("keys", "slot", "remove", "2");
        ask("cust1", "keys", "drill", "--passphrase-file", "../passphrase");
        OpenSsl.certificate(vault.root(), "keeper", "-newkey", "rsa:2048");
        together("keys", "export", "--recipient", "../keeper.pem", "--out", "../keys.p7m");
        together("restore", "../backup");
    }

    private void patrons(String patron) throws IOException {
        Files.writeString(vault.root().resolve("patrons.jsonl"), SamplePatron.of(2) + "\n");
        ask("boss", "patrons", "import", "../patrons.jsonl", "--format", "vault-jsonl", "--consent-policy", "2018-05");
        ask("boss", "patrons", "protect", patron);
        ask("dir", "patrons", "unprotect", patron);
        ask("officer", "patrons", "package", patron);
        String[] export = {
            "patrons", "export", "--format", "vault-jsonl", "--recipient", "../keeper.pem", "--out", "../patrons.p7m"
        };
        ask("dir", with(export, List.of("--second", "officer", "--second-password-file", "../pw")));
        ask("officer", "retention", "list");
        String review = ask("officer", "retention", "review", "gone").path("id").asText();
        ask("officer", "retention", "show", review);
        ask(
                "officer",
                "retention",
                "run",
                review,
                "--today",
                LocalDate.now(ZoneOffset.UTC).toString());
        ask("cust1", "check");
        ask("cust1", "leakage");
    }

    private void log(String patron) {
        ask("page", "log", "verify");
        ask("officer", "log", "checkpoint");
        ask("officer", "log", "search");
        ask("officer", "log", "receipt", "1");
        ask("officer", "log", "export", "../log");
        ask("officer", "log", "report", patron);
        ask("boss", "erase", patron);
    }

    private void home() throws IOException {
        Files.writeString(
                vault.root().resolve("new.md"),
                Files.readString(vault.home().resolve("policies/2018-05.md")).replace("\"2018-05\"", "\"2026-11\""));
        ask("dir", "policy", "post", "../new.md");
        ask("page", "policy", "check", vault.home().resolve("policy.yaml").toString());
        ask("page", "policy", "explain", "--role", "circulation", "--field", "card", "--purpose", "checkout");
        ask("page", "policy", "versions");
        ask("page", "tls", "init", "--name", "vault.library.lan");
        ask("page", "tls", "show");
        ask("page", "tls", "renew");
        // Whether anything is wrong is this machine's.
        asked.add("doctor");
        assertThat(RunningVault.document(vault.run("doctor", "--json")).path("checks"))
                .isNotEmpty();
        ask("cust1", "seal");
        ask("page", "unseal", "--passphrase-file", "../passphrase");
    }
}
