package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.patronvault.testing.LongRun;
import org.patronvault.testing.Postgres;

/** Cards written down by hand: shown, cleared away and typed back at a terminal, also where a server does the work. */
@Tag(LongRun.TAG)
final class CeremonyIT {
    private static final Pattern WORD = Pattern.compile("\\b(\\d+) ([a-z]+)\\b");
    private static final String CLEARED = "\u001b\\[2J\u001b\\[3J\u001b\\[H";

    private final RunningVault vault = RunningVault.empty();

    @AfterEach
    void close() {
        vault.close();
    }

    private AtTerminal sit(String name, String... args) {
        Map<String, String> environment = name.isEmpty() ? vault.environment() : vault.environment(name);
        environment.remove("PATRON_VAULT_PASSPHRASE_FILE");
        return AtTerminal.start(vault.root(), environment, args);
    }

    private AtTerminal init() {
        return sit("", "init", "--shares", "2", "--threshold", "2", "--admin", "admin", "--admin-password-file", "pw");
    }

    /** Looks at the next card; gives its words. */
    private static String look(AtTerminal terminal, int index) {
        terminal.await("Share " + index + " of 2");
        terminal.await("Press Enter to see it. ");
        terminal.type("");
        String shown = terminal.await(CLEARED + ".*Write it down");
        List<String> words = new ArrayList<>();
        Matcher matcher = WORD.matcher(shown);
        while (matcher.find()) {
            assertThat(matcher.group(1)).isEqualTo(Integer.toString(words.size() + 1));
            words.add(matcher.group(2));
        }
        assertThat(words).hasSize(30);
        terminal.type("");
        terminal.await(CLEARED + ".*Type share " + index + " back");
        return String.join(" ", words);
    }

    /** The same, and types it back. */
    private static String write(AtTerminal terminal, int index) {
        String words = look(terminal, index);
        terminal.type(words);
        terminal.await("Share " + index + " is proved");
        return words;
    }

    @Test
    void cardsAreProvedByTheirHoldersAndOpenTheVaultFromTheirTerminals() {
        String first;
        String second;
        try (AtTerminal terminal = init()) {
            first = look(terminal, 1);
            terminal.type(first.replaceFirst("^((?:[a-z]+ ){6})[a-z]+", "$1zzzz"));
            assertThat(terminal.await("[Ww]ord 7.*Type share 1 back")).doesNotContain("zzzz is");
            terminal.type(first);
            terminal.await("Share 1 is proved");
            second = look(terminal, 2);
            terminal.type(first);
            terminal.await("share 2 is wanted.*Type share 2 back");
            assertThat(vault.home()).doesNotExist();
            terminal.type(second.toUpperCase(java.util.Locale.ROOT));
            terminal.await("Share 2 is proved");
            assertThat(terminal.end()).as(terminal.shown()).isZero();
        }
        vault.startSealed();
        for (String words : List.of(first, second)) {
            try (AtTerminal terminal = sit("", "unseal")) {
                terminal.await("of 2 shares are here.*thirty words of your share: ");
                terminal.type(words);
                assertThat(terminal.end()).as(terminal.shown()).isZero();
                assertThat(terminal.shown()).as("typed without echo").doesNotContain(words.substring(0, 20));
            }
        }
        abandonedRenewalLeavesTheOldCardsValid(first, second);
        if (!Databases.ON_POSTGRES) {
            vault.stop();
            movesOpenedByShares(first, second);
        }
    }

    /** Which no server may run beside, that they could be offered to. */
    private void movesOpenedByShares(String first, String second) {
        try (AtTerminal terminal = sit("cust1", "move", "--to", Postgres.freshDatabase())) {
            for (String words : List.of(first, second)) {
                terminal.await("thirty words of a share: ");
                terminal.type(words);
            }
            assertThat(terminal.end()).as(terminal.shown()).isZero();
            assertThat(terminal.shown()).contains("The database is in PostgreSQL now");
        }
    }

    /** By a person who stops, and by a terminal that dies, while the server does the work. */
    private void abandonedRenewalLeavesTheOldCardsValid(String first, String second) {
        vault.json("admin", "staff", "add", "cust1", "--role", "custodian", "--new-password-file", "../pw");
        String[] renew = {"keys", "rotate", "root", "--shares", "2", "--threshold", "2"};
        try (AtTerminal terminal = sit("cust1", renew)) {
            write(terminal, 1);
            look(terminal, 2);
            terminal.type("");
            assertThat(terminal.end()).as(terminal.shown()).isNotZero();
            assertThat(terminal.shown()).contains("nothing was changed");
        }
        try (AtTerminal terminal = sit("cust1", renew)) {
            write(terminal, 1);
            look(terminal, 2);
        }
        try (AtTerminal terminal = sit("", "keys", "drill")) {
            for (String words : List.of(first, second)) {
                terminal.await("words of a share.*: ");
                terminal.type(words);
                terminal.await("is right");
            }
            terminal.await("words of a share.*: ");
            terminal.type("");
            assertThat(terminal.end()).as(terminal.shown()).isZero();
        }
        vault.json("cust1", "keys", "status");
    }

    @Test
    void whereNoSlotHasSharesTheDrillAsksForThePassphrase() {
        try (RunningVault opened = RunningVault.create()) {
            opened.start();
            opened.json("cust1", "keys", "slot", "remove", "2", "--second", "cust2", "--second-password-file", "../pw");
            opened.stop();
            opened.startSealed();
            Map<String, String> environment = opened.environment();
            environment.remove("PATRON_VAULT_PASSPHRASE_FILE");
            for (boolean right : List.of(false, true)) {
                String typed = right ? RunningVault.PASSPHRASE : "no passphrase of this vault";
                try (AtTerminal terminal = AtTerminal.start(opened.root(), environment, "keys", "drill")) {
                    terminal.await("Passphrase: ");
                    terminal.type(typed);
                    assertThat(terminal.end()).as(terminal.shown()).isEqualTo(right ? 0 : 1);
                    assertThat(terminal.shown())
                            .contains(right ? "opens the keys" : "does not open")
                            .doesNotContain(typed);
                }
            }
        }
    }

    @Test
    void ceremonyThatIsStoppedMakesNoHome() {
        try (AtTerminal terminal = init()) {
            write(terminal, 1);
            look(terminal, 2);
            terminal.type("");
            assertThat(terminal.end()).as(terminal.shown()).isNotZero();
            assertThat(terminal.shown()).contains("nothing was changed");
        }
        assertThat(vault.home()).doesNotExist();
    }
}
