package org.patronvault.cli.log;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.patronvault.app.Home;
import org.patronvault.app.Settings;
import org.patronvault.cli.command.ExitCodes;
import org.patronvault.cli.command.HomeOptions;
import org.patronvault.cli.command.IgnoredPersonOptions;
import org.patronvault.cli.command.Invocation;
import org.patronvault.cli.terminal.StepProgress;
import org.patronvault.core.keys.file.SmallFile;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.LogReceipt;
import org.patronvault.core.log.tree.LogReport;
import org.patronvault.core.log.tree.LogVerifier;
import org.patronvault.core.log.tree.PublishedLog;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.Store;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * The command {@code log verify}, on a home, an export, or receipts alone. It needs no key of the vault and no account.
 */
@Command(
        name = "verify",
        mixinStandardHelpOptions = true,
        description = "Checks the whole log from its stored bytes; needs no key. Exits with 1 if anything is wrong.")
final class VerifyCommand implements Callable<Integer> {
    /** No checkpoint, receipt or key file is as large. */
    private static final int MAX_BYTES = 1 << 20;

    private final Invocation invocation;

    @Mixin
    private HomeOptions homeOptions;

    @Mixin
    @SuppressWarnings("UnusedVariable")
    private IgnoredPersonOptions nobody;

    @Option(
            names = "--export",
            paramLabel = "DIR",
            description = "Check what `log export` wrote there, instead of a vault's database.")
    private String export;

    @Option(
            names = "--checkpoint",
            paramLabel = "F",
            description = "A checkpoint kept elsewhere that the log must grow from; may be given several times.")
    private List<String> checkpoints = new ArrayList<>();

    @Option(
            names = "--receipt",
            paramLabel = "F",
            description = "What `log receipt` gave, of an entry that must be in the log; may be given several times.")
    private List<String> receipts = new ArrayList<>();

    @Option(
            names = "--key",
            paramLabel = "F",
            description = "A verifier key kept elsewhere, such as a copy of published/log.vkey, that must have signed"
                    + " the log. With --receipt, and without --export, the receipts are checked by it alone.")
    private String key;

    @Option(
            names = "--witness",
            paramLabel = "F",
            description =
                    "Verifier keys of witnesses, kept elsewhere, each of which must have signed the log. Those that"
                            + " vault.yaml names are looked at without it.")
    private String witness;

    @Option(names = "--json", description = "Print one JSON document and nothing else.")
    private boolean json;

    VerifyCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        if (key != null && !receipts.isEmpty() && export == null) {
            return receiptsAlone();
        }
        List<LogVerifier.SavedCheckpoint> saved = new ArrayList<>();
        checkpoints.forEach(
                file -> saved.add(new LogVerifier.SavedCheckpoint("saved-checkpoint", read(invocation.path(file)))));
        List<String> proofs =
                receipts.stream().map(file -> read(invocation.path(file))).toList();
        Optional<String> keys = Optional.ofNullable(key).map(file -> read(invocation.path(file)));
        List<String> required = Optional.ofNullable(witness)
                .map(file -> read(invocation.path(file))
                        .lines()
                        .map(String::strip)
                        .filter(line -> !line.isEmpty())
                        .toList())
                .orElse(List.of());
        LogVerifier.TrustAnchors known = new LogVerifier.TrustAnchors(saved, proofs, keys, required);
        LogReport report;
        try (StepProgress progress = StepProgress.of(invocation.err(), invocation.terminal())) {
            LogVerifier.Progress entries = (done, of) -> progress.at("Entries", done, of);
            report = (export == null ? ofHome(known, entries) : ofExport(known, entries)).requiring(required);
        }
        invocation.out().println(json ? document(report).toString() : text(report));
        return report.ok() ? ExitCodes.DONE : ExitCodes.FOUND_WRONG;
    }

    private LogReport ofExport(LogVerifier.TrustAnchors known, LogVerifier.Progress progress) {
        Path directory = invocation.path(export);
        if (!Files.isDirectory(directory)) {
            throw new Refused(Problem.NOT_FOUND, "There is no directory of that name.");
        }
        return LogVerifier.verify(directory, known, progress);
    }

    private LogReport ofHome(LogVerifier.TrustAnchors known, LogVerifier.Progress progress) {
        Home checked = homeOptions.home(invocation).requireExists();
        Settings settings = Settings.read(checked);
        LogVerifier.TrustAnchors all =
                new PublishedLog(checked.published()).with(known, settings.log().witnesses());
        try (Store store = Store.openToRead(settings.store(checked))) {
            return LogVerifier.verify(store, all, progress);
        }
    }

    private int receiptsAlone() {
        ObjectNode document = JsonNodeFactory.instance.objectNode();
        ArrayNode list = document.putArray("receipts");
        List<String> text = new ArrayList<>();
        boolean ok = true;
        String keys = read(invocation.path(key));
        for (String file : receipts) {
            try {
                LogReceipt receipt = LogReceipt.check(read(invocation.path(file)), keys);
                AccessEvent event = receipt.event();
                list.addObject()
                        .put("index", receipt.index())
                        .put("size", receipt.size())
                        .put("time", event.time().toString())
                        .put("actor", event.actor().name())
                        .put("role", event.actor().role())
                        .put("act", event.act().wireName())
                        .put("outcome", event.outcome().wireName());
                text.add(String.format(
                        "Entry %d was in the log when it had %d: %s, %s (%s), %s, %s.",
                        receipt.index(),
                        receipt.size(),
                        event.time(),
                        event.actor().name(),
                        event.actor().role(),
                        event.act().wireName(),
                        event.outcome().wireName()));
            } catch (IntegrityException e) {
                ok = false;
                list.addObject().put("problem", e.getMessage());
                text.add("That receipt does NOT hold: " + e.getMessage() + ".");
            }
        }
        document.put("ok", ok);
        invocation.out().println(json ? document.toString() : String.join(System.lineSeparator(), text));
        return ok ? ExitCodes.DONE : ExitCodes.FOUND_WRONG;
    }

    private static String read(Path file) {
        try {
            return SmallFile.readText(file, MAX_BYTES);
        } catch (IOException e) {
            // The input is not repeated, because it may be anything.
            throw new Refused(
                    Problem.INVALID,
                    "A file named with --checkpoint, --receipt, --key or --witness cannot be read; see that it is there,"
                            + " and text, of less than 1 MiB.");
        }
    }

    private static ObjectNode document(LogReport report) {
        ObjectNode document = JsonNodeFactory.instance.objectNode();
        document.put("ok", report.ok());
        document.put("entries", report.entries());
        document.put("root", report.rootText());
        ArrayNode signers = document.putArray("signers");
        report.signers()
                .forEach((key, from) -> signers.addObject().put("key", key).put("from", from));
        ObjectNode witnessed = document.putObject("witnessed");
        report.witnessed().forEach(witnessed::put);
        ArrayNode problems = document.putArray("problems");
        report.problems()
                .forEach(p -> problems.addObject().put("entry", p.entry()).put("what", p.what()));
        return document;
    }

    private static String text(LogReport report) {
        StringBuilder text = new StringBuilder();
        text.append(report.ok() ? "The log is whole: " : "The log is NOT whole: ")
                .append(report.entries())
                .append(" entries, root ")
                .append(report.rootText());
        if (report.signers().size() > 1) {
            report.signers()
                    .forEach((key, from) -> text.append("\n  from size ")
                            .append(from)
                            .append(" on signed by ")
                            .append(key));
        }
        report.witnessed()
                .forEach((name, size) -> text.append("\n  ")
                        .append(name)
                        .append(" has signed the first ")
                        .append(size));
        report.problems()
                .forEach(p ->
                        text.append("\n  entry ").append(p.entry()).append(": ").append(p.what()));
        return text.toString();
    }
}
