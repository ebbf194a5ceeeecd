package org.patronvault.core.keys;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import org.patronvault.core.keys.file.DurableFile;
import org.patronvault.core.keys.ring.KeyRing;
import org.patronvault.core.keys.slot.Slot;
import org.patronvault.core.keys.slot.SlotMaker;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/** The factory of new key rings. */
public final class KeyRingFactory {
    private KeyRingFactory() {}

    /**
     * Makes a new ring in {@code directory}, unsealed, behind those slots.
     *
     * @throws Refused if one of their shares was not proved, or a ring already exists
     */
    public static KeyCustody create(Path directory, SlotMaker made, Clock clock) {
        List<Slot> slots = made.made();
        KeyFiles files = new KeyFiles(directory);
        if (files.exists()) {
            throw new Refused(Problem.HOME_EXISTS, "There is a key ring in keys/ already.");
        }
        DurableFile.makeDirectory(directory);
        KeyCustody custody = new KeyCustody(files, clock, System::nanoTime);
        files.write(made.vaultId(), slots);
        custody.begin(made.rootKey(), made.root(), KeyRing.create(made.vaultId(), new SecureRandom(), clock));
        return custody;
    }
}
