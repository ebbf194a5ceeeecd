package org.patronvault.core.model;

import java.util.Set;
import java.util.regex.Pattern;

/**
 * The purpose for which a record is opened. Each disclosure has exactly one, and the policy says which role may name
 * which.
 */
public record Purpose(String name) implements Comparable<Purpose> {
    private static final Pattern FORM = Pattern.compile("[a-z][a-z0-9-]{0,39}");

    public static final Purpose ACCOUNT_SERVICE = new Purpose("account-service");
    public static final Purpose DISCLOSURE = new Purpose("disclosure");
    public static final Purpose PATRON_REQUEST = new Purpose("patron-request");

    public static final Purpose IMPORT = new Purpose("import");

    public static final Purpose REINDEX = new Purpose("reindex");
    public static final Purpose CHECK = new Purpose("check");
    public static final Purpose EXPORT = new Purpose("export");

    /** The vault's own purposes: no person may name them. */
    public static final Set<Purpose> VAULTS_OWN = Set.of(IMPORT, EXPORT, REINDEX, CHECK);

    /** Every known purpose. */
    public static final Set<Purpose> KNOWN = Set.of(
            new Purpose("checkout"),
            ACCOUNT_SERVICE,
            new Purpose("registration"),
            new Purpose("hold-notice"),
            new Purpose("overdue-notice"),
            PATRON_REQUEST,
            new Purpose("newsletter"),
            new Purpose("fundraising"),
            DISCLOSURE,
            IMPORT,
            REINDEX,
            CHECK,
            EXPORT);

    public Purpose {
        if (!FORM.matcher(name).matches()) {
            throw new Refused(Problem.PURPOSE_UNKNOWN, "The policy knows no such purpose.");
        }
    }

    @Override
    public int compareTo(Purpose other) {
        return name.compareTo(other.name);
    }

    @Override
    public String toString() {
        return name;
    }
}
