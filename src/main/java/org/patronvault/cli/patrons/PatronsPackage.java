package org.patronvault.cli.patrons;

import java.nio.charset.StandardCharsets;
import java.time.ZoneId;
import java.util.Optional;
import org.patronvault.app.VaultInstance;
import org.patronvault.cli.command.Invocation;
import org.patronvault.cli.command.OutFile;
import org.patronvault.cli.command.RecipientFile;
import org.patronvault.cli.command.VaultCommand;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Permission;
import org.patronvault.privacy.PatronPackage;
import org.patronvault.web.page.print.PackagePage;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command {@code patrons package}, which writes everything held about a patron, for the patron. */
@Command(
        name = "package",
        mixinStandardHelpOptions = true,
        description = {
            "Everything that is held of a patron, for the patron, with who looked (privacy officer or director): JSON, or"
                    + " with --out a page to print. It counts as an opened patron.",
            "With --recipient the page is sealed to that certificate: `openssl cms -decrypt -binary -inform DER -inkey"
                    + " KEY.pem` opens it."
        })
final class PatronsPackage extends VaultCommand {
    @Parameters(paramLabel = "PATRON", description = "The patron's id.")
    private String patron;

    @Option(names = "--out", paramLabel = "F", description = "The page to write, such as package.html; a new file.")
    private String out;

    @Option(
            names = "--recipient",
            paramLabel = "CERT.pem",
            description = "The patron's X.509 certificate, RSA or EC; needs --out.")
    private String recipient;

    PatronsPackage(Invocation invocation) {
        super(invocation);
    }

    @Override
    public int run(VaultInstance vault) {
        Caller caller = likeliest(vault, person(vault), Permission.PACKAGE);
        if (recipient != null && out == null) {
            throw new Refused(Problem.INVALID, "What is sealed is not text; say where to put it with --out F.");
        }
        Optional<OutFile> into = Optional.ofNullable(out)
                .map(name -> OutFile.require(invocation().path(name)));
        Optional<String> certificate = Optional.ofNullable(recipient)
                .map(file -> RecipientFile.text(invocation().path(file)));
        PatronPackage made = vault.privacy()
                .packages()
                .make(caller, PatronId.parse(patron), ZoneId.systemDefault(), () -> certificate, AuditLog.newRequest());
        if (into.isEmpty()) {
            return answer(made.json(), made.json().toPrettyString());
        }
        into.get().write(bytes(made));
        return answer(
                object().put("patron", made.patron().id().toString()).put("entry", made.entry()),
                "Everything held is in " + out + "; entry " + made.entry() + " of the log says so.");
    }

    private static byte[] bytes(PatronPackage made) {
        byte[] page = PackagePage.alone(made).html().getBytes(StandardCharsets.UTF_8);
        return made.isSealed() ? made.seal(page) : page;
    }
}
