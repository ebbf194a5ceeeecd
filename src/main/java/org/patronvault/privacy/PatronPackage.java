package org.patronvault.privacy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import org.patronvault.crypto.CmsRecipient;
import org.patronvault.patron.PatronJson;
import org.patronvault.patron.SubjectAccessRecord;

/**
 * Everything that is held of one patron, for that patron: the record with all that is sealed in it, and who looked. Not
 * that a patron does not exist. Prints {@code [REDACTED]}.
 *
 * @param form writes the record
 * @param accesses who looked, this very look included; made when the package was
 * @param namesStaff whether it says who took a consent down, as the report says who looked
 * @param recipient whom it is sealed to; empty if it is handed over in clear
 */
public record PatronPackage(
        SubjectAccessRecord patron,
        PatronJson form,
        AccessReport accesses,
        boolean namesStaff,
        Optional<CmsRecipient> recipient) {

    /** Whether it is to be sealed. */
    public boolean isSealed() {
        return recipient.isPresent();
    }

    /** Whether the record came with a file of another system, or of another vault. */
    public boolean isImported() {
        return patron.facts().importFingerprint().length > 0;
    }

    /** The index of the package's own entry in the log. */
    public long entry() {
        return accesses.entry();
    }

    /** As JSON: the patron as {@code patrons export} writes one, and what else there is. */
    public ObjectNode json() {
        ObjectNode json = patron.json(form);
        json.put("id", patron.id().toString());
        json.put("version", patron.version());
        if (!namesStaff) {
            json.path("consents").forEach(one -> ((ObjectNode) one).remove("by"));
        }
        json.put("imported", isImported());
        json.put("indexed", true);
        json.set("accesses", accesses.json());
        return json.put("entry", entry());
    }

    /** {@code content} for the recipient alone. */
    public byte[] seal(byte[] content) {
        return recipient.orElseThrow().seal(content);
    }

    @Override
    public String toString() {
        return "[REDACTED]";
    }
}
