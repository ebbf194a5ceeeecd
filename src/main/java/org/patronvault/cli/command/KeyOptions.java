package org.patronvault.cli.command;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.patronvault.app.Home;
import org.patronvault.app.Settings;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.keys.MachineSlots;
import org.patronvault.core.keys.hsm.HsmPin;
import org.patronvault.core.keys.hsm.HsmPinFile;
import org.patronvault.core.keys.slot.SlotFacts;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import picocli.CommandLine.Option;

/** The options that unseal a vault, shared by commands and the service. */
public final class KeyOptions {
    public static final String PASSPHRASE = "--passphrase-file";
    public static final String HSM_PIN = "--hsm-pin-file";
    public static final String PASSPHRASE_QUESTION = "Passphrase: ";

    @Option(names = PASSPHRASE, paramLabel = "F", description = "Opens a passphrase slot, if no server runs.")
    private SecretSource passphrase;

    @Option(
            names = HSM_PIN,
            paramLabel = "F",
            description = "The PIN of the HSM (- for standard input) in place of the file that vault.yaml names.")
    private SecretSource hsmPin;

    public Optional<SecretSource> passphrase() {
        return Optional.ofNullable(passphrase);
    }

    public Optional<SecretSource> hsmPin() {
        return Optional.ofNullable(hsmPin);
    }

    /** Returns the PIN of HSM slots: from the option here, or from the file that vault.yaml names. */
    public Optional<HsmPin> pin(Home home, Invocation invocation) {
        if (hsmPin == null) {
            return pinOf(home);
        }
        boolean typed = hsmPin.name().equals("-") || invocation.handedOver().isPresent();
        return Optional.of(
                typed ? HsmPin.given(hsmPin.bytes()) : new HsmPinFile(invocation.path(hsmPin.name()), home.node()));
    }

    private static Optional<HsmPin> pinOf(Home home) {
        return Settings.read(home).hsmPinFile(home).map(file -> new HsmPinFile(file, home.node()));
    }

    /**
     * Returns the opener of a home's keys.
     *
     * @param pinIsForAnother whether the PIN here is for a slot to be made, which might be on another HSM
     * @throws Refused if nothing was given that could open them
     */
    public Predicate<KeyCustody> opener(Home home, Invocation invocation, boolean pinIsForAnother) {
        if (passphrase != null) {
            passphrase.askedAs(PASSPHRASE);
            byte[] bytes = passphrase.bytes();
            return keys -> keys.unseal(bytes);
        }
        MachineSlots machines = MachineSlots.in(home.keys());
        Optional<HsmPin> pin = pinIsForAnother ? pinOf(home) : pin(home, invocation);
        if (machines.canBeAsked(pin)) {
            return keys -> machines.unseal(keys, pin);
        }
        String ways = KeyCustody.at(home.keys(), Clock.systemUTC()).slots().stream()
                .map(slot -> slot.openedBy() + " (" + way(slot) + ")")
                .collect(Collectors.joining(", or "));
        throw new Refused(
                Problem.SEALED,
                "No server runs on this home, and nothing was given that opens the vault: " + ways + ".");
    }

    /**
     * Returns the opener of a home's keys. If no option can open them, it asks at the terminal for shares, or for the
     * passphrase if no slot has shares.
     */
    public Predicate<KeyCustody> openerOrTyped(Home home, Invocation invocation) {
        if (passphrase != null || MachineSlots.in(home.keys()).canBeAsked(pin(home, invocation))) {
            return opener(home, invocation, false);
        }
        return keys -> {
            if (!hasShares(keys)) {
                return keys.unseal(typed(invocation, PASSPHRASE_QUESTION).getBytes(StandardCharsets.UTF_8));
            }
            while (keys.isSealed()) {
                keys.offer(typed(invocation, "The thirty words of a share: "));
            }
            return true;
        };
    }

    private static String typed(Invocation invocation, String question) {
        return invocation
                .prompt()
                .ask(question, false)
                .orElseThrow(() -> new Refused(
                        Problem.SEALED, "Give what opens the vault: --passphrase-file F, or sit at a terminal."));
    }

    /** Whether shares open any slot. */
    public static boolean hasShares(KeyCustody keys) {
        return keys.slots().stream().anyMatch(slot -> slot.count() > 0);
    }

    private static String way(SlotFacts slot) {
        return slot.needsPin()
                ? "its PIN by " + HSM_PIN + ", or by unseal.hsmPinFile in vault.yaml"
                : slot.count() > 0 ? "offered to `serve`" : PASSPHRASE;
    }
}
