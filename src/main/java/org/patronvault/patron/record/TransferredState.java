package org.patronvault.patron.record;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.patronvault.core.keys.ring.FieldKeys;
import org.patronvault.core.model.Consent;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.Refused;
import org.patronvault.core.vault.Consents;
import org.patronvault.core.vault.PairwiseResets;
import org.patronvault.core.vault.PatronMeta;
import org.patronvault.patron.change.CardReplacement;
import org.patronvault.patron.change.ConsentRecording;
import org.patronvault.patron.record.ImportRow.Reason;
import org.patronvault.patron.record.PatronDraft.Fault;
import org.patronvault.patron.record.PatronDraft.Members;
import org.patronvault.patron.transfer.format.VaultJsonl;
import org.patronvault.search.CardNumbers;

/**
 * The state that a patron brings along from another vault: members of a line of {@link VaultJsonl} that the API's form
 * has no place for.
 *
 * @param formerCards cards that still find the patron, the newest first; at most three, canonical
 * @param consents the whole history; if it has none for the service, the row's own consent comes after it
 */
public record TransferredState(List<String> formerCards, boolean isProtected, Consents consents) {
    /** No state. */
    public static final TransferredState NOTHING = new TransferredState(List.of(), false, Consents.NONE);

    private static final String FORMER_CARDS = "formerCards";
    private static final String PROTECTED = "protected";
    private static final String CONSENTS = "consents";
    /** The names of the members. */
    public static final Set<String> MEMBERS = Set.of(FORMER_CARDS, PROTECTED, CONSENTS);

    private static final String PURPOSE = "purpose";
    private static final String GIVEN = "given";
    private static final String POLICY = "policy";
    private static final String ON = "on";
    private static final String CHANNEL = "channel";
    private static final String BY = "by";
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._@-]{0,63}");
    private static final String LONGEST_NAME = "x".repeat(64);

    public TransferredState {
        formerCards = List.copyOf(formerCards);
    }

    /** Adds the members to the API's form of a patron; empty ones are left out. */
    void write(ObjectNode patron) {
        if (!formerCards.isEmpty()) {
            formerCards.forEach(patron.putArray(FORMER_CARDS)::add);
        }
        if (isProtected) {
            patron.put(PROTECTED, true);
        }
        ArrayNode said = patron.putArray(CONSENTS);
        consents.history()
                .forEach(one -> said.addObject()
                        .put(PURPOSE, one.purpose())
                        .put(GIVEN, one.given())
                        .put(POLICY, one.policy())
                        .put(ON, one.on().toString())
                        .put(CHANNEL, one.channel())
                        .put(BY, one.by()));
    }

    /**
     * Reads the members.
     *
     * @param card the current card
     */
    static TransferredState read(ObjectNode patron, String card, PatronJson json) {
        Consents consents = consents(patron.path(CONSENTS), json);
        if (consents.isWithdrawn()) {
            throw new Fault(Reason.CONSENT_WITHDRAWN, "The patron has taken back the consent to the service.");
        }
        JsonNode isProtected = patron.path(PROTECTED);
        if (patron.hasNonNull(PROTECTED) && !isProtected.isBoolean()) {
            throw new Fault(Reason.TYPE_WRONG, PROTECTED + " must be true or false.");
        }
        TransferredState brought = new TransferredState(formerCards(patron, card), isProtected.asBoolean(), consents);
        return brought.equals(NOTHING) ? NOTHING : brought;
    }

    private static List<String> formerCards(ObjectNode patron, String card) {
        List<String> former =
                Members.of(patron).list(FORMER_CARDS, (text, place) -> card(text), UnaryOperator.identity());
        if (former.contains(card)) {
            throw new Fault(Reason.CARD_INVALID, FORMER_CARDS + " must not name the card in use.");
        }
        if (former.size() >= CardReplacement.MAX_CARDS) {
            throw new Fault(Reason.TOO_MANY, FORMER_CARDS + " must have at most 3 elements.");
        }
        return former;
    }

    private static String card(String text) {
        try {
            return CardNumbers.canonical(text);
        } catch (Refused e) {
            throw new Fault(Reason.CARD_INVALID, e);
        }
    }

    private static Consents consents(JsonNode said, PatronJson json) {
        if (said.isMissingNode() || said.isNull()) {
            return Consents.NONE;
        }
        if (!said.isArray() || said.size() > Consents.MOST) {
            throw malformed(CONSENTS + " must be a list of at most 64.");
        }
        Consents consents = Consents.NONE;
        for (JsonNode one : said) {
            consents = consents.with(consent(one, json));
        }
        requireRoom(consents);
        return consents;
    }

    private static Consent consent(JsonNode said, PatronJson json) {
        if (!said.isObject() || !said.path(GIVEN).isBoolean()) {
            throw malformed("Each of " + CONSENTS + " must be an object that says in " + GIVEN + " true or false.");
        }
        Members members = Members.of(said);
        String purpose = members.text(PURPOSE);
        String by = members.text(BY);
        if (!Consent.PURPOSES.contains(purpose)
                || !(by.isEmpty()
                        || by.equals(ConsentRecording.BY_THE_PATRON)
                        || NAME.matcher(by).matches())) {
            throw malformed("Each of " + CONSENTS + " must name a purpose, and in " + BY + " who took it down.");
        }
        return new Consent(
                purpose,
                PatronJson.consentWord(members, POLICY),
                json.consentDay(members, ON),
                PatronJson.consentWord(members, CHANNEL),
                by,
                said.path(GIVEN).booleanValue());
    }

    /** Better refused here than at encryption. */
    private static void requireRoom(Consents consents) {
        Map<PatronField, Long> generations = new EnumMap<>(PatronField.class);
        for (PatronField field : PatronField.values()) {
            generations.put(field, 1L);
        }
        byte[] meta = new PatronMeta(
                        PatronField.personal(),
                        true,
                        false,
                        generations,
                        withBy(consents, LONGEST_NAME),
                        PairwiseResets.NOWHERE,
                        new byte[PatronMeta.FINGERPRINT_BYTES])
                .encode();
        if (meta.length + PairwiseResets.MOST_BYTES > FieldKeys.maxValueBytes(PatronField.META)) {
            throw new Fault(Reason.TOO_LONG, CONSENTS + " is too long.");
        }
    }

    private static Fault malformed(String sentence) {
        return new Fault(Reason.CONSENT_MALFORMED, sentence);
    }

    /**
     * The history of a patron who brings one along.
     *
     * @param own the row's consent to the service
     * @param name the importer, for consents that name no recorder
     */
    public Consents consents(Consent own, String name) {
        Consents all = withBy(consents, name);
        return all.last(Consent.SERVICE).isPresent() ? all : all.with(own.takenBy(name));
    }

    private static Consents withBy(Consents consents, String name) {
        Consents all = Consents.NONE;
        for (Consent one : consents.history()) {
            all = all.with(one.by().isEmpty() ? one.takenBy(name) : one);
        }
        return all;
    }
}
