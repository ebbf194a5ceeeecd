package org.patronvault.cli.log;

import org.patronvault.app.VaultInstance;
import org.patronvault.cli.command.ExitCodes;
import org.patronvault.cli.command.Invocation;
import org.patronvault.cli.command.VaultCommand;
import org.patronvault.cli.terminal.StepProgress;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.read.SignedCheckpoint;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Permission;
import org.patronvault.upkeep.backup.LogExport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** The command group {@code log}: the access log. */
@Command(
        name = "log",
        mixinStandardHelpOptions = true,
        description = "The access log.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            LogSearchCommand.class,
            LogReportCommand.class,
            VerifyCommand.class,
            LogCommands.CheckpointOf.class,
            LogCommands.Export.class,
            LogCommands.Receipt.class,
            AcceptCommand.class
        })
public final class LogCommands {

    @Command(
            name = "checkpoint",
            mixinStandardHelpOptions = true,
            description = "Prints a signed checkpoint of the log as it is now, to be kept elsewhere.")
    static final class CheckpointOf extends VaultCommand {
        CheckpointOf(Invocation invocation) {
            super(invocation);
        }

        @Override
        public int run(VaultInstance vault) {
            caller(vault, Permission.CHECKPOINT, ActKind.CHECKPOINT);
            SignedCheckpoint checkpoint = vault.log().checkpoint();
            if (json()) {
                return answer(object().put("size", checkpoint.size()).put("note", checkpoint.note()), "");
            }
            invocation().out().print(checkpoint.note());
            return ExitCodes.DONE;
        }
    }

    @Command(
            name = "export",
            mixinStandardHelpOptions = true,
            description = "Writes the log into DIR as tiles (C2SP tlog-tiles) that anybody can check with `log verify"
                    + " --export DIR`; an earlier export of this log is brought up to date. What names patrons stays"
                    + " sealed.")
    static final class Export extends VaultCommand {
        @Parameters(paramLabel = "DIR", description = "A new or empty directory, or an earlier export of this log.")
        private String directory;

        Export(Invocation invocation) {
            super(invocation);
        }

        @Override
        public int run(VaultInstance vault) {
            Caller caller = caller(vault, Permission.READ_LOG, ActKind.READ_LOG);
            SignedCheckpoint checkpoint;
            try (StepProgress progress =
                    StepProgress.of(invocation().err(), invocation().terminal())) {
                checkpoint = new LogExport(vault.log(), vault.access())
                        .make(caller, invocation().writable(directory), progress);
            }
            return answer(
                    object().put("entries", checkpoint.size()).put("checkpoint", checkpoint.note()),
                    "The log's first " + checkpoint.size()
                            + " entries are there; `log verify --export DIR` checks them.");
        }
    }

    @Command(
            name = "receipt",
            mixinStandardHelpOptions = true,
            description = "Prints a file that proves, with the log's verifier key alone, that entry N is in the log.")
    static final class Receipt extends VaultCommand {
        @Parameters(paramLabel = "N", description = "The entry's number.")
        private long index;

        Receipt(Invocation invocation) {
            super(invocation);
        }

        @Override
        public int run(VaultInstance vault) {
            Caller caller = caller(vault, Permission.READ_LOG, ActKind.READ_LOG);
            String receipt = vault.privacy().history().receipt(caller, index, AuditLog.newRequest());
            if (json()) {
                return answer(object().put("index", index).put("receipt", receipt), "");
            }
            invocation().out().print(receipt);
            return ExitCodes.DONE;
        }
    }

    private LogCommands() {}
}
