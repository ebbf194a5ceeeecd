package org.patronvault.access.client;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.patronvault.core.dual.ApprovalTerms;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.EntitlementCheckPolicy;

/**
 * The rights of a client (P7).
 *
 * @param scopes the scopes in the policy
 * @param fields the fields it is narrowed to; empty for all that its scopes open
 * @param purposes the purposes it is narrowed to; empty for all that its scopes name
 * @param daily distinct patrons a day; empty for no limit
 * @param reference the contract, or the patron's permission, it rests on; may be empty
 * @param expires its last day, in UTC; empty for none
 * @param checks entitlement checks a minute; empty for the policy's number
 */
public record ClientGrant(
        Set<String> scopes,
        Set<PatronField> fields,
        Set<Purpose> purposes,
        OptionalInt daily,
        String reference,
        Optional<LocalDate> expires,
        OptionalInt checks) {

    /** Makes a grant with the policy's number of entitlement checks a minute. */
    public ClientGrant(
            Set<String> scopes,
            Set<PatronField> fields,
            Set<Purpose> purposes,
            OptionalInt daily,
            String reference,
            Optional<LocalDate> expires) {
        this(scopes, fields, purposes, daily, reference, expires, OptionalInt.empty());
    }

    /** The default for distinct patrons a day, and the most that one person may allow. */
    public static final int DEFAULT_DAILY = 10_000;

    /** No rights, with the default daily number. */
    public static final ClientGrant NOTHING =
            new ClientGrant(Set.of(), Set.of(), Set.of(), OptionalInt.of(DEFAULT_DAILY), "", Optional.empty());

    private static final String SCOPES = "scopes";
    private static final String FIELDS = "fields";
    private static final String PURPOSES = "purposes";
    private static final String DAILY = "daily";
    private static final String REFERENCE = "reference";
    private static final String EXPIRES = "expires";
    private static final String CHECKS = "checks";
    private static final String NONE = "none";
    private static final String DEFAULT = "default";
    private static final int MAX_REFERENCE = 200;
    private static final int LAST_YEAR = 9_999;

    /**
     * Parses a grant from its texts.
     *
     * @param daily a number, or {@code none}
     * @param expires a day as ISO 8601, or {@code none}
     * @throws Refused if a value is invalid
     */
    public static ClientGrant parse(
            List<String> scopes,
            List<String> fields,
            List<String> purposes,
            String daily,
            String reference,
            String expires) {
        Set<PatronField> narrowed = fields.stream()
                .map(f -> PatronField.ofWireName(f)
                        .filter(PatronField::isPersonal)
                        .orElseThrow(() ->
                                new Refused(Problem.FIELD_UNKNOWN, "Fields are card, name, address, phone and email.")))
                .collect(Collectors.toSet());
        Set<Purpose> named = purposes.stream().map(Purpose::new).collect(Collectors.toSet());
        if (!Purpose.KNOWN.containsAll(named)) {
            throw new Refused(Problem.PURPOSE_UNKNOWN, "The policy knows no such purpose.");
        }
        if (reference.length() > MAX_REFERENCE || reference.chars().anyMatch(Character::isISOControl)) {
            throw new Refused(Problem.INVALID, "A reference is one line of at most 200 characters.");
        }
        return new ClientGrant(new TreeSet<>(scopes), narrowed, named, daily(daily), reference.strip(), day(expires));
    }

    private static OptionalInt daily(String text) {
        return number(text, NONE, 999_999_999, "A client's daily number of patrons is 1 or more, or none.");
    }

    /**
     * Returns this grant with another number of entitlement checks a minute.
     *
     * @param text a number, or {@code default} for the policy's
     * @throws Refused if the text is invalid
     */
    public ClientGrant checking(String text) {
        OptionalInt number = number(
                text,
                DEFAULT,
                EntitlementCheckPolicy.MAX_CLIENT,
                "A client's entitlement checks a minute are 1 to " + EntitlementCheckPolicy.MAX_CLIENT
                        + ", or default.");
        return new ClientGrant(scopes, fields, purposes, daily, reference, expires, number);
    }

    private static OptionalInt number(String text, String unset, int most, String sentence) {
        if (text.equals(unset)) {
            return OptionalInt.empty();
        }
        if (!text.matches("[0-9]{1,9}") || Integer.parseInt(text) < 1 || Integer.parseInt(text) > most) {
            throw new Refused(Problem.INVALID, sentence);
        }
        return OptionalInt.of(Integer.parseInt(text));
    }

    static Optional<LocalDate> day(String text) {
        if (text.equals(NONE)) {
            return Optional.empty();
        }
        try {
            LocalDate day = LocalDate.parse(text);
            if (day.getYear() <= LAST_YEAR) {
                return Optional.of(day);
            }
        } catch (DateTimeParseException e) {
            // Reported below.
        }
        throw new Refused(Problem.INVALID, "A client's last day is a date such as 2027-06-30, or none.");
    }

    /** Returns the terms that a second person approves; {@link #of} parses them. */
    Map<String, List<String>> terms() {
        Map<String, List<String>> terms = new TreeMap<>();
        terms.put(SCOPES, scopes.stream().sorted().toList());
        terms.put(FIELDS, fields.stream().map(PatronField::wireName).sorted().toList());
        terms.put(PURPOSES, purposes.stream().map(Purpose::name).sorted().toList());
        terms.put(DAILY, List.of(dailyText()));
        terms.put(REFERENCE, List.of(reference));
        terms.put(EXPIRES, List.of(expiresText()));
        if (checks.isPresent()) {
            terms.put(CHECKS, List.of(checksText()));
        }
        return terms;
    }

    static ClientGrant of(ApprovalTerms ask) {
        return parse(
                        ask.all(SCOPES),
                        ask.all(FIELDS),
                        ask.all(PURPOSES),
                        ask.one(DAILY),
                        ask.one(REFERENCE),
                        ask.one(EXPIRES))
                .checking(ask.all(CHECKS).isEmpty() ? DEFAULT : ask.one(CHECKS));
    }

    /** The number, or {@code none}. */
    public String dailyText() {
        return daily.isPresent() ? Integer.toString(daily.getAsInt()) : NONE;
    }

    /** The number of entitlement checks a minute, or {@code default}. */
    public String checksText() {
        return checks.isPresent() ? Integer.toString(checks.getAsInt()) : DEFAULT;
    }

    /** The last day, or {@code none}. */
    public String expiresText() {
        return expires.map(LocalDate::toString).orElse(NONE);
    }

    /** Returns the first second after its end, in Unix time; 0 for never. */
    long ends() {
        return expires.map(day -> day.plusDays(1).atStartOfDay(ZoneOffset.UTC).toEpochSecond())
                .orElse(0L);
    }

    /** Whether its last day is over. */
    public boolean hasEnded(Instant now) {
        return ends() != 0 && ends() <= now.getEpochSecond();
    }

    /** Whether it allows more patrons a day than one person may allow. */
    boolean isBig() {
        return daily.isEmpty() || daily.getAsInt() > DEFAULT_DAILY;
    }

    /** Whether it allows anything that {@code before} did not. */
    boolean widens(ClientGrant before) {
        boolean moreDaily = before.daily.isPresent() && (daily.isEmpty() || daily.getAsInt() > before.daily.getAsInt());
        boolean longer = before.expires.isPresent()
                && (expires.isEmpty() || expires.get().isAfter(before.expires.get()));
        return !before.scopes.containsAll(scopes)
                || isMore(fields, before.fields)
                || isMore(purposes, before.purposes)
                || moreDaily
                || longer
                || mayCheckMore(before);
    }

    /** The policy's number can change, so replacing it, or replacing a number by it, may allow more. */
    private boolean mayCheckMore(ClientGrant before) {
        return !checks.equals(before.checks)
                && (checks.isEmpty() || before.checks.isEmpty() || checks.getAsInt() > before.checks.getAsInt());
    }

    /** An empty set means no narrowing, so it is everything. */
    private static <T> boolean isMore(Set<T> now, Set<T> before) {
        return !before.isEmpty() && (now.isEmpty() || !before.containsAll(now));
    }

    /** Returns the grant in words, for a second person. */
    String sentence() {
        return "scopes " + String.join(", ", scopes.stream().sorted().toList())
                + (fields.isEmpty() ? "" : "; fields " + String.join(", ", terms().get(FIELDS)))
                + (purposes.isEmpty() ? "" : "; purposes " + String.join(", ", terms().get(PURPOSES)))
                + "; patrons a day " + dailyText()
                + (checks.isPresent() ? "; entitlement checks a minute " + checksText() : "")
                + "; last day " + expiresText()
                + (reference.isEmpty() ? "" : "; by " + reference);
    }
}
