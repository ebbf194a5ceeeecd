package org.patronvault.custody.slot;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.function.LongSupplier;
import org.patronvault.access.account.ClientNetwork;
import org.patronvault.access.account.TurnQueue;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/**
 * The queue of passphrases that come over the network. One is tried at a time, and networks with the fewest wrong tries
 * go first. So a flood of wrong passphrases keeps no holder out. No thread waits.
 */
final class NetworkPassphrases {
    private static final int MOST_WAITING = 256;

    /** Less than the server's time limit for an answer. */
    private static final int LONGEST_SECONDS = 45;

    private final SealControl seal;
    private final OnePlace place;
    private final KeyCustody custody;
    private final PassphraseTries tries;
    private final TurnQueue turns = new TurnQueue(1, MOST_WAITING, LONGEST_SECONDS, SealControl::busy);
    private final Executor trying = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "vault-unseal");
        thread.setDaemon(true);
        return thread;
    });

    NetworkPassphrases(SealControl seal, OnePlace place, KeyCustody custody, LongSupplier nanoTime) {
        this.seal = seal;
        this.place = place;
        this.custody = custody;
        this.tries = new PassphraseTries(nanoTime);
    }

    /** Tries a passphrase as {@link SealControl#offer(byte[], String)} says. */
    CompletableFuture<Void> offer(byte[] passphrase, String address) {
        String network = ClientNetwork.of(address);
        try {
            tries.require(network);
        } catch (Refused e) {
            return CompletableFuture.failedFuture(e);
        }
        return turns.run(network, tries.wrongFrom(network), trying, () -> {
            // Other passphrases from there may have been tried while this one waited.
            tries.require(network);
            place.take();
            seal.finish(() -> opens(passphrase, network));
        });
    }

    /** A wrong passphrase is counted before anything else happens. */
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
