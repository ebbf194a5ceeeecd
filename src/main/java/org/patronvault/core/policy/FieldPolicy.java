package org.patronvault.core.policy;

import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.patronvault.core.model.Consent;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.model.Refused;
import org.patronvault.core.model.Role;

/**
 * The part of the policy that decides who may do what, and open which field for which purpose: roles and scopes ×
 * purposes × fields. Default deny: anything it does not allow is refused. Immutable, and safe for use by many threads.
 */
public final class FieldPolicy {
    private static final List<Problem> FROM_NEAR_TO_FAR = List.of(
            Problem.FIELD_NOT_ALLOWED, Problem.PURPOSE_REQUIRED, Problem.PURPOSE_NOT_ALLOWED, Problem.NOT_ALLOWED);

    private final Map<String, PolicyRule> roles;
    private final Map<String, PolicyRule> scopes;

    /**
     * A request to the policy.
     *
     * @param purpose the purpose of the act; empty for acts that open nothing
     * @param opens personal fields to be opened
     * @param searches fields to be searched by
     */
    record Request(
            Caller caller,
            Permission act,
            Optional<Purpose> purpose,
            Set<PatronField> opens,
            Set<PatronField> searches) {

        Request {
            opens = Set.copyOf(opens);
            searches = Set.copyOf(searches);
        }

        static Request of(Caller caller, Permission act) {
            return new Request(caller, act, Optional.empty(), Set.of(), Set.of());
        }

        static Request of(Caller caller, Permission act, Purpose purpose, Set<PatronField> opens) {
            return new Request(caller, act, Optional.of(purpose), opens, Set.of());
        }

        Request searchingBy(Set<PatronField> fields) {
            return new Request(caller, act, purpose, opens, fields);
        }

        Request opening(Set<PatronField> fields) {
            return new Request(caller, act, purpose, fields, searches);
        }

        /** Whether the act opens every field of a patron by its nature, and is asked for its own purpose. */
        boolean isWhole() {
            return purpose.isPresent() && purpose.equals(act.opensWholeFor());
        }

        boolean isForeign(Grant.Row row) {
            return !row.library().equals(caller.actor().library());
        }

        /** Whether the patron withdrew consent, so that only purposes for the patron may open anything. */
        private boolean isWithdrawn(PatronRestrictions restrictions) {
            return restrictions.isWithdrawn() && !purpose.equals(Optional.of(Purpose.PATRON_REQUEST));
        }

        /** Returns the fields of a rule that remain for this caller and act under the patron's protection. */
        private Set<PatronField> left(Set<PatronField> fields, PatronRestrictions restrictions) {
            Set<PatronField> left = caller.narrowed(fields);
            if (act == Permission.MAIL) {
                boolean isMailed = purpose.map(Purpose::name)
                        .filter(Consent.MAILED::contains)
                        .isPresent();
                return isMailed && left.contains(PatronField.EMAIL) ? Set.of(PatronField.EMAIL) : Set.of();
            }
            if (!restrictions.isProtected() || caller.acts(Role.DIRECTOR)) {
                return left;
            }
            return left.stream()
                    .filter(field -> !PatronRestrictions.PROTECTED.contains(field))
                    .collect(Collectors.toSet());
        }
    }

    /** Why a request is refused. */
    record Denial(Problem problem, String sentence) {
        Refused refused() {
            return new Refused(problem, sentence);
        }
    }

    FieldPolicy(Map<String, PolicyRule> roles, Map<String, PolicyRule> scopes) {
        this.roles = Map.copyOf(roles);
        this.scopes = Map.copyOf(scopes);
    }

    /**
     * Grants an act that opens no field.
     *
     * @throws Refused if the policy does not let this caller do it
     */
    public Grant grant(Caller caller, Permission act) {
        return grant(Request.of(caller, act));
    }

    /**
     * Grants an act that opens these fields for this purpose. Refuses the act, the purpose, the fields and the library,
     * in this order.
     *
     * @throws Refused if the policy does not let this caller open all of them
     */
    public Grant grant(Caller caller, Permission act, Purpose purpose, Set<PatronField> fields) {
        return grant(Request.of(caller, act, purpose, fields));
    }

    /**
     * Grants a search by fields, for this purpose, that opens others.
     *
     * @throws Refused if the policy does not let this caller search by all of the first and open all of the others
     */
    public Grant grantSearch(Caller caller, Purpose purpose, Set<PatronField> by, Set<PatronField> opens) {
        return grant(Request.of(caller, Permission.SEARCH, purpose, opens).searchingBy(by));
    }

    Grant grant(Request request) {
        denial(request, Optional.empty()).ifPresent(denial -> {
            throw denial.refused();
        });
        return new Grant(this, request);
    }

    /** Whether the policy lets this caller do an act at all. */
    public boolean allows(Caller caller, Permission act) {
        return denial(Request.of(caller, act), Optional.empty()).isEmpty();
    }

    /** Whether the policy lets this caller open these fields for this purpose. */
    public boolean allows(Caller caller, Permission act, Purpose purpose, Set<PatronField> fields) {
        return denial(Request.of(caller, act, purpose, fields), Optional.empty())
                .isEmpty();
    }

    /** Whether the policy lets this caller open these fields of that patron for this purpose. */
    public boolean allows(Caller caller, Permission act, Purpose purpose, Set<PatronField> fields, Grant.Row row) {
        return denial(Request.of(caller, act, purpose, fields), Optional.of(row))
                .isEmpty();
    }

    /** Whether the policy lets this caller search by a field for some purpose. */
    public boolean allowsSearchBy(Caller caller, PatronField field) {
        return denial(Request.of(caller, Permission.SEARCH).searchingBy(Set.of(field)), Optional.empty())
                .isEmpty();
    }

    /** Whether the desk may name that purpose. */
    public boolean isOfDesk(Purpose purpose) {
        return roles.getOrDefault("circulation", PolicyRule.NOTHING).purposes().contains(purpose);
    }

    /** Whether the scopes open any field; such a client needs a second person to be made. */
    public boolean opensFields(Set<String> scopeNames) {
        return scopeNames.stream()
                .map(scope -> scopes.getOrDefault(scope, PolicyRule.NOTHING))
                .anyMatch(PolicyRule::opensFields);
    }

    /** Returns the names of the roles, sorted. */
    public List<String> roleNames() {
        return roles.keySet().stream().sorted().toList();
    }

    /** Returns the names of the scopes, sorted. */
    public List<String> scopeNames() {
        return scopes.keySet().stream().sorted().toList();
    }

    /** Returns the rule of that role. */
    public Optional<PolicyRule> role(String name) {
        return Optional.ofNullable(roles.get(name));
    }

    /** Returns the rule of that scope. */
    public Optional<PolicyRule> scope(String name) {
        return Optional.ofNullable(scopes.get(name));
    }

    /**
     * Returns why a request is refused, or nothing if it is allowed. Every decision is made here.
     *
     * @param row the patron, once a row was read
     */
    Optional<Denial> denial(Request request, Optional<? extends Grant.Row> row) {
        // One scope alone must allow it. The policy grants no mix of one scope's purposes and another's fields.
        return rules(request.caller())
                .map(rule -> denial(rule, request, row))
                .min(Comparator.comparingInt(FieldPolicy::distance))
                .orElseGet(() -> denial(PolicyRule.NOTHING, request, row));
    }

    /** Returns what a request gets to see of that patron; empty if it is refused. */
    Optional<RowGrant> shown(Grant grant, Request request, Grant.Row row) {
        boolean isAllowed = false;
        Set<PatronField> results = EnumSet.noneOf(PatronField.class);
        Set<PatronField> masked = EnumSet.copyOf(PatronField.personal());
        // Only those scopes of a client that allow this very request show anything.
        for (PolicyRule rule : rules(request.caller()).toList()) {
            if (denial(rule, request, Optional.of(row)).isEmpty()) {
                isAllowed = true;
                FieldGrants grants = rule.of(request, row);
                results.addAll(grants.results(request.purpose()));
                masked.removeIf(field -> grants.showsWhole(field, request));
            }
        }
        PatronRestrictions restrictions = row.restrictions();
        Set<PatronField> unasked = request.isWithdrawn(restrictions) ? Set.of() : request.left(results, restrictions);
        return isAllowed ? Optional.of(new RowGrant(grant, unasked, masked)) : Optional.empty();
    }

    /** Returns how far from allowed a rule's answer is; of several refusals the nearest is returned. */
    private static int distance(Optional<Denial> denial) {
        return denial.map(Denial::problem).map(FROM_NEAR_TO_FAR::indexOf).orElse(-1);
    }

    private Stream<PolicyRule> rules(Caller caller) {
        return caller.isPerson()
                ? Stream.of(roles.getOrDefault(caller.actor().role(), PolicyRule.NOTHING))
                : caller.scopes().stream().map(scope -> scopes.getOrDefault(scope, PolicyRule.NOTHING));
    }

    private static Optional<Denial> denial(PolicyRule rule, Request request, Optional<? extends Grant.Row> row) {
        if (!rule.may().contains(request.act())) {
            return no(
                    Problem.NOT_ALLOWED,
                    "The policy does not let this role "
                            + request.act().wireName().replace('-', ' ') + ".");
        }
        if (!rule.letsName(request)) {
            return no(Problem.PURPOSE_NOT_ALLOWED, "The policy does not let this role name that purpose.");
        }
        if (request.purpose().isEmpty() && !request.opens().isEmpty()) {
            return no(Problem.PURPOSE_REQUIRED, "Say for what purpose it is opened.");
        }
        if (row.isPresent()) {
            FieldGrants grants = rule.of(request, row.get());
            boolean foreign = request.isForeign(row.get());
            return denial(rule, grants, request, foreign, row.get().restrictions());
        }
        // No patron is known yet: the grants for the own library or those for others may allow it.
        return Stream.of(rule.own(), rule.elsewhere())
                .skip(request.caller().actor().library().isEmpty() ? 1 : 0)
                .map(grants -> denial(rule, grants, request, false, PatronRestrictions.PLAIN))
                .min(Comparator.comparingInt(FieldPolicy::distance))
                .orElseThrow();
    }

    private static Optional<Denial> denial(
            PolicyRule rule, FieldGrants grants, Request request, boolean foreign, PatronRestrictions restrictions) {
        if (request.isWithdrawn(restrictions) && !request.opens().isEmpty()) {
            return no(
                    Problem.FIELD_NOT_ALLOWED,
                    "The patron has taken back the consent to the service; nothing is opened any more.");
        }
        String where = foreign && request.caller().isPerson() && !restrictions.isProtected()
                ? " of another library's patrons."
                : ".";
        Set<PatronField> opens = request.isWhole() ? PatronField.personal() : grants.opens(request.purpose());
        if (!request.left(opens, restrictions).containsAll(request.opens())) {
            return no(
                    Problem.FIELD_NOT_ALLOWED, "The policy does not let this role open every field asked for" + where);
        }
        Set<PatronField> searches = rule.searches(grants, request.purpose());
        if (!request.left(searches, restrictions).containsAll(request.searches())) {
            return no(Problem.FIELD_NOT_ALLOWED, "The policy does not let this role search by that field" + where);
        }
        if (rule.ownLibraryOnly() && foreign) {
            return no(Problem.NOT_ALLOWED, "The policy lets this role look at its own library's patrons only.");
        }
        return Optional.empty();
    }

    private static Optional<Denial> no(Problem problem, String sentence) {
        return Optional.of(new Denial(problem, sentence));
    }
}
