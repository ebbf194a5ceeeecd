package org.patronvault.access.watch;

import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.policy.Explanation;
import org.patronvault.core.policy.Policy;

/**
 * The table of a policy: roles and scopes × purposes × fields, with the line of the file that decides each cell. A
 * missing row means refused.
 */
public record PolicyTable(List<Grantee> roles, List<Grantee> scopes) {
    private static final List<PatronField> FIELDS =
            List.of(PatronField.NAME, PatronField.CARD, PatronField.PHONE, PatronField.EMAIL, PatronField.ADDRESS);

    /**
     * A role or scope.
     *
     * @param rows the purposes for which it may have any field
     * @param nothing why it may have no field, if it has no such purpose
     */
    public record Grantee(String name, List<Row> rows, Optional<Explanation> nothing) {}

    /** One purpose, and a cell for each of {@link PolicyTable#fields}. */
    public record Row(Purpose purpose, List<Cell> cells) {}

    /**
     * One field.
     *
     * @param own for a patron of the own library
     * @param elsewhere for a patron of another library; a scope has no library, so both are equal
     */
    public record Cell(PatronField field, Explanation own, Explanation elsewhere) {
        /** Whether the field is allowed for any patron. */
        public boolean isAllowed() {
            return own.allowed() || elsewhere.allowed();
        }

        /** Whether the answer depends on the patron's library. */
        public boolean differs() {
            return own.allowed() != elsewhere.allowed() || !own.mask().equals(elsewhere.mask());
        }
    }

    /** Returns the fields, in the order of the cells. */
    public static List<PatronField> fields() {
        return FIELDS;
    }

    /** Returns the table of a policy. */
    public static PolicyTable of(Policy policy) {
        return new PolicyTable(
                policy.fields().roleNames().stream()
                        .map(role -> who(
                                role,
                                (field, purpose) -> new Cell(
                                        field,
                                        policy.explainRole(role, field, purpose, false),
                                        policy.explainRole(role, field, purpose, true))))
                        .toList(),
                policy.fields().scopeNames().stream()
                        .map(scope -> who(scope, (field, purpose) -> {
                            Explanation explained = policy.explainScope(scope, field, purpose);
                            return new Cell(field, explained, explained);
                        }))
                        .toList());
    }

    private static Grantee who(String name, BiFunction<PatronField, Purpose, Cell> explained) {
        List<Row> rows = Purpose.KNOWN.stream()
                .sorted()
                .map(purpose -> new Row(
                        purpose,
                        FIELDS.stream()
                                .map(field -> explained.apply(field, purpose))
                                .toList()))
                .filter(row -> row.cells().stream().anyMatch(Cell::isAllowed))
                .toList();
        return new Grantee(
                name,
                rows,
                rows.isEmpty()
                        ? Optional.of(explained
                                .apply(PatronField.NAME, Purpose.ACCOUNT_SERVICE)
                                .own())
                        : Optional.empty());
    }
}
