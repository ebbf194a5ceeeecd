package org.patronvault.log.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.policy.PolicyFile;
import org.patronvault.log.retention.Forgetting;
import org.patronvault.testing.OpenVault;

/** Tests of how the policy shapes a patron's access report. */
final class AccessReportTest {
    private static final String SHIPPED = new String(PolicyFile.defaultText(), StandardCharsets.UTF_8);

    private static AccessReport report(OpenVault vault, PatronId patron) {
        return vault.vault()
                .privacy()
                .history()
                .report(
                        OpenVault.person("privacy-officer"),
                        Optional.of(patron),
                        ZoneOffset.UTC,
                        AuditLog.newRequest());
    }

    private static PatronId revealed(OpenVault vault) {
        PatronId ann = vault.register("'card':'A1','name':{'family':'Ames'}");
        vault.reveal(ann);
        return ann;
    }

    @Test
    void staffAreNamedByWhatTheyDoAndTheLogIsKeptForTwoYears() {
        try (OpenVault vault = OpenVault.onSqlite()) {
            AccessReport report = report(vault, revealed(vault));
            assertThat(report.months()).contains(24);
            assertThat(report.lines())
                    .extracting(AccessReport.Line::who)
                    .isNotEmpty()
                    .noneMatch(who -> who.contains("p-circulation"));
        }
    }

    @Test
    void staffAreNamedAndTheLogIsKeptForEverWhereThePolicySaysSo() {
        try (OpenVault vault = OpenVault.under(
                SHIPPED.replace("staff: roles", "staff: names").replace("accessLog: 24", "accessLog: forever"))) {
            AccessReport report = report(vault, revealed(vault));
            assertThat(report.months()).isEmpty();
            assertThat(report.lines())
                    .extracting(AccessReport.Line::who)
                    .anyMatch(who -> who.startsWith("p-circulation ("));
        }
    }

    @Test
    void whatWasInAMonthThatIsForgottenIsInItNoMoreAndCarryingIsNoLook() {
        try (OpenVault vault = OpenVault.onSqlite()) {
            PatronId ann = revealed(vault);
            vault.clock().advance(Duration.ofDays(800));
            Forgetting.ofWhatIsDue(vault);
            assertThat(report(vault, ann).lines())
                    .flatExtracting(AccessReport.Line::what)
                    .containsExactly("Looked at who had looked at your record.");
        }
    }
}
