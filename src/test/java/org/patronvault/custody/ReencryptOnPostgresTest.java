package org.patronvault.custody;

import org.patronvault.testing.OpenVault;

/** {@link ReencryptContract} on PostgreSQL. */
final class ReencryptOnPostgresTest extends ReencryptContract {
    @Override
    OpenVault open() {
        return OpenVault.onPostgres();
    }
}
