package org.patronvault.access;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.patronvault.keys.KeyCustody;
import org.patronvault.keys.KeyName;
import org.patronvault.keys.KeyState;
import org.patronvault.keys.RingKey;
import org.patronvault.store.Tx;

/**
 * A count of client keys, passwords and sign-on identities by key version. After a rotation they stay under the older
 * version, since the vault has only a MAC of each. Each moves when it is next used. After {@link #KEPT} an older
 * version may be destroyed even if some remain. Their owners then need new ones.
 */
public final class KeyVersionUsage {
    /** The time that owners have to use a key, password or sign-on after a rotation. */
    public static final Duration KEPT = Duration.ofDays(30);

    private final Authority authority;
    private final ClientRows clients;
    private final KeyCustody custody;

    KeyVersionUsage(Authority authority, ClientRows clients, KeyCustody custody) {
        this.authority = authority;
        this.clients = clients;
        this.custody = custody;
    }

    /** Counts the entries under one version of a key; 0 for a key that has none. */
    public long count(Tx tx, String key, int version) {
        return counts(tx, key).getOrDefault(version, 0L);
    }

    /** Counts the entries under each version of a key. */
    public Map<Integer, Long> counts(Tx tx, String key) {
        return switch (key) {
            case KeyName.TOKEN -> clients.versions(tx);
            case KeyName.PEPPER -> passwords(tx);
            case KeyName.FINGERPRINT -> signOn(tx);
            default -> Map.of();
        };
    }

    private Map<Integer, Long> passwords(Tx tx) {
        return authority.all(tx, StaffAccount.KIND, StaffAccount.class).stream()
                .map(Authority.Versioned::body)
                .filter(account -> account.signOn().isEmpty())
                .collect(Collectors.groupingBy(account -> account.password().pepperVersion(), Collectors.counting()));
    }

    private Map<Integer, Long> signOn(Tx tx) {
        return authority.all(tx, StaffAccount.KIND, StaffAccount.class).stream()
                .map(Authority.Versioned::body)
                .filter(account -> !account.signOn().isEmpty())
                .collect(Collectors.groupingBy(
                        account -> SignOnAccounts.version(account.signOn()), Collectors.counting()));
    }

    /** Returns the end of the time for which entries are kept under a version; empty for the newest version. */
    public Optional<Instant> until(String key, int version) {
        return custody.keys().inventory().stream()
                .filter(one ->
                        one.name().equals(key) && one.version() == version + 1 && one.state() != KeyState.DESTROYED)
                .map(RingKey::created)
                .map(made -> made.plus(KEPT))
                .findFirst();
    }
}
