package org.patronvault.access;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import org.patronvault.access.account.StaffAccount;
import org.patronvault.access.client.ClientRows;
import org.patronvault.access.signon.SignOnAccounts;
import org.patronvault.core.dual.Authority;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.keys.ring.KeyName;
import org.patronvault.core.keys.ring.KeyState;
import org.patronvault.core.keys.ring.RingKey;
import org.patronvault.core.store.table.Tx;

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

    /** One password, client key or sign-on under a version of a key. Its owner is a user name or a client. */
    public record Kept(String owner, int version) {}

    /** Counts the entries under one version of a key; 0 for a key that has none. */
    public long count(Tx tx, String key, int version) {
        return counts(tx, key).getOrDefault(version, 0L);
    }

    /** Counts the entries under each version of a key. */
    public Map<Integer, Long> counts(Tx tx, String key) {
        return kept(tx, key).stream().collect(Collectors.groupingBy(Kept::version, Collectors.counting()));
    }

    /** Returns the owners of entries under a version of a key, in order. */
    public List<String> owners(Tx tx, String key, int version) {
        return kept(tx, key).stream()
                .filter(one -> one.version() == version)
                .map(Kept::owner)
                .distinct()
                .sorted()
                .toList();
    }

    private List<Kept> kept(Tx tx, String key) {
        return switch (key) {
            case KeyName.TOKEN ->
                clients.liveKeys(tx).stream()
                        .map(one -> new Kept(one.client(), one.version()))
                        .toList();
            case KeyName.PEPPER ->
                accounts(tx, false, account -> account.password().pepperVersion());
            case KeyName.FINGERPRINT -> accounts(tx, true, account -> SignOnAccounts.version(account.signOn()));
            default -> List.of();
        };
    }

    private List<Kept> accounts(Tx tx, boolean byProvider, ToIntFunction<StaffAccount> version) {
        return authority.all(tx, StaffAccount.KIND, StaffAccount.class).stream()
                .filter(held -> held.body().signOn().isEmpty() != byProvider)
                .map(held -> new Kept(held.name(), version.applyAsInt(held.body())))
                .toList();
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
