package org.patronvault.upkeep.doctor;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.patronvault.core.keys.MachineSlots;
import org.patronvault.core.keys.hsm.HsmPinFile;
import org.patronvault.core.keys.slot.SlotFacts;
import org.patronvault.core.model.Refused;
import org.patronvault.upkeep.backup.SecretFile;

/** The doctor's check of slots that machines open, and of the PIN's file. It never tries a PIN. */
public final class MachineLook implements Doctor.Look {
    private static final String PIN = "hsm-pin";

    private final Path home;
    private final Path keys;
    private final Path node;
    private final Supplier<Optional<Path>> pinFile;

    /**
     * Creates the check of a home.
     *
     * @param pinFile the file with the PIN of HSM slots, if one is named. Throws Refused if vault.yaml is wrong.
     */
    public MachineLook(Path home, Path keys, Path node, Supplier<Optional<Path>> pinFile) {
        this.home = home;
        this.keys = keys;
        this.node = node;
        this.pinFile = pinFile;
    }

    /** Returns a line for each slot and one for the PIN, or none if no machine opens a slot. */
    @Override
    public List<Doctor.Line> look() {
        List<Doctor.Line> lines = new ArrayList<>();
        try {
            MachineSlots machines = MachineSlots.in(keys);
            for (SlotFacts slot : machines.facts()) {
                lines.add(slot(machines, slot));
            }
            List<SlotFacts> hsms =
                    machines.facts().stream().filter(SlotFacts::needsPin).toList();
            if (!hsms.isEmpty()) {
                lines.add(pin(hsms));
            }
        } catch (Refused e) {
            // The line of the keys or of the settings reports it.
        }
        return lines;
    }

    private static Doctor.Line slot(MachineSlots machines, SlotFacts slot) {
        String name = "Slot " + slot.id() + " (" + slot.openedBy() + "): ";
        try {
            machines.look(slot.id());
            return new Doctor.Line(
                    slot.kind(),
                    Doctor.Verdict.FINE,
                    name + (slot.needsPin() ? "the token is there; `keys drill --machines` tries it." : "it opens."));
        } catch (Refused e) {
            return new Doctor.Line(slot.kind(), Doctor.Verdict.WRONG, name + e.getMessage());
        }
    }

    private Doctor.Line pin(List<SlotFacts> hsms) {
        Optional<Path> named = pinFile.get();
        if (named.isEmpty()) {
            return new Doctor.Line(
                    PIN,
                    Doctor.Verdict.NOTE,
                    "No file with it is named (unseal.hsmPinFile): the HSM opens the vault only when somebody gives the"
                            + " PIN.");
        }
        Path file = named.get();
        try {
            hsms.forEach(slot -> new HsmPinFile(file, node).look(slot.id()));
            Optional<String> fault = SecretFile.fault(file);
            if (fault.isPresent()) {
                return wrong("Its file" + fault.get());
            }
            if (file.toRealPath().startsWith(home.toRealPath())) {
                return wrong("Its file lies in the home, so that a copy of the home holds it beside the keys: keep it"
                        + " elsewhere.");
            }
            return new Doctor.Line(
                    PIN,
                    Doctor.Verdict.FINE,
                    "Its file is outside the home, and nobody else can read it. It was not tried.");
        } catch (Refused e) {
            return wrong(e.getMessage());
        } catch (IOException e) {
            return wrong("Its file cannot be looked at.");
        }
    }

    private static Doctor.Line wrong(String says) {
        return new Doctor.Line(PIN, Doctor.Verdict.WRONG, says);
    }
}
