package org.patronvault.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.patronvault.cli.command.Invocation;
import picocli.CommandLine;

/**
 * Tests that the commands in the guides exist and have the options beside them. A block's commands begin with the
 * program's name, and a sentence's with a command's. An option alone must belong to some command.
 */
class DocumentedCommandsTest {
    private static final Pattern BLOCK = Pattern.compile("(?ms)^ *```[a-z]*\\n(.*?)^ *```");
    private static final Pattern SPAN = Pattern.compile("`([^`\\n]+)`");
    private static final Pattern IN_BLOCK = Pattern.compile("(?:^|[ (/])patron-vault(?:\\.jar)? ([a-z][^;&>#)]*)");
    private static final Pattern IN_SENTENCE =
            Pattern.compile("^(?:patron-vault |java -jar \\S*patron-vault\\.jar )?([a-z].*|--.*)");
    private static final Pattern WORD = Pattern.compile("[a-z][a-z-]*(\\|[a-z-]+)*");
    private static final Pattern OPTION = Pattern.compile("--[a-z][a-z-]*");

    private final CommandLine root = Commands.line(Invocation.local(Map.of(), Path.of(".")));

    @Test
    void commandsOfTheGuidesExistWithTheirOptions() throws IOException {
        Set<String> faults = new TreeSet<>();
        int named = 0;
        for (Path guide : guides()) {
            for (String command : commands(Files.readString(guide))) {
                named++;
                for (String fault : faults(command)) {
                    faults.add(guide.getFileName() + " has `" + command + "`: " + fault);
                }
            }
        }

        assertThat(faults).isEmpty();
        assertThat(named).as("commands that were found").isGreaterThan(300);
    }

    @Test
    void whatDoesNotExistIsNoticed() {
        assertThat(List.of("log veriffy", "doctor --nope", "keys slot list|ad", "staff add kim --rolle=x", "--rolle R"))
                .allSatisfy(command -> assertThat(faults(command)).as(command).hasSize(1));
        assertThat(List.of("log verify", "doctor --json", "keys slot list|add", "staff add kim --role=x", "--role R"))
                .allSatisfy(command -> assertThat(faults(command)).as(command).isEmpty());
    }

    private static List<Path> guides() throws IOException {
        try (Stream<Path> pages = Files.list(Path.of("src/site/markdown"))) {
            return Stream.concat(
                            Stream.of(Path.of("README.md"), Path.of("CHANGELOG.md"), Path.of("SECURITY.md")), pages)
                    .toList();
        }
    }

    /** Commands without the program's name, and options that stand alone. */
    private List<String> commands(String markdown) {
        List<String> commands = new ArrayList<>();
        Matcher blocks = BLOCK.matcher(markdown);
        while (blocks.find()) {
            blocks.group(1)
                    .replaceAll("\\\\\\n\\s*", "")
                    .lines()
                    .forEach(line -> IN_BLOCK.matcher(line.strip())
                            .results()
                            .forEach(found -> commands.add(found.group(1).strip())));
        }
        SPAN.matcher(BLOCK.matcher(markdown).replaceAll("")).results().forEach(span -> {
            Matcher words = IN_SENTENCE.matcher(span.group(1));
            if (words.matches()) {
                String command = words.group(1);
                boolean programNamed = words.start(1) > 0;
                boolean ours = root.getSubcommands().containsKey(command.split("\\s", 2)[0]);
                if (programNamed || ours || command.startsWith("--")) {
                    commands.add(command);
                }
            }
        });
        return commands;
    }

    /** Returns the parts that are no command or no option of that command. */
    private List<String> faults(String command) {
        List<String> faults = new ArrayList<>();
        CommandLine line = root;
        boolean naming = true;
        for (String word : command.split("\\s+", -1)) {
            naming &= WORD.matcher(word).matches() && !line.getSubcommands().isEmpty();
            if (naming) {
                String[] names = word.split("\\|", -1);
                for (String name : names) {
                    if (!line.getSubcommands().containsKey(name)) {
                        faults.add("no command " + name);
                    }
                }
                line = line.getSubcommands().getOrDefault(names[0], line);
            }
            Matcher option = OPTION.matcher(word);
            if (option.lookingAt() && !options(line).contains(option.group())) {
                faults.add("no option " + option.group());
            }
        }
        return faults;
    }

    /** Returns the options. For the program itself, beside which an option is alone, those of all commands. */
    private Set<String> options(CommandLine line) {
        Set<String> options = new HashSet<>(line.getCommandSpec().optionsMap().keySet());
        if (line.equals(root)) {
            Stream.iterate(
                            List.copyOf(root.getSubcommands().values()),
                            below -> !below.isEmpty(),
                            DocumentedCommandsTest::below)
                    .flatMap(List::stream)
                    .forEach(one ->
                            options.addAll(one.getCommandSpec().optionsMap().keySet()));
        }
        return options;
    }

    private static List<CommandLine> below(List<CommandLine> lines) {
        return lines.stream()
                .flatMap(line -> line.getSubcommands().values().stream())
                .toList();
    }
}
