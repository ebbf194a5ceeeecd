package org.patronvault.app.madeup;

import java.time.LocalDate;
import java.time.YearMonth;
import java.util.List;
import java.util.Optional;
import org.patronvault.core.model.Address;
import org.patronvault.core.model.Category;
import org.patronvault.core.model.Consent;
import org.patronvault.core.model.Name;
import org.patronvault.core.model.Status;
import org.patronvault.patron.record.PatronDraft;

/** A made-up patron. */
public record MadeUpPatron(
        String card,
        Name name,
        Address address,
        List<MadeUpPhone> phones,
        List<String> email,
        String library,
        Category category,
        Optional<LocalDate> expires,
        Status status,
        YearMonth registered) {

    public MadeUpPatron {
        phones = List.copyOf(phones);
        email = List.copyOf(email);
    }

    /** The telephone numbers in the vault's canonical form. */
    public List<String> canonicalPhones() {
        return phones.stream().map(MadeUpPhone::canonical).toList();
    }

    /** The draft that an import makes of this patron. */
    public PatronDraft draft(Consent consent) {
        return new PatronDraft(
                card,
                name,
                address,
                canonicalPhones(),
                email,
                library,
                category,
                expires,
                status,
                Optional.of(consent),
                Optional.of(registered));
    }
}
