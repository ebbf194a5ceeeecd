package org.patronvault.patron;

import org.patronvault.testing.OpenVault;

final class PatronNameSearchOnPostgresTest extends PatronNameSearchContract {
    @Override
    OpenVault open() {
        return OpenVault.onPostgres();
    }
}
