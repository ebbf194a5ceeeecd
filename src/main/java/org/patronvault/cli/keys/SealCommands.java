package org.patronvault.cli.keys;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import org.patronvault.app.VaultInstance;
import org.patronvault.cli.command.Invocation;
import org.patronvault.cli.command.KeyOptions;
import org.patronvault.cli.command.SealedCommand;
import org.patronvault.cli.command.SecretSource;
import org.patronvault.cli.command.VaultCommand;
import org.patronvault.core.keys.MachineSlots;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.model.UnsealProgress;
import org.patronvault.core.policy.Permission;
import org.patronvault.custody.slot.SealControl;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The commands that seal and unseal a serving vault. */
public final class SealCommands {

    @Command(
            name = "unseal",
            mixinStandardHelpOptions = true,
            description = "Offers a share, or a passphrase, to the server on this home; at a terminal it is asked for.")
    public static final class Unseal extends SealedCommand {
        private static final String SHARE = "--share-file";

        @Option(names = SHARE, paramLabel = "F", description = "The words of one share (- for standard input).")
        private SecretSource share;

        @Option(names = "--machines", description = "Ask the HSM, with the PIN in --hsm-pin-file, or AWS KMS.")
        private boolean machines;

        Unseal(Invocation invocation) {
            super(invocation);
        }

        @Override
        public List<String> moreSecrets() {
            return List.of(machines ? KeyOptions.HSM_PIN : share != null ? SHARE : KeyOptions.PASSPHRASE);
        }

        @Override
        public void withoutServer() {
            throw new Refused(
                    Problem.NOT_FOUND,
                    "No server runs on this home: start it with `serve`; other commands take --passphrase-file.");
        }

        @Override
        public int run(VaultInstance vault) {
            SealControl seal = vault.seal();
            UnsealProgress now = seal.progress();
            Optional<SecretSource> passphrase = keyOptions().passphrase();
            if (machines) {
                seal.offer(MachineSlots.in(home().keys()), keyOptions().pin(home(), invocation()));
                now = seal.progress();
            } else if (share == null && passphrase.isEmpty()) {
                now = asked(seal, now);
            } else if (share != null) {
                now = seal.offerShare(share.text());
            } else {
                seal.offer(passphrase.get().bytes());
                now = seal.progress();
            }
            return told(now);
        }

        private UnsealProgress asked(SealControl seal, UnsealProgress now) {
            if (now.need() == 0) {
                Optional<String> typed = invocation().prompt().ask(KeyOptions.PASSPHRASE_QUESTION, false);
                seal.offer(typed.orElseThrow(Unseal::missing).getBytes(java.nio.charset.StandardCharsets.UTF_8));
                return seal.progress();
            }
            invocation().err().println(now.have() + " of " + now.need() + " shares are here.");
            Optional<String> typed = invocation().prompt().ask("The thirty words of your share: ", false);
            return seal.offerShare(typed.orElseThrow(Unseal::missing));
        }

        private static Refused missing() {
            return new Refused(
                    Problem.INVALID, "Give a share with --share-file F, or the passphrase with --passphrase-file F.");
        }

        private int told(UnsealProgress now) {
            ObjectNode document =
                    object().put("sealed", now.sealed()).put("have", now.have()).put("need", now.need());
            return answer(
                    document,
                    now.sealed()
                            ? "That share is right: " + now.have() + " of " + now.need()
                                    + " are here, for a quarter of an hour."
                            : "The vault is open.");
        }
    }

    @Command(
            name = "seal",
            mixinStandardHelpOptions = true,
            description = "Wipes the keys from the memory of the server on this home (by a custodian or director).")
    public static final class Seal extends VaultCommand {
        Seal(Invocation invocation) {
            super(invocation);
        }

        @Override
        public void withoutServer() {
            throw new Refused(Problem.NOT_FOUND, "No server runs on this home, so nothing is open.");
        }

        @Override
        public int run(VaultInstance vault) {
            vault.seal().seal(caller(vault, Permission.SEAL, ActKind.SEAL), AuditLog.newRequest());
            return answer(object().put("sealed", true), "The vault is sealed.");
        }
    }

    private SealCommands() {}
}
