package org.patronvault.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.codegen.docgen.manpage.ManPageGenerator;

/** Writes what a distribution has beside the program and what the commands themselves say best: completion, man pages. */
public final class DistributionFiles {
    private DistributionFiles() {}

    /**
     * Writes {@code patron-vault.bash} and, in AsciiDoc, {@code adoc/patron-vault….1.adoc} for every command.
     *
     * @param args the directory
     */
    public static void main(String[] args) throws IOException {
        Path directory = Path.of(args[0]);
        Path pages = Files.createDirectories(directory.resolve("adoc"));
        CommandLine line = Commands.line(Invocation.local(Map.of(), directory));
        Files.writeString(
                directory.resolve("patron-vault.bash"), AutoComplete.bash(line.getCommandName(), line) + '\n');
        write(line, pages);
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
}
