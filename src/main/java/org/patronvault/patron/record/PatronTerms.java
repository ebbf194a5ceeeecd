package org.patronvault.patron.record;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.patronvault.core.index.EncryptedIndex;
import org.patronvault.core.index.IndexTerm;
import org.patronvault.core.index.IndexTerm.TermClass;
import org.patronvault.core.index.IndexedTerm;
import org.patronvault.core.model.Name;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.vault.PersonalData;
import org.patronvault.search.Emails;
import org.patronvault.search.NameTerms;
import org.patronvault.search.Phones;

/** The index terms that find a patron. */
public final class PatronTerms {
    private PatronTerms() {}

    /** The fields they are made from. */
    public static Set<PatronField> fields() {
        return EnumSet.of(PatronField.CARD, PatronField.NAME, PatronField.PHONE, PatronField.EMAIL);
    }

    /** The terms of opened values: a field that was not opened does not find the patron. */
    public static List<IndexedTerm> of(PersonalData data) {
        return of(
                data.cards().orElse(List.of()),
                data.name(),
                data.phone().orElse(List.of()),
                data.email().orElse(List.of()));
    }

    /** The terms of a draft with these cards, the current one first. */
    public static List<IndexedTerm> of(List<String> cards, PatronDraft draft) {
        return of(cards, Optional.of(draft.name()), draft.phone(), draft.email());
    }

    /** The terms of these cards (the current one first), phones and email addresses, all in their stored form. */
    public static List<IndexedTerm> of(
            List<String> cards, Optional<Name> name, List<String> phone, List<String> email) {
        List<IndexedTerm> terms = new ArrayList<>();
        for (int i = 0; i < cards.size(); i++) {
            terms.add(new IndexedTerm(new IndexTerm(TermClass.CARD, cards.get(i)), i > 0));
        }
        // Two numbers that differ only in the extension are one term.
        Set<IndexTerm> unique = new LinkedHashSet<>();
        phone.forEach(number -> unique.add(new IndexTerm(TermClass.PHONE, Phones.termOf(number))));
        email.forEach(address -> unique.add(new IndexTerm(TermClass.EMAIL, Emails.canonicalTerm(address))));
        unique.forEach(term -> terms.add(IndexedTerm.current(term)));
        name.ifPresent(
                written -> terms.addAll(NameTerms.of(written, cards, phone, EncryptedIndex.ENTRIES - terms.size())));
        return terms;
    }
}
