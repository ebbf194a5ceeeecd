package org.patronvault.app;

import java.time.Clock;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.patronvault.core.crypto.EnvelopeCipher;
import org.patronvault.core.crypto.SigningKey;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.log.AuditLog;

/**
 * A vault whose keys are being opened. Until it is {@link #unsealed}, nobody else can try.
 *
 * @param keys whether this try opened them
 */
public record PendingUnseal(VaultInstance vault, CompletableFuture<Boolean> keys) {

    /** Waits for the keys and makes the vault ready to serve. Refuses like any other try. */
    public VaultInstance unsealed() {
        vault.seal().finish(() -> {
            // Preparations during the second that a passphrase takes.
            SigningKey.prepare();
            return vault.log().prepared(() -> AuditLog.await(keys));
        });
        return vault;
    }

    /**
     * Opens a home's vault as {@link VaultInstance#open} does, and its keys in parallel, since they take a second.
     *
     * @param opener opens the keys, and returns whether it did
     */
    public static PendingUnseal of(Home home, Predicate<KeyCustody> opener, Clock clock, Consumer<String> onBroken) {
        KeyCustody custody = VaultInstance.keysOf(home, clock);
        CompletableFuture<Boolean> keys = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        keys.complete(opener.test(custody));
                    } catch (RuntimeException | Error e) {
                        keys.completeExceptionally(e);
                    }
                },
                "vault-opening");
        thread.setDaemon(true);
        thread.start();
        try {
            VaultInstance vault = VaultInstance.open(home, custody, clock, onBroken);
            // Runs while a slot's key is still being derived.
            EnvelopeCipher.prepareAside();
            vault.seal().reserve();
            return new PendingUnseal(vault, keys);
        } catch (RuntimeException e) {
            // Discards the result of the try.
            custody.seal();
            throw e;
        }
    }
}
