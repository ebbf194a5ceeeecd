package org.patronvault.cli.keys;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.patronvault.app.VaultInstance;
import org.patronvault.cli.command.SecretSource;
import org.patronvault.cli.command.VaultCommand;
import org.patronvault.core.dual.ApprovalGrant;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.dual.SecondPerson;
import org.patronvault.core.keys.slot.SlotFacts;
import org.patronvault.core.keys.slot.SlotMaker;
import org.patronvault.core.log.entry.Act;
import org.patronvault.core.log.entry.Approver;
import org.patronvault.core.model.Actor;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Permission;
import org.patronvault.custody.slot.Slots;

/**
 * The command {@code keys rotate root}, with which {@code keys rotate everything} begins. It makes a new root key
 * behind new slots, and proves all their shares before it destroys the old set.
 */
final class RootRotation {
    private RootRotation() {}

    /** The renewal of the root, alone or with other steps, which prints the command's answer. */
    interface Renewal {
        /** Returns the exit code. */
        int renew(Caller caller, Optional<Approver> second, SlotMaker maker);
    }

    static int run(
            VaultCommand command,
            VaultInstance vault,
            SlotOptions options,
            Optional<SecretSource> newPassphrase,
            boolean dropOthers,
            Renewal renewal) {
        options.require();
        Map<String, String> openedBy = options.described(newPassphrase);
        Caller caller = command.caller(vault, Permission.CUSTODY, Act.ROTATE);
        Actor by = caller.actor();
        options.requirePossible(command.home().directory(), newPassphrase, command.invocation());
        Slots slots = vault.slots();
        ApprovalGrant leave = slots.mayRotateRoot(
                command.asking(vault, by, SecondPerson.CUSTODY),
                List.copyOf(openedBy.values()),
                openedBy.keySet(),
                dropOthers);
        if (leave.filed().isPresent()) {
            return command.answer(new Approvals.Answer(leave.filed(), Optional.empty()), command.object(), "", "");
        }
        try (SlotMaker maker = slots.newRoot()) {
            options.make(maker, newPassphrase, command.keyOptions().hsmPin(), command.invocation());
            return renewal.renew(caller, leave.second(), maker);
        }
    }

    /** Says that the root is renewed and which slots open it, in words and in the document. */
    static String told(SlotMaker maker, ObjectNode document) {
        StringBuilder text = new StringBuilder("The root key is renewed; what opened the old one opens nothing now.");
        for (SlotFacts slot : maker.facts()) {
            document.withArray("slots").add(SlotCommands.documentOf(slot));
            text.append("\nslot " + slot.id() + ": " + slot.openedBy());
        }
        return text.toString();
    }
}
