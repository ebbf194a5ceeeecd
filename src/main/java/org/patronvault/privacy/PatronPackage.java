package org.patronvault.privacy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import org.patronvault.core.crypto.CmsRecipient;
import org.patronvault.log.report.AccessReport;
import org.patronvault.patron.record.PatronJson;
import org.patronvault.patron.record.SubjectAccessRecord;

/**
 * All data held of one patron, for that patron: the record with its sealed facts, and the accesses to it. It leaves out
 * that a patron is a decoy. Prints {@code [REDACTED]}.
 *
 * @param form writes the record
 * @param accesses the accesses, including this one; made together with the package
 * @param namesStaff whether it names who recorded a consent, as the report names who accessed the record
 * @param recipient the certificate it is encrypted to; empty if it is handed over unencrypted
 */
public record PatronPackage(
        SubjectAccessRecord patron,
        PatronJson form,
        AccessReport accesses,
        boolean namesStaff,
        Optional<CmsRecipient> recipient) {

    /** Whether it is to be encrypted. */
    public boolean isSealed() {
        return recipient.isPresent();
    }

    /** Whether the record came from a file of another system, or of another vault. */
    public boolean isImported() {
        return patron.facts().importFingerprint().length > 0;
    }

    /** The index of the package's own entry in the log. */
    public long entry() {
        return accesses.entry();
    }

    /** The package as JSON: the patron as {@code patrons export} writes it, and the other data. */
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

    /** Encrypts {@code content} to the recipient. */
    public byte[] seal(byte[] content) {
        return recipient.orElseThrow().seal(content);
    }

    @Override
    public String toString() {
        return "[REDACTED]";
    }
}
