package org.patronvault.cli.upkeep;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import org.patronvault.app.StandaloneKeys;
import org.patronvault.app.VaultInstance;
import org.patronvault.cli.command.Invocation;
import org.patronvault.cli.command.VaultCommand;
import org.patronvault.cli.terminal.StepProgress;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.dual.SecondPerson;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Permission;
import org.patronvault.patron.check.PatronRestoration.Result;
import org.patronvault.upkeep.backup.OpenedBackup;
import org.patronvault.upkeep.backup.Restore;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command {@code restore}, which restores patrons from a backup. */
@Command(
        name = "restore",
        mixinStandardHelpOptions = true,
        description = {
            "Brings patrons back as they were in the backup in DIR (by a custodian or administrator, agreed to by another"
                    + " custodian). Who was erased since stays erased, who was registered since stays; log, accounts and"
                    + " sessions are not touched.",
            "Without --second the request is filed; once another custodian agreed, the same command does it.",
            "With --open FILE nothing is brought back: the backup is opened and proved with the keys of the home, which needs"
                    + " no database, and its database is written to FILE. For a machine that was lost.",
            "With --log EXPORT that database gets the log of an export which goes on from the backup's; without --open it"
                    + " is written to where the home has its own. Then `log accept`, and this command once more."
        })
public final class RestoreCommand extends VaultCommand {
    @Parameters(paramLabel = "DIR", description = "The directory that `backup` wrote.")
    private String directory;

    @Option(
            names = "--without-destroyed",
            description = "Brings back what is left, where values hang on keys that were destroyed since.")
    private boolean withoutDestroyed;

    @Option(
            names = "--open",
            paramLabel = "FILE",
            description = "A new file for the backup's database, such as data/vault.db of a home that has none yet.")
    private String open;

    @Option(
            names = "--log",
            paramLabel = "EXPORT",
            description = "A directory of `log export`, newer than the backup, for when the home's own log is lost.")
    private String log;

    RestoreCommand(Invocation invocation) {
        super(invocation);
    }

    @Override
    public Integer call() {
        return open == null && log == null ? super.call() : opened();
    }

    /** Needs only the keys: without a database there are no accounts. */
    private int opened() {
        if (invocation().server().isPresent()) {
            throw new Refused(
                    Problem.HOME_IN_USE,
                    "--open and --log are by the keys of a home alone, and a server has those of this one open for others: name a"
                            + " home on which none runs.");
        }
        if (withoutDestroyed) {
            throw new Refused(
                    Problem.INVALID, "--without-destroyed does not go with --open and --log, which leave nothing out.");
        }
        Path file = open == null ? place() : invocation().path(open);
        if (open == null && Files.exists(file)) {
            throw new Refused(
                    Problem.NAME_IN_USE,
                    "The home has a database, whose log stays the one that is there: leave out --log. It is for a home"
                            + " whose database is gone, or for a new file, named with --open.");
        }
        Optional<Path> export = Optional.ofNullable(log).map(invocation()::path);
        String id;
        try (StandaloneKeys keys =
                        StandaloneKeys.open(home(), keyOptions().openerOrTyped(home().requireExists(), invocation()));
                StepProgress progress =
                        StepProgress.of(invocation().err(), invocation().terminal())) {
            id = OpenedBackup.write(
                    invocation().path(directory), keys.keys(), file, export, home().nodeToAnchor(file), progress);
        }
        ObjectNode document = object();
        document.putObject("opened").put("backup", id);
        return answer(
                document,
                "The database of backup " + id + " is proved, and is in "
                        + (open == null ? "its place" : "the file of --open") + "."
                        + (export.isEmpty()
                                ? ""
                                : " Its log is the one of --log. Next, before it serves: two custodians, `log accept`, and"
                                        + " then `restore` of the same backup."));
    }

    /** The place of the home's own database, unless it is no file. */
    private Path place() {
        return home().requireExists()
                .databaseFile()
                .orElseThrow(() -> new Refused(
                        Problem.INVALID,
                        "The home's database is no file, and what is opened is one: name a new file with --open, for a home"
                                + " whose vault.yaml names no database."));
    }

    @Override
    public int run(VaultInstance vault) {
        Caller caller = caller(vault, Permission.RESTORE, ActKind.RESTORE);
        Approvals.Requester asking = asking(vault, caller.actor(), SecondPerson.CUSTODY);
        Restore restore = new Restore(
                vault.store(), vault.custody(), vault.log(), vault.access(), vault.patrons(), home().directory());
        Restore.Answer answer;
        try (StepProgress progress =
                StepProgress.of(invocation().err(), invocation().terminal())) {
            answer = restore.restore(
                    caller, asking, new Restore.Source(invocation().path(directory), withoutDestroyed), progress);
        }
        ObjectNode document = object();
        Optional<Result> done = answer.done();
        done.ifPresent(restored -> document.putObject("restored")
                .put("backup", answer.backup())
                .put("patrons", restored.patrons())
                .put("erased", restored.erased())
                .put("leftOut", restored.leftOut()));
        return answer(
                new Approvals.Answer(answer.filed(), Optional.empty()),
                document,
                "",
                done.map(restored -> told(answer.backup(), restored)).orElse(""));
    }

    private static String told(String backup, Result restored) {
        String leftOut = restored.leftOut() == 0
                ? ""
                : String.format(
                        Locale.ROOT,
                        " %,d stay as they are, because what they were can no longer be opened.",
                        restored.leftOut());
        return String.format(
                Locale.ROOT,
                "Patrons are as in backup %s: %,d were brought back, all others were as they were then, and %,d erasures"
                        + " were made good.%s",
                backup,
                restored.patrons(),
                restored.erased(),
                leftOut);
    }
}
