package org.patronvault.access;

import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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

    private static final List<Problem> FROM_NEAR_TO_FAR = List.of(
            Problem.FIELD_NOT_ALLOWED, Problem.PURPOSE_REQUIRED, Problem.PURPOSE_NOT_ALLOWED, Problem.NOT_ALLOWED);

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
    public Set<PatronField> results(Caller caller, Question question) {
        Set<PatronField> results = EnumSet.noneOf(PatronField.class);
        // Of a client's scopes only those that allow this very search show anything.
        rules(caller)
                .filter(rule -> ask(rule, caller, question).allowed())
                .forEach(rule -> results.addAll(rule.results()));
        return narrowed(caller, results);
    }

    /** Whether the scopes open any field: such a client needs a second person to be made. */
    public boolean opensFields(Set<String> scopeNames) {
        return scopeNames.stream()
                .anyMatch(s -> !scopes.getOrDefault(s, Rule.NOTHING).opens().isEmpty());
    }

    /** The one function: may this caller do that? Order of refusal: the act, the purpose, the fields, the library. */
    public Answer ask(Caller caller, Question question) {
        // One scope alone must allow it: the purposes of one and the fields of another are nothing the policy says.
        return rules(caller)
                .map(rule -> ask(rule, caller, question))
                .min(Comparator.comparingInt(Policy::distance))
                .orElseGet(() -> ask(Rule.NOTHING, caller, question));
    }

    /** How far from allowed an answer is; of several refusals the nearest is told. */
    private static int distance(Answer answer) {
        return answer.refusal().map(FROM_NEAR_TO_FAR::indexOf).orElse(-1);
    }

    private Stream<Rule> rules(Caller caller) {
        return caller.isPerson()
                ? Stream.of(roles.getOrDefault(caller.actor().role(), Rule.NOTHING))
                : caller.scopes().stream().map(scope -> scopes.getOrDefault(scope, Rule.NOTHING));
    }

    private static Answer ask(Rule rule, Caller caller, Question question) {
        if (!rule.may().contains(question.permission())) {
            return Answer.no(
                    Problem.NOT_ALLOWED, "The policy does not let this role " + verb(question.permission()) + ".");
        }
        if (question.purpose().isPresent()
                && !purposes(caller, rule).contains(question.purpose().get())) {
            return Answer.no(Problem.PURPOSE_NOT_ALLOWED, "The policy does not let this role name that purpose.");
        }
        if (question.purpose().isEmpty() && !question.opens().isEmpty()) {
            return Answer.no(Problem.PURPOSE_REQUIRED, "Say for what purpose it is opened.");
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
