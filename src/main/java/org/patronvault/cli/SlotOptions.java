package org.patronvault.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.patronvault.keys.SlotMaker;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;
import picocli.CommandLine.Option;

/** What shall open the vault beside a passphrase: the options that {@code init}, slots and the root have in common. */
final class SlotOptions {
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

    /** Refuses what does not go together, before anything is asked or made. */
    void require() {
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

    /** What shall open it, in words for the person who agrees. */
    List<String> described(Optional<Secret> passphrase) {
        List<String> words = new ArrayList<>();
        passphrase.ifPresent(secret -> words.add("a passphrase"));
        if (shares != null) {
            words.add("any " + threshold + " of " + shares + " shares");
        }
        if (words.isEmpty()) {
            throw new Refused(
                    Problem.INVALID, "Say what shall open the vault: a passphrase, or --shares N --threshold M.");
        }
        return words;
    }

    /** Makes the slots; when this returns every share is proved. */
    void make(SlotMaker maker, Optional<Secret> passphrase, Invocation invocation) {
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
}
