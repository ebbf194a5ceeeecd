package org.patronvault.upkeep.leakage;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.patronvault.testing.OpenVault;

final class LeakageOnPostgresTest extends LeakageContract {
    @Override
    OpenVault open() {
        return OpenVault.onPostgres();
    }

    @Test
    void whatTheOrderOfRowsTiesTogetherIsSaid() {
        assertThat(measure(0).remarks()).anySatisfy(remark -> assertThat(remark).contains("xmin"));
    }
}
