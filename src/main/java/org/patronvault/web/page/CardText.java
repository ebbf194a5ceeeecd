package org.patronvault.web.page;

import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.patronvault.core.model.Address;
import org.patronvault.core.model.Name;
import org.patronvault.core.model.PatronAttributes;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.Status;
import org.patronvault.core.vault.PersonalData;

/** The texts of a patron record's values, as people write them. */
public final class CardText {
    private static final Pattern NORTH_AMERICAN = Pattern.compile("\\+1([0-9]{3})([0-9]{3})([0-9]{4})");

    private CardText() {}

    static DeskView.Standing standing(Texts texts, PatronAttributes attributes, boolean isProtected) {
        // Entitlement checks use the same day.
        LocalDate today = LocalDate.now(ZoneId.systemDefault());
        List<String> marks = new ArrayList<>();
        if (attributes.status() == Status.BLOCKED) {
            marks.add(texts.say("mark.blocked"));
        }
        if (attributes.expiredOn(today)) {
            marks.add(texts.say("mark.expired"));
        }
        if (isProtected) {
            marks.add(texts.say("mark.protected"));
        }
        return new DeskView.Standing(
                attributes.library(),
                texts.say("category." + attributes.category().wireName()),
                attributes.expires().map(LocalDate::toString).orElse(""),
                attributes.expires().map(texts::day).orElseGet(() -> texts.say("card.never")),
                List.copyOf(marks));
    }

    /** Returns the lines for one field, or empty if {@code data} does not hold it. */
    public static List<String> lines(PatronField field, PersonalData data) {
        return switch (field) {
            case CARD -> data.card().map(List::of).orElse(List.of());
            case PHONE ->
                data.phone().orElse(List.of()).stream()
                        .map(phone -> NORTH_AMERICAN.matcher(phone).replaceFirst("+1 $1-$2-$3"))
                        .toList();
            case EMAIL -> data.email().orElse(List.of());
            case ADDRESS -> data.address().map(Address::lines).orElse(List.of());
            case NAME, META, LABELS -> List.of();
        };
    }

    static String initials(Name name) {
        return Stream.of(name.given(), name.family())
                .filter(part -> !part.isEmpty())
                .map(part -> part.substring(0, part.offsetByCodePoints(0, 1)).toUpperCase(Locale.ROOT) + ".")
                .collect(Collectors.joining(" "));
    }
}
