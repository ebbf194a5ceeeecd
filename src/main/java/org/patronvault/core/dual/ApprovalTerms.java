package org.patronvault.core.dual;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.patronvault.core.crypto.CanonicalBytes;

/**
 * The exact terms of one request. An approval binds these terms and no others.
 *
 * @param kind the act, such as {@code staff.grant}
 * @param about canonical name of the account, client or key it is about
 * @param terms the other terms, each a list of texts; never a secret
 */
public record ApprovalTerms(String kind, String about, SortedMap<String, List<String>> terms) {

    /** Makes terms from a map in any order; they are sorted. */
    public ApprovalTerms(String kind, String about, Map<String, List<String>> terms) {
        this(kind, about, new TreeMap<>(terms));
    }

    /** Returns the texts of a term; none if it is absent. */
    public List<String> all(String term) {
        return terms.getOrDefault(term, List.of());
    }

    /** Returns the one text of a term; empty if it is absent. */
    public String one(String term) {
        List<String> values = all(term);
        return values.isEmpty() ? "" : values.get(0);
    }

    /**
     * Returns the SHA-256 of the canonical bytes of all terms, in hexadecimal. A second person approves this digest.
     */
    public String digest() {
        CanonicalBytes out = CanonicalBytes.begin("pv1.ask").lp(kind).lp(about).u32(terms.size());
        terms.forEach((term, values) -> {
            out.lp(term).u32(values.size());
            values.forEach(out::lp);
        });
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(out.bytes()));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
