package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.patronvault.system.VaultProcess.Ran;

/** Who looked, by command: printed, unfolded, as a file, and for the patron; handed to a server and without one. */
final class LogSearchIT {
    private RunningVault vault;
    private String patron;

    @BeforeEach
    void lookAtSomebody() {
        vault = RunningVault.create().start();
        String clerk = vault.signIn("clerk");
        patron = vault.register(clerk, SamplePatron.of(1));
        for (String field : new String[] {"phone", "email"}) {
            ObjectNode body = new ObjectMapper().createObjectNode().put("purpose", "account-service");
            body.putArray("fields").add(field);
            assertThat(vault.call("POST", "/v1/patrons/" + patron + "/reveal", clerk, body)
                            .status())
                    .isEqualTo(200);
        }
    }

    @AfterEach
    void remove() {
        vault.close();
    }

    @Test
    void whoLookedIsPrintedWrittenAndToldToThePatron() throws IOException {
        Ran visits = vault.as("officer", "log", "search", "--patron", patron, "--purpose", "account-service");
        assertThat(visits.exit()).as("%s", visits).isZero();
        assertThat(visits.out().lines())
                .hasSize(1)
                .first()
                .asString()
                .contains("clerk (circulation)  account-service  disclosed  phone, email  " + patron
                        + "  2 entries from ");
        Ran unfolded = vault.as("officer", "log", "search", "--patron", patron, "--actor", "clerk", "--unfold");
        assertThat(unfolded.out()).contains("  reveal disclosed  phone").contains("  register written  card, name");
        JsonNode document = vault.json("officer", "log", "search", "--patron", patron, "--act", "accesses");
        assertThat(document.path("visits")).isNotEmpty();

        Ran file = vault.as("officer", "log", "search", "--format", "csv", "--out", "../looks.csv", "--actor", "clerk");
        assertThat(file.exit()).as("%s", file).isZero();
        Path looks = vault.root().resolve("looks.csv");
        assertThat(Files.readString(looks).lines().filter(line -> line.contains(patron)))
                .hasSizeGreaterThan(2);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(looks)))
                .isEqualTo("rw-------");
        assertThat(vault.as("officer", "log", "search", "--format", "csv", "--out", "../looks.csv")
                        .exit())
                .isEqualTo(5);

        Ran page = vault.as("officer", "log", "report", patron, "--out", "../report.html");
        assertThat(page.exit()).as("%s", page).isZero();
        assertThat(Files.readString(vault.root().resolve("report.html")))
                .contains("Saw your telephone number.")
                .contains("<style>")
                .doesNotContain("clerk")
                .doesNotContain("/static/");
        assertThat(vault.as("officer", "log", "report", "0123456789abcdef").exit())
                .isEqualTo(5);
        assertThat(vault.as("clerk", "log", "search", "--patron", patron).exit())
                .isEqualTo(3);
        assertThat(vault.as("officer", "log", "search", "--since", "yesterday").exit())
                .isEqualTo(2);

        vault.stop();
        Ran lines = vault.as("officer", "log", "search", "--format", "jsonl", "--patron", patron);
        assertThat(lines.exit()).as("%s", lines).isZero();
        List<String> all = lines.out().lines().toList();
        assertThat(all.subList(0, all.size() - 1))
                .isNotEmpty()
                .allSatisfy(line -> assertThat(line).startsWith("{\"index\":"));
        assertThat(all.get(all.size() - 1)).isEqualTo("{\"end\":true,\"entries\":" + (all.size() - 1) + "}");
        assertThat(vault.as("officer", "log", "report", patron).out())
                .contains("The circulation desk")
                .contains("    Saw your e-mail address.");
    }
}
