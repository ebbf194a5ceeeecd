package org.patronvault.cli.patrons;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import org.patronvault.app.VaultInstance;
import org.patronvault.cli.command.ExitCodes;
import org.patronvault.cli.command.Invocation;
import org.patronvault.cli.command.OutFile;
import org.patronvault.cli.command.RecipientFile;
import org.patronvault.cli.command.VaultCommand;
import org.patronvault.cli.terminal.StepProgress;
import org.patronvault.core.dual.ApprovalGrant;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.dual.SecondPerson;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Permission;
import org.patronvault.patron.transfer.Export;
import org.patronvault.patron.transfer.ExportReport;
import org.patronvault.patron.transfer.format.ExportFormat;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command {@code patrons export}, which exports all patrons. */
@Command(
        name = "export",
        mixinStandardHelpOptions = true,
        description = {
            "Writes everybody to a file, sealed to a certificate (by the director, agreed to by a privacy officer or another"
                    + " director), as `patrons import` reads it. `openssl cms -decrypt -binary -inform DER -inkey"
                    + " KEY.pem` opens it.",
            "Without --second the request is filed; once the second person agreed, the same command writes the file."
        })
final class PatronsExport extends VaultCommand {
    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            required = true,
            description = "vault-jsonl, which holds everything, or koha-csv.")
    private String format;

    @Option(names = "--out", paramLabel = "F", required = true, description = "A file that is not there yet.")
    private String out;

    @Option(
            names = "--recipient",
            required = true,
            paramLabel = "CERT.pem",
            description = "The recipient's X.509 certificate, RSA or EC.")
    private String recipient;

    @Option(names = "--library", paramLabel = "L", description = "The patrons of that library alone.")
    private String library;

    PatronsExport(Invocation invocation) {
        super(invocation);
    }

    @Override
    public int run(VaultInstance vault) {
        Caller caller = caller(vault, Permission.EXPORT, ActKind.EXPORT);
        // All refusals come before the approval is used up, which is good once.
        OutFile file = OutFile.require(invocation().path(out));
        Export.Request asked = new Export.Request(
                ExportFormat.ofWireName(format)
                        .orElseThrow(() -> new Refused(Problem.INVALID, "--format is vault-jsonl or koha-csv.")),
                RecipientFile.read(invocation().path(recipient)),
                Optional.ofNullable(library));
        ApprovalGrant leave = vault.patrons().export().mayExport(caller, second(vault, SecondPerson.EXPORT), asked);
        if (leave.filed().isPresent()) {
            return answer(new Approvals.Answer(leave.filed(), Optional.empty()), object(), "", "");
        }
        return tell(write(vault, caller, leave, asked, file), asked);
    }

    private ExportReport write(
            VaultInstance vault, Caller caller, ApprovalGrant leave, Export.Request asked, OutFile file) {
        long total = vault.patrons().directory().count();
        try (StepProgress progress =
                StepProgress.of(invocation().err(), invocation().terminal())) {
            return file.write(to -> vault.patrons()
                    .export()
                    .write(caller, leave.second(), asked, to, done -> progress.at("Export", done, total)));
        }
    }

    private int tell(ExportReport report, Export.Request asked) {
        ObjectNode document = report.toJson();
        document.put("format", asked.format().wireName())
                .put("recipient", asked.recipient().fingerprint());
        answer(document, report.toText());
        return report.unreadable() == 0 ? ExitCodes.DONE : ExitCodes.FOUND_WRONG;
    }
}
