package org.patronvault.web;

import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.patronvault.access.Access;
import org.patronvault.access.Caller;
import org.patronvault.access.Permission;
import org.patronvault.access.Question;
import org.patronvault.model.Address;
import org.patronvault.model.Attributes;
import org.patronvault.model.Name;
import org.patronvault.model.PatronField;
import org.patronvault.model.Purpose;
import org.patronvault.model.Status;
import org.patronvault.patron.Directory;
import org.patronvault.patron.Lookup;
import org.patronvault.patron.PersonalData;
import org.patronvault.patron.Verification;

/** Words and rows of the desk, for one caller at a time: what the policy would refuse is not offered. */
final class DeskViews {
    /** What the card masks, in the order it is shown. */
    private static final Map<PatronField, String> LABELS = Map.of(
            PatronField.CARD, "Card number",
            PatronField.PHONE, "Phone",
            PatronField.EMAIL, "E-mail",
            PatronField.ADDRESS, "Address");

    private static final List<PatronField> MASKED =
            List.of(PatronField.PHONE, PatronField.EMAIL, PatronField.ADDRESS, PatronField.CARD);
    private static final Map<Verification.Claim, String> CLAIMS = Map.of(
            Verification.Claim.PHONE, "Phone",
            Verification.Claim.EMAIL, "E-mail",
            Verification.Claim.POSTAL_CODE, "Postal code",
            Verification.Claim.FAMILY, "Family name",
            Verification.Claim.GIVEN, "Given name");
    private static final List<Verification.Claim> ASKED = List.of(
            Verification.Claim.PHONE,
            Verification.Claim.EMAIL,
            Verification.Claim.GIVEN,
            Verification.Claim.FAMILY,
            Verification.Claim.POSTAL_CODE);

    private static final Map<PatronField, String> TYPED = Map.of(
            PatronField.NAME, "a name",
            PatronField.CARD, "a card",
            PatronField.PHONE, "a telephone number",
            PatronField.EMAIL, "an e-mail address");
    private static final Map<String, String> LIKE = Map.of(
            "prefix", "Begins like this",
            "phonetic", "Sounds like this",
            "typo", "Almost spelled like this");
    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("MMMM d, uuuu", Locale.US);
    private static final Pattern NORTH_AMERICAN = Pattern.compile("\\+1([0-9]{3})([0-9]{3})([0-9]{4})");

    private final Access access;
    private final Rooms rooms;

    DeskViews(Access access) {
        this.access = access;
        this.rooms = new Rooms(access);
    }

    DeskView.Staff staff(Caller caller, String sessionToken) {
        return new DeskView.Staff(
                caller.actor().name(),
                caller.actor().role(),
                caller.actor().library(),
                SessionCookie.formToken(sessionToken),
                rooms.of(caller),
                allows(caller, Question.may(Permission.READ_LOG)) || allows(caller, Question.may(Permission.ACCESSES)),
                allows(caller, Question.may(Permission.STATISTICS)));
    }

    /** The box, with {@code chosen} as purpose, or account service if that is none; empty if the caller's role does not search. */
    Optional<DeskView.Search> search(Caller caller, String chosen) {
        if (!allows(caller, Question.may(Permission.SEARCH))) {
            return Optional.empty();
        }
        List<Purpose> purposes = Purpose.KNOWN.stream()
                .filter(p -> allows(caller, Question.open(Permission.SEARCH, p, Set.of())))
                .sorted(Comparator.comparing((Purpose p) -> !p.equals(Purpose.ACCOUNT_SERVICE))
                        .thenComparing(Comparator.naturalOrder()))
                .toList();
        String first = purposes.isEmpty() ? "" : purposes.get(0).name();
        String selected = purposes.stream()
                .map(Purpose::name)
                .filter(chosen::equals)
                .findFirst()
                .orElse(first);
        List<DeskView.Choice> choices = purposes.stream()
                .map(p ->
                        new DeskView.Choice(p.name(), words(p.name()), p.name().equals(selected)))
                .toList();
        return Optional.of(new DeskView.Search(help(caller), choices));
    }

    private String help(Caller caller) {
        String typed =
                fields(caller).map(TYPED::get).collect(Collectors.joining(", ")).replaceFirst(", ([^,]*)$", " or $1");
        boolean names = fields(caller).anyMatch(PatronField.NAME::equals);
        return "Scan or type " + typed + "."
                + (names ? " Of a name the whole or the beginning: nobody is found by the middle of it." : "");
    }

    private Stream<PatronField> fields(Caller caller) {
        return Stream.of(PatronField.NAME, PatronField.CARD, PatronField.PHONE, PatronField.EMAIL)
                .filter(field -> allows(caller, Question.may(Permission.SEARCH).searchingBy(Set.of(field))));
    }

    DeskView.Match match(Caller caller, Lookup.Hit hit) {
        return new DeskView.Match(
                hit.id().toString(),
                hit.data().name().map(DeskViews::fullName).orElse("Name, hidden"),
                standing(hit.attributes(), false),
                isInactive(hit),
                LIKE.getOrDefault(hit.match(), ""),
                allows(caller, Question.may(Permission.REVEAL)));
    }

    static boolean isInactive(Lookup.Hit hit) {
        return hit.match().equals("inactive-card");
    }

    /** Whether it is not what was typed, but like it. */
    static boolean isGuess(Lookup.Hit hit) {
        return LIKE.containsKey(hit.match());
    }

    /** The card for a role that may know no more than that there is one. */
    static DeskView.Card idOnly(Lookup.Hit hit) {
        return new DeskView.Card(
                hit.id().toString(),
                Optional.empty(),
                "",
                Optional.empty(),
                hit.withdrawn(),
                isInactive(hit),
                false,
                List.of(),
                List.of());
    }

    /**
     * A patron's card.
     *
     * @param data what was opened of it, under a log entry of its own
     * @param answers what verifying just said
     */
    DeskView.Card card(
            Caller caller,
            Directory.Entry entry,
            boolean inactive,
            PersonalData data,
            Map<Verification.Claim, Boolean> answers) {
        Set<PatronField> openable = openable(caller, entry);
        List<DeskView.Row> rows = MASKED.stream()
                .filter(openable::contains)
                .map(field -> new DeskView.Row(
                        field.wireName(),
                        LABELS.get(field),
                        LABELS.get(field).toLowerCase(Locale.ROOT),
                        entry.facts().set().contains(field),
                        lines(field, data)))
                .toList();
        boolean verifies = allows(caller, Question.may(Permission.VERIFY));
        List<DeskView.Claim> claims = !verifies
                ? List.of()
                : ASKED.stream()
                        .filter(claim -> !entry.facts().isProtected() || openable.contains(claim.field()))
                        .map(claim -> new DeskView.Claim(
                                claim.wireName(), CLAIMS.get(claim), Optional.ofNullable(answers.get(claim))))
                        .toList();
        Optional<Name> name = data.name();
        return new DeskView.Card(
                entry.id().toString(),
                name.map(DeskViews::fullName),
                name.map(Name::preferred)
                        .filter(preferred -> !preferred.equals(name.get().given()))
                        .orElse(""),
                Optional.of(standing(entry.attributes(), entry.facts().isProtected())),
                false,
                inactive,
                openable.contains(PatronField.NAME),
                rows,
                claims);
    }

    private Set<PatronField> openable(Caller caller, Directory.Entry entry) {
        Set<PatronField> openable = EnumSet.noneOf(PatronField.class);
        for (PatronField field : PatronField.personal()) {
            // For some purpose; which one is chosen when it is revealed.
            boolean forSome = Purpose.KNOWN.stream()
                    .map(purpose -> Question.open(Permission.REVEAL, purpose, Set.of(field)))
                    .anyMatch(question -> allows(
                            caller,
                            question.of(
                                    entry.attributes().library(), entry.facts().standing())));
            if (forSome) {
                openable.add(field);
            }
        }
        return openable;
    }

    private boolean allows(Caller caller, Question question) {
        return access.policy().ask(caller, question).allowed();
    }

    private static DeskView.Standing standing(Attributes attributes, boolean isProtected) {
        // The same day as an entitlement check goes by.
        LocalDate today = LocalDate.now(ZoneOffset.UTC);
        List<String> marks = new ArrayList<>();
        if (attributes.status() == Status.BLOCKED) {
            marks.add("Blocked");
        }
        if (attributes.expiredOn(today)) {
            marks.add("Expired");
        }
        if (isProtected) {
            marks.add("Protected");
        }
        return new DeskView.Standing(
                attributes.library(),
                words(attributes.category().wireName()),
                attributes.expires().map(LocalDate::toString).orElse(""),
                attributes.expires().map(DAY::format).orElse("Never"),
                List.copyOf(marks));
    }

    /** What of {@code data} is shown for that field; empty if it was not opened. */
    private static List<String> lines(PatronField field, PersonalData data) {
        return switch (field) {
            case CARD -> data.card().map(List::of).orElse(List.of());
            case PHONE ->
                data.phone().orElse(List.of()).stream()
                        .map(phone -> NORTH_AMERICAN.matcher(phone).replaceFirst("+1 $1-$2-$3"))
                        .toList();
            case EMAIL -> data.email().orElse(List.of());
            case ADDRESS -> data.address().map(DeskViews::addressLines).orElse(List.of());
            case NAME, META, LABELS -> List.of();
        };
    }

    private static List<String> addressLines(Address address) {
        String region = joined(" ", address.region(), address.postalCode());
        return Stream.of(address.line1(), address.line2(), joined(", ", address.city(), region), address.country())
                .filter(line -> !line.isEmpty())
                .toList();
    }

    private static String fullName(Name name) {
        return joined(" ", name.given(), name.middle(), name.family(), name.suffix());
    }

    private static String joined(String between, String... parts) {
        return Stream.of(parts).filter(part -> !part.isEmpty()).collect(Collectors.joining(between));
    }

    /** A label of a field, to begin a sentence with. */
    static String label(PatronField field) {
        return LABELS.getOrDefault(field, "Name");
    }

    /** {@code hold-notice} as "Hold notice". */
    static String words(String wireName) {
        return Character.toUpperCase(wireName.charAt(0)) + wireName.substring(1).replace('-', ' ');
    }
}
