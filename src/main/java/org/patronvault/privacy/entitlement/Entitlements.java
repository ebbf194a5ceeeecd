package org.patronvault.privacy.entitlement;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.patronvault.access.Access;
import org.patronvault.access.Caller;
import org.patronvault.access.Permission;
import org.patronvault.access.Question;
import org.patronvault.access.VendorService;
import org.patronvault.audit.Act;
import org.patronvault.audit.AuditLog;
import org.patronvault.audit.Outcome;
import org.patronvault.audit.Unit;
import org.patronvault.crypto.CanonicalBytes;
import org.patronvault.keys.KeyCustody;
import org.patronvault.model.Actor;
import org.patronvault.model.Attributes;
import org.patronvault.model.Status;
import org.patronvault.patron.Directory;
import org.patronvault.patron.Patrons;

/**
 * Whether a card entitles to a vendor's service, and nothing else (P8). Unknown, former, expired, blocked and not
 * covered are one answer. The subject is pairwise: two clients cannot compare theirs.
 */
public final class Entitlements {
    private static final Duration LONGEST = Duration.ofHours(24);
    private static final int SUBJECT_BYTES = 18;

    /** Entitled until then, known to this client as that; or not. */
    public record Answer(boolean entitled, Optional<Instant> validUntil, Optional<String> subject) {
        static final Answer NO = new Answer(false, Optional.empty(), Optional.empty());
    }

    private final Access access;
    private final AuditLog log;
    private final KeyCustody custody;
    private final Patrons patrons;
    private final Clock clock;
    private final Map<Actor, LongAdder> counts = new ConcurrentHashMap<>();

    /** Entitlements over those rules and patrons. */
    public Entitlements(Access access, AuditLog log, KeyCustody custody, Patrons patrons, Clock clock) {
        this.access = access;
        this.log = log;
        this.custody = custody;
        this.patrons = patrons;
        this.clock = clock;
    }

    /** Whether the caller may check at all; asked before what was sent is looked at. */
    public void admit(Caller caller) {
        access.require(
                caller,
                Question.may(Permission.ENTITLEMENT),
                log.event(caller.actor(), Act.ENTITLEMENT, Outcome.REFUSED, AuditLog.newRequest()));
    }

    /** Answers a check; a service the policy does not know is not entitled to by anyone. */
    public Answer check(Caller caller, String card, String service) {
        admit(caller);
        counts.computeIfAbsent(caller.actor(), a -> new LongAdder()).increment();
        Optional<VendorService> terms = access.policy().service(service);
        Optional<Directory.Entry> holder = patrons.directory().holder(card);
        if (terms.isEmpty() || holder.isEmpty()) {
            return Answer.NO;
        }
        Attributes attributes = holder.get().attributes();
        LocalDate today = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
        boolean covered = attributes.status() == Status.ACTIVE
                && !holder.get().facts().consents().isWithdrawn()
                && !attributes.expiredOn(today)
                && terms.get()
                        .covers(attributes.library(), attributes.category().wireName());
        if (!covered) {
            return Answer.NO;
        }
        return new Answer(
                true,
                Optional.of(validUntil(attributes)),
                Optional.of(subject(caller, holder.get().id().number())));
    }

    private Instant validUntil(Attributes attributes) {
        Instant longest =
                Instant.ofEpochSecond(clock.instant().getEpochSecond()).plus(LONGEST);
        return attributes
                .expires()
                .map(day -> day.plusDays(1).atStartOfDay(ZoneOffset.UTC).toInstant())
                .filter(end -> end.isBefore(longest))
                .orElse(longest);
    }

    private String subject(Caller caller, long patron) {
        byte[] input = CanonicalBytes.begin("subject")
                .lp(caller.actor().name().getBytes(StandardCharsets.UTF_8))
                .u64(patron)
                .bytes();
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(custody.keys().pairwise().truncated(input, SUBJECT_BYTES));
    }

    /** Puts what was counted since the last call into the log: a number for each client, and no patron. */
    public void logCounts() {
        for (Map.Entry<Actor, LongAdder> entry : counts.entrySet()) {
            long n = entry.getValue().sumThenReset();
            if (n > 0) {
                try {
                    log.appendAndWait(
                            Unit.of(log.event(entry.getKey(), Act.ENTITLEMENT, Outcome.COUNTED, AuditLog.newRequest())
                                    .counting(n)));
                } catch (RuntimeException e) {
                    entry.getValue().add(n);
                    throw e;
                }
            }
        }
    }
}
