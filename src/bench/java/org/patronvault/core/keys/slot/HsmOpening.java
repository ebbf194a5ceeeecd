package org.patronvault.core.keys.slot;

import java.time.Clock;
import org.patronvault.core.crypto.SecureBytes;
import org.patronvault.core.keys.hsm.HsmAddress;

/** The opening of a slot by an HSM, for whoever times it. */
public final class HsmOpening {
    private static final int ROOT_BYTES = 32;

    private final HsmSlot slot;

    /** Makes a slot for a key in that token, and the key. */
    public HsmOpening(HsmAddress address, String pin, Clock clock) {
        Slot.Head head = new Slot.Head(1, 1, clock.instant().getEpochSecond());
        slot = HsmSlot.create("bench", head, address, pin.toCharArray(), SecureBytes.random(ROOT_BYTES));
    }

    /** Has the token give the root. */
    public void open(String pin) {
        SecureBytes.wipe(slot.open("bench", pin.toCharArray()));
    }
}
