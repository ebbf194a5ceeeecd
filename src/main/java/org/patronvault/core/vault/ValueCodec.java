package org.patronvault.core.vault;

import java.util.ArrayList;
import java.util.List;
import org.patronvault.core.crypto.CanonicalBytes;
import org.patronvault.core.crypto.CanonicalReader;
import org.patronvault.core.model.Address;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Name;
import org.patronvault.core.model.PatronField;

/** The encoding of each field's value before padding and encryption (format.md, "Values"). */
public final class ValueCodec {
    private static final int MAX_LISTED = 8;

    private ValueCodec() {}

    public static byte[] name(Name name) {
        return texts(List.of(name.family(), name.given(), name.middle(), name.suffix(), name.preferred()));
    }

    public static byte[] address(Address a) {
        return texts(List.of(a.line1(), a.line2(), a.city(), a.region(), a.postalCode(), a.country()));
    }

    /** Phone numbers, email addresses, or cards with the current one first. */
    public static byte[] list(List<String> values) {
        return texts(values);
    }

    /** The bytes of an opened field. */
    public static byte[] value(PersonalData data, PatronField field) {
        return switch (field) {
            case CARD -> list(data.cards().orElseThrow());
            case NAME -> name(data.name().orElseThrow());
            case ADDRESS -> address(data.address().orElseThrow());
            case PHONE -> list(data.phone().orElseThrow());
            case EMAIL -> list(data.email().orElseThrow());
            default -> throw new IllegalStateException("not a personal field");
        };
    }

    private static byte[] texts(List<String> texts) {
        CanonicalBytes out = CanonicalBytes.plain().u8(texts.size());
        texts.forEach(text -> out.u16(utf8Length(text)).raw(text.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
        return out.bytes();
    }

    private static int utf8Length(String text) {
        return text.getBytes(java.nio.charset.StandardCharsets.UTF_8).length;
    }

    static Name readName(byte[] value) {
        List<String> t = read(value, 5);
        return new Name(t.get(0), t.get(1), t.get(2), t.get(3), t.get(4));
    }

    static Address readAddress(byte[] value) {
        List<String> t = read(value, 6);
        return new Address(t.get(0), t.get(1), t.get(2), t.get(3), t.get(4), t.get(5));
    }

    static List<String> readList(byte[] value) {
        return read(value, -1);
    }

    private static List<String> read(byte[] value, int expected) {
        CanonicalReader in = CanonicalReader.of(value);
        int count = in.u8();
        if (expected >= 0 ? count != expected : count > MAX_LISTED) {
            throw new IntegrityException("value: count");
        }
        List<String> texts = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            texts.add(new String(in.raw(in.u16()), java.nio.charset.StandardCharsets.UTF_8));
        }
        in.end();
        return texts;
    }
}
