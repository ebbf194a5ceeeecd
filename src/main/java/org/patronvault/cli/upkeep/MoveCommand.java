package org.patronvault.cli.upkeep;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import org.patronvault.app.Home;
import org.patronvault.app.MovedDatabase;
import org.patronvault.app.Settings;
import org.patronvault.app.VaultInstance;
import org.patronvault.cli.command.ExitCodes;
import org.patronvault.cli.command.Invocation;
import org.patronvault.cli.command.VaultCommand;
import org.patronvault.cli.terminal.StepProgress;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Permission;
import org.patronvault.core.store.sql.StoreSettings;
import org.patronvault.upkeep.backup.DatabaseMove;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command {@code move}, which moves the database into PostgreSQL. */
@Command(
        name = "move",
        mixinStandardHelpOptions = true,
        description = {
            "Moves the database from SQLite into an empty PostgreSQL database, while no server runs, and proves it there"
                    + " (by a custodian or administrator). Until that is done the home is as it was.",
            "Whatever ends it before, the same command goes on."
        })
public final class MoveCommand extends VaultCommand {
    @Option(names = "--to", paramLabel = "JDBC_URL", required = true, description = "The empty PostgreSQL database.")
    private String to;

    @Option(
            names = "--db-password-file",
            paramLabel = "F",
            description = "The file with the password of the database's user, which vault.yaml will name.")
    private Path passwordFile;

    private Optional<DatabaseMove.Request> asked = Optional.empty();

    MoveCommand(Invocation invocation) {
        super(invocation);
    }

    private MovedDatabase target() {
        return new MovedDatabase(
                home(),
                to,
                Optional.ofNullable(passwordFile)
                        .map(file -> invocation()
                                .path(file.toString())
                                .toAbsolutePath()
                                .normalize()));
    }

    @Override
    public int run(VaultInstance vault) {
        if (invocation().server().isPresent()) {
            throw new Refused(
                    Problem.HOME_IN_USE,
                    "A server runs on this home, and would go on writing to the file: stop it, then move.");
        }
        if (home().databaseUrl().isPresent()) {
            throw new Refused(
                    Problem.INVALID,
                    "A move changes what vault.yaml says of the database: leave --db (and PATRON_VAULT_DB) out.");
        }
        MovedDatabase target = target();
        if (target.isOfHome()) {
            return answer(
                    object().putNull("moved"),
                    "The database of this home is that one already; there is nothing left to do.");
        }
        String unused = target.settings();
        Caller caller = caller(vault, Permission.BACKUP, ActKind.MOVE);
        asked = Optional.of(
                new DatabaseMove(vault.store(), vault.log(), vault.access()).ask(caller, target.database()));
        return ExitCodes.DONE;
    }

    @Override
    public boolean isOpenedAtTerminal() {
        return true;
    }

    @Override
    public int afterwards(int code) {
        if (asked.isEmpty()) {
            return code;
        }
        StoreSettings from = Settings.read(home()).store(home());
        Path old = from.file().orElseThrow();
        DatabaseMove.Result moved;
        Home.Lock lock = home().lock();
        try (StepProgress progress =
                StepProgress.of(invocation().err(), invocation().terminal())) {
            moved = DatabaseMove.carryOut(asked.get(), from, target(), home().node(), progress);
        } finally {
            lock.close();
        }
        ObjectNode document = object();
        ObjectNode tables = document.putObject("moved")
                .put("rows", moved.allRows())
                .put("entries", moved.entries())
                .put("root", moved.root())
                .put("old", old.toString())
                .putObject("tables");
        StringBuilder told = new StringBuilder();
        moved.rows().forEach((table, rows) -> {
            tables.put(table, rows);
            told.append(String.format(Locale.ROOT, "Of %s %,d rows.%n", table, rows));
        });
        return answer(document, told + told(moved, old));
    }

    private static String told(DatabaseMove.Result moved, Path old) {
        return String.format(
                Locale.ROOT,
                "The database is in PostgreSQL now: %,d rows of %d tables, each read back and compared, and %,d entries of"
                        + " the log, hashed to the same root. The old file %s holds everybody still, sealed: when"
                        + " PostgreSQL is backed up, delete it, with what stands beside it (-wal, -shm).",
                moved.allRows(),
                moved.rows().size(),
                moved.entries(),
                old);
    }
}
