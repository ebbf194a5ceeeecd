package org.patronvault.access.posted;

import java.time.Clock;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.patronvault.core.dual.Authority;
import org.patronvault.core.dual.IdempotencyStore;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.Decision;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.CurrentPolicy;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.WriteTx;

/**
 * The posted versions of the library's privacy policy (P12). A posted version never changes: its row carries authority,
 * and the log has the digest of its text. Anybody may read it, so it is cached and seldom read from the database.
 * Thread-safe.
 */
public final class PolicyVersions {
    /** The most versions a library can post. */
    public static final int MOST = 200;

    static final String ROW_KIND = "policy-version";
    private static final long READ_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final Comparator<PostedPolicy> NEWEST_FIRST = Comparator.comparing(PostedPolicy::approved)
            .thenComparing(PostedPolicy::version)
            .reversed();

    /** A stored version, by its name; the digest is that of the text. */
    private record Body(String approved, String nextReview, String digest, String text) {
        private static Body of(PostedPolicy policy) {
            return new Body(
                    policy.approved().toString(), policy.nextReview().toString(), policy.digest(), policy.text());
        }

        private PostedPolicy policy(String version) {
            try {
                PostedPolicy policy =
                        new PostedPolicy(version, LocalDate.parse(approved), LocalDate.parse(nextReview), text);
                if (policy.digest().equals(digest)) {
                    return policy;
                }
            } catch (DateTimeException | NullPointerException e) {
                // The row is not a version that was posted.
            }
            throw new IntegrityException("authority row: " + ROW_KIND + " body");
        }
    }

    /** The cached versions, and the time they were read. */
    private record CachedVersions(Map<String, PostedPolicy> versions, long nanos) {}

    private final Store store;
    private final AuditLog log;
    private final Authority authority;
    private final KeyCustody custody;
    private final CurrentPolicy inForce;
    private final Clock clock;
    private final LongSupplier nanoTime;
    private volatile Optional<CachedVersions> known = Optional.empty();
    private volatile Placeholders words = Placeholders.NONE;

    public PolicyVersions(
            Store store,
            AuditLog log,
            Authority authority,
            KeyCustody custody,
            CurrentPolicy inForce,
            Clock clock,
            LongSupplier nanoTime) {
        this.store = store;
        this.log = log;
        this.authority = authority;
        this.custody = custody;
        this.inForce = inForce;
        this.clock = clock;
        this.nanoTime = nanoTime;
    }

    /**
     * Returns all versions, the one approved last first. While the vault is sealed, their MACs are unchecked
     * ({@link #isProven}).
     */
    public List<PostedPolicy> all() {
        return sorted(versions().values().stream());
    }

    /** Sets the words for placeholders. */
    public void fillWith(Placeholders those) {
        words = those;
    }

    /** Returns the words for placeholders. */
    public Placeholders words() {
        return words;
    }

    /** Whether the cached versions were checked against the keys. */
    public boolean isProven() {
        return !custody.isSealed();
    }

    /** Returns the version of that name, if it was posted. */
    public Optional<PostedPolicy> find(String version) {
        Optional<PostedPolicy> read = Optional.ofNullable(versions().get(version));
        if (read.isPresent() || custody.isSealed() || !PostedPolicy.isVersion(version)) {
            return read;
        }
        // Another node may have posted it just now.
        Optional<PostedPolicy> posted =
                store.read(tx -> held(tx, version)).map(held -> held.body().policy(version));
        if (posted.isPresent()) {
            known = Optional.empty();
        }
        return posted;
    }

    /** Returns the version that the policy in force names, if it was posted. */
    public Optional<PostedPolicy> current() {
        return find(inForce.now().posted());
    }

    /**
     * Refuses a version that was never posted. An earlier version is valid: a paper form may have been signed under it.
     *
     * @param member the member that names it
     */
    public void require(String version, String member) {
        if (find(version).isEmpty()) {
            throw new Refused(
                    Problem.INVALID,
                    member + " must be a version of the policy that was posted: `policy versions`, or"
                            + " /v1/policy/versions, says which there are.");
        }
    }

    private Map<String, PostedPolicy> versions() {
        if (custody.isSealed()) {
            return byName(store.read(PolicyVersions::unproven).stream());
        }
        long now = nanoTime.getAsLong();
        Optional<CachedVersions> last = known.filter(read -> now - read.nanos() < READ_AGAIN_NANOS);
        if (last.isEmpty()) {
            last = Optional.of(new CachedVersions(
                    store.read(tx -> byName(authority.all(tx, ROW_KIND, Body.class).stream()
                            .map(held -> held.body().policy(held.name())))),
                    now));
            known = last;
        }
        return last.get().versions();
    }

    private static Map<String, PostedPolicy> byName(Stream<PostedPolicy> policies) {
        return policies.collect(Collectors.toUnmodifiableMap(PostedPolicy::version, policy -> policy));
    }

    private static List<PostedPolicy> sorted(Stream<PostedPolicy> policies) {
        return policies.sorted(NEWEST_FIRST).toList();
    }

    private Optional<Authority.Versioned<Body>> held(Tx tx, String version) {
        return authority.find(tx, ROW_KIND, version, Body.class);
    }

    /** Returns all versions without checking MACs, the one approved last first; for readers that have no key. */
    public static List<PostedPolicy> unproven(Tx tx) {
        return sorted(tx.authority().all(ROW_KIND).stream()
                .map(row -> Authority.unproven(row, Body.class).policy(row.name())));
    }

    /** Returns today's date, as approvals and reviews use it. */
    public LocalDate today() {
        return LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
    }

    /** Returns the name of a version in the log. */
    static String about(String version) {
        return "policies/" + version + PostedFile.SUFFIX;
    }

    /**
     * Posts a version for ever; the caller has already asked the policy. Posting an identical version again changes
     * nothing.
     *
     * @throws Refused with {@code name-in-use} if that version was posted with another text or other days
     */
    public void post(
            Actor by,
            PostedPolicy policy,
            IdempotencyStore.Once<PostedPolicy> once,
            IdempotencyStore replay,
            byte[] request) {
        Optional<PostedPolicy> before = find(policy.version());
        if (before.isPresent()) {
            if (!before.get().equals(policy)) {
                throw taken();
            }
            return;
        }
        if (versions().size() >= MOST) {
            throw new Refused(Problem.INVALID, "There are " + MOST + " posted versions, and there can be no more.");
        }
        AccessEvent event = log.event(by, ActKind.POLICY, Outcome.CONFIGURATION, request)
                .about(about(policy.version()))
                .posting(policy.sha256());
        try {
            log.call(event, now -> {
                WriteTx tx = now.tx();
                replay.requireFirst(tx, once.key());
                authority.insert(tx, ROW_KIND, policy.version(), Body.of(policy), taken());
                replay.keep(tx, once, policy);
                return Decision.done(event);
            });
            known = Optional.empty();
        } catch (Refused e) {
            known = Optional.empty();
            // Another node may have posted an identical version just now.
            if (!find(policy.version()).equals(Optional.of(policy))) {
                throw e;
            }
        }
    }

    private static Refused taken() {
        return new Refused(
                Problem.NAME_IN_USE,
                "That version is posted and stays as it is; post what is new under another version.");
    }
}
