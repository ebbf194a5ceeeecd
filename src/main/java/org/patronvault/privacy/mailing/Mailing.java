package org.patronvault.privacy.mailing;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.List;

/**
 * A permission to export addresses until it expires (P9).
 *
 * @param id 32 hexadecimal digits
 * @param libraries whose patrons; empty for all
 * @param limit the most addresses
 * @param recipient SHA-256 of the certificate that the file is encrypted to, in hexadecimal
 * @param by the account that requested it, and may fetch it
 * @param second the approver; empty if one person was enough
 * @param files how often the whole file was fetched
 */
public record Mailing(
        String id,
        String purpose,
        List<String> libraries,
        int limit,
        String recipient,
        String by,
        String second,
        Instant made,
        Instant expires,
        int files) {

    /** The mailing as JSON. */
    public ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("id", id).put("purpose", purpose);
        libraries.forEach(json.putArray("libraries")::add);
        return json.put("limit", limit)
                .put("recipient", recipient)
                .put("by", by)
                .put("second", second)
                .put("made", made.toString())
                .put("expires", expires.toString())
                .put("files", files);
    }
}
