package org.patronvault.core.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.patronvault.core.model.LegalInstrument;
import org.patronvault.core.model.PatronField;

/**
 * The policy's settings for handing records out (P3).
 *
 * @param jurisdiction the law that applies
 */
record DisclosurePolicy(Jurisdiction jurisdiction) {
    /** The member of a policy that {@link #read} reads. */
    static final String MEMBER = "disclosure";

    private static final String JURISDICTION = "jurisdiction";

    /** Reads these settings from the policy, or returns the defaults if there are none. */
    static DisclosurePolicy read(YamlNode root, PolicyReader reader) {
        YamlNode said = reader.only(root, MEMBER, JURISDICTION).member(JURISDICTION);
        if (!said.isSaid()) {
            return new DisclosurePolicy(Jurisdiction.unsaid());
        }
        return new DisclosurePolicy(Jurisdiction.of(said.isText() ? said.text() : "")
                .orElseGet(() -> {
                    reader.fault(
                            said, "has a disclosure.jurisdiction other than " + String.join(" or ", Jurisdiction.ALL));
                    return Jurisdiction.unsaid();
                }));
    }

    /** Returns sentences for the ways in which this hands out more than {@code approved}. */
    List<String> widerThan(DisclosurePolicy approved) {
        List<String> more = new ArrayList<>();
        jurisdiction.suffices().keySet().stream().sorted().forEach(instrument -> {
            Set<String> fields = more(instrument, approved);
            boolean others = !from(jurisdiction, instrument).stream()
                    .allMatch(from(approved.jurisdiction, instrument)::contains);
            if (!fields.isEmpty() || others) {
                more.add("By the law of " + jurisdiction.name() + " records are handed out on a "
                        + instrument.wireName().replace('-', ' ')
                        + (fields.isEmpty() ? " of others" : ": " + String.join(", ", fields)) + ".");
            }
        });
        return more;
    }

    private Set<String> more(LegalInstrument instrument, DisclosurePolicy approved) {
        Set<PatronField> before = approved.jurisdiction
                .sufficient(instrument)
                .map(Jurisdiction.Sufficient::fields)
                .orElse(Set.of());
        return jurisdiction.sufficient(instrument).orElseThrow().fields().stream()
                .filter(field -> !before.contains(field))
                .map(PatronField::wireName)
                .collect(Collectors.toCollection(java.util.TreeSet::new));
    }

    private static Set<String> from(Jurisdiction of, LegalInstrument instrument) {
        return of.sufficient(instrument).map(Jurisdiction.Sufficient::from).orElse(Set.of());
    }
}
