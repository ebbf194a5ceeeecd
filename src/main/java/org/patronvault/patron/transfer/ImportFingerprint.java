package org.patronvault.patron.transfer;

import java.security.MessageDigest;
import java.util.List;
import org.patronvault.core.crypto.CanonicalBytes;
import org.patronvault.core.crypto.Prf;
import org.patronvault.core.vault.PatronMeta;
import org.patronvault.patron.record.ImportRow;
import org.patronvault.patron.record.PatronContext;
import org.patronvault.patron.record.PatronDraft;
import org.patronvault.patron.record.PatronWriter;

/** The fingerprint of an import row, which shows that the row is unchanged since the last import. */
final class ImportFingerprint {
    private static final int PROTECTED = 0xff;

    private ImportFingerprint() {}

    /**
     * A MAC over the row, without the consent, which is the importer's statement, and without what only a new patron
     * brings.
     */
    static byte[] of(PatronContext parts, ImportRow.Accepted row) {
        return of(parts.custody().keys().fingerprints().newest(), row);
    }

    /** Whether {@code stored} is the fingerprint of this row, under any version of the key. */
    static boolean isOf(PatronContext parts, ImportRow.Accepted row, byte[] stored) {
        return parts.custody().keys().fingerprints().all().stream()
                .anyMatch(prf -> MessageDigest.isEqual(of(prf, row), stored));
    }

    private static byte[] of(Prf prf, ImportRow.Accepted row) {
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
        return prf.truncated(canonical.bytes(), PatronMeta.FINGERPRINT_BYTES);
    }
}
