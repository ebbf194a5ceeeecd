package org.patronvault.core.crypto;

import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/**
 * The cost of an Argon2id derivation, for the user and for an attacker who guesses. Parameters also come from stored
 * bytes, so any numbers are allowed; they are checked before use.
 *
 * @param memoryKiB memory in KiB
 * @param passes times over the memory
 * @param lanes lanes the memory is split into
 */
public record Argon2Parameters(int memoryKiB, int passes, int lanes) {
    /** For sign-in: 64 MiB. */
    public static final Argon2Parameters LOGIN = new Argon2Parameters(65_536, 3, 1);

    /** For slots of the root key: 256 MiB. Also the least that is accepted there. */
    public static final Argon2Parameters ROOT = new Argon2Parameters(262_144, 3, 4);

    /** The most that is ever run, 1 GiB: a hostile file cannot ask for more. */
    static final Argon2Parameters CEILING = new Argon2Parameters(1_048_576, 10, 16);

    /**
     * Requires that these parameters are strong enough for the root key and small enough to run: no number below
     * {@link #ROOT}, none above 1 GiB, 10 passes, 16 lanes.
     *
     * @throws Refused with {@code KEYS_REFUSED}
     */
    public void requireWithinRootBounds() {
        if (memoryKiB < ROOT.memoryKiB || passes < ROOT.passes || lanes < ROOT.lanes) {
            throw new Refused(
                    Problem.KEYS_REFUSED,
                    "The passphrase slot asks for less work than a root key needs, so it is not used.");
        }
        if (!isWithinCeiling()) {
            throw new Refused(
                    Problem.KEYS_REFUSED, "The passphrase slot asks for more memory or time than is allowed.");
        }
    }

    boolean isWithinCeiling() {
        return memoryKiB <= CEILING.memoryKiB && passes <= CEILING.passes && lanes <= CEILING.lanes;
    }
}
