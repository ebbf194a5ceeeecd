package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the README tells people to type exists. */
class ReadmeIT {
    private static final Pattern FIRST_BLOCK = Pattern.compile("(?s)\n## Start\n.*?\n```[a-z]*\n(.*?)```");
    private static final Pattern PRINTED = Pattern.compile("(?s)\n```text\n(.*?)```");
    private static final Pattern COMMAND = Pattern.compile("java -jar target/patron-vault\\.jar ([^\n`#]+)");
    private static RunningVault vault;

    @BeforeAll
    static void start() {
        vault = RunningVault.empty();
    }

    @AfterAll
    static void stop() {
        vault.close();
    }

    private static String readme() throws IOException {
        return Files.readString(Path.of("README.md"));
    }

    @Test
    void firstCommandStartsADemoThatPrintsWhatTheReadmeShowsAndLeavesNothing() throws IOException {
        Matcher block = FIRST_BLOCK.matcher(readme());
        assertThat(block.find()).isTrue();
        List<String> lines = block.group(1).strip().lines().toList();
        assertThat(lines).hasSize(2);
        Matcher command = COMMAND.matcher(lines.get(0));
        assertThat(command.find()).isTrue();
        List<String> words = words(command.group(1));
        assertThat(words).startsWith("demo");

        // The same words, on a port that is free.
        List<String> onAnyPort = new ArrayList<>(words);
        onAnyPort.addAll(List.of("--port", "0"));
        Path temporary = vault.root().resolve("tmp");
        try (VaultProcess demo = vault.process(Map.of(), List.of(), onAnyPort.toArray(String[]::new))) {
            String address = demo.awaitLine(Pattern.compile("(http://127\\.0\\.0\\.1:[0-9]+/)"));
            demo.awaitLine(Pattern.compile("(Ctrl-C)"));
            assertThat(demo.printed().replaceAll("(?m)^ +", ""))
                    .contains(printed()
                            .map(line -> line.replace("http://127.0.0.1:8080/", address))
                            .toList());
            Answer ready = vault.at(address).call("GET", "/health/ready");
            assertThat(ready.status()).isEqualTo(200);
            Answer signedIn =
                    vault.call("POST", "/v1/sessions", "", RunningVault.credentials("clerk", "demo clerk password"));
            assertThat(signedIn.status()).isEqualTo(201);
            assertThat(demonstrations(temporary)).isNotEmpty();

            assertThat(demo.terminate()).isIn(0, 143);
            assertThat(demonstrations(temporary)).isEmpty();
        }
    }

    /** The lines that the README says the demonstration prints. */
    private static Stream<String> printed() throws IOException {
        Matcher block = PRINTED.matcher(readme());
        assertThat(block.find()).isTrue();
        return block.group(1).lines().filter(line -> !line.isBlank() && !line.equals("…"));
    }

    private static List<Path> demonstrations(Path temporary) throws IOException {
        try (Stream<Path> files = Files.list(temporary)) {
            return files.filter(Files::isDirectory).toList();
        }
    }

    static Stream<String> commands() throws IOException {
        return COMMAND.matcher(readme())
                .results()
                .map(match -> match.group(1).strip())
                .distinct();
    }

    @ParameterizedTest
    @MethodSource("commands")
    void commandIsUnderstood(String command) {
        List<String> words = new ArrayList<>(words(command));
        words.add("--help");

        VaultProcess.Ran ran = vault.command(Map.of(), words.toArray(String[]::new));

        assertThat(ran.exit()).as("%s: %s", command, ran).isZero();
        assertThat(ran.out()).startsWith("Usage: patron-vault " + words.get(0));
        assertThat(ran.err()).isEmpty();
        // With --help an unknown option is not refused, so each is looked for in the help itself.
        assertThat(words.stream().filter(word -> word.startsWith("--"))).allMatch(ran.out()::contains);
    }

    private static List<String> words(String command) {
        return Arrays.asList(command.strip().split("\\s+"));
    }
}
