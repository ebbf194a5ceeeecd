package org.patronvault.cli.keys;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import org.patronvault.app.VaultInstance;
import org.patronvault.cli.command.Invocation;
import org.patronvault.cli.command.SecretSource;
import org.patronvault.cli.command.VaultCommand;
import org.patronvault.core.dual.ApprovalGrant;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.dual.SecondPerson;
import org.patronvault.core.keys.slot.SlotFacts;
import org.patronvault.core.keys.slot.SlotMaker;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Permission;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command group {@code keys slot}: slots that unseal the vault. */
@Command(
        name = "slot",
        mixinStandardHelpOptions = true,
        description = "Ways to unseal the root key, any one of which opens the vault.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {SlotCommands.ListAll.class, SlotCommands.Add.class, SlotCommands.Remove.class})
final class SlotCommands {

    @Command(name = "list", mixinStandardHelpOptions = true, description = "Lists the slots.")
    static final class ListAll extends VaultCommand {
        ListAll(Invocation invocation) {
            super(invocation);
        }

        @Override
        public boolean needsNoKeys() {
            return true;
        }

        @Override
        public int run(VaultInstance vault) {
            ObjectNode document = object();
            ArrayNode list = document.putArray("slots");
            StringBuilder text = new StringBuilder();
            for (SlotFacts slot : vault.custody().slots()) {
                list.add(documentOf(slot));
                text.append(line(slot));
            }
            return answer(document, text.toString().stripTrailing());
        }
    }

    static String line(SlotFacts slot) {
        return "slot " + slot.id() + ": " + slot.openedBy() + ", made " + slot.created() + "\n";
    }

    static ObjectNode documentOf(SlotFacts slot) {
        ObjectNode one = JsonNodeFactory.instance
                .objectNode()
                .put("id", slot.id())
                .put("kind", slot.kind())
                .put("openedBy", slot.openedBy())
                .put("created", slot.created().toString());
        if (slot.count() > 0) {
            one.put("threshold", slot.threshold()).put("shares", slot.count());
        }
        return one;
    }

    @Command(
            name = "add",
            mixinStandardHelpOptions = true,
            description = "Adds a slot (by a custodian, agreed to by another). No value is touched.")
    static final class Add extends VaultCommand {
        @Option(names = "--new-passphrase-file", paramLabel = "F", description = "A passphrase that opens it.")
        private SecretSource newPassphrase;

        @Mixin
        private SlotOptions options;

        Add(Invocation invocation) {
            super(invocation);
        }

        @Override
        public boolean makesHsmSlot() {
            return options.makesHsm();
        }

        @Override
        public int run(VaultInstance vault) {
            options.require();
            Optional<SecretSource> passphrase = Optional.ofNullable(newPassphrase);
            List<String> openedBy = List.copyOf(options.described(passphrase).values());
            if (openedBy.size() > 1) {
                throw new Refused(Problem.INVALID, "Add one slot at a time.");
            }
            Actor by = caller(vault, Permission.CUSTODY, ActKind.SLOT).actor();
            options.requirePossible(home().directory(), passphrase, invocation());
            ApprovalGrant leave = vault.slots().mayAdd(asking(vault, by, SecondPerson.CUSTODY), openedBy);
            if (leave.filed().isPresent()) {
                return answer(new Approvals.Answer(leave.filed(), Optional.empty()), object(), "", "");
            }
            try (SlotMaker maker = vault.slots().more()) {
                options.make(maker, passphrase, keyOptions().hsmPin(), invocation());
                vault.slots().add(by, leave.second(), maker);
                SlotFacts slot = maker.facts().get(0);
                return answer(
                        documentOf(slot),
                        "Slot " + slot.id() + " opens the vault from now on: " + slot.openedBy() + ".");
            }
        }
    }

    @Command(
            name = "remove",
            mixinStandardHelpOptions = true,
            description = "Removes a slot (by a custodian, agreed to by another); never the last.")
    static final class Remove extends VaultCommand {
        @Parameters(paramLabel = "ID", description = "Its number, as `keys slot list` shows it.")
        private int id;

        Remove(Invocation invocation) {
            super(invocation);
        }

        @Override
        public int run(VaultInstance vault) {
            Actor by = caller(vault, Permission.CUSTODY, ActKind.SLOT).actor();
            return answer(
                    vault.slots().remove(asking(vault, by, SecondPerson.CUSTODY), id),
                    object().put("id", id),
                    "",
                    "Slot " + id
                            + " is removed. A copy of keys/ made before still opens by it: if that is feared, renew"
                            + " the root and rotate the fields.");
        }
    }

    private SlotCommands() {}
}
