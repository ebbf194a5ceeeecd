package org.patronvault.patron;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.patronvault.crypto.CanonicalBytes;
import org.patronvault.crypto.CanonicalReader;
import org.patronvault.model.Attributes;
import org.patronvault.model.Consent;
import org.patronvault.model.IntegrityException;
import org.patronvault.model.PatronField;
import org.patronvault.store.PatronRow;

/**
 * What the sealed meta cell says of a patron: no personal value, but what policy and integrity need.
 *
 * @param set personal fields that hold something
 * @param generations the generation of each other field's row, so that a row put back is noticed
 * @param importFingerprint what a re-import of the same row has too, 16 bytes; empty if never imported
 */
public record Facts(
        Set<PatronField> set,
        boolean isProtected,
        boolean isDecoy,
        Map<PatronField, Long> generations,
        List<Consent> consents,
        byte[] importFingerprint) {

    private static final int FORM = 1;
    private static final int PROTECTED = 1;
    private static final int DECOY = 2;
    private static final int MAX_CONSENTS = 16;
    static final int FINGERPRINT_BYTES = 16;

    public Facts {
        set = Set.copyOf(set);
        generations = Map.copyOf(generations);
        consents = List.copyOf(consents);
    }

    /** The same, of rows of those generations. */
    Facts at(Map<PatronField, Long> others) {
        return new Facts(set, isProtected, isDecoy, others, consents, importFingerprint);
    }

    /** What meta is bound to besides patron and generation: everything of the row in clear. */
    static byte[] bound(PatronRow row) {
        Attributes a = row.attributes();
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
        out.u8(consents.size());
        for (Consent c : consents) {
            out.lp(c.purpose())
                    .lp(c.policy())
                    .u32(c.on().toEpochDay())
                    .lp(c.channel())
                    .u8(c.given() ? 1 : 0);
        }
        return out.bytes();
    }

    static Facts decode(byte[] stored) {
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
        List<Consent> consents = new ArrayList<>();
        int count = in.u8();
        if (count > MAX_CONSENTS) {
            throw new IntegrityException("meta: consents");
        }
        for (int i = 0; i < count; i++) {
            consents.add(new Consent(
                    in.lpString(),
                    in.lpString(),
                    java.time.LocalDate.ofEpochDay(in.u32()),
                    in.lpString(),
                    in.u8() == 1));
        }
        in.end();
        return new Facts(set, (flags & PROTECTED) != 0, (flags & DECOY) != 0, generations, consents, fingerprint);
    }
}
