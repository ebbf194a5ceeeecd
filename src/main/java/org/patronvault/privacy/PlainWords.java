package org.patronvault.privacy;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.patronvault.audit.AccessEvent;
import org.patronvault.audit.Act;
import org.patronvault.audit.Outcome;
import org.patronvault.audit.Subject;
import org.patronvault.model.Actor;
import org.patronvault.model.PatronField;
import org.patronvault.model.PatronId;
import org.patronvault.model.Purpose;

/**
 * Entries of the log in the words of whoever is not staff.
 *
 * @param namesStaff whether people are named, and not only what they do
 */
record PlainWords(boolean namesStaff) {
    private static final Map<String, String> ROLES = Map.of(
            "circulation", "the circulation desk",
            "supervisor", "a supervisor",
            "director", "the director",
            "outreach", "outreach",
            "privacy-officer", "the privacy officer",
            "custodian", "a custodian of the keys",
            "admin", "an administrator",
            "page", "a page");

    private static final Map<String, String> PURPOSES = Map.of(
            "checkout", "Lending and returning",
            "account-service", "Service for your account",
            "registration", "Your registration",
            "hold-notice", "A notice that a hold is here",
            "overdue-notice", "A notice that something is overdue",
            "patron-request", "At your own request",
            "newsletter", "The newsletter",
            "fundraising", "Fund-raising",
            "import", "Taking over the records of an earlier system",
            "reindex", "Keeping your record");

    private static final List<PatronField> ORDER =
            List.of(PatronField.NAME, PatronField.CARD, PatronField.ADDRESS, PatronField.PHONE, PatronField.EMAIL);
    private static final Map<PatronField, String> FIELDS = Map.of(
            PatronField.NAME, "name",
            PatronField.CARD, "card number",
            PatronField.ADDRESS, "address",
            PatronField.PHONE, "telephone number",
            PatronField.EMAIL, "e-mail address");

    /** Who did it. */
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

    /** What for. */
    String why(Optional<Purpose> purpose) {
        return purpose.map(Purpose::name)
                .map(name -> PURPOSES.getOrDefault(name, capital(name.replace('-', ' '))))
                .orElse("");
    }

    /** What was done. */
    String what(AccessEvent event, PatronId patron) {
        Set<PatronField> fields = event.subjects().stream()
                .filter(subject -> subject.patron().equals(patron))
                .map(Subject::fields)
                .flatMap(Set::stream)
                .collect(Collectors.toSet());
        String list = ORDER.stream()
                .filter(fields::contains)
                .map(FIELDS::get)
                .collect(Collectors.joining(", "))
                .replaceFirst(", ([^,]*)$", " and $1");
        String your = list.isEmpty() ? "your record" : "your " + list;
        if (event.outcome() == Outcome.REFUSED) {
            return "Asked for " + your + ", and was refused.";
        }
        if (event.outcome() == Outcome.FAILED) {
            return event.act() == Act.VERIFY
                    ? "What was said was not what the library has."
                    : "Asked for " + your + ", and it failed.";
        }
        return switch (event.act()) {
            case SEARCH -> list.isEmpty() ? "Found you in a search." : "Found you in a search, and saw " + your + ".";
            case REVEAL -> "Saw " + your + ".";
            case VERIFY -> "Checked what somebody said about " + your + ", without seeing it.";
            case FACTS -> "Saw whether your card is good, and nothing personal.";
            case REGISTER -> "Registered you.";
            case CHANGE -> opened(event, "Opened your record to change it.", "Changed " + your + ".");
            case REPLACE_CARD -> opened(event, "Opened your record to give you a new card.", "Gave you a new card.");
            case IMPORT -> "Took over your record from an earlier system.";
            case MERGE -> opened(event, "Opened two records of yours to join them.", "Joined two records of yours.");
            case PROTECT -> "Changed who may see your address and telephone number.";
            case ACCESSES -> "Looked at who had looked at your record.";
            case RESTORE -> "Brought your record back from a backup.";
            default -> capital(event.act().wireName().replace('-', ' ')) + ".";
        };
    }

    private static String opened(AccessEvent event, String disclosed, String written) {
        return event.outcome() == Outcome.DISCLOSED ? disclosed : written;
    }
}
