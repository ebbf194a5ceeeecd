package org.patronvault.access.account;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.patronvault.core.crypto.CanonicalBytes;
import org.patronvault.core.crypto.SecureBytes;
import org.patronvault.core.dual.Authority;
import org.patronvault.core.dual.RowKeyRotation;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.Decision;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.WriteTx;

/**
 * The second factors of people: TOTP (RFC 6238), and recovery codes for a lost device. No code is accepted twice. The
 * act that takes a code stores its step. Codes of that and earlier steps are refused from then on.
 */
public final class SecondFactor {
    private static final String KIND = "second-factor";
    private static final int RECOVERY_CODES = 10;
    private static final int RECOVERY_LENGTH = 10;
    private static final int RECOVERY_SIZE_BYTES = 16;

    /** The enrolment data, shown once: the seed in Base32, and the URI for the QR code of an app. */
    public record Enrolment(String secret, String uri) {
        @Override
        public String toString() {
            return "[REDACTED]";
        }
    }

    /** The stored factor: the seed in force and one that waits for its first code, each sealed, or empty. */
    private record StoredFactor(String seed, String pending, long lastStep, List<String> recovery) {
        static final StoredFactor NONE = new StoredFactor("", "", 0, List.of());

        boolean confirmed() {
            return !seed.isEmpty();
        }
    }

    /**
     * The match of a code, computed before the act that takes it.
     *
     * @param seed the sealed seed it was compared with
     * @param step of the code, if it is current
     * @param recovery MAC of the code, as if it were a recovery code
     */
    record CodeMatch(String seed, OptionalLong step, String recovery) {}

    /** The outcome of taking a code. */
    enum Result {
        NOT_ENROLLED,
        REFUSED,
        CODE,
        RECOVERY_CODE
    }

    private final AuditLog log;
    private final Authority authority;
    private final KeyCustody custody;
    private final Clock clock;

    public SecondFactor(AuditLog log, Authority authority, KeyCustody custody, Clock clock) {
        this.log = log;
        this.authority = authority;
        this.custody = custody;
        this.clock = clock;
        authority.renewal().add(KIND, StoredFactor.class, this::renewed);
    }

    /** Recovery codes are MACs under a key version, so they end with it. */
    private RowKeyRotation.RekeyedRow<StoredFactor> renewed(Authority.Versioned<StoredFactor> held) {
        StoredFactor now = held.body();
        return new RowKeyRotation.RekeyedRow<>(
                held.name(),
                new StoredFactor(
                        again(held.name(), now.seed()), again(held.name(), now.pending()), now.lastStep(), List.of()));
    }

    private String again(String name, String seed) {
        if (seed.isEmpty()) {
            return seed;
        }
        byte[] opened = opened(name, seed);
        try {
            return sealed(name, opened);
        } finally {
            SecureBytes.wipe(opened);
        }
    }

    private String sealed(String name, byte[] seed) {
        return Base64.getEncoder().encodeToString(custody.keys().totp().seal(aad(name), seed));
    }

    private byte[] opened(String name, String seed) {
        return custody.keys().totp().open(aad(name), Base64.getDecoder().decode(seed));
    }

    /** Whether both are the same seed: a rotation may have sealed it again since a code was compared with it. */
    private boolean isSame(String name, String seed, String other) {
        if (seed.equals(other) || seed.isEmpty() || other.isEmpty()) {
            return seed.equals(other);
        }
        byte[] one = opened(name, seed);
        byte[] two = opened(name, other);
        try {
            return MessageDigest.isEqual(one, two);
        } finally {
            SecureBytes.wipe(one, two);
        }
    }

    /** Whether that account is asked for a code. */
    public boolean isEnrolled(Tx tx, String name) {
        return stored(find(tx, name)).confirmed();
    }

    /** Returns the match of {@code code} for an account, which need not exist. */
    CodeMatch fit(Tx tx, String name, String code) {
        return fit(name, stored(find(tx, name)).seed(), code);
    }

    /** Returns the match of {@code code} for an account's enrolment in progress. */
    CodeMatch fitPending(Tx tx, String name, String code) {
        return fit(name, stored(find(tx, name)).pending(), code);
    }

    private CodeMatch fit(String name, String seed, String typed) {
        String code = typed.strip().replace(" ", "").replace("-", "").toLowerCase(Locale.ROOT);
        // An account without a factor costs the same work, and no code matches.
        byte[] opened = seed.isEmpty() ? new byte[Totp.SEED_SIZE_BYTES] : opened(name, seed);
        OptionalLong step = Totp.step(opened, code, clock.instant());
        SecureBytes.wipe(opened);
        return new CodeMatch(seed, step, recoveryMac(name, code));
    }

    /** Takes a code, so that it is never accepted again. */
    Result take(WriteTx tx, String name, CodeMatch fit) {
        Optional<Authority.Versioned<StoredFactor>> held = find(tx, name);
        StoredFactor now = stored(held);
        if (!now.confirmed()) {
            return Result.NOT_ENROLLED;
        }
        if (now.recovery().contains(fit.recovery())) {
            List<String> left = new ArrayList<>(now.recovery());
            left.remove(fit.recovery());
            authority.put(tx, KIND, name, held, new StoredFactor(now.seed(), now.pending(), now.lastStep(), left));
            return Result.RECOVERY_CODE;
        }
        if (isSame(name, now.seed(), fit.seed()) && fit.step().orElse(0) > now.lastStep()) {
            long step = fit.step().orElseThrow();
            authority.put(tx, KIND, name, held, new StoredFactor(now.seed(), now.pending(), step, now.recovery()));
            return Result.CODE;
        }
        return Result.REFUSED;
    }

    /**
     * Begins to enrol a factor for a person who proved who they are, with their present factor if they have one. The
     * present factor stays in force until a code of the new one confirms it.
     */
    public Enrolment begin(SignIn.Identity who) {
        who.requireOwnPassword();
        String name = who.name();
        byte[] seed = SecureBytes.random(Totp.SEED_SIZE_BYTES);
        Enrolment shown = new Enrolment(Totp.secret(seed), Totp.uri(seed, name));
        AccessEvent event = event(name);
        log.call(event, now -> {
            WriteTx tx = now.tx();
            Optional<Authority.Versioned<StoredFactor>> held = find(tx, name);
            StoredFactor stored = stored(held);
            // The person proved only the password, and the account got a factor since. Only a code of that factor can
            // replace it.
            if (stored.confirmed() && !who.secondFactor()) {
                throw new Refused(Problem.CHANGED_MEANWHILE, "The account was changed meanwhile; sign in again.");
            }
            // Encrypted here and not earlier: a rotation may have made another version of the key meanwhile.
            String pending = sealed(name, seed);
            authority.put(
                    tx,
                    KIND,
                    name,
                    held,
                    new StoredFactor(stored.seed(), pending, stored.lastStep(), stored.recovery()));
            return Decision.done(event);
        });
        SecureBytes.wipe(seed);
        return shown;
    }

    /** Returns ten new recovery codes, as they are shown once. */
    static List<String> newRecoveryCodes() {
        return Stream.generate(() -> OneTimeCode.of(RECOVERY_LENGTH))
                .limit(RECOVERY_CODES)
                .toList();
    }

    /** Puts the pending factor in force if {@code fit} is a code of it, with those recovery codes. */
    boolean confirm(WriteTx tx, String name, CodeMatch fit, List<String> recoveryCodes) {
        Optional<Authority.Versioned<StoredFactor>> held = find(tx, name);
        StoredFactor now = stored(held);
        if (now.pending().isEmpty()
                || !isSame(name, now.pending(), fit.seed())
                || fit.step().isEmpty()) {
            return false;
        }
        List<String> recovery = recoveryCodes.stream()
                .map(code -> recoveryMac(name, code.replace("-", "")))
                .toList();
        authority.put(
                tx,
                KIND,
                name,
                held,
                new StoredFactor(now.pending(), "", fit.step().getAsLong(), recovery));
        return true;
    }

    /** Returns the log entry of enrolling. */
    AccessEvent event(String name) {
        Actor person = new Actor(Actor.Kind.STAFF, name, "", "");
        return log.event(person, ActKind.STAFF, Outcome.CONFIGURATION, AuditLog.newRequest())
                .about(name);
    }

    /** Removes the factor of an account, so that its password alone enrols another; does nothing if it has none. */
    public void remove(WriteTx tx, String canonicalName) {
        find(tx, canonicalName).ifPresent(held -> authority.remove(tx, held));
    }

    /** Counts the open accounts that hold one of {@code roles} and have no factor. The rows' MACs are not checked. */
    public static long lacking(Tx tx, Set<String> roles) {
        Set<String> enrolled = new HashSet<>();
        tx.authority().all(KIND).stream()
                .filter(row -> Authority.unproven(row, StoredFactor.class).confirmed())
                .forEach(row -> enrolled.add(row.name()));
        return tx.authority().all(StaffAccount.KIND).stream()
                .filter(row -> !enrolled.contains(row.name()))
                .map(row -> Authority.unproven(row, StaffAccount.class))
                .filter(account ->
                        !account.disabled() && account.roles().stream().anyMatch(roles::contains))
                .count();
    }

    /** Returns the accounts that have enrolled a factor. */
    public Set<String> enrolled(Tx tx) {
        return authority.all(tx, KIND, StoredFactor.class).stream()
                .filter(held -> held.body().confirmed())
                .map(Authority.Versioned::name)
                .collect(Collectors.toSet());
    }

    private Optional<Authority.Versioned<StoredFactor>> find(Tx tx, String name) {
        return authority.find(tx, KIND, name, StoredFactor.class);
    }

    private static StoredFactor stored(Optional<Authority.Versioned<StoredFactor>> held) {
        return held.map(Authority.Versioned::body).orElse(StoredFactor.NONE);
    }

    private byte[] aad(String name) {
        return CanonicalBytes.begin("pv1.second-factor")
                .lp(custody.keys().vaultId())
                .lp(name)
                .bytes();
    }

    private String recoveryMac(String name, String code) {
        byte[] input = CanonicalBytes.begin("recovery-code")
                .lp(name)
                .lp(code.getBytes(StandardCharsets.UTF_8))
                .bytes();
        return HexFormat.of().formatHex(custody.keys().fingerprints().newest().truncated(input, RECOVERY_SIZE_BYTES));
    }
}
