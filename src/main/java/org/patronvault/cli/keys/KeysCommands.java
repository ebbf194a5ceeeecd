package org.patronvault.cli.keys;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import org.patronvault.app.VaultInstance;
import org.patronvault.cli.command.Invocation;
import org.patronvault.cli.command.VaultCommand;
import org.patronvault.cli.terminal.StepProgress;
import org.patronvault.core.keys.ring.KeyState;
import org.patronvault.core.keys.slot.SlotFacts;
import org.patronvault.custody.destroy.KeptVersion;
import org.patronvault.custody.destroy.KeyCopies;
import org.patronvault.custody.destroy.KeyStatus;
import org.patronvault.custody.rotate.Operation;
import picocli.CommandLine.Command;

/** The command group {@code keys}: the key ring. */
@Command(
        name = "keys",
        mixinStandardHelpOptions = true,
        description = "The key ring.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            KeysCommands.Status.class,
            RotateCommands.Rotate.class,
            RotateCommands.Reencrypt.class,
            RotateCommands.SetPace.class,
            SlotCommands.class,
            ExportCommand.class,
            DrillCommand.class,
            DestroyCommands.Destroy.class,
            DestroyCommands.Cancel.class
        })
public final class KeysCommands {

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
        public int run(VaultInstance vault) {
            KeyStatus.Status status = vault.keyStatus().now();
            ObjectNode document = object();
            ArrayNode keys = document.putArray("keys");
            StringBuilder table = new StringBuilder();
            table.append(String.format("%-14s %7s %-10s %-22s %10s%n", "key", "version", "state", "made", "values"));
            for (KeyStatus.Key key : status.keys()) {
                ObjectNode one = keys.addObject().put("field", key.field());
                ArrayNode versions = one.putArray("versions");
                key.nextRotation().ifPresent(when -> one.put("nextRotation", when.toString()));
                for (KeyStatus.Version v : key.versions()) {
                    versions.add(document(v));
                    table.append(String.format(
                            "%-14s %7d %-10s %-22s %10d%s%n",
                            key.field(), v.version(), v.state(), v.created(), v.values(), due(key, v)));
                }
            }
            ArrayNode kept = document.putArray("kept");
            for (KeptVersion one : vault.keyStatus().kept()) {
                ObjectNode version = kept.addObject()
                        .put("field", one.field())
                        .put("version", one.version())
                        .put("since", one.since().toString())
                        .put("until", one.until().toString())
                        .put("due", one.isDue(status.at()));
                one.owners().forEach(version.putArray("owners")::add);
                table.append(one.says(status.at())).append(System.lineSeparator());
            }
            ArrayNode operations = document.putArray("operations");
            for (KeyStatus.Outlook one : status.sealed()
                    ? List.<KeyStatus.Outlook>of()
                    : vault.keyStatus().unsettled()) {
                operations.add(document(one));
                table.append(line(one));
            }
            ArrayNode slots = document.putArray("slots");
            for (SlotFacts slot : vault.custody().slots()) {
                slots.add(SlotCommands.documentOf(slot));
                table.append(SlotCommands.line(slot));
            }
            ArrayNode copies = document.putArray("copies");
            for (KeyCopies.Copy copy : status.copies()) {
                copies.add(copy.json());
                table.append(String.format(
                        "copy %s: made %s by %s and %s for %s, %s%s%n",
                        copy.id(),
                        copy.made(),
                        copy.by(),
                        copy.second(),
                        copy.recipient(),
                        copy.state(),
                        copy.destroyed().isEmpty()
                                ? ""
                                : ", with what is destroyed here: " + String.join(", ", copy.destroyed())));
            }
            document.put("sealed", status.sealed());
            return answer(document, table.toString().stripTrailing());
        }

        private ObjectNode document(KeyStatus.Version v) {
            ObjectNode one = object().put("version", v.version())
                    .put("state", v.state())
                    .put("created", v.created().toString())
                    .put("values", v.values());
            v.retired().ifPresent(since -> one.put("retired", since.toString()));
            return one;
        }

        /** The next action due on a version, by the vault or by two custodians. */
        private static String due(KeyStatus.Key key, KeyStatus.Version v) {
            if (v.retired().isPresent()) {
                return "  due since " + v.retired().get() + ": keys destroy " + key.command() + " " + v.version();
            }
            boolean primary = v.state().equals(KeyState.PRIMARY.wireName());
            return key.nextRotation()
                    .filter(when -> primary)
                    .map(when -> "  rotated again by itself " + when)
                    .orElse("");
        }

        private ObjectNode document(KeyStatus.Outlook outlook) {
            Operation operation = outlook.operation();
            ObjectNode one = object().put("id", operation.id())
                    .put("kind", operation.kind())
                    .put("field", operation.field())
                    .put("state", operation.state())
                    .put("done", operation.done())
                    .put("total", operation.total())
                    .put("failed", operation.failed())
                    .put("by", operation.by());
            outlook.remainingSeconds().ifPresent(left -> one.put("remainingSeconds", left));
            outlook.hindrance().ifPresent(why -> one.put("hindrance", why));
            return one;
        }

        private static String line(KeyStatus.Outlook outlook) {
            Operation operation = outlook.operation();
            Optional<String> left = outlook.remainingSeconds().isPresent()
                    ? Optional.of(StepProgress.left(outlook.remainingSeconds().getAsLong()))
                    : Optional.empty();
            String how = operation.isRunning()
                    ? operation.done() + " of " + operation.total()
                            + left.map(time -> ", about " + time + " left").orElse("")
                    : operation.state()
                            + left.map(time -> ", " + time + " of service left").orElse("");
            return String.format(
                    "operation %s: %s %s, %s%s%n",
                    operation.id(),
                    operation.kind(),
                    operation.field(),
                    how,
                    outlook.hindrance().map(why -> ". " + why).orElse(""));
        }
    }

    private KeysCommands() {}
}
