package org.patronvault.custody.rotate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.patronvault.access.account.SignInOrigin;
import org.patronvault.access.client.ClientGrant;
import org.patronvault.core.dual.Approvals;
import org.patronvault.testing.OpenVault;

/** Tests of a rotation of the rest by one node, while another still has the earlier ring. */
final class RestRotationOnPostgresTest {
    private static final String PASSWORD = "a quiet reading room";

    @Test
    void otherNodeReadsWhatTheRotationHasMoved() {
        try (OpenVault vault = OpenVault.onPostgres();
                OpenVault other = vault.another()) {
            vault.employ("anna", PASSWORD, "circulation");
            String key = vault.vault()
                    .access()
                    .clients()
                    .add(
                            Approvals.Requester.alone(OpenVault.person("admin").actor()),
                            "kiosk",
                            new ClientGrant(
                                    Set.of("entitlement"),
                                    Set.of(),
                                    Set.of(),
                                    OptionalInt.of(10),
                                    "",
                                    Optional.empty()))
                    .secret()
                    .orElseThrow();
            for (int n = 0; n < 2; n++) {
                assertThat(vault.rotate(Rotations.REST).state()).isEqualTo(Operation.DONE);
                assertThat(vault.vault().access().resolve(key).actor().name()).isEqualTo("kiosk");
                assertThat(other.vault().access().resolve(key).actor().name()).isEqualTo("kiosk");
                assertThatCode(() -> other.vault().access().signIn().prove("anna", PASSWORD, SignInOrigin.HOST))
                        .doesNotThrowAnyException();
                assertThatCode(() -> vault.vault().access().signIn().prove("anna", PASSWORD, SignInOrigin.HOST))
                        .doesNotThrowAnyException();
            }
            assertThat(other.rotate(Rotations.REST).state()).isEqualTo(Operation.DONE);
            other.restart();
            vault.restart();
            assertThat(vault.vault().access().accounts().list())
                    .extracting(one -> one.name())
                    .contains("anna");
            assertThat(List.of(vault, other))
                    .allSatisfy(
                            node -> assertThat(node.vault().custody().ledger().isWhole())
                                    .isTrue());
        }
    }
}
