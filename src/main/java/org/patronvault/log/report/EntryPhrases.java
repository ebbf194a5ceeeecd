package org.patronvault.log.report;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Purpose;

/**
 * The phrases that describe log entries to readers outside the staff.
 *
 * @param namesStaff whether staff members are named, and not only their roles
 */
record EntryPhrases(boolean namesStaff) {
    private static final Map<String, String> ROLES = Map.of(
            "circulation", "the circulation desk",
            "supervisor", "a supervisor",
            "director", "the director",
            "outreach", "outreach",
            "privacy-officer", "the privacy officer",
            "custodian", "a custodian of the keys",
            "admin", "an administrator",
            "page", "a page");

    private static final Map<String, String> PURPOSES = Map.ofEntries(
            Map.entry("checkout", "Lending and returning"),
            Map.entry("account-service", "Service for your account"),
            Map.entry("registration", "Your registration"),
            Map.entry("hold-notice", "A notice that a hold is here"),
            Map.entry("overdue-notice", "A notice that something is overdue"),
            Map.entry("patron-request", "At your own request"),
            Map.entry("newsletter", "The newsletter"),
            Map.entry("fundraising", "Fund-raising"),
            Map.entry("import", "Taking over the records of an earlier system"),
            Map.entry("reindex", "Keeping your record"),
            Map.entry("export", "Moving to another system"));

    private static final List<PatronField> ORDER =
            List.of(PatronField.NAME, PatronField.CARD, PatronField.ADDRESS, PatronField.PHONE, PatronField.EMAIL);
    private static final Map<PatronField, String> FIELDS = Map.of(
            PatronField.NAME, "name",
            PatronField.CARD, "card number",
            PatronField.ADDRESS, "address",
            PatronField.PHONE, "telephone number",
            PatronField.EMAIL, "e-mail address");

    /** The actor. */
    String who(Actor actor) {
        return switch (actor.kind()) {
            case VAULT -> "The vault itself";
            case NOBODY -> "Somebody who was not signed in";
            case CLIENT -> "Another system, " + actor.name();
            case STAFF -> {
                String role = ROLES.getOrDefault(actor.role(), actor.role());
                yield namesStaff ? actor.name() + " (" + role + ")" : capital(role);
            }
        };
    }

    private static String capital(String words) {
        return words.isEmpty() ? words : Character.toUpperCase(words.charAt(0)) + words.substring(1);
    }

    /** The purpose. */
    String why(Optional<Purpose> purpose) {
        return purpose.map(Purpose::name)
                .map(name -> PURPOSES.getOrDefault(name, capital(name.replace('-', ' '))))
                .orElse("");
    }

    /** The act. */
    String what(AccessEvent event, PatronId patron) {
        String fields = fields(event, patron);
        String your = fields.isEmpty() ? "your record" : "your " + fields;
        // The answer of a verify follows the entry with the question.
        boolean answer = event.act() == ActKind.VERIFY
                && fields.isEmpty()
                && event.reason().isEmpty();
        if (event.outcome() == Outcome.REFUSED) {
            return "Tried to " + tried(event.act(), your) + ", and was refused.";
        }
        if (event.outcome() == Outcome.FAILED) {
            return answer
                    ? "What was said was not what the library has."
                    : "Tried to " + tried(event.act(), your) + ", and it failed.";
        }
        boolean written = event.outcome() == Outcome.WRITTEN;
        return switch (event.act()) {
            case SEARCH ->
                fields.isEmpty() ? "Came upon you in a search." : "Found you in a search, and saw " + your + ".";
            case REVEAL -> "Saw " + your + ".";
            case VERIFY ->
                answer
                        ? "What was said was right."
                        : "Checked what somebody said about " + your + ", without seeing it.";
            case FACTS -> "Saw whether your card is good, and nothing personal.";
            case REGISTER -> "Registered you.";
            case CHANGE -> written ? "Changed " + your + "." : "Opened your record to change it.";
            case REPLACE_CARD -> written ? "Gave you a new card." : "Opened your record to give you a new card.";
            case IMPORT -> "Took over your record from an earlier system.";
            case MERGE -> written ? "Joined two records of yours." : "Opened two records of yours to join them.";
            case PROTECT ->
                written
                        ? "Changed who may see your address and telephone number."
                        : "Looked who may see your address and telephone number.";
            case ACCESSES -> "Looked at who had looked at your record.";
            case ERASE -> written ? "Erased part of your record." : "Opened your record to erase it, or part of it.";
            case CONSENT -> written ? "Took down what you said yes or no to." : "Looked at what you have agreed to.";
            case PACKAGE -> "Put together everything the library holds of you, to give it to you.";
            case EXPORT -> "Took your record along to another system of the library's.";
            case RESTORE -> "Brought your record back from a backup.";
            case MAILING -> "Put your e-mail address on a list for mail you said yes to.";
            case UNSUBSCRIBE -> "Took you off a list for mail, by the link in one.";
            case FORGET -> "Had a vendor know you by another number, as you asked.";
            default -> "Worked on your record.";
        };
    }

    private static String tried(ActKind act, String your) {
        return switch (act) {
            case SEARCH -> "find you in a search";
            case REVEAL -> "see " + your;
            case VERIFY -> "check " + your;
            case FACTS -> "look at your record";
            case REGISTER -> "register you";
            case CHANGE -> "change your record";
            case REPLACE_CARD -> "give you a new card";
            case IMPORT -> "take over your record from an earlier system";
            case MERGE -> "join your record with another";
            case PROTECT -> "change who may see your address and telephone number";
            case ACCESSES -> "look at who had looked at your record";
            case ERASE -> "erase your record";
            case CONSENT -> "take down what you said yes or no to";
            case FORGET -> "have a vendor know you by another number";
            case PACKAGE -> "put together everything the library holds of you";
            case EXPORT -> "take your record along to another system";
            case RESTORE -> "bring your record back from a backup";
            case MAILING -> "put your e-mail address on a list for mail";
            case UNSUBSCRIBE -> "take you off a list for mail";
            default -> "work on your record";
        };
    }

    private static String fields(AccessEvent event, PatronId patron) {
        Set<PatronField> fields = event.fieldsOf(patron::equals);
        return ORDER.stream()
                .filter(fields::contains)
                .map(field -> FIELDS.get(field)
                        // An entry does not say of which values results showed a part only.
                        + (event.act() == ActKind.SEARCH && field == PatronField.CARD ? " or its last four" : ""))
                .collect(Collectors.joining(", "))
                .replaceFirst(", ([^,]*)$", " and $1");
    }
}
