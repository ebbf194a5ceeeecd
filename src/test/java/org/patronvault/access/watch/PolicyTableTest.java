package org.patronvault.access.watch;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.policy.Policy;
import org.patronvault.core.policy.PolicyFile;

/** Tests that the table of the policy agrees with {@link Policy}, for every caller and question. */
final class PolicyTableTest {
    private static final String SHIPPED = new String(PolicyFile.defaultText(), StandardCharsets.UTF_8);

    private static Policy policy(String text) {
        return PolicyFile.parse(text.getBytes(StandardCharsets.UTF_8));
    }

    private static PolicyTable.Grantee who(List<PolicyTable.Grantee> all, String name) {
        return all.stream().filter(who -> who.name().equals(name)).findFirst().orElseThrow();
    }

    private static List<String> purposes(PolicyTable.Grantee who) {
        return who.rows().stream().map(row -> row.purpose().name()).toList();
    }

    @Test
    void eachRowIsAPurposeForWhichSomethingMayBeHad() {
        PolicyTable table = PolicyTable.of(policy(SHIPPED));
        assertThat(purposes(who(table.roles(), "outreach"))).containsExactly("fundraising", "newsletter");
        assertThat(purposes(who(table.scopes(), "notices"))).containsExactly("hold-notice", "overdue-notice");
        assertThat(who(table.scopes(), "notices").rows().get(0).cells())
                .extracting(PolicyTable.Cell::field, PolicyTable.Cell::isAllowed)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(PatronField.NAME, true),
                        org.assertj.core.groups.Tuple.tuple(PatronField.CARD, false),
                        org.assertj.core.groups.Tuple.tuple(PatronField.PHONE, true),
                        org.assertj.core.groups.Tuple.tuple(PatronField.EMAIL, true),
                        org.assertj.core.groups.Tuple.tuple(PatronField.ADDRESS, false));
    }

    @Test
    void whatHasNoRowIsRefusedAndWhoHasNoneIsToldWhy() {
        Policy policy = policy(SHIPPED);
        PolicyTable table = PolicyTable.of(policy);
        for (PolicyTable.Grantee role : table.roles()) {
            for (Purpose purpose : Purpose.KNOWN) {
                if (!purposes(role).contains(purpose.name())) {
                    assertThat(PolicyTable.fields())
                            .noneMatch(field -> policy.explainRole(role.name(), field, purpose, false)
                                    .allowed());
                }
            }
        }
        PolicyTable.Grantee admin = who(table.roles(), "admin");
        assertThat(admin.rows()).isEmpty();
        assertThat(admin.nothing().orElseThrow().says().get(0))
                .startsWith("Role admin may not open anything")
                .contains("roles.admin.may");
    }

    @Test
    void cellTellsWhereItMattersWhosePatronItIs() {
        String text = SHIPPED.replaceFirst(
                "(?s)(  circulation:.*?results: \\[name, card: last-four\\]\n)",
                "$1    elsewhere: {opens: [name], results: [name]}\n");
        PolicyTable.Row row = who(PolicyTable.of(policy(text)).roles(), "circulation").rows().stream()
                .filter(one -> one.purpose().equals(Purpose.ACCOUNT_SERVICE))
                .findFirst()
                .orElseThrow();
        assertThat(row.cells())
                .filteredOn(PolicyTable.Cell::differs)
                .extracting(PolicyTable.Cell::field)
                .containsExactly(PatronField.CARD, PatronField.PHONE, PatronField.EMAIL, PatronField.ADDRESS);
        assertThat(row.cells()).allMatch(PolicyTable.Cell::isAllowed);
    }
}
