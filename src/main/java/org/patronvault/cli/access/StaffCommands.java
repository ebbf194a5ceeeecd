package org.patronvault.cli.access;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.patronvault.access.account.Accounts;
import org.patronvault.access.account.SignIn;
import org.patronvault.access.account.StaffFacts;
import org.patronvault.app.VaultInstance;
import org.patronvault.cli.command.Invocation;
import org.patronvault.cli.command.SecretSource;
import org.patronvault.cli.command.VaultCommand;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.model.Role;
import org.patronvault.core.policy.Permission;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command group {@code staff}: staff accounts. */
@Command(
        name = "staff",
        mixinStandardHelpOptions = true,
        description = "Accounts of the people who work with the vault (by an administrator).",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            StaffCommands.Add.class,
            StaffCommands.ListAll.class,
            StaffCommands.Grant.class,
            StaffCommands.Revoke.class,
            StaffCommands.Disable.class,
            StaffCommands.Enable.class,
            StaffCommands.Unlock.class,
            StaffCommands.Password.class,
            StaffCommands.ResetSecondFactor.class,
            SignInCommands.Link.class,
            SignInCommands.Unlink.class,
            SignInCommands.Enrol.class,
            SignInCommands.ListSessions.class,
            SignInCommands.SignOut.class
        })
public final class StaffCommands {

    /** A command about one account. */
    abstract static class AccountCommand extends VaultCommand {
        @Parameters(paramLabel = "NAME", description = "The user name.")
        private String name;

        AccountCommand(Invocation invocation) {
            super(invocation);
        }

        String name() {
            return name;
        }

        Actor administrator(VaultInstance vault) {
            return caller(vault, Permission.STAFF, ActKind.STAFF).actor();
        }

        int done(String sentence) {
            return answer(object().put("name", name), sentence);
        }

        int told(Approvals.Answer answer, String sentence) {
            return answer(answer, object().put("name", name), "activationCode", sentence);
        }
    }

    /** A command about one account and roles. */
    abstract static class RoleCommand extends AccountCommand {
        @Option(
                names = "--role",
                paramLabel = "R",
                required = true,
                description = "A role; may be given several times.")
        private List<String> roles = new ArrayList<>();

        RoleCommand(Invocation invocation) {
            super(invocation);
        }

        List<Role> roles() {
            return roles.stream().map(Role::new).toList();
        }
    }

    @Command(name = "add", mixinStandardHelpOptions = true, description = "Adds an account.")
    static final class Add extends RoleCommand {
        @Option(names = "--library", paramLabel = "L", description = "The person's own library.")
        private String library = "";

        @Option(
                names = "--new-password-file",
                paramLabel = "F",
                description = "Its password; only until the first patron is stored. Later it gets an activation code.")
        private SecretSource newPassword;

        Add(Invocation invocation) {
            super(invocation);
        }

        @Override
        public int run(VaultInstance vault) {
            Actor by = administrator(vault);
            Accounts accounts = vault.access().accounts();
            if (newPassword != null) {
                return told(
                        accounts.add(asking(vault, by), name(), roles(), library, newPassword.text()),
                        "The account is added.");
            }
            return told(
                    accounts.add(asking(vault, by), name(), roles(), library),
                    "The account is added. Its one-time activation code, shown once:");
        }
    }

    @Command(name = "list", mixinStandardHelpOptions = true, description = "Lists accounts.")
    static final class ListAll extends VaultCommand {
        ListAll(Invocation invocation) {
            super(invocation);
        }

        @Override
        public int run(VaultInstance vault) {
            caller(vault, Permission.STAFF, ActKind.STAFF);
            ObjectNode document = object();
            ArrayNode staff = document.putArray("staff");
            StringBuilder table = new StringBuilder();
            for (StaffFacts facts : vault.access().accounts().list()) {
                ObjectNode one = staff.addObject()
                        .put("name", facts.name())
                        .put("library", facts.library())
                        .put("disabled", facts.disabled())
                        .put("activated", facts.activated())
                        .put("signOn", facts.signOn())
                        .put("madeBy", facts.maker())
                        .put("countsAsSecond", facts.countsAsSecond());
                ArrayNode roles = one.putArray("roles");
                facts.roles().forEach(roles::add);
                table.append(String.format(
                        "%-24s %-8s %s%s%s%s%s%n",
                        facts.name(),
                        facts.library(),
                        String.join(", ", facts.roles()),
                        facts.disabled() ? " (disabled)" : "",
                        facts.activated() ? "" : " (not activated)",
                        facts.signOn() ? " (by the provider)" : "",
                        facts.maker().isEmpty() ? "" : " (made by " + facts.maker() + ")"));
            }
            return answer(document, table.toString().stripTrailing());
        }
    }

    @Command(name = "grant", mixinStandardHelpOptions = true, description = "Gives roles.")
    static final class Grant extends RoleCommand {
        Grant(Invocation invocation) {
            super(invocation);
        }

        @Override
        public int run(VaultInstance vault) {
            return told(
                    vault.access().accounts().grant(asking(vault, administrator(vault)), name(), roles()),
                    "The roles are given.");
        }
    }

    @Command(name = "revoke", mixinStandardHelpOptions = true, description = "Takes roles away.")
    static final class Revoke extends RoleCommand {
        Revoke(Invocation invocation) {
            super(invocation);
        }

        @Override
        public int run(VaultInstance vault) {
            return told(
                    vault.access().accounts().revoke(asking(vault, administrator(vault)), name(), roles()),
                    "The roles are taken away.");
        }
    }

    @Command(
            name = "disable",
            mixinStandardHelpOptions = true,
            description = "Closes an account and ends its sessions.")
    static final class Disable extends AccountCommand {
        Disable(Invocation invocation) {
            super(invocation);
        }

        @Override
        public int run(VaultInstance vault) {
            return told(
                    vault.access().accounts().disable(asking(vault, administrator(vault)), name()),
                    "The account is closed, and its sessions are ended.");
        }
    }

    @Command(name = "enable", mixinStandardHelpOptions = true, description = "Opens a closed account again.")
    static final class Enable extends AccountCommand {
        Enable(Invocation invocation) {
            super(invocation);
        }

        @Override
        public int run(VaultInstance vault) {
            return told(
                    vault.access().accounts().enable(asking(vault, administrator(vault)), name()),
                    "The account is open again.");
        }
    }

    @Command(name = "unlock", mixinStandardHelpOptions = true, description = "Forgets wrong passwords.")
    static final class Unlock extends AccountCommand {
        Unlock(Invocation invocation) {
            super(invocation);
        }

        @Override
        public int run(VaultInstance vault) {
            vault.access().accounts().unlock(Approvals.Requester.alone(administrator(vault)), name());
            return done("The account is unlocked.");
        }
    }

    @Command(
            name = "password",
            mixinStandardHelpOptions = true,
            description = "Sets one's own password, or gives another's account an activation code.")
    static final class Password extends AccountCommand {
        @Option(names = "--new-password-file", paramLabel = "F", description = "One's own new password.")
        private SecretSource newPassword;

        Password(Invocation invocation) {
            super(invocation);
        }

        @Override
        public int run(VaultInstance vault) {
            Accounts accounts = vault.access().accounts();
            SignIn.Identity who = person(vault);
            if (who.name().equals(accounts.canonical(name()))) {
                if (newPassword == null) {
                    throw new Refused(Problem.INVALID, "Give the new password with --new-password-file F.");
                }
                accounts.setOwnPassword(who, newPassword.text());
                return done("The password is set; sign in with it.");
            }
            if (newPassword != null) {
                throw new Refused(
                        Problem.NOT_ALLOWED,
                        "Nobody sets another's password; leave it out, and hand over the activation code.");
            }
            return told(
                    accounts.resetPassword(
                            asking(
                                    vault,
                                    caller(vault, who, Permission.STAFF, ActKind.STAFF)
                                            .actor()),
                            name()),
                    "The account's one-time activation code, shown once:");
        }
    }

    @Command(
            name = "reset-second-factor",
            mixinStandardHelpOptions = true,
            description = "Takes away a second factor whose device and recovery codes are lost.")
    static final class ResetSecondFactor extends AccountCommand {
        ResetSecondFactor(Invocation invocation) {
            super(invocation);
        }

        @Override
        public int run(VaultInstance vault) {
            return told(
                    vault.access().accounts().resetSecondFactor(asking(vault, administrator(vault)), name()),
                    "The second factor is gone, and the account's sessions are ended; its owner enrols another.");
        }
    }

    private StaffCommands() {}
}
