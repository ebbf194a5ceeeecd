package org.patronvault.access;

import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.patronvault.model.PatronField;
import org.patronvault.model.Problem;
import org.patronvault.model.Purpose;
import org.patronvault.model.Role;

/**
 * The library's policy: roles and scopes × purposes × fields, limits, services. Default deny: what it does not say is
 * refused. Never changes; a changed file is a new one.
 */
public final class Policy {

    /** An answer: allowed, or why not. */
    public record Answer(Optional<Problem> refusal, String sentence) {
        static final Answer ALLOWED = new Answer(Optional.empty(), "");

        static Answer no(Problem problem, String sentence) {
            return new Answer(Optional.of(problem), sentence);
        }

        /** Whether it may be done. */
        public boolean allowed() {
            return refusal.isEmpty();
        }
    }

    /** A vendor's service: who it is open to; empty sets mean everyone. */
    public record Service(Set<String> libraries, Set<String> categories) {}

    private final String version;
    private final Map<String, Rule> roles;
    private final Map<String, Rule> scopes;
    private final LimitSettings limits;
    private final Map<String, Service> services;

    Policy(
            String version,
            Map<String, Rule> roles,
            Map<String, Rule> scopes,
            LimitSettings limits,
            Map<String, Service> services) {
        this.version = version;
        this.roles = Map.copyOf(roles);
        this.scopes = Map.copyOf(scopes);
        this.limits = limits;
        this.services = Map.copyOf(services);
    }

    /** Version of the posted policy it carries out. */
    public String version() {
        return version;
    }

    /** The limits of a person. */
    public LimitSettings limits() {
        return limits;
    }

    /** The service of that name. */
    public Optional<Service> service(String name) {
        return Optional.ofNullable(services.get(name));
    }

    /** Whether the policy knows that role. */
    public boolean knows(Role role) {
        return roles.containsKey(role.name());
    }

    /** Whether the policy knows that scope. */
    public boolean knowsScope(String scope) {
        return scopes.containsKey(scope);
    }

    /** The names of the roles, sorted. */
    public List<String> roleNames() {
        return roles.keySet().stream().sorted().toList();
    }

    /** The names of the scopes, sorted. */
    public List<String> scopeNames() {
        return scopes.keySet().stream().sorted().toList();
    }

    /** Fields shown in this caller's search results without being asked for. */
    public Set<PatronField> results(Caller caller) {
        return narrowed(caller, rule(caller).results());
    }

    /** Whether the scopes open any field: such a client needs a second person to be made. */
    public boolean opensFields(Set<String> scopeNames) {
        return scopeNames.stream()
                .anyMatch(s -> !scopes.getOrDefault(s, Rule.NOTHING).opens().isEmpty());
    }

    /** The one function: may this caller do that? Order of refusal: the act, the purpose, the fields, the library. */
    public Answer ask(Caller caller, Question question) {
        Rule rule = rule(caller);
        if (!rule.may().contains(question.permission())) {
            return Answer.no(
                    Problem.NOT_ALLOWED, "The policy does not let this role " + verb(question.permission()) + ".");
        }
        if (question.purpose().isPresent()
                && !purposes(caller, rule).contains(question.purpose().get())) {
            return Answer.no(Problem.PURPOSE_NOT_ALLOWED, "The policy does not let this role name that purpose.");
        }
        if (!narrowed(caller, rule.opens()).containsAll(question.opens())) {
            return Answer.no(
                    Problem.FIELD_NOT_ALLOWED, "The policy does not let this role open every field asked for.");
        }
        if (!narrowed(caller, rule.searches()).containsAll(question.searches())) {
            return Answer.no(Problem.FIELD_NOT_ALLOWED, "The policy does not let this role search by that field.");
        }
        boolean foreign = question.library().isPresent()
                && !question.library().get().equals(caller.actor().library());
        if (rule.ownLibraryOnly() && foreign) {
            return Answer.no(Problem.NOT_ALLOWED, "The policy lets this role look at its own library's patrons only.");
        }
        return Answer.ALLOWED;
    }

    private static String verb(Permission permission) {
        return permission.wireName().replace('-', ' ');
    }

    private Rule rule(Caller caller) {
        if (caller.isPerson()) {
            return roles.getOrDefault(caller.actor().role(), Rule.NOTHING);
        }
        Set<Permission> may = EnumSet.noneOf(Permission.class);
        Set<Purpose> purposes = new HashSet<>();
        Set<PatronField> opens = new HashSet<>();
        Set<PatronField> results = new HashSet<>();
        Set<PatronField> searches = new HashSet<>();
        boolean ownOnly = false;
        for (String scope : caller.scopes()) {
            Rule rule = scopes.getOrDefault(scope, Rule.NOTHING);
            may.addAll(rule.may());
            purposes.addAll(rule.purposes());
            opens.addAll(rule.opens());
            results.addAll(rule.results());
            searches.addAll(rule.searches());
            ownOnly |= rule.ownLibraryOnly() && scopes.containsKey(scope);
        }
        return new Rule(may, purposes, opens, results, searches, ownOnly);
    }

    private static Set<PatronField> narrowed(Caller caller, Set<PatronField> fields) {
        if (caller.fields().isEmpty()) {
            return fields;
        }
        return fields.stream().filter(caller.fields().get()::contains).collect(Collectors.toSet());
    }

    private static Set<Purpose> purposes(Caller caller, Rule rule) {
        if (caller.purposes().isEmpty()) {
            return rule.purposes();
        }
        return rule.purposes().stream()
                .filter(caller.purposes().get()::contains)
                .collect(Collectors.toSet());
    }
}
