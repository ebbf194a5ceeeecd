package org.patronvault.patron.record;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.patronvault.core.keys.ring.FieldKeys;
import org.patronvault.core.model.Address;
import org.patronvault.core.model.Category;
import org.patronvault.core.model.Consent;
import org.patronvault.core.model.Name;
import org.patronvault.core.model.PatronAttributes;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.model.Status;
import org.patronvault.patron.change.MergePatch;
import org.patronvault.patron.record.ImportRow.Reason;
import org.patronvault.patron.record.PatronDraft.Fault;
import org.patronvault.patron.record.PatronDraft.Members;
import org.patronvault.search.CardNumbers;
import org.patronvault.search.Emails;
import org.patronvault.search.Phones;

/**
 * The patron object of the API, read strictly and written back. Members the policy does not name are refused at every
 * depth (P5); an absent member and {@code null} are the same. Refusals name the vault's members and never the input.
 * Immutable.
 */
public final class PatronJson {
    public static final String LIBRARY_FORM = "library must be 1 to 20 letters, digits, hyphens or underscores.";

    private static final Map<String, Set<String>> NESTED = Map.of(
            "name", Set.of("family", "given", "middle", "suffix", "preferred"),
            "address", Set.of("line1", "line2", "city", "region", "postalCode", "country"),
            "consent", Set.of("policy", "given", "channel"));
    private static final Set<String> MEMBERS =
            Set.of("card", "name", "address", "phone", "email", "library", "category", "expires", "status", "consent");

    private static final Pattern CONSENT_WORD = Pattern.compile("[\\p{L}\\p{N}][\\p{L}\\p{N} ._/-]{0,39}");

    private final Phones phones;
    private final InstantSource clock;

    /** A form that reads phone numbers by {@code phones}. */
    public PatronJson(Phones phones) {
        this(phones, InstantSource.system());
    }

    /** A form with a given clock, by which a consent from the future is refused. */
    public PatronJson(Phones phones, InstantSource clock) {
        this.phones = phones;
        this.clock = clock;
    }

    /**
     * A patron to register.
     *
     * @throws Refused {@code not-collected} if there is a member the policy does not name; {@code consent-required} if
     *     there is no consent; {@code card-invalid}; {@code invalid} for anything else, with a sentence that names the
     *     member
     */
    public PatronDraft parse(JsonNode patron) {
        return refusing(() -> {
            checkMembers(patron, PatronJson::refuseMember);
            if (!patron.hasNonNull("consent")) {
                throw new Refused(Problem.CONSENT_REQUIRED, "A patron is registered only with consent.");
            }
            return values(patron);
        });
    }

    /**
     * Reads a changed patron as {@link #parse} does, but consent may be absent, since it is on record.
     *
     * @param patron what {@link MergePatch} made of {@link #write} and a patch
     */
    public PatronDraft parseStored(JsonNode patron) {
        return refusing(() -> {
            checkMembers(patron, PatronJson::refuseMember);
            return values(patron);
        });
    }

    /** Refuses with {@code not-collected} a patron, or a patch of one, with a member the policy does not name. */
    public void requireCollected(JsonNode patron) {
        try {
            checkMembers(patron, PatronJson::refuseMember);
        } catch (Fault fault) {
            throw fault.refused();
        }
    }

    /**
     * The object that {@link #parseStored} reads back as {@code draft}, except for the month of registration, which
     * has no place in the API's form. All members of name and address are written, the empty ones as {@code ""}.
     */
    public ObjectNode write(PatronDraft draft) {
        ObjectNode patron = JsonNodeFactory.instance.objectNode();
        patron.put("card", draft.card());
        patron.set("name", PersonalDataJson.name(draft.name()));
        patron.set("address", PersonalDataJson.address(draft.address()));
        patron.set("phone", PersonalDataJson.texts(draft.phone()));
        patron.set("email", PersonalDataJson.texts(draft.email()));
        patron.put("library", draft.library());
        patron.put("category", draft.category().wireName());
        draft.expires().ifPresent(day -> patron.put("expires", day.toString()));
        patron.put("status", draft.status().wireName());
        draft.consent()
                .ifPresent(consent -> patron.putObject("consent")
                        .put("policy", consent.policy())
                        .put("given", consent.on().toString())
                        .put("channel", consent.channel()));
        return patron;
    }

    /**
     * Passes each member that is not in the API's form to {@code unknown}, after checking that it is an object at all.
     */
    public void checkMembers(JsonNode patron, Consumer<String> unknown) {
        Members.of(patron).others(MEMBERS, unknown);
        NESTED.forEach((outer, inner) -> {
            if (patron.path(outer).isObject()) {
                Members.of(patron.path(outer)).others(inner, unknown);
            }
        });
    }

    /** Today in UTC, for imports and consents. */
    public LocalDate today() {
        return LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
    }

    /** The card alone, in canonical form. */
    String card(JsonNode patron) {
        try {
            return CardNumbers.canonical(Members.of(patron).required("card", Reason.CARD_MISSING));
        } catch (Refused e) {
            throw new Fault(Reason.CARD_INVALID, e);
        }
    }

    /** The known members; month of registration empty, consent as sent. */
    public PatronDraft values(JsonNode patron) {
        Members members = Members.of(patron);
        PatronDraft draft = new PatronDraft(
                card(patron),
                name(members.object("name")),
                address(members.object("address")),
                members.list("phone", this::phone, UnaryOperator.identity()),
                members.list("email", PatronJson::email, Emails::canonicalTerm),
                library(members),
                members.word("category", Category::ofWireName, Category.ADULT, Reason.CATEGORY_UNKNOWN),
                members.date("expires", Reason.DATE_MALFORMED),
                members.word("status", Status::ofWireName, Status.ACTIVE, Reason.STATUS_UNKNOWN),
                members.has("consent") ? Optional.of(consent(members.object("consent"))) : Optional.empty(),
                Optional.empty());
        requireSizes(draft);
        return draft;
    }

    /** Four hundred characters may be valid and their bytes too many. Better refused here than at encryption. */
    private static void requireSizes(PatronDraft draft) {
        PatronWriter.values(List.of(draft.card()), draft).forEach((field, value) -> {
            if (value.length > FieldKeys.maxValueBytes(field)) {
                throw new Fault(Reason.TOO_LONG, field.wireName() + " is too long.");
            }
        });
    }

    private static Name name(Members name) {
        return new Name(
                name.required("family", Reason.NAME_MISSING),
                name.text("given"),
                name.text("middle"),
                name.text("suffix"),
                name.text("preferred"));
    }

    private static Address address(Members address) {
        return new Address(
                address.text("line1"),
                address.text("line2"),
                address.text("city"),
                address.text("region"),
                address.text("postalCode"),
                address.text("country"));
    }

    private static String library(Members patron) {
        String library = patron.required("library", Reason.LIBRARY_MISSING);
        if (!PatronAttributes.isLibrary(library)) {
            throw new Fault(Reason.LIBRARY_INVALID, LIBRARY_FORM);
        }
        return library;
    }

    private Consent consent(Members consent) {
        LocalDate given = consentDay(consent, "given");
        return new Consent(
                Consent.SERVICE, consentWord(consent, "policy"), given, consentWord(consent, "channel"), true);
    }

    /** The day of a consent. */
    LocalDate consentDay(Members consent, String member) {
        LocalDate day = consent.date(member, Reason.CONSENT_MALFORMED)
                .orElseThrow(() -> new Fault(Reason.CONSENT_MALFORMED, "consent." + member + " is required."));
        // One day of grace: it may already be tomorrow where the patron signed.
        if (day.isAfter(today().plusDays(1)) || day.isBefore(LocalDate.EPOCH)) {
            throw new Fault(
                    Reason.CONSENT_MALFORMED, "consent." + member + " must not be in the future, nor before 1970.");
        }
        return day;
    }

    /** Whether the word can be the version of a posted policy, or the channel of a consent. */
    public static boolean isConsentWord(String word) {
        return CONSENT_WORD.matcher(word).matches();
    }

    static String consentWord(Members consent, String member) {
        String word = consent.required(member, Reason.CONSENT_MALFORMED);
        if (!isConsentWord(word)) {
            throw new Fault(
                    Reason.CONSENT_MALFORMED,
                    "consent." + member + " must be 1 to 40 letters, digits or simple punctuation.");
        }
        return word;
    }

    /** The stored form of a phone, email address or card, shown while it is typed; refused as in {@link #parse}. */
    public String stored(String member, String written) {
        return switch (member) {
            case "phone" -> phones.canonical(written);
            case "email" -> refusing(() -> email(written.strip(), member));
            default -> CardNumbers.canonical(written);
        };
    }

    /** Returns the canonical number, equal for all its spellings; text that is no number is returned unchanged. */
    public String phoneKey(String written) {
        try {
            return phones.canonical(written);
        } catch (Refused e) {
            return written;
        }
    }

    private String phone(String written, String place) {
        try {
            return phones.canonical(written);
        } catch (Refused e) {
            throw new Fault(Reason.PHONE_MALFORMED, place + " is not a telephone number.");
        }
    }

    private static String email(String written, String place) {
        if (!Emails.isWellFormed(written)) {
            throw new Fault(Reason.EMAIL_MALFORMED, place + " is not an e-mail address.");
        }
        return written;
    }

    private static void refuseMember(String member) {
        throw new Refused(
                Problem.NOT_COLLECTED,
                "The policy lets the vault hold name, address, telephone, e-mail and card; it was sent something else.");
    }

    private static <T> T refusing(Supplier<T> read) {
        try {
            return read.get();
        } catch (Fault fault) {
            throw fault.refused();
        }
    }
}
