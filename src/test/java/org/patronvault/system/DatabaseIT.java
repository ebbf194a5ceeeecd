package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.patronvault.system.VaultProcess.Ran;
import org.patronvault.testing.LongRun;

/** A home whose settings do not name its database, which {@code --db} or the variable does. */
final class DatabaseIT {
    private static final String OTHER = "jdbc:sqlite:data/vroqblenth.db";

    private RunningVault vault;
    private String url;

    @BeforeEach
    void createAHomeThatDoesNotNameItsDatabase() {
        vault = RunningVault.create();
        url = Databases.unname(vault.home());
    }

    @AfterEach
    void remove() {
        vault.close();
    }

    private Ran with(String database, String... args) {
        List<String> words = new ArrayList<>(Arrays.asList(args));
        words.addAll(List.of("--db", database));
        return vault.as("admin", words.toArray(String[]::new));
    }

    private Map<String, String> naming(String database) {
        Map<String, String> environment = new LinkedHashMap<>(vault.environment("admin"));
        environment.putAll(Databases.variable(database));
        return environment;
    }

    @Test
    void commandsOpenTheNamedDatabaseAndNoOther() {
        for (String[] command : new String[][] {{"keys", "status"}, {"staff", "list"}, {"log", "verify"}}) {
            String name = String.join(" ", command);
            assertThat(vault.as("admin", command).exit())
                    .as("%s without it", name)
                    .isNotZero();
            Ran named = with(url, command);
            assertThat(named.exit()).as("%s %s", name, named).isZero();
            Ran byVariable = vault.command(naming(url), command);
            assertThat(byVariable.exit()).as("%s %s", name, byVariable).isZero();
        }
        assertThat(with(url, "doctor").out())
                .containsPattern("fine +database ")
                .containsPattern(
                        Databases.ON_POSTGRES ? "fine +volumes +The data are where the database server" : "volumes");
        assertThat(vault.as("admin", "doctor").out()).containsPattern("wrong +database ");
        Ran mistyped = with("jdbc:vroqblenth:x", "staff", "list");
        assertThat(mistyped.exit()).isEqualTo(2);
        assertThat(mistyped.err()).contains("--db").doesNotContain("vroqblenth");
        assertThat(vault.as("admin", "staff", "list").err()).contains("is gone");
    }

    @Test
    @Tag(LongRun.TAG)
    void serverIsAskedUnlessItUsesAnotherDatabase() {
        vault.startWith("--db", url);
        String patron = vault.register(vault.signIn("clerk"), SamplePatron.of(1));
        assertThat(patron).isNotEmpty();
        for (Ran same : List.of(
                vault.as("admin", "staff", "list"),
                with(url, "staff", "list"),
                vault.command(naming(url), "staff", "list"))) {
            assertThat(same.exit()).as("%s", same).isZero();
        }
        for (Ran other : List.of(
                with(OTHER, "staff", "list"),
                with(OTHER, "keys", "status"),
                vault.command(naming(OTHER), "staff", "list"))) {
            assertThat(other.exit()).as("%s", other).isEqualTo(5);
            assertThat(other.out()).isEmpty();
            assertThat(other.err()).contains("--db", "PATRON_VAULT_DB", "stop").doesNotContain("vroqblenth");
        }
    }

    /** Its keys are everybody's: whoever has the variable set for a vault of theirs does not want it there. */
    @Test
    @Tag(LongRun.TAG)
    void demonstrationKeepsToItsOwnDatabase() {
        assertThat(vault.command(Map.of(), "demo", "--db", url).exit()).isEqualTo(2);
        try (VaultProcess demo = vault.process(Databases.variable(url), List.of(), "demo", "--port", "0")) {
            demo.awaitLine(Pattern.compile("(Ctrl-C)"));
        }
        assertThat(with(url, "log", "verify").exit()).isZero();
    }
}
