package org.patronvault.upkeep.check;

import org.patronvault.testing.OpenVault;

final class CheckOnPostgresTest extends CheckContract {
    @Override
    OpenVault open() {
        return OpenVault.onPostgres();
    }
}
