package org.patronvault.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.patronvault.cli.command.Invocation;
import picocli.CommandLine;

/** Tests that a command built alone equals the one built with all others. */
final class CommandsTest {
    private final Invocation here = Invocation.local(Map.of(), Path.of("."));
    private final Map<String, CommandLine> all = Commands.line(here).getSubcommands();

    @Test
    void theCommandNamedFirstIsPutTogetherAloneAndUnderstandsTheSame() {
        assertThat(all).hasSizeGreaterThan(20);
        all.forEach((name, among) -> {
            Map<String, CommandLine> put = Commands.line(here, name, "--help").getSubcommands();
            boolean isCompletion = name.equals("generate-completion");
            assertThat(put.keySet()).as(name).isEqualTo(isCompletion ? all.keySet() : Set.of(name));
            assertThat(put.get(name).getUsageMessage()).isEqualTo(among.getUsageMessage());
            assertThat(put.get(name).getSubcommands().keySet())
                    .isEqualTo(among.getSubcommands().keySet());
        });
    }

    @Test
    void wordsThatNameNoCommandMeetAllOfThem() {
        assertThat(Commands.line(here, "--help").getSubcommands()).hasSameSizeAs(all);
        assertThat(Commands.line(here, "serv").getSubcommands()).hasSameSizeAs(all);
        assertThat(Commands.line(here, "@serve").getSubcommands()).hasSameSizeAs(all);
    }
}
