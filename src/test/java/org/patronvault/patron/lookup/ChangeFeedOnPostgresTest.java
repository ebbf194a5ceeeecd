package org.patronvault.patron.lookup;

import org.patronvault.testing.OpenVault;

/** {@link ChangeFeedContract} on PostgreSQL. */
final class ChangeFeedOnPostgresTest extends ChangeFeedContract {
    @Override
    OpenVault open() {
        return OpenVault.onPostgres();
    }
}
