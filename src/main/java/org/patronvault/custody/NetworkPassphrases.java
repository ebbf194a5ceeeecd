package org.patronvault.custody;

import java.util.concurrent.Semaphore;
import java.util.function.LongSupplier;
import org.patronvault.access.Network;
import org.patronvault.keys.KeyCustody;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;

/** Passphrases that come over the network: one is tried, two wait, and nobody else, so that whoever is here waits for few. */
final class NetworkPassphrases {
    private static final int AT_ONCE = 3;

    private final SealControl seal;
    private final OnePlace place;
    private final KeyCustody custody;
    private final PassphraseTries tries;
    private final Semaphore places = new Semaphore(AT_ONCE);

    NetworkPassphrases(SealControl seal, OnePlace place, KeyCustody custody, LongSupplier nanoTime) {
        this.seal = seal;
        this.place = place;
        this.custody = custody;
        this.tries = new PassphraseTries(nanoTime);
    }

    /** As {@link SealControl#offer(byte[], String)} says. */
    void offer(byte[] passphrase, String address) {
        String network = Network.of(address);
        tries.require(network);
        if (!places.tryAcquire()) {
            throw SealControl.busy();
        }
        try {
            place.take();
            requireStill(network);
            seal.finish(() -> opens(passphrase, network));
        } finally {
            places.release();
        }
    }

    /** Others from there may have been tried since this one began to wait. */
    private void requireStill(String network) {
        try {
            tries.require(network);
        } catch (Refused e) {
            place.giveBack();
            throw e;
        }
    }

    /** What is wrong is counted before anything else is done about it. */
    private boolean opens(byte[] passphrase, String network) {
        try {
            boolean opened = custody.unseal(passphrase);
            tries.right(network);
            return opened;
        } catch (Refused e) {
            if (e.problem() == Problem.INVALID_CREDENTIALS) {
                tries.wrong(network);
            }
            throw e;
        }
    }
}
