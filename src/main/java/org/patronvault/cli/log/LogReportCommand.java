package org.patronvault.cli.log;

import java.nio.charset.StandardCharsets;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import org.patronvault.app.VaultInstance;
import org.patronvault.cli.command.Invocation;
import org.patronvault.cli.command.OutFile;
import org.patronvault.cli.command.VaultCommand;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Permission;
import org.patronvault.log.report.AccessReport;
import org.patronvault.web.page.print.ReportPage;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command that writes a patron's access report. */
@Command(
        name = "report",
        mixinStandardHelpOptions = true,
        description = "Who looked at a patron, in words for the patron: printed, or with --out a page to print.")
final class LogReportCommand extends VaultCommand {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm");

    @Parameters(paramLabel = "PATRON", description = "The patron's id.")
    private String patron;

    @Option(names = "--out", paramLabel = "F", description = "The page to write, such as report.html.")
    private String out;

    LogReportCommand(Invocation invocation) {
        super(invocation);
    }

    @Override
    public int run(VaultInstance vault) {
        Caller caller = likeliest(vault, person(vault), Permission.ACCESSES);
        Optional<OutFile> into = Optional.ofNullable(out)
                .map(name -> OutFile.require(invocation().path(name)));
        AccessReport report = vault.privacy()
                .history()
                .report(caller, PatronId.parse(patron), ZoneId.systemDefault(), AuditLog.newRequest());
        into.ifPresent(file -> file.write(ReportPage.alone(report).html().getBytes(StandardCharsets.UTF_8)));
        return answer(report.json(), into.isPresent() ? "The report is in " + out + "." : text(report));
    }

    private static String text(AccessReport report) {
        StringBuilder text = new StringBuilder();
        for (AccessReport.Line line : report.lines()) {
            text.append(TIME.format(line.from().atZone(report.zone())))
                    .append("  ")
                    .append(line.who());
            if (!line.why().isEmpty()) {
                text.append(" – ").append(line.why());
            }
            text.append('\n');
            line.what().forEach(what -> text.append("    ").append(what).append('\n'));
        }
        return text.isEmpty()
                ? "Nobody has looked at this record."
                : text.toString().stripTrailing();
    }
}
