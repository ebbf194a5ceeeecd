package org.patronvault.web.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.CaseId;
import org.patronvault.core.model.Purpose;

/** Metrics by kind of act must not show that a disclosure case exists. */
class VaultMetricsTest {
    private static final String SHARED = "other";
    private static final Set<String> LABELS = Set.of(
            "search",
            "reveal",
            "verify",
            "register",
            "change",
            "entitlement",
            "sign-in",
            "import",
            "reencrypt",
            "reindex",
            SHARED);

    private static AccessEvent attempt(ActKind kind) {
        return AccessEvent.of(Instant.EPOCH, Actor.VAULT, kind, Outcome.DISCLOSED, new byte[16]);
    }

    @ParameterizedTest
    @EnumSource(ActKind.class)
    void everyKindHasAKnownLabelAndAnActOfACaseTheSharedOne(ActKind kind) {
        assertThat(VaultMetrics.label(attempt(kind))).isIn(LABELS);
        assertThat(VaultMetrics.label(attempt(kind).forPurpose(Purpose.DISCLOSURE)))
                .isEqualTo(SHARED);
        assertThat(VaultMetrics.label(attempt(kind).in(new CaseId(1)))).isEqualTo(SHARED);
    }

    @ParameterizedTest
    @EnumSource(
            value = ActKind.class,
            names = {"DISCLOSURE", "DESIGNATION", "PERMISSION", "CHECKPOINT", "START", "APPROVAL", "FACTS"})
    void actsOfCasesShareTheirLabelWithOthers(ActKind kind) {
        assertThat(VaultMetrics.label(attempt(kind))).isEqualTo(SHARED);
    }

    @Test
    void searchHasALabelOfItsOwn() {
        assertThat(VaultMetrics.label(attempt(ActKind.SEARCH))).isEqualTo("search");
    }
}
