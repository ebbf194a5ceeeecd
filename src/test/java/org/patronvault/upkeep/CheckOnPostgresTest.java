package org.patronvault.upkeep;

import org.patronvault.testing.OpenVault;

final class CheckOnPostgresTest extends CheckContract {
    @Override
    OpenVault open() {
        return OpenVault.onPostgres();
    }
}
