package org.patronvault.cli.keys;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.patronvault.app.VaultInstance;
import org.patronvault.cli.command.ExitCodes;
import org.patronvault.cli.command.Invocation;
import org.patronvault.cli.command.SecretSource;
import org.patronvault.cli.command.VaultCommand;
import org.patronvault.cli.terminal.StepProgress;
import org.patronvault.core.dual.ApprovalGrant;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.dual.SecondPerson;
import org.patronvault.core.keys.ring.KeyName;
import org.patronvault.core.keys.slot.SlotFacts;
import org.patronvault.core.keys.slot.SlotMaker;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Approver;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Permission;
import org.patronvault.custody.destroy.KeyStatus.RetiredVersion;
import org.patronvault.custody.rotate.Operation;
import org.patronvault.custody.rotate.Rotations;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The commands of {@code keys} that start long work in the vault: rotation and re-encryption. */
final class RotateCommands {

    /** The options for the running work. */
    static final class RunOptions {
        @Option(
                names = "--rate",
                paramLabel = "N",
                description = "At most N values a second; without it as fast as clerks who work meanwhile allow.")
        private int rate;

        @Option(names = "--wait", description = "Wait until it has ended, and show how far it is.")
        private boolean wait;
    }

    @Command(
            name = "rotate",
            mixinStandardHelpOptions = true,
            description = "Makes a new version of a key at once and moves every value to it in the background (by a"
                    + " custodian; root by two).")
    static final class Rotate extends VaultCommand {
        private static final String EVERYTHING = "everything";

        /** The renewal of the root, alone or with other steps, which prints the command's answer. */
        private interface Renewal {
            /** Returns the exit code. */
            int renew(Caller caller, Optional<Approver> second, SlotMaker maker);
        }

        @Parameters(
                paramLabel = "FIELD",
                description =
                        "card, name, address, phone, email, meta, labels, or all of these; search; log; root; case;"
                                + " rest; pairwise; everything. `rest` is every key not named here but pairwise. `everything` is for"
                                + " after a theft of keys/: all of these but pairwise, by two.")
        private String field;

        @Option(
                names = "--pairwise",
                description =
                        "With rest or everything: the pairwise key too. Every vendor then sees new subjects for all patrons.")
        private boolean pairwise;

        @Mixin
        private RunOptions going;

        @Option(
                names = "--new-passphrase-file",
                paramLabel = "F",
                description = "For root and everything: a passphrase that opens the new root.")
        private SecretSource newPassphrase;

        @Mixin
        private SlotOptions slots;

        @Option(
                names = "--drop-others",
                description = "For root and everything: slots of kinds that are not named here may stop opening.")
        private boolean dropOthers;

        Rotate(Invocation invocation) {
            super(invocation);
        }

        @Override
        public boolean makesHsmSlot() {
            return slots.makesHsm();
        }

        @Override
        public int run(VaultInstance vault) {
            if (field.equals("root")) {
                return renewRoot(vault, (caller, second, maker) -> {
                    vault.slots().rotateRoot(caller.actor(), second, maker);
                    ObjectNode document = object();
                    return answer(document, renewed(maker, document));
                });
            }
            if (field.equals(EVERYTHING)) {
                return everything(vault);
            }
            Caller caller = caller(vault, Permission.ROTATE, ActKind.ROTATE);
            requireKnown(field, vault.rotations().names());
            tell(vault);
            List<Operation> begun = new ArrayList<>();
            for (String name : names()) {
                begun.addAll(vault.rotations().begin(caller, name, going.rate, Optional::empty, AuditLog.newRequest()));
            }
            return follow(this, vault, going, begun, object(), "");
        }

        /**
         * Makes a new root key behind new slots, and proves all their shares before {@code renewal} destroys the old
         * set.
         */
        private int renewRoot(VaultInstance vault, Renewal renewal) {
            slots.require();
            Optional<SecretSource> passphrase = Optional.ofNullable(newPassphrase);
            Map<String, String> openedBy = slots.described(passphrase);
            Caller caller = caller(vault, Permission.CUSTODY, ActKind.ROTATE);
            slots.requirePossible(home().directory(), passphrase, invocation());
            ApprovalGrant leave = vault.slots()
                    .mayRotateRoot(
                            asking(vault, caller.actor(), SecondPerson.CUSTODY),
                            List.copyOf(openedBy.values()),
                            openedBy.keySet(),
                            dropOthers);
            if (leave.filed().isPresent()) {
                return answer(new Approvals.Answer(leave.filed(), Optional.empty()), object(), "", "");
            }
            try (SlotMaker maker = vault.slots().newRoot()) {
                slots.make(maker, passphrase, keyOptions().hsmPin(), invocation());
                return renewal.renew(caller, leave.second(), maker);
            }
        }

        /** Says that the root is renewed and which slots open it, in words and in the document. */
        private static String renewed(SlotMaker maker, ObjectNode document) {
            StringBuilder text =
                    new StringBuilder("The root key is renewed; what opened the old one opens nothing now.");
            for (SlotFacts slot : maker.facts()) {
                document.withArray("slots").add(SlotCommands.documentOf(slot));
                text.append("\nslot " + slot.id() + ": " + slot.openedBy());
            }
            return text.toString();
        }

        private int everything(VaultInstance vault) {
            List<String> running = vault.operations().all().stream()
                    .filter(Operation::isRunning)
                    .map(Operation::command)
                    .toList();
            if (!running.isEmpty()) {
                throw new Refused(
                        Problem.OPERATION_RUNNING,
                        "Under way: " + String.join(", ", running)
                                + ". Each goes on by itself, also after a restart, and `keys status` shows how far it"
                                + " is. Begin when all have ended, if there is still need.");
            }
            List<String> names = new ArrayList<>(List.of(Rotations.ALL, "search", KeyName.LOG_SIGNING));
            names.addAll(names());
            tell(vault);
            return renewRoot(vault, (caller, second, maker) -> {
                List<Operation> begun =
                        vault.rotations().everything(caller, second, maker, vault.slots(), names, going.rate);
                going.wait = true;
                ObjectNode document = object();
                String text = renewed(maker, document)
                        + "\nGive the new key in published/log.vkey to verifiers and witnesses by hand."
                        + "\nNext: `backup DIR`, `keys export`, then `keys destroy` for each version that `keys status`"
                        + " lists as due.\n";
                return follow(this, vault, going, begun, document, text);
            });
        }

        /** Prints beforehand what ends and what stays. */
        private void tell(VaultInstance vault) {
            names().forEach(name ->
                    vault.rotations().consequences(name).forEach(invocation().err()::println));
        }

        private List<String> names() {
            String name = field.equals(EVERYTHING) ? Rotations.REST : field;
            if (pairwise && !name.equals(Rotations.REST)) {
                throw new Refused(Problem.INVALID, "--pairwise goes with rest or everything.");
            }
            return pairwise ? List.of(name, KeyName.PAIRWISE) : List.of(name);
        }
    }

    @Command(
            name = "pace",
            mixinStandardHelpOptions = true,
            description = "Has a rotation or re-encryption that runs go at another rate.")
    static final class SetPace extends VaultCommand {
        @Parameters(paramLabel = "OPERATION", description = "Its id, as `keys status` shows it.")
        private String id;

        @Option(
                names = "--rate",
                paramLabel = "N",
                required = true,
                description = "Values a second, 0 for as fast as the desk allows.")
        private int rate;

        SetPace(Invocation invocation) {
            super(invocation);
        }

        @Override
        public int run(VaultInstance vault) {
            Caller caller = caller(vault, Permission.ROTATE, ActKind.ROTATE);
            Operation now = vault.rotations().keepTo(caller.actor(), id, rate);
            return answer(
                    object().put("id", now.id()).put("rate", now.rate()),
                    "From its next batch on it goes at that rate.");
        }
    }

    @Command(
            name = "reencrypt",
            mixinStandardHelpOptions = true,
            description = "Seals every value of a field again under a key of its own, in the background (by a"
                    + " custodian). The version of the field's key stays.")
    static final class Reencrypt extends VaultCommand {
        @Parameters(
                paramLabel = "FIELD",
                description = "card, name, address, phone, email, meta, labels, or all of these.")
        private String field;

        @Mixin
        private RunOptions going;

        Reencrypt(Invocation invocation) {
            super(invocation);
        }

        @Override
        public int run(VaultInstance vault) {
            Caller caller = caller(vault, Permission.ROTATE, ActKind.REENCRYPT);
            requireKnown(field, vault.rotations().reencryptNames());
            List<Operation> begun = vault.rotations()
                    .reencrypt(caller, field, () -> going.rate, Optional::empty, AuditLog.newRequest());
            return follow(this, vault, going, begun, object(), "");
        }
    }

    private static void requireKnown(String field, Set<String> names) {
        if (!names.contains(field)) {
            throw new Refused(Problem.INVALID, "FIELD is one of " + String.join(", ", names) + ".");
        }
    }

    /** Waits for the started work if asked to, and prints its progress and the next step. */
    private static int follow(
            VaultCommand command,
            VaultInstance vault,
            RunOptions going,
            List<Operation> begun,
            ObjectNode document,
            String before) {
        // Without a server the work stops with this process, so the command waits.
        boolean waits = going.wait || command.invocation().server().isEmpty();
        List<Operation> seen = new ArrayList<>();
        try (StepProgress progress =
                StepProgress.of(command.invocation().err(), command.invocation().terminal())) {
            for (Operation one : begun) {
                seen.add(
                        waits
                                ? vault.operations()
                                        .await(one.id(), now -> progress.at(now.field(), now.done(), now.total()))
                                : one);
            }
        }
        ArrayNode list = document.putArray("operations");
        List<String> text = new ArrayList<>();
        for (Operation one : seen) {
            List<RetiredVersion> retired = vault.keyStatus().retired(one.field()).stream()
                    .filter(key -> one.isWell(key.field()))
                    .toList();
            ArrayNode versions = list.addObject()
                    .put("id", one.id())
                    .put("kind", one.kind())
                    .put("field", one.field())
                    .put("state", one.state())
                    .put("done", one.done())
                    .put("total", one.total())
                    .put("failed", one.failed())
                    .putArray("retired");
            retired.forEach(
                    key -> versions.addObject().put("field", key.field()).put("version", key.version()));
            text.add(told(one, retired) + newSigner(vault, one));
        }
        command.answer(document, before + String.join(System.lineSeparator(), text));
        List<Operation> failed = seen.stream()
                .filter(one -> one.state().equals(Operation.FAILED))
                .toList();
        // Damaged values are a finding about the vault. An operation that broke off is a failure.
        int broken = failed.stream().allMatch(one -> one.failed() > 0) ? ExitCodes.FOUND_WRONG : ExitCodes.INTERNAL;
        return failed.isEmpty() ? ExitCodes.DONE : broken;
    }

    private static String newSigner(VaultInstance vault, Operation one) {
        boolean handedOver =
                one.field().equals(KeyName.LOG_SIGNING) && one.state().equals(Operation.DONE);
        return handedOver
                ? " From size " + vault.log().reader().signers().from() + " of the log on, only the new key counts."
                : "";
    }

    private static String told(Operation one, List<RetiredVersion> retired) {
        if (one.isRunning()) {
            return one.field() + ": under way, " + one.total() + " to do; `keys status` shows how far it is.";
        }
        String moved = one.field() + ": " + one.state() + ", " + one.done() + " of " + one.total() + ".";
        String left = one.failed() == 0 ? "" : " Could not be opened, and left as they were: " + one.failed() + ".";
        return moved
                + left
                + retired.stream()
                        .map(key -> System.lineSeparator() + "  Nothing hangs on " + key + " any more: `keys destroy "
                                + key + "` ends it for ever, with a backup newer than this and another custodian.")
                        .reduce("", String::concat);
    }

    private RotateCommands() {}
}
