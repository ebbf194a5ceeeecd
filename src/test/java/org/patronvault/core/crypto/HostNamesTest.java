package org.patronvault.core.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.core.model.Refused;

final class HostNamesTest {
    @Test
    void namesAndAddressesAreToldApartAndTheHostItselfIsAmongThem() {
        HostNames names = HostNames.of(List.of(" Vault.Library.lan", "192.168.1.20", "fd00::20", "desk-1"));
        assertThat(names.first()).isEqualTo("vault.library.lan");
        assertThat(names.dns()).containsExactly("vault.library.lan", "desk-1", "localhost");
        assertThat(names.addresses())
                .contains(new byte[] {(byte) 192, (byte) 168, 1, 20}, new byte[] {127, 0, 0, 1})
                .extracting(address -> address.length)
                .containsExactly(4, 16, 4, 16);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "https://vault.lan",
                "vault.lan:8443",
                "*.lan",
                "vault..lan",
                "-vault.lan",
                "vault_1.lan",
                "192.168.1",
                "192.168.1.300",
                "vault.lan, other.lan",
                "fd00::20::1",
                "válvula.lan"
            })
    void whatIsNeitherNameNorAddressIsRefusedWithoutRepeatingIt(String name) {
        assertThatExceptionOfType(Refused.class)
                .isThrownBy(() -> HostNames.of(List.of(name)))
                .withMessageStartingWith("A host's name is one that DNS could know");
    }
}
