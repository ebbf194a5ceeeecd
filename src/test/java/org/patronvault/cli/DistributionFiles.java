package org.patronvault.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.patronvault.cli.command.Invocation;
import org.patronvault.web.page.PrintedPage;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.codegen.docgen.manpage.ManPageGenerator;

/**
 * A writer of a distribution's files beside the program: completion, man pages, and documents with links that fit their
 * new places.
 */
public final class DistributionFiles {
    private static final Path GUIDES = Path.of("src/site/markdown");
    private static final Path RESOURCES = Path.of("src/main/resources/org/patronvault");
    private static final Pattern LINK = Pattern.compile("!?\\[([^\\[\\]]*)]\\(([^()\\s#:]+)(#[^()\\s]*)?\\)");

    private DistributionFiles() {}

    /**
     * Writes {@code patron-vault.bash}, {@code adoc/patron-vault….1.adoc} in AsciiDoc for every command, and
     * {@code doc}.
     *
     * @param args the project, and the directory
     */
    public static void main(String[] args) throws IOException {
        Path directory = Path.of(args[1]);
        Path pages = Files.createDirectories(directory.resolve("adoc"));
        CommandLine line = Commands.line(Invocation.local(Map.of(), directory));
        Files.writeString(
                directory.resolve("patron-vault.bash"), AutoComplete.bash(line.getCommandName(), line) + '\n');
        write(line, pages);
        documents(Path.of(args[0]), directory.resolve("doc"));
    }

    private static void write(CommandLine line, Path pages) throws IOException {
        String name = line.getCommandSpec().qualifiedName("-");
        try (PrintWriter page =
                new PrintWriter(Files.newBufferedWriter(pages.resolve(name + ".1.adoc"), StandardCharsets.UTF_8))) {
            ManPageGenerator.writeSingleManPage(page, line.getCommandSpec());
        }
        for (CommandLine sub : line.getSubcommands().values()) {
            write(sub, pages);
        }
    }

    /** Writes them, and {@code while-down.html}; a link to what is not among them becomes the text that it had. */
    static void documents(Path project, Path directory) throws IOException {
        Map<Path, String> names = names(project);
        Files.createDirectories(directory.resolve("examples"));
        for (Map.Entry<Path, String> one : names.entrySet()) {
            Path from = project.resolve(one.getKey());
            Path to = directory.resolve(one.getValue());
            if (one.getValue().endsWith(".md")) {
                Matcher links = LINK.matcher(Files.readString(from));
                Files.writeString(
                        to, links.replaceAll(link -> Matcher.quoteReplacement(led(link, one.getKey(), names))));
            } else {
                Files.write(to, Files.readAllBytes(from));
            }
        }
        Files.writeString(
                directory.resolve("while-down.html"),
                PrintedPage.of(Files.readString(project.resolve(GUIDES).resolve("while-down.md"))));
    }

    private static String led(MatchResult link, Path from, Map<Path, String> names) {
        Path target = from.resolveSibling(link.group(2)).normalize();
        String name = names.get(target);
        String whole = link.group();
        return name == null
                ? link.group(1)
                : whole.substring(0, whole.indexOf("](") + 2) + name + whole.substring(link.end(2) - link.start());
    }

    /** By where each is in the project, its name in the directory. */
    private static Map<Path, String> names(Path project) throws IOException {
        Map<Path, String> names = new TreeMap<>();
        for (String name : new String[] {"README.md", "CHANGELOG.md", "SECURITY.md"}) {
            names.put(Path.of(name), name);
        }
        for (Path guides : new Path[] {GUIDES, Path.of("src/site/resources")}) {
            try (Stream<Path> files = Files.list(project.resolve(guides))) {
                files.map(Path::getFileName).forEach(file -> names.put(guides.resolve(file), file.toString()));
            }
        }
        names.put(Path.of("src/main/resources/openapi.yaml"), "openapi.yaml");
        names.put(RESOURCES.resolve("app/vault.yaml"), "examples/vault.yaml");
        names.put(RESOURCES.resolve("core/policy/policy.yaml"), "examples/policy.yaml");
        return names;
    }
}
