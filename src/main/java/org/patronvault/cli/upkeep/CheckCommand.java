package org.patronvault.cli.upkeep;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import org.patronvault.app.VaultInstance;
import org.patronvault.cli.command.ExitCodes;
import org.patronvault.cli.command.Invocation;
import org.patronvault.cli.command.VaultCommand;
import org.patronvault.cli.terminal.StepProgress;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.model.CaseId;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Permission;
import org.patronvault.patron.check.PatronIntegrityCheck.Finding;
import org.patronvault.upkeep.check.Check;
import picocli.CommandLine.Command;

/** The command {@code check}, which sweeps the store. */
@Command(
        name = "check",
        mixinStandardHelpOptions = true,
        description =
                "Holds every stored value and the search index against the log: nothing put back, swapped, edited,"
                        + " added, deleted or in clear. Opens nobody's data. Exits with 1 if anything is wrong.")
public final class CheckCommand extends VaultCommand {
    CheckCommand(Invocation invocation) {
        super(invocation);
    }

    @Override
    public int run(VaultInstance vault) {
        Caller caller = caller(vault, Permission.CHECK, ActKind.CHECK);
        Check.Report report;
        try (StepProgress progress =
                StepProgress.of(invocation().err(), invocation().terminal())) {
            report = vault.check().run(caller, progress);
        }
        ObjectNode document = object().put("ok", report.ok()).put("values", report.values());
        ArrayNode problems = document.putArray("problems");
        StringBuilder text = new StringBuilder(
                report.ok()
                        ? String.format(
                                Locale.ROOT, "All is as it was written: %,d values, and the index.", report.values())
                        : String.format(
                                Locale.ROOT,
                                "Of %,d values and the index, %,d things are NOT as they were written.",
                                report.values(),
                                report.findings()));
        for (Finding finding : report.listed()) {
            String patron = finding.patron().map(PatronId::toString).orElse("");
            String inCase = finding.inCase().map(CaseId::toString).orElse("");
            ObjectNode problem = problems.addObject().put("patron", patron);
            finding.inCase().ifPresent(number -> problem.put("case", inCase));
            problem.put("field", finding.field()).put("what", finding.what());
            text.append("\n  ").append(patron.isEmpty() && inCase.isEmpty() ? "nobody's" : patron + inCase);
            text.append(' ').append(finding.field()).append(": ").append(finding.what());
        }
        if (report.listed().size() < report.findings()) {
            text.append("\n  and more; the log has their patrons");
            document.put("more", report.findings() - report.listed().size());
        }
        answer(document, text.toString());
        return report.ok() ? ExitCodes.DONE : ExitCodes.FOUND_WRONG;
    }
}
