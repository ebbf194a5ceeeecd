package org.patronvault.core.policy;

import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Purpose;

/**
 * The library's policy: roles and scopes × purposes × fields, limits, services. Default deny: anything it does not
 * allow is refused. Immutable; a changed file makes a new policy.
 */
public final class Policy {

    /** The policy's answer: allowed, or the reason for refusing. */
    public record Answer(Optional<Problem> refusal, String sentence) {
        static final Answer ALLOWED = new Answer(Optional.empty(), "");

        static Answer no(Problem problem, String sentence) {
            return new Answer(Optional.of(problem), sentence);
        }

        /** Whether the act is allowed. */
        public boolean allowed() {
            return refusal.isEmpty();
        }
    }

    private static final List<Problem> FROM_NEAR_TO_FAR = List.of(
            Problem.FIELD_NOT_ALLOWED, Problem.PURPOSE_REQUIRED, Problem.PURPOSE_NOT_ALLOWED, Problem.NOT_ALLOWED);

    private final String version;
    private final Map<String, PolicyRule> roles;
    private final Map<String, PolicyRule> scopes;
    private final LimitSettings limits;
    private final Map<String, VendorService> services;
    private final Set<String> secondFactor;
    private final PolicySettings terms;
    private final YamlNode written;

    /**
     * Makes a policy from its parsed parts.
     *
     * @param secondFactor names of the roles that sign in with a second factor
     * @param written the file itself, for the lines that decide
     */
    Policy(
            String version,
            Map<String, PolicyRule> roles,
            Map<String, PolicyRule> scopes,
            LimitSettings limits,
            Map<String, VendorService> services,
            Set<String> secondFactor,
            PolicySettings terms,
            YamlNode written) {
        this.version = version;
        this.roles = Map.copyOf(roles);
        this.scopes = Map.copyOf(scopes);
        this.limits = limits;
        this.services = Map.copyOf(services);
        this.secondFactor = Set.copyOf(secondFactor);
        this.terms = terms;
        this.written = written;
    }

    /** Returns the version of the posted policy it carries out. */
    public String version() {
        return version;
    }

    /** Returns the limits of a person. */
    public LimitSettings limits() {
        return limits;
    }

    /** Returns the service of that name. */
    public Optional<VendorService> service(String name) {
        return Optional.ofNullable(services.get(name));
    }

    /** Returns the names of the services, sorted. */
    public List<String> serviceNames() {
        return services.keySet().stream().sorted().toList();
    }

    /** Returns which groups of a provider have which roles. */
    public SignOnPolicy signOn() {
        return terms.signOn();
    }

    /** Whether the desk may name that purpose. */
    public boolean isOfDesk(Purpose purpose) {
        return roles.getOrDefault("circulation", PolicyRule.NOTHING).purposes().contains(purpose);
    }

    /** Returns the names of the roles that need a second factor. */
    public Set<String> secondFactor() {
        return secondFactor;
    }

    /** Returns the smallest number of patrons that statistics show. */
    public int statisticsFloor() {
        return terms.statistics().floor();
    }

    /** Returns for how long the access log names patrons, and how a patron's report names staff. */
    public AccessLogPolicy accessLog() {
        return terms.accessLog();
    }

    /** Returns how many addresses a mailing may have. */
    public MailingPolicy mailings() {
        return terms.mailings();
    }

    /** Returns how often entitlement may be checked. */
    public EntitlementCheckPolicy checks() {
        return terms.checks();
    }

    /** Returns the jurisdiction whose law governs handing records out. */
    public Jurisdiction jurisdiction() {
        return terms.disclosure().jurisdiction();
    }

    /** Returns the retention rules, by name. */
    public Map<String, RetentionRule> retention() {
        return terms.retention();
    }

    /** Returns the names of the roles, sorted. */
    public List<String> roleNames() {
        return roles.keySet().stream().sorted().toList();
    }

    /** Returns the names of the scopes, sorted. */
    public List<String> scopeNames() {
        return scopes.keySet().stream().sorted().toList();
    }

    /** Returns the node at that path of members; if it is missing, the deepest ancestor that exists. */
    YamlNode written(String... path) {
        YamlNode at = written;
        for (String name : path) {
            if (!at.member(name).isSaid()) {
                break;
            }
            at = at.member(name);
        }
        return at;
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
     * Returns whether a role may have a field, and why.
     *
     * @param elsewhere whether the patron is of another library than the person's own
     */
    public Explanation explainRole(String role, PatronField field, Purpose purpose, boolean elsewhere) {
        return new PolicyExplainer(this, SyntheticCaller.role(role), "roles", field, purpose, elsewhere).explain();
    }

    /** Returns whether a scope may have a field, and why; a client has no library of its own. */
    public Explanation explainScope(String scope, PatronField field, Purpose purpose) {
        return new PolicyExplainer(this, SyntheticCaller.scope(scope), "scopes", field, purpose, true).explain();
    }

    /**
     * Returns sentences for everything that this policy allows and {@code approved} does not. It compares acts,
     * purposes, fields, whole values instead of masked ones, services, limits, and second factors no longer required.
     * Empty if it allows nothing more. It compares rights, not the file's text.
     */
    public List<String> widerThan(Policy approved) {
        return new PolicyWidening(approved, this).sentences();
    }

    /** Returns the fields shown in this caller's search results by default. */
    public Set<PatronField> results(Caller caller, AccessRequest question) {
        Set<PatronField> results = EnumSet.noneOf(PatronField.class);
        // Only those scopes of a client that allow this very search show anything.
        rules(caller)
                .filter(rule -> ask(rule, caller, question).allowed())
                .flatMap(rule -> rule.sights(caller, question).stream())
                .forEach(sight -> results.addAll(sight.results(question.purpose())));
        return question.leftToOpen(caller, narrowed(caller.fields(), results));
    }

    /**
     * Returns the opened or shown fields that this caller gets masked. A field is masked unless a rule shows it whole.
     *
     * @param question the allowed request, with the patron's library
     */
    public Set<PatronField> masked(Caller caller, AccessRequest question) {
        Set<PatronField> masked = EnumSet.copyOf(PatronField.personal());
        rules(caller)
                .filter(rule -> ask(rule, caller, question).allowed())
                .flatMap(rule -> rule.sights(caller, question).stream())
                .forEach(sight -> masked.removeIf(
                        field -> (question.isWhole() || !sight.masked().contains(field))
                                && (question.opens().contains(field)
                                        || sight.results(question.purpose()).contains(field))));
        return masked;
    }

    /** Whether the scopes open any field; such a client needs a second person to be made. */
    public boolean opensFields(Set<String> scopeNames) {
        return scopeNames.stream()
                .map(scope -> scopes.getOrDefault(scope, PolicyRule.NOTHING))
                .anyMatch(PolicyRule::opensFields);
    }

    /**
     * Decides whether a caller may do that; the one function for it. Order of refusal: the act, the purpose, the
     * fields, the library.
     */
    public Answer ask(Caller caller, AccessRequest question) {
        // One scope alone must allow it. The policy grants no mix of one scope's purposes and another's fields.
        return rules(caller)
                .map(rule -> ask(rule, caller, question))
                .min(Comparator.comparingInt(Policy::distance))
                .orElseGet(() -> ask(PolicyRule.NOTHING, caller, question));
    }

    /** Returns how far from allowed an answer is; of several refusals the nearest is returned. */
    private static int distance(Answer answer) {
        return answer.refusal().map(FROM_NEAR_TO_FAR::indexOf).orElse(-1);
    }

    private Stream<PolicyRule> rules(Caller caller) {
        return caller.isPerson()
                ? Stream.of(roles.getOrDefault(caller.actor().role(), PolicyRule.NOTHING))
                : caller.scopes().stream().map(scope -> scopes.getOrDefault(scope, PolicyRule.NOTHING));
    }

    private static Answer ask(PolicyRule rule, Caller caller, AccessRequest question) {
        if (!rule.may().contains(question.permission())) {
            return Answer.no(
                    Problem.NOT_ALLOWED,
                    "The policy does not let this role "
                            + question.permission().wireName().replace('-', ' ') + ".");
        }
        if (!question.namesOneOf(narrowed(caller.purposes(), rule.purposes()))) {
            return Answer.no(Problem.PURPOSE_NOT_ALLOWED, "The policy does not let this role name that purpose.");
        }
        if (question.purpose().isEmpty() && !question.opens().isEmpty()) {
            return Answer.no(Problem.PURPOSE_REQUIRED, "Say for what purpose it is opened.");
        }
        return rule.sights(caller, question).stream()
                .map(sight -> ask(rule, sight, caller, question))
                .min(Comparator.comparingInt(Policy::distance))
                .orElseThrow();
    }

    private static Answer ask(PolicyRule rule, FieldGrants sight, Caller caller, AccessRequest question) {
        if (question.isRefused() && !question.opens().isEmpty()) {
            return Answer.no(
                    Problem.FIELD_NOT_ALLOWED,
                    "The patron has taken back the consent to the service; nothing is opened any more.");
        }
        boolean foreign = PolicyRule.isForeign(caller, question);
        String where = foreign && caller.isPerson() && !question.standing().isProtected()
                ? " of another library's patrons."
                : ".";
        if (!question.left(caller, narrowed(caller.fields(), question.openUnder(sight)))
                .containsAll(question.opens())) {
            return Answer.no(
                    Problem.FIELD_NOT_ALLOWED, "The policy does not let this role open every field asked for" + where);
        }
        if (!question.left(caller, narrowed(caller.fields(), rule.searches(sight, question.purpose())))
                .containsAll(question.searches())) {
            return Answer.no(
                    Problem.FIELD_NOT_ALLOWED, "The policy does not let this role search by that field" + where);
        }
        if (rule.ownLibraryOnly() && foreign) {
            return Answer.no(Problem.NOT_ALLOWED, "The policy lets this role look at its own library's patrons only.");
        }
        return Answer.ALLOWED;
    }

    /** Returns the part of the scopes' rights that a client is narrowed to. */
    private static <T> Set<T> narrowed(Optional<Set<T>> to, Set<T> all) {
        return to.map(left -> all.stream().filter(left::contains).collect(Collectors.toSet()))
                .orElse(all);
    }
}
