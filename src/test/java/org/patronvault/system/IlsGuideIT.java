package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.patronvault.testing.Skips;

/** The calls of ils.md, one after the other as they stand there, by curl at a real vault with a CA of its own. */
final class IlsGuideIT {
    private static final Path GUIDE = Path.of("src/site/markdown/ils.md");
    private static final Pattern COMMANDS = Pattern.compile("```sh\n(.*?)```", Pattern.DOTALL);

    @AutoClose
    private final RunningVault vault = RunningVault.create().overTls();

    @Test
    void everyCallOfTheGuideDoesWhatItSaysOverTls() throws IOException, InterruptedException {
        Skips.unless(Files.isExecutable(Path.of("/usr/bin/curl")), "curl is not installed");
        vault.start();
        Files.copy(vault.home().resolve("tls/ca.crt"), vault.root().resolve("ca.crt"));
        String key = vault.json("admin", "client", "add", "catalogue", "--scope", "ils")
                .path("key")
                .asText();
        List<String> commands = new ArrayList<>();
        Matcher fences = COMMANDS.matcher(Files.readString(GUIDE));
        while (fences.find()) {
            commands.add(fences.group(1));
        }
        assertThat(commands).hasSizeGreaterThan(5);
        Path script = vault.root().resolve("guide.sh");
        Files.writeString(script, String.join("\n", commands) + "\necho all of it\n");
        Path said = vault.root().resolve("said");
        ProcessBuilder builder = new ProcessBuilder("bash", "-eu", "-o", "pipefail", script.toString())
                .directory(vault.root().toFile())
                .redirectErrorStream(true)
                .redirectOutput(said.toFile());
        builder.environment().putAll(Map.of("VAULT", vault.address(), "KEY", key));

        int exit = builder.start().waitFor();

        assertThat(exit).as(Files.readString(said)).isZero();
        assertThat(Files.readString(said)).endsWith("all of it\n");
    }
}
