package org.patronvault.cli.keys;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.patronvault.app.VaultInstance;
import org.patronvault.cli.command.Invocation;
import org.patronvault.cli.command.VaultCommand;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.dual.SecondPerson;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Permission;
import org.patronvault.custody.destroy.KeyDestruction;
import org.patronvault.custody.rotate.Operation;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The commands of {@code keys} that destroy key versions. */
final class DestroyCommands {

    @Command(
            name = "destroy",
            mixinStandardHelpOptions = true,
            description = "Destroys a version of a key that no value uses any more, after a waiting time (by a"
                    + " custodian, approved by another). Then the vault's keys no longer open old copies of the database"
                    + " that need it. Copies of keys/ that are not in the register are out of reach.")
    static final class Destroy extends VaultCommand {
        @Parameters(index = "0", paramLabel = "FIELD", description = "The key, as `keys rotate` names it.")
        private String field;

        @Parameters(index = "1", paramLabel = "VERSION", description = "Which version, as `keys status` shows it.")
        private int version;

        @Option(
                names = "--gone",
                paramLabel = "ID",
                description = "An exported copy of the keys that both custodians say is destroyed; may be given several"
                        + " times.")
        private List<String> gone = new ArrayList<>();

        Destroy(Invocation invocation) {
            super(invocation);
        }

        @Override
        public int run(VaultInstance vault) {
            Caller caller = caller(vault, Permission.CUSTODY, ActKind.DESTROY);
            KeyDestruction destruction = vault.destruction();
            Approvals.Answer answer =
                    destruction.ask(asking(vault, caller.actor(), SecondPerson.CUSTODY), field, version, gone);
            Optional<Operation> begun = destruction
                    .find(field, version)
                    .filter(one -> answer.filed().isEmpty());
            return answer(
                    answer,
                    begun.map(one -> object().put("operation", one.id())
                                    .put("state", one.state())
                                    .put("remainingSeconds", destruction.remainingSeconds(one)))
                            .orElse(object()),
                    "",
                    begun.map(one -> told(destruction, one) + owners(vault)).orElse(""));
        }

        private String owners(VaultInstance vault) {
            return vault.keyStatus().kept().stream()
                    .filter(one -> one.field().equals(field) && one.version() == version)
                    .map(one -> " These then need a new password, client key or sign-on: "
                            + String.join(", ", one.owners()) + ".")
                    .findFirst()
                    .orElse("");
        }

        private String told(KeyDestruction destruction, Operation begun) {
            return begun.ended()
                    ? "Version " + version + " of " + field + " is destroyed."
                    : "Version " + version + " of " + field + " will be destroyed after "
                            + destruction.remainingSeconds(begun) / 3_600
                            + " hours of service; until then `keys cancel " + begun.id() + "` calls it off.";
        }
    }

    @Command(
            name = "cancel",
            mixinStandardHelpOptions = true,
            description = "Calls off a destruction that still waits (by any custodian).")
    static final class Cancel extends VaultCommand {
        @Parameters(paramLabel = "OPERATION", description = "Its id, as `keys status` shows it.")
        private String id;

        Cancel(Invocation invocation) {
            super(invocation);
        }

        @Override
        public int run(VaultInstance vault) {
            Caller caller = caller(vault, Permission.CUSTODY, ActKind.DESTROY);
            Operation after = vault.destruction().cancel(caller, id, Optional::empty, AuditLog.newRequest());
            return answer(object().put("id", after.id()).put("state", after.state()), "It is called off.");
        }
    }

    private DestroyCommands() {}
}
