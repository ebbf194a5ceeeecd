package org.patronvault.core.vault;

import java.util.List;
import java.util.Optional;
import org.patronvault.core.model.Address;
import org.patronvault.core.model.Name;

/**
 * The opened values of one patron; a field that was not asked for is empty. Prints {@code [REDACTED]}.
 *
 * @param cards the current card, then the former ones
 */
public record PersonalData(
        Optional<List<String>> cards,
        Optional<Name> name,
        Optional<Address> address,
        Optional<List<String>> phone,
        Optional<List<String>> email) {

    /** No opened values. */
    public static final PersonalData NOTHING =
            new PersonalData(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

    /** These values, completed by {@code those}. */
    public PersonalData or(PersonalData those) {
        return new PersonalData(
                cards.or(those::cards),
                name.or(those::name),
                address.or(those::address),
                phone.or(those::phone),
                email.or(those::email));
    }

    /** The current card, if cards were opened. */
    public Optional<String> card() {
        return cards.map(list -> list.get(0));
    }

    @Override
    public String toString() {
        return "[REDACTED]";
    }
}
