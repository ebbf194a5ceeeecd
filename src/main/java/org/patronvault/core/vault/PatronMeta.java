package org.patronvault.core.vault;

import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import org.patronvault.core.crypto.CanonicalBytes;
import org.patronvault.core.crypto.CanonicalReader;
import org.patronvault.core.model.Consent;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.PatronAttributes;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.PatronRestrictions;
import org.patronvault.core.store.table.PatronRow;

/**
 * The content of the sealed meta cell: no personal value, but the facts that policy and integrity need.
 *
 * @param set personal fields that have a value
 * @param generations the generation of each other field's row, so that a rolled-back row is noticed
 * @param forgotten the vendors at which the patron asked to be forgotten, and how often
 * @param importFingerprint equal on a re-import of the same row, 16 bytes; empty if never imported
 */
public record PatronMeta(
        Set<PatronField> set,
        boolean isProtected,
        boolean isDecoy,
        Map<PatronField, Long> generations,
        Consents consents,
        PairwiseResets forgotten,
        byte[] importFingerprint) {

    private static final int FORM = 4;
    private static final int PROTECTED = 1;
    private static final int DECOY = 2;
    public static final int FINGERPRINT_BYTES = 16;

    public PatronMeta {
        set = Set.copyOf(set);
        generations = Map.copyOf(generations);
    }

    /** Returns the facts with those generations of the rows. */
    public PatronMeta at(Map<PatronField, Long> others) {
        return new PatronMeta(set, isProtected, isDecoy, others, consents, forgotten, importFingerprint);
    }

    /** The restrictions that the policy asks for. */
    public PatronRestrictions standing() {
        return new PatronRestrictions(isProtected, consents.isWithdrawn());
    }

    /**
     * Checks that the patron's consent covers a record (P6).
     *
     * @throws Refused with {@code consent-required}
     */
    public void requireConsent() {
        if (!consents.isGiven(Consent.SERVICE)) {
            throw new Refused(
                    Problem.CONSENT_REQUIRED,
                    "The patron has taken back the consent to the service: nothing is written before it is given again.");
        }
    }

    /** Returns the facts with one more consent or withdrawal. */
    public PatronMeta saying(Consent next) {
        return new PatronMeta(
                set, isProtected, isDecoy, generations, consents.with(next), forgotten, importFingerprint);
    }

    /** Returns the facts with those resets at vendors. */
    public PatronMeta forgetting(PairwiseResets at) {
        return new PatronMeta(set, isProtected, isDecoy, generations, consents, at, importFingerprint);
    }

    /** The AAD of meta besides patron and generation: the whole unencrypted row. */
    public static byte[] bound(PatronRow row) {
        PatronAttributes a = row.attributes();
        return CanonicalBytes.plain()
                .lp(a.library())
                .lp(a.category().wireName())
                .lp(a.status().wireName())
                .lp(a.expires().map(Object::toString).orElse(""))
                .lp(a.registered().toString())
                .u64(row.version())
                .u64(row.indexGeneration())
                .bytes();
    }

    public byte[] encode() {
        CanonicalBytes out = CanonicalBytes.plain()
                .u8(FORM)
                .u16(PatronField.mask(set))
                .u8((isProtected ? PROTECTED : 0) | (isDecoy ? DECOY : 0))
                .lp(importFingerprint);
        out.u8(generations.size());
        new EnumMap<>(generations)
                .forEach((field, generation) -> out.u8(field.code()).u64(generation));
        consents.encode(out);
        forgotten.encode(out);
        return out.bytes();
    }

    static PatronMeta decode(byte[] stored) {
        CanonicalReader in = CanonicalReader.of(stored);
        if (in.u8() != FORM) {
            throw new IntegrityException("meta: form");
        }
        Set<PatronField> set = PatronField.ofMask(in.u16());
        int flags = in.u8();
        byte[] fingerprint = in.lp();
        Map<PatronField, Long> generations = new EnumMap<>(PatronField.class);
        int fields = in.u8();
        for (int i = 0; i < fields; i++) {
            generations.put(PatronField.ofCode(in.u8()), in.u64());
        }
        Consents consents = Consents.decode(in);
        PairwiseResets forgotten = PairwiseResets.decode(in);
        in.end();
        return new PatronMeta(
                set, (flags & PROTECTED) != 0, (flags & DECOY) != 0, generations, consents, forgotten, fingerprint);
    }
}
