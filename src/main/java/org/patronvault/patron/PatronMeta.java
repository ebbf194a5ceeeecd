package org.patronvault.patron;

import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import org.patronvault.access.PatronRestrictions;
import org.patronvault.crypto.CanonicalBytes;
import org.patronvault.crypto.CanonicalReader;
import org.patronvault.model.Consent;
import org.patronvault.model.IntegrityException;
import org.patronvault.model.PatronAttributes;
import org.patronvault.model.PatronField;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;
import org.patronvault.store.PatronRow;

/**
 * What the sealed meta cell says of a patron: no personal value, but what policy and integrity need.
 *
 * @param set personal fields that hold something
 * @param generations the generation of each other field's row, so that a row put back is noticed
 * @param forgotten at which vendors the patron asked to be forgotten, and how often
 * @param importFingerprint what a re-import of the same row has too, 16 bytes; empty if never imported
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
    static final int FINGERPRINT_BYTES = 16;

    public PatronMeta {
        set = Set.copyOf(set);
        generations = Map.copyOf(generations);
    }

    /** The same, of rows of those generations. */
    PatronMeta at(Map<PatronField, Long> others) {
        return new PatronMeta(set, isProtected, isDecoy, others, consents, forgotten, importFingerprint);
    }

    /** What the policy asks for. */
    public PatronRestrictions standing() {
        return new PatronRestrictions(isProtected, consents.isWithdrawn());
    }

    /**
     * Makes sure that what the patron agreed to covers a record (P6).
     *
     * @throws Refused with {@code consent-required}
     */
    void requireConsent() {
        if (!consents.isGiven(Consent.SERVICE)) {
            throw new Refused(
                    Problem.CONSENT_REQUIRED,
                    "The patron has taken back the consent to the service: nothing is written before it is given again.");
        }
    }

    /** The same, having said that too. */
    PatronMeta saying(Consent next) {
        return new PatronMeta(
                set, isProtected, isDecoy, generations, consents.with(next), forgotten, importFingerprint);
    }

    /** The same, forgotten there. */
    PatronMeta forgetting(PairwiseResets at) {
        return new PatronMeta(set, isProtected, isDecoy, generations, consents, at, importFingerprint);
    }

    /** What meta is bound to besides patron and generation: everything of the row in clear. */
    static byte[] bound(PatronRow row) {
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

    byte[] encode() {
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
