package org.patronvault.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.patronvault.cli.Commands;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** Tests of which commands accept a database. */
final class HomeOptionsTest {
    private static void collect(CommandLine line, List<CommandSpec> leaves) {
        if (line.getSubcommands().isEmpty()) {
            leaves.add(line.getCommandSpec());
        }
        line.getSubcommands().values().forEach(sub -> collect(sub, leaves));
    }

    @Test
    void everyCommandOnAHomeTakesTheDatabaseAndNoOtherDoes() {
        List<CommandSpec> leaves = new ArrayList<>();
        collect(Commands.line(Invocation.local(Map.of(), Path.of(""))), leaves);
        assertThat(leaves)
                .hasSizeGreaterThan(50)
                .allSatisfy(leaf -> assertThat(leaf.findOption("--db") != null)
                        .as(leaf.qualifiedName())
                        .isEqualTo(leaf.findOption("--home") != null));
        assertThat(leaves)
                .filteredOn(leaf -> leaf.findOption("--home") == null)
                .extracting(CommandSpec::name)
                .containsExactlyInAnyOrder("demo", "witness", "roles", "generate-completion");
    }
}
