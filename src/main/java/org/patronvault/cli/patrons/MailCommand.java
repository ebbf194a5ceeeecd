package org.patronvault.cli.patrons;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.patronvault.app.VaultInstance;
import org.patronvault.cli.command.Invocation;
import org.patronvault.cli.command.OutFile;
import org.patronvault.cli.command.RecipientFile;
import org.patronvault.cli.command.VaultCommand;
import org.patronvault.cli.terminal.StepProgress;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Permission;
import org.patronvault.privacy.mailing.Mailing;
import org.patronvault.privacy.mailing.Mailings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command {@code patrons mail}: the addresses of consenting patrons, encrypted for one certificate (P9). */
@Command(
        name = "mail",
        mixinStandardHelpOptions = true,
        description = {
            "Writes the e-mail addresses of those who said yes to the newsletter or to fundraising, each with its"
                    + " unsubscribe link, sealed to a certificate (outreach);"
                    + " `openssl cms -decrypt -binary -inform DER -inkey KEY.pem` opens it.",
            "Above a number that the policy says two persons are needed. Without --second the request is filed; once an"
                    + " administrator or director agreed, the same command writes the file."
        })
final class MailCommand extends VaultCommand {
    @Option(names = "--purpose", paramLabel = "P", required = true, description = "newsletter or fundraising.")
    private String purpose;

    @Option(
            names = "--recipient",
            paramLabel = "CERT.pem",
            required = true,
            description = "The X.509 certificate of whoever sends the mails, RSA or EC.")
    private String recipient;

    @Option(names = "--out", paramLabel = "F", required = true, description = "A file that is not there yet.")
    private String out;

    @Option(
            names = "--library",
            paramLabel = "L",
            description = "Patrons of that library alone. Can be given several times.")
    private List<String> libraries = new ArrayList<>();

    @Option(
            names = "--limit",
            paramLabel = "N",
            description = "How many addresses there may be at most (default: what one person may take out alone).")
    private Integer limit;

    MailCommand(Invocation invocation) {
        super(invocation);
    }

    @Override
    public int run(VaultInstance vault) {
        Caller caller = caller(vault, Permission.MAIL, ActKind.MAILING);
        OutFile file = OutFile.require(invocation().path(out));
        Mailings.Result made = vault.privacy()
                .mailings()
                .make(
                        caller,
                        asking(vault, caller.actor()),
                        () -> new Mailings.Spec(
                                purpose,
                                libraries,
                                limit == null ? OptionalInt.empty() : OptionalInt.of(limit),
                                RecipientFile.text(invocation().path(recipient))));
        if (made.filed().isPresent()) {
            return answer(new Approvals.Answer(made.filed(), Optional.empty()), object(), "", "");
        }
        Mailing mailing = made.mailing().orElseThrow();
        long addresses = write(vault, caller, mailing, file);
        return answer(
                object().put("id", mailing.id()).put("addresses", addresses).put("recipient", mailing.recipient()),
                addresses + " addresses are in the file, for the certificate " + mailing.recipient() + ".");
    }

    private long write(VaultInstance vault, Caller caller, Mailing mailing, OutFile file) {
        long[] addresses = new long[1];
        try (StepProgress progress =
                StepProgress.of(invocation().err(), invocation().terminal())) {
            return file.write(out -> {
                vault.privacy().mailings().file(caller, mailing.id(), one -> out, (done, total) -> {
                    addresses[0] = done;
                    progress.at("addresses", done, total);
                });
                return addresses[0];
            });
        }
    }
}
