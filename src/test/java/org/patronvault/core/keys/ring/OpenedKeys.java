package org.patronvault.core.keys.ring;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.patronvault.core.crypto.Argon2Parameters;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.keys.KeyFiles;
import org.patronvault.core.keys.file.DurableFile;
import org.patronvault.core.keys.slot.PassphraseSlot;
import org.patronvault.core.keys.slot.Slot;
import org.patronvault.core.keys.slot.SlotsFile;

/**
 * Open keys for tests of other packages, without deriving a slot's key, which takes a second of work and 256 MiB. The
 * root key of keys made here is remembered as long as the JVM lives.
 */
public final class OpenedKeys {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int ROOT_BYTES = 32;
    private static final int SALT_BYTES = 16;
    private static final int WRAP_BYTES = 92;

    private static final Map<String, byte[]> ROOTS = new ConcurrentHashMap<>();

    private OpenedKeys() {}

    /** New keys in that directory, behind a slot that no passphrase opens. */
    public static KeyCustody create(Path directory, String vaultId, Clock clock) {
        DurableFile.makeDirectory(directory);
        Slot.Head head = new Slot.Head(1, 1, clock.instant().getEpochSecond());
        PassphraseSlot slot = new PassphraseSlot(head, Argon2Parameters.ROOT, random(SALT_BYTES), random(WRAP_BYTES));
        new SlotsFile(vaultId, List.of(slot)).write(directory.resolve("slots.json"));
        byte[] root = random(ROOT_BYTES);
        RingFile.seal(KeyRing.create(vaultId, RANDOM, clock), 1, root, Optional.empty())
                .write(directory.resolve("ring.json"));
        ROOTS.put(slot.toJson().toString(), root);
        return at(directory, clock);
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        RANDOM.nextBytes(bytes);
        return bytes;
    }

    /**
     * The keys in that directory, a copy of some {@link #create} made, opened as {@link KeyCustody#unseal} opens them.
     */
    public static KeyCustody at(Path directory, Clock clock) {
        KeyCustody custody = KeyCustody.at(directory, clock);
        open(custody, directory);
        return custody;
    }

    /** Destroys a key's version in that directory while nobody uses it, as custodians do together. */
    public static void destroy(Path directory, String name, int version) {
        byte[] root = root(directory);
        RingFile file = RingFile.read(directory.resolve("ring.json"));
        KeyRing without = file.open(root).withState(name, version, KeyState.DESTROYED);
        RingFile.seal(without, file.root(), root, Optional.empty()).write(directory.resolve("ring.json"));
    }

    /** Opens the keys in that directory once more, after they were sealed. */
    public static void open(KeyCustody custody, Path directory) {
        custody.open(new KeyFiles.OpenedRoot(1, root(directory).clone()), false, custody.seals());
    }

    private static byte[] root(Path directory) {
        return ROOTS.get(slot(directory));
    }

    private static String slot(Path directory) {
        return SlotsFile.read(directory.resolve("slots.json"))
                .slots()
                .get(0)
                .toJson()
                .toString();
    }

    /** Returns the text by which another JVM opens the keys in that directory, in hexadecimal digits. */
    public static String told(Path directory) {
        return HexFormat.of().formatHex(root(directory));
    }

    /** Remembers what the JVM that made the keys in that directory has {@link #told}. */
    public static void remember(Path directory, String told) {
        ROOTS.put(slot(directory), HexFormat.of().parseHex(told));
    }
}
