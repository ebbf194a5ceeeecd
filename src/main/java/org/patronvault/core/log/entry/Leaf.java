package org.patronvault.core.log.entry;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.patronvault.core.crypto.CanonicalBytes;
import org.patronvault.core.crypto.CanonicalReader;
import org.patronvault.core.crypto.SealedBox;
import org.patronvault.core.keys.ring.RingRevision;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.model.Refused;

/**
 * The stored bytes of a log entry (format.md, "Log leaf"): a version byte, then members as tag and length-prefixed
 * value, tags ascending, each at most once. The index is not a member: it is the position in the tree.
 */
public final class Leaf {
    private static final int VERSION = 1;
    private static final int TIME = 1;
    private static final int ACTOR_KIND = 2;
    private static final int ACTOR = 3;
    private static final int ROLE = 4;
    private static final int LIBRARY = 5;
    private static final int ACT = 6;
    private static final int OUTCOME = 7;
    private static final int PURPOSE = 8;
    private static final int REQUEST = 9;
    private static final int REASON = 10;
    private static final int ABOUT = 11;
    private static final int COUNT = 12;
    private static final int RING_REVISION = 13;
    private static final int RING_DIGEST = 14;
    private static final int PUBLIC_KEY = 15;
    private static final int MONTH = 16;
    private static final int SUBJECTS = 17;
    private static final int SECOND = 18;
    private static final int SECOND_FROM = 19;
    private static final int AUTHORITY = 20;
    private static final int POLICY_DIGEST = 21;
    private static final int POLICY = 22;
    private static final int PACKAGE = 23;
    private static final int LAST_TAG = PACKAGE;

    private Leaf() {}

    /** Returns the month of an entry's time, as yyyymm. */
    public static int monthOf(Instant time) {
        YearMonth month = YearMonth.from(time.atOffset(ZoneOffset.UTC));
        return month.getYear() * 100 + month.getMonthValue();
    }

    /**
     * Whether an event has a sealed member. Accesses always have one, even with no patron, so "none" and "one" look
     * alike.
     */
    public static boolean hasSubjects(AccessEvent event) {
        return !event.subjects().isEmpty()
                || event.inCase().isPresent()
                || event.act() == ActKind.SEARCH
                || event.act() == ActKind.REVEAL
                || event.act() == ActKind.VERIFY;
    }

    /** Returns the leaf of an event without subjects. */
    public static byte[] encode(AccessEvent event) {
        return encode(event, "", 0, null);
    }

    /** Returns the leaf of an event. {@code content} is the key of {@code month}. */
    public static byte[] encode(AccessEvent event, String vaultId, int month, SealedBox.Key content) {
        CanonicalBytes out = CanonicalBytes.plain().u8(VERSION);
        member(out, TIME, u64(event.time().toEpochMilli()));
        member(out, ACTOR_KIND, new byte[] {(byte) event.actor().kind().code()});
        text(out, ACTOR, event.actor().name());
        text(out, ROLE, event.actor().role());
        text(out, LIBRARY, event.actor().library());
        member(out, ACT, new byte[] {(byte) event.act().code()});
        member(out, OUTCOME, new byte[] {(byte) event.outcome().code()});
        text(out, PURPOSE, event.purpose().map(Purpose::name).orElse(""));
        member(out, REQUEST, event.request());
        text(out, REASON, event.reason().map(Problem::slug).orElse(""));
        text(out, ABOUT, event.about().orElse(""));
        if (event.count().isPresent()) {
            member(out, COUNT, u64(event.count().getAsLong()));
        }
        if (event.mark().isPresent()) {
            member(out, RING_REVISION, u64(event.mark().get().revision()));
            member(out, RING_DIGEST, event.mark().get().digest());
        }
        event.publicKey().ifPresent(key -> member(out, PUBLIC_KEY, key));
        if (hasSubjects(event)) {
            member(out, MONTH, CanonicalBytes.plain().u32(month).bytes());
            byte[] plain = SubjectRecords.encode(event.subjects(), event.inCase());
            member(out, SUBJECTS, content.seal(aad(vaultId, month, event.request()), plain));
        }
        if (event.second().isPresent()) {
            text(out, SECOND, event.second().get().name());
            member(out, SECOND_FROM, new byte[] {
                (byte) event.second().get().from().code()
            });
        }
        if (event.authority().isPresent()) {
            AuthorityMark mark = event.authority().get();
            member(
                    out,
                    AUTHORITY,
                    CanonicalBytes.plain().u64(mark.number()).raw(mark.mac()).bytes());
        }
        event.policyDigest().ifPresent(digest -> member(out, POLICY_DIGEST, digest));
        text(out, POLICY, event.policy().orElse(""));
        event.packageDigest().ifPresent(digest -> member(out, PACKAGE, digest));
        return out.bytes();
    }

    private static byte[] aad(String vaultId, int month, byte[] request) {
        return CanonicalBytes.begin("pv1.subjects")
                .lp(vaultId)
                .u32(month)
                .raw(request)
                .bytes();
    }

    private static void text(CanonicalBytes out, int tag, String value) {
        if (!value.isEmpty()) {
            out.u8(tag).lp(value);
        }
    }

    private static void member(CanonicalBytes out, int tag, byte[] value) {
        out.u8(tag).lp(value);
    }

    private static byte[] u64(long value) {
        return CanonicalBytes.plain().u64(value).bytes();
    }

    /** Parses a leaf: its unsealed members, and the sealed member unopened. Needs no key. */
    public static ParsedLeaf parse(byte[] leaf) {
        CanonicalReader in = CanonicalReader.of(leaf);
        if (in.u8() != VERSION) {
            throw new IntegrityException("log leaf: version");
        }
        Map<Integer, byte[]> members = new HashMap<>();
        int last = 0;
        while (in.remaining() > 0) {
            int tag = in.u8();
            if (tag <= last || tag > LAST_TAG) {
                throw new IntegrityException("log leaf: tag");
            }
            last = tag;
            members.put(tag, in.lp());
        }
        return new ParsedLeaf(members);
    }

    /** A parsed leaf. */
    public static final class ParsedLeaf {
        private final Map<Integer, byte[]> members;

        private ParsedLeaf(Map<Integer, byte[]> members) {
            this.members = members;
        }

        private byte[] bytes(int tag, int sizeBytes) {
            byte[] value = members.get(tag);
            if (value == null || value.length != sizeBytes) {
                throw new IntegrityException("log leaf: member");
            }
            return value;
        }

        private String text(int tag) {
            byte[] value = members.get(tag);
            if (value == null) {
                return "";
            }
            if (value.length == 0) {
                throw new IntegrityException("log leaf: member");
            }
            String text = new String(value, UTF_8);
            if (!Arrays.equals(text.getBytes(UTF_8), value)) {
                throw new IntegrityException("log leaf: not UTF-8");
            }
            return text;
        }

        private void requireTogether(int tag, int other) {
            if (members.containsKey(tag) != members.containsKey(other)) {
                throw new IntegrityException("log leaf: member");
            }
        }

        private long number(int tag) {
            return CanonicalReader.of(bytes(tag, 8)).u64();
        }

        /** Returns the month whose content key opens the subjects; empty if there are none. */
        public Optional<Integer> month() {
            return members.containsKey(MONTH)
                    ? Optional.of((int) CanonicalReader.of(bytes(MONTH, 4)).u32())
                    : Optional.empty();
        }

        /** Returns the sealed member unopened; empty if there is none. */
        byte[] sealed() {
            return members.getOrDefault(SUBJECTS, new byte[0]);
        }

        /** Returns the mark of the rows that carry authority. */
        public Optional<AuthorityMark> authority() {
            if (!members.containsKey(AUTHORITY)) {
                return Optional.empty();
            }
            CanonicalReader in = CanonicalReader.of(bytes(AUTHORITY, 40));
            return Optional.of(new AuthorityMark(in.u64(), in.raw(32)));
        }

        private Optional<Approver> second() {
            requireTogether(SECOND, SECOND_FROM);
            return members.containsKey(SECOND)
                    ? Optional.of(new Approver(text(SECOND), Approver.Origin.ofCode(bytes(SECOND_FROM, 1)[0])))
                    : Optional.empty();
        }

        /** Returns the event without subjects. */
        public AccessEvent event() {
            requireTogether(MONTH, SUBJECTS);
            requireTogether(RING_REVISION, RING_DIGEST);
            try {
                return read();
            } catch (Refused | IllegalArgumentException e) {
                throw new IntegrityException("log leaf: member", e);
            }
        }

        private AccessEvent read() {
            Actor actor = new Actor(Actor.Kind.ofCode(bytes(ACTOR_KIND, 1)[0]), text(ACTOR), text(ROLE), text(LIBRARY));
            String purpose = text(PURPOSE);
            String reason = text(REASON);
            String about = text(ABOUT);
            String policy = text(POLICY);
            return new AccessEvent(
                    Instant.ofEpochMilli(number(TIME)),
                    actor,
                    ActKind.ofCode(bytes(ACT, 1)[0]),
                    Outcome.ofCode(bytes(OUTCOME, 1)[0]),
                    purpose.isEmpty() ? Optional.empty() : Optional.of(new Purpose(purpose)),
                    bytes(REQUEST, 16),
                    reason.isEmpty() ? Optional.empty() : Optional.of(problem(reason)),
                    about.isEmpty() ? Optional.empty() : Optional.of(about),
                    members.containsKey(COUNT) ? OptionalLong.of(number(COUNT)) : OptionalLong.empty(),
                    members.containsKey(RING_REVISION)
                            ? Optional.of(new RingRevision(number(RING_REVISION), bytes(RING_DIGEST, 32)))
                            : Optional.empty(),
                    members.containsKey(PUBLIC_KEY) ? Optional.of(bytes(PUBLIC_KEY, 32)) : Optional.empty(),
                    List.of(),
                    second(),
                    authority(),
                    members.containsKey(POLICY_DIGEST) ? Optional.of(bytes(POLICY_DIGEST, 32)) : Optional.empty(),
                    policy.isEmpty() ? Optional.empty() : Optional.of(policy),
                    Optional.empty(),
                    members.containsKey(PACKAGE) ? Optional.of(bytes(PACKAGE, 32)) : Optional.empty());
        }

        /** Returns the event with its subjects, opened under the content key of its month. */
        public AccessEvent open(String vaultId, SealedBox.Key content) {
            AccessEvent event = event();
            byte[] sealed = members.get(SUBJECTS);
            if (sealed == null) {
                return event;
            }
            byte[] plain = content.open(aad(vaultId, month().orElseThrow(), event.request()), sealed);
            try {
                SubjectRecords.Contents opened = SubjectRecords.decode(plain);
                AccessEvent named = event.on(opened.subjects());
                return opened.inCase().map(named::in).orElse(named);
            } catch (IllegalArgumentException e) {
                throw new IntegrityException("log leaf: subjects", e);
            }
        }
    }

    private static Problem problem(String slug) {
        for (Problem problem : Problem.values()) {
            if (problem.slug().equals(slug)) {
                return problem;
            }
        }
        throw new IntegrityException("log leaf: reason");
    }
}
