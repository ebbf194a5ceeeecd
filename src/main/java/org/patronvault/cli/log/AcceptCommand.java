package org.patronvault.cli.log;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import org.patronvault.access.account.SignIn;
import org.patronvault.app.VaultInstance;
import org.patronvault.cli.command.Invocation;
import org.patronvault.cli.command.SealedCommand;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.dual.SecondPerson;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import picocli.CommandLine.Command;

/**
 * The command {@code log accept}: two custodians accept a log that this home did not know, while the vault is sealed.
 */
@Command(
        name = "accept",
        mixinStandardHelpOptions = true,
        description =
                "Takes the database's log, or keys/, though this home has seen another: when the one it knew is lost."
                        + " Two custodians, both at this terminal (--second). Says what differs; changes nothing but that.")
final class AcceptCommand extends SealedCommand {
    private static final String CUSTODIAN = "custodian";

    AcceptCommand(Invocation invocation) {
        super(invocation);
    }

    @Override
    public int run(VaultInstance vault) {
        if (!vault.seal().isSealed()) {
            throw nothing();
        }
        try {
            boolean unused = keyOptions().openerOrTyped(home(), invocation()).test(vault.custody());
            List<String> differences = vault.log().acceptance().differences();
            if (differences.isEmpty()) {
                throw nothing();
            }
            differences.forEach(invocation().err()::println);
            accept(vault);
            ObjectNode document = object();
            differences.forEach(document.putArray("accepted")::add);
            return answer(
                    document,
                    "It is taken as it is, and the log says by whom. A witness, and any checkpoint kept from before, will go"
                            + " on saying what was entered since, if anything was, and is lost.");
        } finally {
            // The vault was opened for this command only, so it must be unsealed as usual.
            vault.custody().seal();
        }
    }

    private static Refused nothing() {
        return new Refused(
                Problem.APPROVAL_CLOSED, "Log and keys are those this home knows: there is nothing to accept.");
    }

    /** Both act by their accounts in that same database, whose rows carry a MAC. The policy does not apply. */
    private void accept(VaultInstance vault) {
        SignIn.Identity who = person(vault);
        Actor by = vault.access()
                .acting(who, Optional.of(CUSTODIAN).filter(who.roles()::contains))
                .actor();
        Approvals.Requester asking = asking(vault, by, SecondPerson.CUSTODY);
        AccessEvent event = vault.log()
                .event(by, ActKind.ACCEPT, Outcome.KEY, AuditLog.newRequest())
                .with(asking.seconds());
        vault.log().logging(event.ending(Outcome.REFUSED), () -> {
            if (!by.role().equals(CUSTODIAN)) {
                throw new Refused(Problem.NOT_ALLOWED, "Only custodians can accept that.");
            }
            SecondPerson.CUSTODY.requireBeside(by, asking.second());
            vault.log().acceptance().accept(event);
            return null;
        });
    }
}
