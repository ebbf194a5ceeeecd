package org.patronvault.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.patronvault.access.Permission;
import org.patronvault.app.Home;
import org.patronvault.app.Settings;
import org.patronvault.app.VaultInstance;
import org.patronvault.audit.Act;
import org.patronvault.audit.LogVerifier;
import org.patronvault.audit.SignedCheckpoint;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;
import org.patronvault.store.Store;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The access log. */
@Command(
        name = "log",
        mixinStandardHelpOptions = true,
        description = "The access log.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {LogCommands.Verify.class, LogCommands.CheckpointOf.class})
final class LogCommands {

    @Command(
            name = "verify",
            mixinStandardHelpOptions = true,
            description =
                    "Checks the whole log from its stored bytes; needs no key. Exits with 1 if anything is wrong.")
    static final class Verify implements Callable<Integer> {
        private final Invocation invocation;

        @Option(names = "--home", paramLabel = "DIR", description = "The vault's directory (default: ./vault-home).")
        private String home = "vault-home";

        @Mixin
        @SuppressWarnings("UnusedVariable")
        private NeedsNobody nobody;

        @Option(
                names = "--checkpoint",
                paramLabel = "F",
                description = "A checkpoint kept elsewhere that the log must grow from; may be given several times.")
        private List<String> checkpoints = new ArrayList<>();

        @Option(names = "--json", description = "Print one JSON document and nothing else.")
        private boolean json;

        Verify(Invocation invocation) {
            this.invocation = invocation;
        }

        @Override
        public Integer call() {
            Home checked = new Home(invocation.path(home)).requireExists();
            List<LogVerifier.Saved> saved = new ArrayList<>();
            for (String name : List.of("checkpoint", "handover")) {
                published(checked, name).forEach(file -> saved.add(read("published-" + name, file)));
            }
            for (String file : checkpoints) {
                saved.add(read("saved-checkpoint", invocation.path(file)));
            }
            LogVerifier.Report report;
            try (Store store = Store.openToRead(Settings.read(checked).store(checked))) {
                report = LogVerifier.verify(store, saved, publishedKey(checked));
            }
            invocation.out().println(json ? document(report).toString() : text(report));
            return report.ok() ? ExitCodes.DONE : ExitCodes.FOUND_WRONG;
        }

        private static List<Path> published(Home home, String name) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(home.published(), name + "{,-[0-9]*}")) {
                List<Path> found = new ArrayList<>();
                files.forEach(found::add);
                return found;
            } catch (NoSuchFileException e) {
                return List.of();
            } catch (IOException | DirectoryIteratorException e) {
                throw new Refused(Problem.INVALID, "The directory `published` of the home cannot be read.");
            }
        }

        private static Optional<String> publishedKey(Home home) {
            Path file = home.published().resolve("log.vkey");
            return Files.exists(file) ? Optional.of(read("", file).note().strip()) : Optional.empty();
        }

        private static LogVerifier.Saved read(String name, Path file) {
            try {
                return new LogVerifier.Saved(name, Files.readString(file, StandardCharsets.UTF_8));
            } catch (IOException e) {
                throw new Refused(Problem.INVALID, "A checkpoint file cannot be read.");
            }
        }

        private static ObjectNode document(LogVerifier.Report report) {
            ObjectNode document = JsonNodeFactory.instance.objectNode();
            document.put("ok", report.ok());
            document.put("entries", report.entries());
            document.put("root", report.rootText());
            ArrayNode problems = document.putArray("problems");
            report.problems()
                    .forEach(p -> problems.addObject().put("entry", p.entry()).put("what", p.what()));
            return document;
        }

        private static String text(LogVerifier.Report report) {
            StringBuilder text = new StringBuilder();
            text.append(report.ok() ? "The log is whole: " : "The log is NOT whole: ")
                    .append(report.entries())
                    .append(" entries, root ")
                    .append(report.rootText());
            report.problems()
                    .forEach(p -> text.append("\n  entry ")
                            .append(p.entry())
                            .append(": ")
                            .append(p.what()));
            return text.toString();
        }
    }

    @Command(
            name = "checkpoint",
            mixinStandardHelpOptions = true,
            description = "Prints a signed checkpoint of the log as it is now, to be kept elsewhere.")
    static final class CheckpointOf extends VaultCommand {
        CheckpointOf(Invocation invocation) {
            super(invocation);
        }

        @Override
        int run(VaultInstance vault) {
            caller(vault, Permission.CHECKPOINT, Act.CHECKPOINT);
            SignedCheckpoint checkpoint = vault.log().checkpoint();
            if (json()) {
                return answer(object().put("size", checkpoint.size()).put("note", checkpoint.note()), "");
            }
            invocation().out().print(checkpoint.note());
            return ExitCodes.DONE;
        }
    }

    private LogCommands() {}
}
