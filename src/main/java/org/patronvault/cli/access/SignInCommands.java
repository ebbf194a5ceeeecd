package org.patronvault.cli.access;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import org.patronvault.access.account.SecondFactor;
import org.patronvault.access.account.SignIn;
import org.patronvault.access.account.SignInOrigin;
import org.patronvault.access.session.Sessions;
import org.patronvault.app.VaultInstance;
import org.patronvault.cli.command.ExitCodes;
import org.patronvault.cli.command.Invocation;
import org.patronvault.cli.command.VaultCommand;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Permission;
import org.patronvault.web.page.QrCode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The commands of {@code staff} for sign-in: second factors and sessions. */
final class SignInCommands {
    private static final String OWN_ONLY = "A second factor is enrolled by its own person: leave out --as.";

    @Command(
            name = "second-factor",
            mixinStandardHelpOptions = true,
            description = "Enrols one's own second factor, by user name and password, or replaces it by its own code.")
    static final class Enrol extends VaultCommand {
        @Parameters(paramLabel = "NAME", description = "One's own user name.")
        private String name;

        @Option(
                names = "--confirm",
                description = "Put what was begun in force by its first code, and print the recovery codes.")
        private boolean confirm;

        Enrol(Invocation invocation) {
            super(invocation);
        }

        @Override
        public int run(VaultInstance vault) {
            // The confirming code is the first of the new factor, not of one in force.
            SignIn.Credentials given = (confirm ? credentials(name) : credentials(vault, name))
                    .orElseThrow(() -> new Refused(Problem.NOT_ALLOWED, OWN_ONLY));
            if (confirm) {
                return confirm(vault, given);
            }
            SecondFactor.Enrolment begun =
                    vault.access().secondFactor().begin(vault.access().signIn().prove(given, SignInOrigin.HOST));
            answer(
                    object().put("name", name).put("secret", begun.secret()).put("uri", begun.uri()),
                    QrCode.of(begun.uri()).text() + "Scan this with an authenticator app, or type the secret into it: "
                            + begun.secret());
            Optional<String> first =
                    json() ? Optional.empty() : invocation().prompt().ask("First code: ", false);
            if (first.isPresent()) {
                return confirm(vault, new SignIn.Credentials(name, given.password(), first.get()));
            }
            invocation()
                    .err()
                    .println("It is in force once its first code confirms it: `staff second-factor NAME --confirm"
                            + " --otp-file F`.");
            return ExitCodes.DONE;
        }

        private int confirm(VaultInstance vault, SignIn.Credentials given) {
            if (given.otp().isEmpty()) {
                throw new Refused(Problem.INVALID, "Give the first code with --otp-file F (- to type it).");
            }
            List<String> codes = vault.access().signIn().confirm(given, SignInOrigin.HOST);
            ObjectNode document = object().put("name", name);
            ArrayNode recovery = document.putArray("recoveryCodes");
            codes.forEach(recovery::add);
            return answer(
                    document,
                    "The second factor is in force. Recovery codes, each good for one sign-in, shown once:\n"
                            + String.join("\n", codes));
        }
    }

    @Command(
            name = "sessions",
            mixinStandardHelpOptions = true,
            description = "Lists open sessions: everybody's or another's (by an administrator), or one's own.")
    static final class ListSessions extends VaultCommand {
        @Parameters(paramLabel = "NAME", arity = "0..1", description = "The user name.")
        private String name;

        ListSessions(Invocation invocation) {
            super(invocation);
        }

        @Override
        public int run(VaultInstance vault) {
            callerFor(this, vault, Optional.ofNullable(name));
            ObjectNode document = object();
            ArrayNode sessions = document.putArray("sessions");
            StringBuilder table = new StringBuilder();
            for (Sessions.OpenSession open : vault.access().sessions().open(Optional.ofNullable(name))) {
                ObjectNode one = sessions.addObject()
                        .put("id", open.id())
                        .put("user", open.user())
                        .put("role", open.role())
                        .put("library", open.library())
                        .put("started", open.started().toString())
                        .put("expires", open.expires().toString());
                open.used().ifPresent(used -> one.put("lastUsed", used.toString()));
                table.append(String.format(
                        "%-24s %-16s since %s, until %s%n", open.user(), open.role(), open.started(), open.expires()));
            }
            return answer(
                    document,
                    sessions.isEmpty()
                            ? "No session is open."
                            : table.toString().stripTrailing());
        }
    }

    @Command(
            name = "sign-out",
            mixinStandardHelpOptions = true,
            description = "Ends every session of an account: another's (by an administrator), or one's own.")
    static final class SignOut extends VaultCommand {
        @Parameters(paramLabel = "NAME", description = "The user name.")
        private String name;

        SignOut(Invocation invocation) {
            super(invocation);
        }

        @Override
        public int run(VaultInstance vault) {
            Caller caller = callerFor(this, vault, Optional.of(name));
            int ended = vault.access().sessions().endAll(caller.actor(), name);
            return answer(object().put("name", name).put("ended", ended), "Sessions ended: " + ended + ".");
        }
    }

    @Command(
            name = "link",
            mixinStandardHelpOptions = true,
            description =
                    "Makes an account the sign-on provider's: the person whose page showed that code enters it, and"
                            + " nobody by password. Not for a role that takes two people to give.")
    static final class Link extends StaffCommands.AccountCommand {
        @Parameters(index = "1", paramLabel = "CODE", description = "What the page showed after the sign-on.")
        private String code;

        Link(Invocation invocation) {
            super(invocation);
        }

        @Override
        public int run(VaultInstance vault) {
            vault.access().signOn().accounts().link(Approvals.Requester.alone(administrator(vault)), name(), code);
            return done("The account is the provider's; its password ended, and its sessions did.");
        }
    }

    @Command(
            name = "unlink",
            mixinStandardHelpOptions = true,
            description = "Makes an account of the sign-on provider a local one, which needs a password to be entered.")
    static final class Unlink extends StaffCommands.AccountCommand {
        Unlink(Invocation invocation) {
            super(invocation);
        }

        @Override
        public int run(VaultInstance vault) {
            vault.access().signOn().accounts().unlink(Approvals.Requester.alone(administrator(vault)), name());
            return done("The account is a local one: `staff password NAME` makes its activation code.");
        }
    }

    private SignInCommands() {}

    /** Returns the account's owner, or else an administrator. */
    private static Caller callerFor(VaultCommand command, VaultInstance vault, Optional<String> whose) {
        return whose.isPresent() && command.isAs(whose.get())
                ? command.anyRole(vault)
                : command.caller(vault, Permission.STAFF, ActKind.STAFF);
    }
}
