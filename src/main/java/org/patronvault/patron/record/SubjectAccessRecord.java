package org.patronvault.patron.record;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import org.patronvault.core.model.Consent;
import org.patronvault.core.model.PatronAttributes;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.store.table.PatronRow;
import org.patronvault.core.vault.PatronMeta;
import org.patronvault.core.vault.PatronVault;
import org.patronvault.core.vault.PersonalData;
import org.patronvault.patron.transfer.format.VaultJsonl;

/**
 * All opened data of one patron, except data that only the vault itself uses, and except that a patron is a decoy.
 * Prints {@code [REDACTED]}.
 *
 * @param version counts the changes
 * @param facts sealed facts that are not personal
 * @param data every personal field
 */
public record SubjectAccessRecord(
        PatronId id, long version, PatronAttributes attributes, PatronMeta facts, PersonalData data) {

    /** The record of rows that were opened. */
    public static SubjectAccessRecord of(PatronVault.VerifiedPatron known, PersonalData data) {
        PatronRow row = known.stored().row();
        return new SubjectAccessRecord(row.id(), row.version(), row.attributes(), known.facts(), data);
    }

    /** The former cards that still find the patron, the newest first. */
    public List<String> formerCards() {
        List<String> cards = data.cards().orElseThrow();
        return cards.subList(1, cards.size());
    }

    /** The patron in the form of the API's registration. */
    PatronDraft draft() {
        return new PatronDraft(
                data.card().orElseThrow(),
                data.name().orElseThrow(),
                data.address().orElseThrow(),
                data.phone().orElseThrow(),
                data.email().orElseThrow(),
                attributes.library(),
                attributes.category(),
                attributes.expires(),
                attributes.status(),
                consent(),
                Optional.of(attributes.registered()));
    }

    private Optional<Consent> consent() {
        return facts.consents().last(Consent.SERVICE).filter(Consent::given);
    }

    /** A line of {@link VaultJsonl}: the API's form, and all data it has no place for. */
    public ObjectNode json(PatronJson form) {
        ObjectNode json = form.write(draft());
        json.put(ImportOptions.Rows.REGISTERED, attributes.registered().toString());
        new TransferredState(formerCards(), facts.isProtected(), facts.consents()).write(json);
        return json;
    }

    @Override
    public String toString() {
        return "[REDACTED]";
    }
}
