package org.patronvault.patron;

import java.util.List;
import org.patronvault.crypto.CanonicalBytes;

/** By what a row of a file is known to be the same as when it was last imported. */
final class ImportFingerprint {
    private static final int PROTECTED = 0xff;

    private ImportFingerprint() {}

    /** A MAC over everything a row says but consent, which is the importer's statement, and what only a new patron brings. */
    static byte[] of(Parts parts, ImportRow.Accepted row) {
        PatronDraft draft = row.draft();
        CanonicalBytes canonical = CanonicalBytes.begin("import-row")
                .lp(draft.library())
                .lp(draft.category().wireName())
                .lp(draft.status().wireName())
                .lp(draft.expires().map(Object::toString).orElse(""))
                .lp(draft.registered().map(Object::toString).orElse(""));
        PatronWriter.values(List.of(draft.card()), draft)
                .forEach((field, value) -> canonical.u8(field.code()).lp(value));
        if (row.brought().isProtected()) {
            canonical.u8(PROTECTED);
        }
        return parts.custody().keys().fingerprints().truncated(canonical.bytes(), Facts.FINGERPRINT_BYTES);
    }
}
