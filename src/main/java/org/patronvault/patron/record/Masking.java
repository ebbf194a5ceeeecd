package org.patronvault.patron.record;

import java.util.List;
import java.util.Set;
import org.patronvault.core.model.Address;
import org.patronvault.core.model.Name;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.vault.PersonalData;

/** The masking of opened values: it leaves what their {@link org.patronvault.core.policy.Mask} allows. */
final class Masking {
    private static final String HIDDEN = "…";
    private static final int SHOWN = 4;

    private Masking() {}

    /** Returns the data with these fields masked and the others unchanged. */
    static PersonalData of(PersonalData data, Set<PatronField> masked) {
        return new PersonalData(
                masked.contains(PatronField.CARD)
                        ? data.cards().map(cards -> each(cards, Masking::lastFour))
                        : data.cards(),
                masked.contains(PatronField.NAME) ? data.name().map(Masking::initials) : data.name(),
                masked.contains(PatronField.ADDRESS) ? data.address().map(Masking::locality) : data.address(),
                masked.contains(PatronField.PHONE)
                        ? data.phone().map(phone -> each(phone, Masking::lastFourOfPhone))
                        : data.phone(),
                masked.contains(PatronField.EMAIL)
                        ? data.email().map(email -> each(email, Masking::domain))
                        : data.email());
    }

    private static List<String> each(List<String> values, java.util.function.UnaryOperator<String> mask) {
        return values.stream().map(mask).toList();
    }

    /** The last four characters. If four are more than half of the value, nothing is left. */
    private static String lastFour(String value) {
        return value.length() < 2 * SHOWN ? HIDDEN : HIDDEN + value.substring(value.length() - SHOWN);
    }

    /** The last four digits; an extension is not part of the number. */
    private static String lastFourOfPhone(String phone) {
        int extension = phone.indexOf(';');
        return lastFour(extension < 0 ? phone : phone.substring(0, extension));
    }

    private static String domain(String email) {
        return HIDDEN + email.substring(Math.max(0, email.lastIndexOf('@')));
    }

    private static Address locality(Address address) {
        return new Address("", "", address.city(), address.region(), address.postalCode(), "");
    }

    private static Name initials(Name name) {
        return new Name(
                initial(name.family()), initial(name.given()), initial(name.middle()), "", initial(name.preferred()));
    }

    private static String initial(String part) {
        return part.isEmpty() ? "" : part.substring(0, part.offsetByCodePoints(0, 1)) + ".";
    }
}
