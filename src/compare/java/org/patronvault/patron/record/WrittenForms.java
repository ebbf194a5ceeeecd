package org.patronvault.patron.record;

import java.util.List;
import java.util.Map;
import org.patronvault.core.index.IndexedTerm;
import org.patronvault.core.model.PatronField;

/** What an import makes of a patron before it seals anything, for whoever times what comes then. */
public final class WrittenForms {
    private WrittenForms() {}

    /** The values as they are sealed. */
    public static Map<PatronField, byte[]> values(PatronDraft draft) {
        return PatronWriter.values(List.of(draft.card()), draft);
    }

    /** What he or she is found by. */
    public static List<IndexedTerm> terms(PatronDraft draft) {
        return PatronTerms.of(List.of(draft.card()), draft);
    }
}
