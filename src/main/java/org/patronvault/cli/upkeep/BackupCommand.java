package org.patronvault.cli.upkeep;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import org.patronvault.app.VaultInstance;
import org.patronvault.cli.command.Invocation;
import org.patronvault.cli.command.VaultCommand;
import org.patronvault.cli.terminal.StepProgress;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Permission;
import org.patronvault.upkeep.backup.Backup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** The command that makes a backup. */
@Command(
        name = "backup",
        mixinStandardHelpOptions = true,
        description = "Copies the database into DIR while it serves, and proves the copy. Keys are never in it.")
public final class BackupCommand extends VaultCommand {
    @Parameters(paramLabel = "DIR", description = "A new or empty directory, best on another disk.")
    private String directory;

    BackupCommand(Invocation invocation) {
        super(invocation);
    }

    @Override
    public int run(VaultInstance vault) {
        Caller caller = caller(vault, Permission.BACKUP, ActKind.BACKUP);
        Backup backup = new Backup(vault.store(), vault.custody(), vault.log(), vault.access(), home().directory());
        Backup.Result made;
        try (StepProgress progress =
                StepProgress.of(invocation().err(), invocation().terminal())) {
            made = backup.make(caller, invocation().writable(directory), progress);
        }
        ObjectNode document = object();
        document.putObject("backup")
                .put("id", made.id())
                .put("patrons", made.patrons())
                .put("values", made.values())
                .put("entries", made.entries())
                .put("bytes", made.bytes());
        return answer(
                document,
                String.format(
                        Locale.ROOT,
                        "Backup %s is written and proved: %,d patrons, %,d values, %,d log entries, %,d bytes. Keep it"
                                + " where keys/ is not.",
                        made.id(),
                        made.patrons(),
                        made.values(),
                        made.entries(),
                        made.bytes()));
    }
}
