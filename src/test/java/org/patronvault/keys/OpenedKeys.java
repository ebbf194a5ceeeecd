package org.patronvault.keys;

import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Keys that are open, for tests of what lies above them: a slot's key, which takes a second of work and 256 MiB, is
 * derived once in a JVM, however many copies of a home are opened with it.
 */
public final class OpenedKeys {
    private static final Map<String, byte[]> ROOTS = new ConcurrentHashMap<>();

    private OpenedKeys() {}

    /** The keys in that directory, opened as {@link KeyCustody#unseal} opens them. */
    public static KeyCustody at(Path directory, Clock clock, byte[] passphrase) {
        KeyCustody custody = KeyCustody.at(directory, clock);
        SlotsFile slots = SlotsFile.read(directory.resolve("slots.json"));
        PassphraseSlot slot = slots.slots().get(0);
        String sameSlot = slot.toJson().toString();
        custody.open(ROOTS.computeIfAbsent(sameSlot, s -> slot.open(slots.vaultId(), passphrase))
                .clone());
        return custody;
    }
}
