package org.patronvault.patron;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.policy.PolicyFile;
import org.patronvault.patron.lookup.Lookup;
import org.patronvault.patron.record.PatronDraft;
import org.patronvault.testing.OpenVault;

/**
 * Tests of two words without a comma, whose order is open, under a policy that keeps each library to its own patrons.
 */
final class MeantNameTest {
    private static final String TYPED = "Quentin Marlowe";

    private OpenVault vault;
    private PatronId otherwise;

    @BeforeEach
    void registerWhoIsCalledLikeThatInTheOtherOrder() {
        vault = OpenVault.under(new String(PolicyFile.defaultText(), StandardCharsets.UTF_8)
                .replace("  circulation:\n", "  circulation:\n    libraries: own\n"));
        otherwise = register("Quentinsen", "Marlowe", "NC");
    }

    @AfterEach
    void close() {
        vault.close();
    }

    private PatronId register(String family, String given, String library) {
        PatronDraft draft = vault.patrons()
                .json()
                .parse(OpenVault.json("{'card':'" + family + "','name':{'family':'" + family + "','given':'" + given
                        + "'},'library':'" + library + "','category':'adult',"
                        + "'consent':{'policy':'2018-05','given':'2026-11-24','channel':'desk'}}"));
        return vault.patrons()
                .registration()
                .register(OpenVault.person("supervisor"), draft, Optional.empty(), AuditLog.newRequest())
                .id();
    }

    @Test
    void bothOrdersAreLookedForWhereNobodyIsCalledExactlySo() {
        assertThat(vault.find(TYPED).hits()).extracting(Lookup.Hit::id).containsExactly(otherwise);
    }

    @Test
    void whoIsCalledExactlySoTellsTheOrder() {
        PatronId exactly = register("Marlowe", "Quentin", "NC");
        PatronId almost = register("Marlow", "Quentin", "NC");

        assertThat(vault.find(TYPED).hits()).extracting(Lookup.Hit::id).containsExactly(exactly, almost);
    }

    @Test
    void whoseGivenNameBeginsSoIsFoundInTheOtherOrderToo() {
        PatronId exactly = register("Marl", "Quentinsen", "NC");

        assertThat(vault.find("Quentinsen Marl").hits())
                .extracting(Lookup.Hit::id)
                .containsExactly(exactly, otherwise);
    }

    @Test
    void whoIsCalledExactlySoButIsNotTheirsTellsNothing() {
        PatronId elsewhere = register("Marlowe", "Quentin", "WL");

        assertThat(vault.find(TYPED).hits())
                .extracting(Lookup.Hit::id)
                .contains(otherwise)
                .doesNotContain(elsewhere);
    }
}
