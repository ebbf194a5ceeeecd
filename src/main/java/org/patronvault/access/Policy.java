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
     * What was read.
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

    /** Version of the posted policy it carries out. */
    public String version() {
        return version;
    }

    /** The limits of a person. */
    public LimitSettings limits() {
        return limits;
    }

    /** The service of that name. */
    public Optional<VendorService> service(String name) {
        return Optional.ofNullable(services.get(name));
    }

    /** The names of the services, sorted. */
    public List<String> serviceNames() {
        return services.keySet().stream().sorted().toList();
    }

    /** Which groups of a provider are which roles. */
    public SignOnPolicy signOn() {
        return terms.signOn();
    }

    /** Whether the desk may name that purpose. */
    public boolean isOfDesk(Purpose purpose) {
        return roles.getOrDefault("circulation", PolicyRule.NOTHING).purposes().contains(purpose);
    }

    /** The names of the roles that nobody acts in without a second factor. */
    public Set<String> secondFactor() {
        return secondFactor;
    }

    /** Of fewer patrons than that statistics tell nothing. */
    public int statisticsFloor() {
        return terms.statistics().floor();
    }

    /** For how long the access log says whom it was about, and how a patron's report names staff. */
    public AccessLogPolicy accessLog() {
        return terms.accessLog();
    }

    /** How many addresses a mailing may have. */
    public MailingPolicy mailings() {
        return terms.mailings();
    }

    /** How often entitlement may be checked. */
    public EntitlementCheckPolicy checks() {
        return terms.checks();
    }

    /** Whose law says by what records may be handed out. */
    public Jurisdiction jurisdiction() {
        return terms.disclosure().jurisdiction();
    }

    /** Whose records are kept no longer, by the names of the rules. */
    public Map<String, RetentionRule> retention() {
        return terms.retention();
    }

    /** The names of the roles, sorted. */
    public List<String> roleNames() {
        return roles.keySet().stream().sorted().toList();
    }

    /** The names of the scopes, sorted. */
    public List<String> scopeNames() {
        return scopes.keySet().stream().sorted().toList();
    }

    /** What is written under that path of members; if nothing is, under the longest part of it that is there. */
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

    /** What it says of that role. */
    Optional<PolicyRule> role(String name) {
        return Optional.ofNullable(roles.get(name));
    }

    /** What it says of that scope. */
    Optional<PolicyRule> scope(String name) {
        return Optional.ofNullable(scopes.get(name));
    }

    /**
     * Whether a role may have a field, and why.
     *
     * @param elsewhere of a patron of another library than the person's own
     */
    public Explanation explainRole(String role, PatronField field, Purpose purpose, boolean elsewhere) {
        return new PolicyExplainer(this, SyntheticCaller.role(role), "roles", field, purpose, elsewhere).explain();
    }

    /** The same of a scope; a client has no library of its own. */
    public Explanation explainScope(String scope, PatronField field, Purpose purpose) {
        return new PolicyExplainer(this, SyntheticCaller.scope(scope), "scopes", field, purpose, true).explain();
    }

    /**
     * Sentences that say what this policy allows more than {@code approved}: acts, purposes, fields, whole values where
     * there were masked ones, services, limits, and second factors that are not asked for any more. Empty if it allows
     * nothing more. Compared is what is allowed and not how it is written.
     */
    public List<String> widerThan(Policy approved) {
        return new PolicyWidening(approved, this).sentences();
    }

    /** Fields shown in this caller's search results without being asked for. */
    public Set<PatronField> results(Caller caller, AccessRequest question) {
        Set<PatronField> results = EnumSet.noneOf(PatronField.class);
        // Of a client's scopes only those that allow this very search show anything.
        rules(caller)
                .filter(rule -> ask(rule, caller, question).allowed())
                .flatMap(rule -> rule.sights(caller, question).stream())
                .forEach(sight -> results.addAll(sight.results(question.purpose())));
        return question.leftToOpen(caller, narrowed(caller.fields(), results));
    }

    /**
     * Of the fields that are opened under this question, or shown in its results, those this caller gets masked. What no
     * rule shows whole is masked.
     *
     * @param question what was allowed, with the patron's library
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

    /** Whether the scopes open any field: such a client needs a second person to be made. */
    public boolean opensFields(Set<String> scopeNames) {
        return scopeNames.stream()
                .map(scope -> scopes.getOrDefault(scope, PolicyRule.NOTHING))
                .anyMatch(PolicyRule::opensFields);
    }

    /** The one function: may this caller do that? Order of refusal: the act, the purpose, the fields, the library. */
    public Answer ask(Caller caller, AccessRequest question) {
        // One scope alone must allow it: the purposes of one and the fields of another are nothing the policy says.
        return rules(caller)
                .map(rule -> ask(rule, caller, question))
                .min(Comparator.comparingInt(Policy::distance))
                .orElseGet(() -> ask(PolicyRule.NOTHING, caller, question));
    }

    /** How far from allowed an answer is; of several refusals the nearest is told. */
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

    /** What a client was left of what its scopes allow. */
    private static <T> Set<T> narrowed(Optional<Set<T>> to, Set<T> all) {
        return to.map(left -> all.stream().filter(left::contains).collect(Collectors.toSet()))
                .orElse(all);
    }
}
