package org.patronvault.patron;

import org.patronvault.testing.OpenVault;

final class NameSearchOnPostgresTest extends NameSearchContract {
    @Override
    OpenVault open() {
        return OpenVault.onPostgres();
    }
}
