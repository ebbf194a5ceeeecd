package org.patronvault.core.log.entry;

import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.patronvault.core.keys.ring.RingRevision;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Alert;
import org.patronvault.core.model.CaseId;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Purpose;

/**
 * The content of one log entry. The members are a typed allow-list: none can hold a stored value, a hash of a value, or
 * free text. Patrons and fields are only in {@link #subjects}, the case only in {@link #inCase}. Both are stored
 * sealed.
 *
 * @param time when, to the millisecond; data only, since the index gives the order
 * @param request 16 random bytes that entries of one call share
 * @param reason why the act was refused or failed, or the result of counted acts
 * @param about the account, client, field of a KEK, or operation an act was about; a canonical name, never personal
 * @param count how many acts an aggregated entry counts
 * @param mark the state of the key ring after a key event
 * @param publicKey the key that signs checkpoints from here on, 32 bytes
 * @param second the second person, if the act needs two
 * @param authority the rows that carry authority as they are from here on; set by the log itself
 * @param policyDigest SHA-256 of the policy.yaml in force from here on, or of the posted text, 32 bytes
 * @param policy the version of the posted policy in force at the act
 * @param inCase the disclosure case the act is part of; never set for a write
 * @param packageDigest SHA-256 of the sealed package that was handed out, 32 bytes
 */
public record AccessEvent(
        Instant time,
        Actor actor,
        ActKind act,
        Outcome outcome,
        Optional<Purpose> purpose,
        byte[] request,
        Optional<Problem> reason,
        Optional<String> about,
        OptionalLong count,
        Optional<RingRevision> mark,
        Optional<byte[]> publicKey,
        List<Subject> subjects,
        Optional<Approver> second,
        Optional<AuthorityMark> authority,
        Optional<byte[]> policyDigest,
        Optional<String> policy,
        Optional<CaseId> inCase,
        Optional<byte[]> packageDigest) {

    /** The most patrons one entry can be about. */
    public static final int MAX_SUBJECTS = 20;

    public AccessEvent {
        Objects.requireNonNull(time);
        Objects.requireNonNull(actor);
        Objects.requireNonNull(act);
        Objects.requireNonNull(outcome);
        if (request.length != 16) {
            throw new IllegalArgumentException("request must be 16 bytes, was " + request.length);
        }
        if (subjects.size() > MAX_SUBJECTS) {
            throw new IllegalArgumentException("subjects must be at most 20, were " + subjects.size());
        }
        subjects = List.copyOf(subjects);
    }

    /**
     * Splits a list of patrons, or of data about patrons, into parts that fit one entry each. An empty list has no
     * parts.
     */
    public static <T> List<List<T>> inEntries(List<T> patrons) {
        return IntStream.iterate(0, from -> from < patrons.size(), from -> from + MAX_SUBJECTS)
                .mapToObj(from -> patrons.subList(from, Math.min(from + MAX_SUBJECTS, patrons.size())))
                .toList();
    }

    /** An event with the members every one has. */
    public static AccessEvent of(Instant time, Actor actor, ActKind act, Outcome outcome, byte[] request) {
        return new AccessEvent(
                time,
                actor,
                act,
                outcome,
                Optional.empty(),
                request,
                Optional.empty(),
                Optional.empty(),
                OptionalLong.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    /** Returns the fields that the entry names of any patron, in enum order. */
    public Set<PatronField> fields() {
        return fieldsOf(patron -> true);
    }

    /** Returns the fields that the entry names of matching patrons, in enum order. */
    public Set<PatronField> fieldsOf(Predicate<PatronId> patrons) {
        Set<PatronField> fields = EnumSet.noneOf(PatronField.class);
        subjects.stream()
                .filter(subject -> patrons.test(subject.patron()))
                .forEach(subject -> fields.addAll(subject.fields()));
        return fields;
    }

    /** Returns this event with a purpose. */
    public AccessEvent forPurpose(Purpose what) {
        return with(copy -> copy.purpose = Optional.of(what));
    }

    /** Returns this event with the patrons it is about. */
    public AccessEvent on(List<Subject> who) {
        return with(copy -> copy.subjects = who);
    }

    /** Returns this event as part of a disclosure case. */
    public AccessEvent in(CaseId what) {
        return with(copy -> copy.inCase = Optional.of(what));
    }

    /** Returns this event with the account, client, key or operation it is about. */
    public AccessEvent about(String name) {
        return with(copy -> copy.about = Optional.of(name));
    }

    /** Returns this event as an aggregate of {@code n} acts. */
    public AccessEvent counting(long n) {
        return with(copy -> copy.count = OptionalLong.of(n));
    }

    /** Returns this event with the problem that the acts were answered with. */
    public AccessEvent answered(Problem with) {
        return with(copy -> copy.reason = Optional.of(with));
    }

    /** Returns this event with the state of the key ring after a change. */
    public AccessEvent marking(RingRevision ring) {
        return with(copy -> copy.mark = Optional.of(ring));
    }

    /** Returns this event with the public key that signs checkpoints. */
    public AccessEvent naming(byte[] signingKey) {
        return with(copy -> copy.publicKey = Optional.of(signingKey.clone()));
    }

    /** Returns this event with the second person who approved it. */
    public AccessEvent with(Approver person) {
        return with(copy -> copy.second = Optional.of(person));
    }

    /** Returns this event with the second person who approved it, if any. */
    public AccessEvent with(Optional<Approver> person) {
        return person.map(this::with).orElse(this);
    }

    /**
     * Returns this event with the digest of the policy put in force, and the posted version that this policy carries
     * out.
     */
    public AccessEvent enforcing(byte[] digest, String version) {
        return posting(digest).under(Optional.of(version));
    }

    /** Returns this event with the digest of the posted text. */
    public AccessEvent posting(byte[] digest) {
        return with(copy -> copy.policyDigest = Optional.of(digest.clone()));
    }

    /** Returns this event with the digest of the package that is handed out. */
    public AccessEvent handingOut(byte[] digest) {
        return with(copy -> copy.packageDigest = Optional.of(digest.clone()));
    }

    /** Returns this event with the version of the posted policy it happened under. */
    public AccessEvent under(Optional<String> version) {
        return with(copy -> copy.policy = version);
    }

    /** Returns this event with the state of all rows that carry authority. */
    public AccessEvent marking(AuthorityMark rows) {
        return with(copy -> copy.authority = Optional.of(rows));
    }

    /** Returns the alert about this act, as an entry of its own. */
    public AccessEvent alerting(Alert what) {
        return with(copy -> {
            copy.outcome = Outcome.ALERT;
            copy.about = Optional.of(what.slug());
            copy.reason = Optional.empty();
            copy.mark = Optional.empty();
            copy.publicKey = Optional.empty();
            copy.authority = Optional.empty();
            copy.policyDigest = Optional.empty();
            copy.packageDigest = Optional.empty();
            copy.subjects = withoutWrites();
        });
    }

    private List<Subject> withoutWrites() {
        return subjects.stream()
                .map(s -> Subject.opened(s.patron(), s.fields()))
                .toList();
    }

    /** Returns this event with another outcome. */
    public AccessEvent ending(Outcome end) {
        return with(copy -> copy.outcome = end);
    }

    /** Returns this event as refused: nothing was written or opened. */
    public AccessEvent refusedFor(Problem problem) {
        return with(copy -> {
            copy.outcome = Outcome.REFUSED;
            copy.reason = Optional.of(problem);
            copy.mark = Optional.empty();
            copy.publicKey = Optional.empty();
            copy.policyDigest = Optional.empty();
            copy.packageDigest = Optional.empty();
            copy.subjects = withoutWrites();
        });
    }

    private AccessEvent with(Consumer<Copy> change) {
        Copy copy = new Copy(this);
        change.accept(copy);
        return new AccessEvent(
                time,
                actor,
                act,
                copy.outcome,
                copy.purpose,
                request,
                copy.reason,
                copy.about,
                copy.count,
                copy.mark,
                copy.publicKey,
                copy.subjects,
                copy.second,
                copy.authority,
                copy.policyDigest,
                copy.policy,
                copy.inCase,
                copy.packageDigest);
    }

    /** The members of an event while a copy of it is changed. */
    private static final class Copy {
        private Outcome outcome;
        private Optional<Purpose> purpose;
        private Optional<Problem> reason;
        private Optional<String> about;
        private OptionalLong count;
        private Optional<RingRevision> mark;
        private Optional<byte[]> publicKey;
        private List<Subject> subjects;
        private Optional<Approver> second;
        private Optional<AuthorityMark> authority;
        private Optional<byte[]> policyDigest;
        private Optional<String> policy;
        private Optional<CaseId> inCase;
        private Optional<byte[]> packageDigest;

        private Copy(AccessEvent event) {
            outcome = event.outcome;
            purpose = event.purpose;
            reason = event.reason;
            about = event.about;
            count = event.count;
            mark = event.mark;
            publicKey = event.publicKey;
            subjects = event.subjects;
            second = event.second;
            authority = event.authority;
            policyDigest = event.policyDigest;
            policy = event.policy;
            inCase = event.inCase;
            packageDigest = event.packageDigest;
        }
    }
}
