package org.patronvault.cli.keys;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.patronvault.cli.command.Invocation;
import org.patronvault.cli.command.SecretSource;
import org.patronvault.cli.command.ServicePaths;
import org.patronvault.core.keys.hsm.HsmAddress;
import org.patronvault.core.keys.hsm.HsmPin;
import org.patronvault.core.keys.slot.SlotFacts;
import org.patronvault.core.keys.slot.SlotMaker;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import picocli.CommandLine.Option;

/** The options for new slots beside a passphrase, shared by {@code init}, slots and the root. */
public final class SlotOptions {
    private static final int MOST_SHARES = 16;

    @Option(names = "--shares", paramLabel = "N", description = "Split what opens it into N shares, 2 to 16.")
    private Integer shares;

    @Option(names = "--threshold", paramLabel = "M", description = "How many of the shares open it.")
    private Integer threshold;

    @Option(
            names = "--shares-dir",
            paramLabel = "D",
            description = "Write each share there, as a text file and a card to print, and prove it by reading it back."
                    + " Without it the shares are shown here, one by one, and typed back.")
    private String sharesDirectory;

    @Option(
            names = "--hsm",
            paramLabel = "URI",
            description = "A key in an HSM, pkcs11:token=LABEL;object=LABEL?module-path=/PATH/LIBRARY.so; it is made"
                    + " there if it is not. Its PIN comes from --hsm-pin-file.")
    private String hsm;

    @Option(
            names = "--kms",
            paramLabel = "URI",
            description = "A key in AWS KMS, aws-kms://arn:aws:kms:REGION:ACCOUNT:key/ID.")
    private String kms;

    /** Whether no option is given. */
    public boolean areNone() {
        return shares == null && threshold == null && sharesDirectory == null && hsm == null && kms == null;
    }

    /** Whether an HSM slot is to be made. */
    boolean makesHsm() {
        return hsm != null;
    }

    /** Refuses conflicting options, before any prompt or change. */
    public void require() {
        if (shares == null && threshold == null && sharesDirectory == null) {
            return;
        }
        if (shares == null || threshold == null) {
            throw new Refused(Problem.INVALID, "--shares and --threshold go together.");
        }
        if (threshold < 2 || threshold > shares || shares > MOST_SHARES) {
            throw new Refused(
                    Problem.INVALID,
                    "--shares is 2 to 16 and --threshold 2 to that: one share alone must never open the vault.");
        }
    }

    /**
     * Refuses what could only fail after the approval was used or shares were shown.
     *
     * @param home of the vault, where no share may be
     */
    public void requirePossible(Path home, Optional<SecretSource> passphrase, Invocation invocation) {
        passphrase.ifPresent(secret -> SlotMaker.requireStrongEnough(secret.bytes()));
        if (shares != null && sharesDirectory == null) {
            ShareCeremony.requireTerminal(invocation);
        }
        if (sharesDirectory != null) {
            Path directory = invocation.path(sharesDirectory).toAbsolutePath().normalize();
            if (directory.startsWith(home.toAbsolutePath().normalize())) {
                throw new Refused(Problem.INVALID, "Shares do not belong into the vault's home: name another place.");
            }
            ShareCeremony.requireFree(directory, shares);
            ServicePaths.requireWritable(directory);
        }
    }

    /** Describes the new slots by kind, in words for the approver. */
    public Map<String, String> described(Optional<SecretSource> passphrase) {
        Map<String, String> words = new LinkedHashMap<>();
        passphrase.ifPresent(secret -> words.put("passphrase", SlotFacts.BY_PASSPHRASE));
        if (shares != null) {
            // The approver must know whether one person will hold all shares.
            words.put(
                    "shares",
                    SlotFacts.byShares(threshold, shares)
                            + (sharesDirectory == null
                                    ? ", each shown to its holder at a terminal"
                                    : ", all written to files by whoever asks"));
        }
        if (hsm != null) {
            words.put("hsm", SlotFacts.byHsm(HsmAddress.of(hsm)));
        }
        if (kms != null) {
            words.put("kms", SlotFacts.byKms(kms));
        }
        if (words.isEmpty()) {
            throw new Refused(
                    Problem.INVALID,
                    "Say what shall open the vault: a passphrase, --shares N --threshold M, --hsm URI or --kms URI.");
        }
        return words;
    }

    /** Makes the slots, first those that a machine can refuse. On return every share is proved. */
    public void make(
            SlotMaker maker, Optional<SecretSource> passphrase, Optional<SecretSource> hsmPin, Invocation invocation) {
        if (hsm != null) {
            byte[] pin = hsmPin.map(SecretSource::bytes).orElseGet(() -> typedPin(invocation));
            maker.addHsm(HsmAddress.of(hsm), HsmPin.characters(pin));
        }
        if (kms != null) {
            maker.addKms(kms);
        }
        if (shares != null) {
            ShareCeremony ceremony = new ShareCeremony(maker, invocation);
            if (sharesDirectory == null) {
                ceremony.atTerminal(shares, threshold);
            } else {
                ceremony.inDirectory(shares, threshold, invocation.path(sharesDirectory));
            }
        }
        passphrase.ifPresent(secret -> maker.addPassphrase(secret.bytes()));
    }

    private static byte[] typedPin(Invocation invocation) {
        return invocation
                .prompt()
                .ask("The PIN of the HSM: ", false)
                .orElseThrow(
                        () -> new Refused(Problem.INVALID, "The HSM's PIN is missing: give it with --hsm-pin-file F."))
                .getBytes(StandardCharsets.UTF_8);
    }
}
