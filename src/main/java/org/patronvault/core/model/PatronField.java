package org.patronvault.core.model;

import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A field of a patron that is stored in an envelope of its own. The policy allows a library to collect the first five
 * (P5) and no more; {@link #META} and {@link #LABELS} hold no personal value.
 *
 * <p>The {@link #code()} is part of the stored log format and never changes.
 */
public enum PatronField {
    CARD(1),
    NAME(2),
    ADDRESS(3),
    PHONE(4),
    EMAIL(5),
    META(6),
    LABELS(7);

    private static final Set<PatronField> PERSONAL = Set.copyOf(EnumSet.of(CARD, NAME, ADDRESS, PHONE, EMAIL));

    private static final Map<String, PatronField> BY_NAME =
            Arrays.stream(values()).collect(Collectors.toMap(PatronField::wireName, Function.identity()));

    private static final Map<Integer, PatronField> BY_CODE =
            Arrays.stream(values()).collect(Collectors.toMap(PatronField::code, Function.identity()));

    private final int code;
    private final String wireName;

    PatronField(int code) {
        this.code = code;
        this.wireName = name().toLowerCase(Locale.ROOT);
    }

    /** The number that stands for this field in stored bytes, 1 to 15. */
    public int code() {
        return code;
    }

    /** The name in the API, in the AAD and of the KEK: lower case. */
    public String wireName() {
        return wireName;
    }

    /** Whether it holds data that the patron was promised confidentiality for. */
    public boolean isPersonal() {
        return PERSONAL.contains(this);
    }

    /** The five personal fields. */
    public static Set<PatronField> personal() {
        return PERSONAL;
    }

    /** The field of that name in the API, if there is one. */
    public static Optional<PatronField> ofWireName(String wireName) {
        return Optional.ofNullable(BY_NAME.get(wireName));
    }

    /** The field with that code. */
    public static PatronField ofCode(int code) {
        return Optional.ofNullable(BY_CODE.get(code))
                .orElseThrow(() -> new IllegalArgumentException("field code must be 1 to 7, was " + code));
    }

    /** The set as bits, bit {@code code} for each field. */
    public static int mask(Set<PatronField> fields) {
        int mask = 0;
        for (PatronField field : fields) {
            mask |= 1 << field.code;
        }
        return mask;
    }

    /** The names of the personal fields among these, such as {@code name, phone}. */
    public static String list(Collection<PatronField> fields) {
        return fields.stream()
                .filter(PatronField::isPersonal)
                .sorted()
                .map(PatronField::wireName)
                .collect(Collectors.joining(", "));
    }

    /** The fields of a set of bits made by {@link #mask}. */
    public static Set<PatronField> ofMask(int mask) {
        EnumSet<PatronField> fields = EnumSet.noneOf(PatronField.class);
        for (PatronField field : values()) {
            if ((mask & (1 << field.code)) != 0) {
                fields.add(field);
            }
        }
        return fields;
    }
}
