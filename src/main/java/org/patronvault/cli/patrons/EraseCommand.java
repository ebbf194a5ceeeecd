package org.patronvault.cli.patrons;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.patronvault.app.VaultInstance;
import org.patronvault.cli.command.Invocation;
import org.patronvault.cli.command.OutFile;
import org.patronvault.cli.command.VaultCommand;
import org.patronvault.cli.terminal.StepProgress;
import org.patronvault.core.dual.ApprovalGrant;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.dual.SecondPerson;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Permission;
import org.patronvault.patron.erasure.Erasure;
import org.patronvault.patron.erasure.ErasureCertificate;
import org.patronvault.upkeep.backup.Backup;
import org.patronvault.web.page.print.CertificatePage;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command {@code erase}, which erases a patron, or one field of a patron. */
@Command(
        name = "erase",
        mixinStandardHelpOptions = true,
        description =
                "Erases a patron (by a supervisor or privacy officer), and prints the certificate. Older copies of the"
                        + " database hold the patron until two custodians destroy the keys of that time. With --now,"
                        + " two custodians rotate and destroy these keys at once. Copies of keys/ that are not in the"
                        + " register are out of reach.")
public final class EraseCommand extends VaultCommand {
    @Parameters(paramLabel = "PATRON", description = "The patron's id.")
    private String patron;

    @Option(names = "--field", paramLabel = "FIELD", description = "address, phone or email alone; the rest stays.")
    private String field;

    @Option(names = "--now", description = "Do not wait for the schedule: by two custodians.")
    private boolean now;

    @Option(
            names = "--backup",
            paramLabel = "DIR",
            description = "With --now: makes the backup there that has to be newer than the rotation.")
    private String backup;

    @Option(
            names = "--gone",
            paramLabel = "ID",
            description = "With --now: an exported copy of the keys that both custodians say is destroyed; may be given"
                    + " several times.")
    private List<String> gone = new ArrayList<>();

    @Option(
            names = "--certificate",
            paramLabel = "F",
            description = "Writes the certificate as a page to print, such as certificate.html.")
    private String page;

    EraseCommand(Invocation invocation) {
        super(invocation);
    }

    @Override
    public int run(VaultInstance vault) {
        if (!now && (backup != null || !gone.isEmpty())) {
            throw new Refused(Problem.INVALID, "--backup and --gone go with --now.");
        }
        if (now && field != null) {
            throw new Refused(Problem.INVALID, "--now erases a whole patron; leave --field out.");
        }
        Optional<OutFile> into = Optional.ofNullable(page)
                .map(name -> OutFile.require(invocation().path(name)));
        return now ? atOnce(vault, into) : erase(vault, into);
    }

    private int erase(VaultInstance vault, Optional<OutFile> into) {
        Caller caller = likeliest(vault, person(vault), Permission.ERASE);
        Optional<PatronId> id = PatronId.parse(patron);
        Erasure.Requester by = new Erasure.Requester(caller, () -> second(vault, SecondPerson.ERASURE));
        Erasure erasure = vault.patrons().erasure();
        Erasure.Answer answer = field == null
                ? erasure.erase(by, id, Optional.empty(), AuditLog.newRequest())
                : erasure.eraseField(by, id, field, Optional.empty(), AuditLog.newRequest());
        return answer.filed().isPresent()
                ? answer(new Approvals.Answer(answer.filed(), Optional.empty()), object(), "", "")
                : answer(into, answer.certificate().orElseThrow());
    }

    private int atOnce(VaultInstance vault, Optional<OutFile> into) {
        Caller caller = caller(vault, Permission.CUSTODY, ActKind.DESTROY);
        PatronId id = PatronId.parse(patron)
                .orElseThrow(() -> new Refused(Problem.NOT_FOUND, "There is no such patron, and there was none."));
        ApprovalGrant leave =
                vault.erasureAtOnce().may(caller, asking(vault, caller.actor(), SecondPerson.CUSTODY), id, gone);
        if (leave.filed().isPresent()) {
            return answer(new Approvals.Answer(leave.filed(), Optional.empty()), object(), "", "");
        }
        ErasureCertificate certificate;
        try (StepProgress progress =
                StepProgress.of(invocation().err(), invocation().terminal())) {
            certificate = vault.erasureAtOnce()
                    .eraseAndRotate(
                            caller,
                            leave.second(),
                            id,
                            one -> progress.at("Rotating " + one.field(), one.done(), one.total()));
            if (backup != null
                    && !certificate.keys().left(vault.custody().keys()).isEmpty()) {
                new Backup(vault.store(), vault.custody(), vault.log(), vault.access(), home().directory())
                        .make(caller, invocation().path(backup), progress);
            }
        }
        vault.erasureAtOnce().destroy(caller, leave.second(), certificate, gone);
        return answer(into, vault.patrons().erasures().again(id));
    }

    private int answer(Optional<OutFile> into, ErasureCertificate certificate) {
        into.ifPresent(
                file -> file.write(CertificatePage.alone(certificate).html().getBytes(StandardCharsets.UTF_8)));
        return answer(
                certificate.document(),
                certificate.text("field").isEmpty()
                        ? "Patron " + patron + " is erased: entry " + certificate.entry() + " of the log. "
                                + copies(certificate)
                        : "That field is erased: entry " + certificate.entry() + " of the log. " + copies(certificate));
    }

    private static String copies(ErasureCertificate certificate) {
        if (certificate.text("keysDestroyed").equals("done")) {
            return "Copies made before open only with a copy of the old keys that was not destroyed.";
        }
        String days = certificate.text("horizonDays");
        return days.isEmpty()
                ? "Copies made before can be opened until two custodians destroy the keys of that time."
                : "Copies made before can be opened until two custodians destroy the keys of that time. By the schedule"
                        + " that is due within " + days + " days.";
    }
}
