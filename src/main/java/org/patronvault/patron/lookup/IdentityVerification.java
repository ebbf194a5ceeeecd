package org.patronvault.patron.lookup;

import java.text.Normalizer;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.patronvault.core.log.AuditReceipt;
import org.patronvault.core.log.Decision;
import org.patronvault.core.log.Lane;
import org.patronvault.core.log.Reservation;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Grant;
import org.patronvault.core.policy.Permission;
import org.patronvault.core.policy.RowGrant;
import org.patronvault.core.vault.PatronVault;
import org.patronvault.core.vault.PersonalData;
import org.patronvault.patron.record.LookupAlerts;
import org.patronvault.patron.record.PatronContext;
import org.patronvault.patron.record.PatronLook;
import org.patronvault.search.Emails;
import org.patronvault.search.NameForm;
import org.patronvault.search.Phones;

/** A check of what a caller on the phone claims to be: it says right or wrong, and shows nothing. */
public final class IdentityVerification {

    /** A fact that can be verified, and the field that is opened for it. */
    public enum Claim {
        PHONE("phone", PatronField.PHONE),
        EMAIL("email", PatronField.EMAIL),
        POSTAL_CODE("postalCode", PatronField.ADDRESS),
        FAMILY("family", PatronField.NAME),
        GIVEN("given", PatronField.NAME);

        private final String wireName;
        private final PatronField field;

        Claim(String wireName, PatronField field) {
            this.wireName = wireName;
            this.field = field;
        }

        /** The name in the API. */
        public String wireName() {
            return wireName;
        }

        /** The field that is opened for it. */
        public PatronField field() {
            return field;
        }

        /** The claim of that name. */
        public static Optional<Claim> ofWireName(String name) {
            for (Claim claim : values()) {
                if (claim.wireName.equals(name)) {
                    return Optional.of(claim);
                }
            }
            return Optional.empty();
        }
    }

    /** Right or wrong for each claim, and the log entry. */
    public record Result(Map<Claim, Boolean> right, long entry) {}

    private final PatronContext parts;
    private final LookupAlerts watch;

    public IdentityVerification(PatronContext parts) {
        this.parts = parts;
        this.watch = new LookupAlerts(parts);
    }

    /** Compares claims with the stored values. A wrong claim counts against the patron's hourly limit. */
    public Result verify(
            Caller caller, Optional<PatronId> id, Map<Claim, String> claims, Optional<Refused> fault, byte[] request) {
        Set<PatronField> fields = EnumSet.noneOf(PatronField.class);
        claims.keySet().forEach(claim -> fields.add(claim.field));
        AccessEvent attempt = parts.attempt(caller, ActKind.VERIFY, request)
                .forPurpose(Purpose.ACCOUNT_SERVICE)
                .on(id.map(aimed -> List.of(Subject.opened(aimed, fields))).orElse(List.of()));
        Grant grant = watch.granted(
                attempt,
                () -> parts.access().fields().grant(caller, Permission.VERIFY, Purpose.ACCOUNT_SERVICE, fields));
        if (id.isEmpty()) {
            throw parts.log().refuse(attempt, PatronContext.notFound());
        }
        Result result = parts.log().call(new Comparison(grant, id.get(), claims, fault, attempt), Lane.DESK);
        AccessEvent ended = attempt.on(List.of(Subject.opened(id.get(), Set.of())));
        if (result.right().containsValue(false)) {
            parts.log().record(ended.ending(Outcome.FAILED));
        } else {
            parts.log().call(ended.ending(Outcome.VERIFIED), now -> {
                parts.access().limits().verified(now.tx(), id.get());
                return Decision.done(ended.ending(Outcome.VERIFIED));
            });
        }
        return result;
    }

    /** Counts a failed try, opens, and compares; a right answer takes the count back in an act of its own. */
    private final class Comparison extends PatronLook<Result> {
        private final Map<Claim, String> claims;

        private Comparison(
                Grant grant, PatronId id, Map<Claim, String> claims, Optional<Refused> fault, AccessEvent attempt) {
            super(parts, grant, id, fault, attempt);
            this.claims = claims;
        }

        @Override
        protected Outcome outcome() {
            return Outcome.VERIFIED;
        }

        @Override
        protected Reservation limit(Grant granted, PatronId id) {
            return parts.access().limits().verifying(id);
        }

        @Override
        protected Result answer(PatronVault.VerifiedPatron known, RowGrant shown, AuditReceipt receipt) {
            PersonalData data = parts.vault()
                    .openKnown(known, shown.opens(), receipt, attempt().actor(), Purpose.ACCOUNT_SERVICE);
            return new Result(compare(claims, data), receipt.index());
        }
    }

    private Map<Claim, Boolean> compare(Map<Claim, String> claims, PersonalData data) {
        Map<Claim, Boolean> right = new EnumMap<>(Claim.class);
        new LinkedHashMap<>(claims).forEach((claim, said) -> right.put(claim, holds(claim, said, data)));
        return right;
    }

    private boolean holds(Claim claim, String said, PersonalData data) {
        return switch (claim) {
            case PHONE -> phoneHolds(said, data.phone().orElseThrow());
            case EMAIL ->
                data.email().orElseThrow().stream()
                        .anyMatch(e -> Emails.canonicalTerm(e).equals(Emails.canonicalTerm(said)));
            case POSTAL_CODE -> same(said, data.address().orElseThrow().postalCode());
            case FAMILY -> sameName(said, data.name().orElseThrow().family());
            case GIVEN ->
                sameName(said, data.name().orElseThrow().given())
                        || sameName(said, data.name().orElseThrow().preferred());
        };
    }

    private boolean phoneHolds(String said, List<String> stored) {
        Phones phones = parts.phones();
        try {
            List<String> terms = phones.terms(said);
            return stored.stream().anyMatch(number -> terms.contains(phones.term(number)));
        } catch (Refused e) {
            return false;
        }
    }

    /** Whether two names are equal in the form that search uses: the whole name, neither a part nor a similar sound. */
    private static boolean sameName(String said, String stored) {
        String form = NameForm.of(said).joined();
        return !form.isEmpty() && form.equals(NameForm.of(stored).joined());
    }

    /** Whether two texts are equal without case, marks, spaces and punctuation; two blank texts are not equal. */
    private static boolean same(String said, String stored) {
        String folded = fold(said);
        return !folded.isEmpty() && folded.equals(fold(stored));
    }

    private static String fold(String text) {
        return Normalizer.normalize(text, Normalizer.Form.NFKD)
                .replaceAll("[^\\p{L}\\p{N}]", "")
                .toUpperCase(Locale.ROOT)
                .toLowerCase(Locale.ROOT);
    }
}
