package org.patronvault.web.page;

import java.time.LocalDate;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.patronvault.access.Access;
import org.patronvault.access.posted.PostedPolicy;
import org.patronvault.core.model.Category;
import org.patronvault.core.model.Name;
import org.patronvault.core.model.PatronAttributes;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.model.Status;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Permission;
import org.patronvault.core.vault.PersonalData;
import org.patronvault.patron.Patrons;
import org.patronvault.patron.lookup.IdentityVerification;
import org.patronvault.patron.lookup.Lookup;
import org.patronvault.patron.lookup.PatronDirectory;
import org.patronvault.web.http.WebUseCases;
import org.patronvault.web.page.PageSession.Signed;

/** A builder of the desk's texts and rows for one caller. It offers nothing that the policy would refuse. */
public final class DeskViews {
    /** Keys that reveal a field, with Alt. The keyboard help lists them. */
    private static final Map<PatronField, String> KEYS =
            Map.of(PatronField.CARD, "K", PatronField.PHONE, "P", PatronField.EMAIL, "M", PatronField.ADDRESS, "A");

    private static final List<PatronField> REMOVABLE =
            List.of(PatronField.PHONE, PatronField.EMAIL, PatronField.ADDRESS);
    private static final List<Permission> CHANGING =
            List.of(Permission.CHANGE, Permission.REPLACE_CARD, Permission.CONSENT);
    private static final List<PatronField> MASKED =
            List.of(PatronField.PHONE, PatronField.EMAIL, PatronField.ADDRESS, PatronField.CARD);
    private static final List<IdentityVerification.Claim> ASKED = List.of(
            IdentityVerification.Claim.PHONE,
            IdentityVerification.Claim.EMAIL,
            IdentityVerification.Claim.GIVEN,
            IdentityVerification.Claim.FAMILY,
            IdentityVerification.Claim.POSTAL_CODE);

    private static final Set<String> LIKE = Set.of("prefix", "phonetic", "typo");

    private final Access access;
    private final Patrons patrons;
    private final Navigation rooms;

    public DeskViews(WebUseCases parts) {
        this.access = parts.access();
        this.patrons = parts.patrons();
        this.rooms = new Navigation(access, parts.privacy().disclosures().cases());
    }

    public DeskView.Staff staff(Caller caller, String sessionToken) {
        return new DeskView.Staff(
                caller.actor().name(),
                caller.actor().role(),
                caller.actor().library(),
                SessionCookie.formToken(sessionToken),
                rooms.of(caller),
                access.may(caller, Permission.READ_LOG) || access.may(caller, Permission.ACCESSES),
                access.may(caller, Permission.STATISTICS),
                access.may(caller, Permission.CONSENT));
    }

    /**
     * Returns the box with {@code chosen} or else account service as its purpose, or empty if the role does not search.
     */
    public Optional<DeskView.Search> search(Signed by, String chosen) {
        Caller caller = by.caller();
        if (!access.may(caller, Permission.SEARCH)) {
            return Optional.empty();
        }
        List<Purpose> purposes = Purpose.KNOWN.stream()
                .filter(p -> access.fields().allows(caller, Permission.SEARCH, p, Set.of()))
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
                .map(p -> new DeskView.Choice(
                        p.name(),
                        by.texts().say("purpose." + p.name()),
                        p.name().equals(selected)))
                .toList();
        return Optional.of(new DeskView.Search(help(by), choices, access.may(caller, Permission.REGISTER)));
    }

    private String help(Signed by) {
        List<String> typed = fields(by.caller())
                .map(field -> by.texts().say("typed." + field.wireName()))
                .toList();
        boolean names = fields(by.caller()).anyMatch(PatronField.NAME::equals);
        return by.texts().say("desk.help", by.texts().or(typed))
                + (names ? " " + by.texts().say("desk.help-name") : "");
    }

    private Stream<PatronField> fields(Caller caller) {
        return Stream.of(PatronField.NAME, PatronField.CARD, PatronField.PHONE, PatronField.EMAIL)
                .filter(field -> access.fields().allowsSearchBy(caller, field));
    }

    public DeskView.Match match(Signed by, Lookup.Hit hit) {
        return new DeskView.Match(
                hit.id().toString(),
                hit.data().name().map(Name::full).orElseGet(() -> by.texts().say("card.name-hidden")),
                hit.data().card().orElse(""),
                CardText.standing(by.texts(), hit.attributes(), false),
                isInactive(hit),
                LIKE.contains(hit.match()) ? by.texts().say("match." + hit.match()) : "",
                access.may(by.caller(), Permission.REVEAL));
    }

    public static boolean isInactive(Lookup.Hit hit) {
        return hit.match().equals("inactive-card");
    }

    /** Whether the match only resembles the input. */
    public static boolean isGuess(Lookup.Hit hit) {
        return LIKE.contains(hit.match());
    }

    /** Returns the record for a role that may only learn that the patron exists. */
    public static DeskView.Card idOnly(Lookup.Hit hit) {
        return new DeskView.Card(
                hit.id().toString(),
                Optional.empty(),
                "",
                "",
                Optional.empty(),
                hit.withdrawn(),
                isInactive(hit),
                false,
                List.of(),
                List.of(),
                false,
                Optional.empty());
    }

    /**
     * Builds a patron record.
     *
     * @param data the decrypted values, under their own log entry
     * @param partly the fields of which {@code data} has a part that a reveal may complete
     * @param answers of the verification just done
     */
    public DeskView.Card card(
            Signed by,
            PatronDirectory.Entry entry,
            boolean inactive,
            PersonalData data,
            Set<PatronField> partly,
            Map<IdentityVerification.Claim, Boolean> answers) {
        Caller caller = by.caller();
        Texts texts = by.texts();
        Set<PatronField> openable = openable(caller, entry);
        List<DeskView.Row> rows = MASKED.stream()
                .filter(openable::contains)
                .map(field -> new DeskView.Row(
                        field.wireName(),
                        texts.say("field." + field.wireName()),
                        texts.say("field." + field.wireName() + ".noun"),
                        KEYS.get(field),
                        entry.facts().set().contains(field),
                        CardText.lines(field, data),
                        partly.contains(field)))
                .toList();
        boolean verifies = access.may(caller, Permission.VERIFY);
        List<DeskView.Claim> claims = !verifies
                ? List.of()
                : ASKED.stream()
                        .filter(claim -> !entry.facts().isProtected() || openable.contains(claim.field()))
                        .map(claim -> new DeskView.Claim(
                                claim.wireName(),
                                texts.say("claim." + claim.wireName()),
                                Optional.ofNullable(answers.get(claim))))
                        .toList();
        Optional<Name> name = data.name();
        return new DeskView.Card(
                entry.id().toString(),
                name.map(Name::full),
                name.map(CardText::initials).orElse(""),
                name.map(Name::preferred)
                        .filter(preferred -> !preferred.equals(name.get().given()))
                        .orElse(""),
                Optional.of(CardText.standing(
                        texts, entry.attributes(), entry.facts().isProtected())),
                false,
                inactive,
                openable.contains(PatronField.NAME),
                rows,
                claims,
                CHANGING.stream().anyMatch(permission -> access.may(caller, permission)),
                Optional.empty());
    }

    /** Builds the form for changes. */
    public DeskView.Change change(Signed by, PatronDirectory.Entry entry) {
        Caller caller = by.caller();
        PatronAttributes now = entry.attributes();
        return new DeskView.Change(
                entry.version(),
                now.library(),
                categories(by.texts(), now.category()),
                statuses(by.texts(), now.status()),
                now.expires().map(LocalDate::toString).orElse(""),
                REMOVABLE.stream()
                        .filter(entry.facts().set()::contains)
                        .map(field -> new DeskView.Choice(
                                field.wireName(), by.texts().say("field." + field.wireName()), false))
                        .toList(),
                access.may(caller, Permission.CHANGE),
                access.may(caller, Permission.REPLACE_CARD),
                access.may(caller, Permission.CONSENT),
                policy(),
                access.may(caller, Permission.CONSENT) ? patrons.forgetting().vendors() : List.of());
    }

    /** The current version of the posted policy, or empty if there is none. */
    public String policy() {
        return access.policyVersions().current().map(PostedPolicy::version).orElse("");
    }

    public static List<DeskView.Choice> categories(Texts texts, Category chosen) {
        return Arrays.stream(Category.values())
                .map(one -> new DeskView.Choice(one.wireName(), texts.say("category." + one.wireName()), one == chosen))
                .toList();
    }

    public static List<DeskView.Choice> statuses(Texts texts, Status chosen) {
        return Arrays.stream(Status.values())
                .map(one -> new DeskView.Choice(one.wireName(), texts.say("status." + one.wireName()), one == chosen))
                .toList();
    }

    private Set<PatronField> openable(Caller caller, PatronDirectory.Entry entry) {
        Set<PatronField> openable = EnumSet.noneOf(PatronField.class);
        for (PatronField field : PatronField.personal()) {
            // For any purpose. The reveal itself names one.
            if (Purpose.KNOWN.stream()
                    .anyMatch(purpose ->
                            access.fields().allows(caller, Permission.REVEAL, purpose, Set.of(field), entry))) {
                openable.add(field);
            }
        }
        return openable;
    }

    /** Turns {@code hold-notice} into "Hold notice". */
    public static String words(String wireName) {
        return Character.toUpperCase(wireName.charAt(0)) + wireName.substring(1).replace('-', ' ');
    }
}
