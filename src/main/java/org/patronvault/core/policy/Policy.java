package org.patronvault.core.policy;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.Purpose;

/**
 * The library's policy: who may open what ({@link FieldPolicy}), limits, services and the other settings of
 * {@code policy.yaml}. Immutable; a changed file makes a new policy.
 */
public final class Policy {

    private final String version;
    private final String posted;
    private final FieldPolicy fields;
    private final LimitSettings limits;
    private final Map<String, VendorService> services;
    private final Set<String> secondFactor;
    private final PolicySettings terms;
    private final YamlNode written;

    /**
     * Makes a policy from its parsed parts.
     *
     * @param secondFactor names of the roles that sign in with a second factor
     * @param posted version of the posted policy that it carries out
     * @param written the file itself, for the lines that decide
     */
    Policy(
            String version,
            String posted,
            FieldPolicy fields,
            LimitSettings limits,
            Map<String, VendorService> services,
            Set<String> secondFactor,
            PolicySettings terms,
            YamlNode written) {
        this.version = version;
        this.posted = posted;
        this.fields = fields;
        this.limits = limits;
        this.services = Map.copyOf(services);
        this.secondFactor = Set.copyOf(secondFactor);
        this.terms = terms;
        this.written = written;
    }

    /** Returns the version of this file's rules. */
    public String version() {
        return version;
    }

    /** Returns the version of the posted policy it carries out. */
    public String posted() {
        return posted;
    }

    /** Returns the acts of each role and scope, and the fields it opens for each purpose. */
    public FieldPolicy fields() {
        return fields;
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
}
