package org.patronvault.patron;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.PolicyFile;
import org.patronvault.patron.lookup.Lookup;
import org.patronvault.patron.lookup.SearchQuery;
import org.patronvault.patron.record.PatronDraft;
import org.patronvault.search.NameQuery;
import org.patronvault.testing.LongRun;
import org.patronvault.testing.NumberedPatrons;
import org.patronvault.testing.OpenVault;

/** Tests of search under a policy that keeps each library to its own patrons. */
final class OwnLibrarySearchTest {
    /** More patrons than a search reads at most. */
    private static final int OTHERS = LongRun.times(NameQuery.MAX_READS + 100, 3_000);

    @Test
    void patronsOfOtherLibrariesDoNotTakeThePlacesOfTheirOwn() {
        try (OpenVault vault = OpenVault.under(new String(PolicyFile.defaultText(), StandardCharsets.UTF_8)
                .replace("  circulation:\n", "  circulation:\n    libraries: own\n"))) {
            List<PatronId> own = new ArrayList<>();
            for (int i = 0; i < 75; i++) {
                PatronId id = register(vault, i, i % 25 == 0 ? "NC" : "WL");
                if (i % 25 == 0) {
                    own.add(id);
                }
            }

            Lookup.Result found = vault.find("hollander");

            assertThat(found.hits()).extracting(Lookup.Hit::id).containsExactlyInAnyOrderElementsOf(own);
            assertThat(found.more()).isFalse();
        }
    }

    @Test
    void whoHasLookedAtThousandsOfOthersSaysThatThereMayBeMore() {
        try (OpenVault vault = OpenVault.under(new String(PolicyFile.defaultText(), StandardCharsets.UTF_8)
                .replace("  circulation:\n", "  circulation:\n    libraries: own\n"))) {
            vault.patrons().importerAlone().run(OpenVault.person("admin"), new NumberedPatrons(OTHERS), false, n -> {});
            Actor elsewhere = new Actor(Actor.Kind.STAFF, "clerk", "circulation", "WL");

            Lookup.Result found = AuditLog.await(vault.patrons()
                    .lookup()
                    .find(
                            new Caller(
                                    elsewhere,
                                    Set.of(),
                                    Optional.empty(),
                                    Optional.empty(),
                                    OptionalInt.empty(),
                                    false),
                            SearchQuery.ofBox(
                                    Optional.of("family"),
                                    Optional.of(Purpose.ACCOUNT_SERVICE),
                                    Lookup.MAX_RESULTS,
                                    Set.of(),
                                    Optional.empty()),
                            AuditLog.newRequest()));

            assertThat(found.hits()).isEmpty();
            assertThat(found.more()).isTrue();
        }
    }

    private static PatronId register(OpenVault vault, int n, String library) {
        PatronDraft draft = vault.patrons()
                .json()
                .parse(OpenVault.json("{'card':'L" + n + "','name':{'family':'Hollander'},'library':'" + library
                        + "','category':'adult',"
                        + "'consent':{'policy':'2018-05','given':'2026-11-24','channel':'desk'}}"));
        return vault.patrons()
                .registration()
                .register(OpenVault.person("supervisor"), draft, Optional.empty(), AuditLog.newRequest())
                .id();
    }
}
