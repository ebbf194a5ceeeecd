package org.patronvault.cli.keys;

import java.io.UncheckedIOException;
import java.util.Optional;
import org.patronvault.app.VaultInstance;
import org.patronvault.cli.command.ExitCodes;
import org.patronvault.cli.command.Invocation;
import org.patronvault.cli.command.OutFile;
import org.patronvault.cli.command.RecipientFile;
import org.patronvault.cli.command.VaultCommand;
import org.patronvault.core.crypto.CmsRecipient;
import org.patronvault.core.dual.ApprovalGrant;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.dual.SecondPerson;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Permission;
import org.patronvault.custody.destroy.KeyCopies;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command {@code keys export}, which encrypts a copy of keys/ for one certificate. */
@Command(
        name = "export",
        mixinStandardHelpOptions = true,
        description = {
            "Hands out a copy of keys/, sealed to a certificate (by a custodian, agreed to by another). It is a ZIP of"
                    + " ring.json and slots.json as they are, so that its recipient still needs what opens a slot;"
                    + " `openssl cms -decrypt -binary -inform DER -inkey KEY.pem` opens it.",
            "Without --second the request is filed; once another custodian agreed, the same command hands the copy out."
        })
final class ExportCommand extends VaultCommand {
    private static final String STANDARD_OUTPUT = "-";

    @Option(
            names = "--recipient",
            required = true,
            paramLabel = "CERT.pem",
            description = "The recipient's X.509 certificate, RSA or EC.")
    private String recipient;

    @Option(
            names = "--out",
            paramLabel = "F",
            description = "A file that is not there yet (default: -, standard output).")
    private String out = STANDARD_OUTPUT;

    private OutFile file;

    ExportCommand(Invocation invocation) {
        super(invocation);
    }

    @Override
    public int run(VaultInstance vault) {
        Actor by = caller(vault, Permission.CUSTODY, ActKind.KEY_EXPORT).actor();
        // All refusals come before the approval is used up, which is good once.
        requireSomewhereToPutIt();
        CmsRecipient to = RecipientFile.read(invocation().path(recipient));
        ApprovalGrant leave = vault.keyCopies().mayExport(asking(vault, by, SecondPerson.CUSTODY), to);
        if (leave.filed().isPresent()) {
            return answer(new Approvals.Answer(leave.filed(), Optional.empty()), object(), "", "");
        }
        KeyCopies.ExportedCopy copy = vault.keyCopies().export(by, leave.second(), to);
        String sentence = "Copy " + copy.id() + " of the keys is handed out, for the certificate " + to.fingerprint()
                + ". It is in the register until somebody attests that it is gone.";
        if (isStandardOutput()) {
            invocation().out().write(copy.sealed(), 0, copy.sealed().length);
            invocation().out().flush();
            invocation().err().println(sentence);
            return ExitCodes.DONE;
        }
        write(copy);
        return answer(object().put("id", copy.id()).put("recipient", to.fingerprint()), sentence);
    }

    private boolean isStandardOutput() {
        return out.equals(STANDARD_OUTPUT);
    }

    private void requireSomewhereToPutIt() {
        if (isStandardOutput()) {
            if (json() || invocation().terminal()) {
                throw new Refused(
                        Problem.INVALID, "The copy is not text; say where to put it with --out F, or send it on.");
            }
            return;
        }
        file = OutFile.require(invocation().path(out));
    }

    private void write(KeyCopies.ExportedCopy copy) {
        try {
            file.write(copy.sealed());
        } catch (UncheckedIOException e) {
            throw new UncheckedIOException(
                    "copy " + copy.id() + " is in the register, and " + e.getMessage(), e.getCause());
        }
    }
}
