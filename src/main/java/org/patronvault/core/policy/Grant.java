package org.patronvault.core.policy;

import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.model.Refused;

/**
 * A caller's permission for an act, its purpose, and the fields it opens or searches by. Only
 * {@link FieldPolicy#grant} makes one, so the policy in force then allowed it. It speaks of no patron yet; {@link #of}
 * says what it shows of one. Immutable, and safe for use by many threads.
 */
public final class Grant {
    private final FieldPolicy policy;
    private final FieldPolicy.Request request;

    /** The facts about a patron that the policy judges by. */
    public interface Row {
        /** Returns the home library. */
        String library();

        /** Returns what protection and consent forbid. */
        PatronRestrictions restrictions();
    }

    private record PlainRow(String library, PatronRestrictions restrictions) implements Row {}

    /** Returns a row of that library without restrictions. */
    public static Row ofLibrary(String library) {
        return new PlainRow(library, PatronRestrictions.PLAIN);
    }

    Grant(FieldPolicy policy, FieldPolicy.Request request) {
        this.policy = policy;
        this.request = request;
    }

    /** Returns the caller who has it. */
    public Caller caller() {
        return request.caller();
    }

    /** Returns the purpose; empty if it opens nothing. */
    public Optional<Purpose> purpose() {
        return request.purpose();
    }

    /** Returns the fields that were asked for. */
    public Set<PatronField> opens() {
        return request.opens();
    }

    /**
     * Returns this grant for a search by these fields.
     *
     * @throws Refused if the policy does not let this caller search by all of them
     */
    public Grant searchingBy(Set<PatronField> fields) {
        return request.searches().equals(fields) ? this : policy.grant(request.searchingBy(fields));
    }

    /** Whether {@link #searchingBy} would return. */
    public boolean allowsSearchBy(Set<PatronField> fields) {
        return policy.denial(request.searchingBy(fields), Optional.empty()).isEmpty();
    }

    /** Returns this grant for a search that opens nothing that was asked for. */
    public Grant openingNothing() {
        return request.opens().isEmpty() ? this : policy.grant(request.opening(Set.of()));
    }

    /** Returns this grant with those of {@code more} that the policy lets the caller open of this patron. */
    public Grant openingAlso(Set<PatronField> more, Row row) {
        if (more.isEmpty()) {
            return this;
        }
        Set<PatronField> all = EnumSet.noneOf(PatronField.class);
        all.addAll(opens());
        more.stream()
                .filter(field -> policy.denial(request.opening(Set.of(field)), Optional.of(row))
                        .isEmpty())
                .forEach(all::add);
        return policy.grant(request.opening(all));
    }

    /**
     * Returns what is shown of a patron, and how.
     *
     * @throws Refused if this patron's library, protection or consent forbids it
     */
    public RowGrant of(Row row) {
        return find(row)
                .orElseThrow(() ->
                        policy.denial(request, Optional.of(row)).orElseThrow().refused());
    }

    /** Returns what is shown of a patron; empty where {@link #of} would refuse. */
    public Optional<RowGrant> find(Row row) {
        return policy.shown(this, request, row);
    }

    /** Returns this grant; refuses the act on a patron where {@link #of} would. */
    public Grant require(Row row) {
        policy.denial(request, Optional.of(row)).ifPresent(denial -> {
            throw denial.refused();
        });
        return this;
    }

    /** Whether {@link #of} would return. */
    public boolean allows(Row row) {
        return policy.denial(request, Optional.of(row)).isEmpty();
    }

    /** Whether only the patron's protection forbids it. */
    public boolean isWithheld(Row row) {
        return !allows(row) && allows(ofLibrary(row.library()));
    }
}
