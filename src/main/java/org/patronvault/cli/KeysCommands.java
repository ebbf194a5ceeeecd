package org.patronvault.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import org.patronvault.access.Caller;
import org.patronvault.access.Permission;
import org.patronvault.app.VaultInstance;
import org.patronvault.audit.Act;
import org.patronvault.audit.AuditLog;
import org.patronvault.custody.KeyCopies;
import org.patronvault.custody.KeyStatus;
import org.patronvault.custody.Operation;
import org.patronvault.keys.SlotFacts;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Keys. */
@Command(
        name = "keys",
        mixinStandardHelpOptions = true,
        description = "The key ring.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            KeysCommands.Status.class,
            KeysCommands.Rotate.class,
            SlotCommands.class,
            ExportCommand.class,
            DrillCommand.class,
            DestroyCommands.Destroy.class,
            DestroyCommands.Cancel.class
        })
final class KeysCommands {

    @Command(
            name = "status",
            mixinStandardHelpOptions = true,
            description =
                    "Each key: versions, state, made when, how many values hang on it; the slots; exported copies.")
    static final class Status extends VaultCommand {
        Status(Invocation invocation) {
            super(invocation);
        }

        @Override
        int run(VaultInstance vault) {
            KeyStatus.Status status = vault.keyStatus().now();
            ObjectNode document = object();
            ArrayNode keys = document.putArray("keys");
            StringBuilder table = new StringBuilder();
            table.append(String.format("%-14s %7s %-10s %-22s %10s%n", "key", "version", "state", "made", "values"));
            for (KeyStatus.Key key : status.keys()) {
                ArrayNode versions = keys.addObject().put("field", key.field()).putArray("versions");
                for (KeyStatus.Version v : key.versions()) {
                    versions.addObject()
                            .put("version", v.version())
                            .put("state", v.state())
                            .put("created", v.created().toString())
                            .put("values", v.values());
                    table.append(String.format(
                            "%-14s %7d %-10s %-22s %10d%n",
                            key.field(), v.version(), v.state(), v.created(), v.values()));
                }
            }
            ArrayNode slots = document.putArray("slots");
            for (SlotFacts slot : vault.custody().slots()) {
                slots.add(SlotCommands.documentOf(slot));
                table.append(SlotCommands.line(slot));
            }
            ArrayNode copies = document.putArray("copies");
            for (KeyCopies.Copy copy : status.copies()) {
                copies.add(ExportCommand.documentOf(copy));
                table.append(String.format(
                        "copy %s: made %s by %s and %s for %s, %s%n",
                        copy.id(), copy.made(), copy.by(), copy.second(), copy.recipient(), copy.state()));
            }
            document.put("sealed", status.sealed());
            return answer(document, table.toString().stripTrailing());
        }
    }

    @Command(
            name = "rotate",
            mixinStandardHelpOptions = true,
            description = "New primary versions of a field's KEK, or of all; values are rewrapped in the background.")
    static final class Rotate extends VaultCommand {
        @Parameters(paramLabel = "FIELD", description = "card, name, address, phone, email, meta, labels or all.")
        private String field;

        @Option(names = "--wait", description = "Wait until every value is rewrapped.")
        private boolean wait;

        @Option(
                names = "--new-passphrase-file",
                paramLabel = "F",
                description = "For root: a passphrase that opens the new one.")
        private Secret newPassphrase;

        @Mixin
        private SlotOptions slots;

        @Option(
                names = "--drop-others",
                description = "For root: slots of kinds that are not named here may stop opening.")
        private boolean dropOthers;

        Rotate(Invocation invocation) {
            super(invocation);
        }

        @Override
        boolean makesHsmSlot() {
            return slots.makesHsm();
        }

        @Override
        int run(VaultInstance vault) {
            if (field.equals("root")) {
                return RootRotation.run(this, vault, slots, Optional.ofNullable(newPassphrase), dropOthers);
            }
            Caller caller = caller(vault, Permission.ROTATE, Act.ROTATE);
            if (!vault.rotations().names().contains(field)) {
                throw new Refused(
                        Problem.INVALID,
                        "This version rotates "
                                + String.join(", ", vault.rotations().names()) + ".");
            }
            List<Operation> operations =
                    vault.rotations().begin(caller, field, 0, Optional::empty, AuditLog.newRequest());
            // Without a server nothing goes on once this process ends, so it waits.
            boolean waits = wait || invocation().server().isEmpty();
            ObjectNode document = object();
            ArrayNode list = document.putArray("operations");
            StringBuilder text = new StringBuilder();
            boolean failed = false;
            for (Operation begun : operations) {
                Operation o = waits ? vault.operations().await(begun.id()) : begun;
                failed |= o.state().equals(Operation.FAILED);
                list.addObject()
                        .put("id", o.id())
                        .put("field", o.field())
                        .put("state", o.state())
                        .put("done", o.done())
                        .put("total", o.total());
                text.append(o.field() + ": " + o.state() + ", " + o.done() + " of " + o.total() + " rewrapped\n");
            }
            answer(document, text.toString().stripTrailing());
            return failed ? ExitCodes.INTERNAL : ExitCodes.DONE;
        }
    }

    private KeysCommands() {}
}
