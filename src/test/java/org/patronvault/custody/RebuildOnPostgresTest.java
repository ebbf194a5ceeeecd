package org.patronvault.custody;

import org.patronvault.testing.OpenVault;

/** {@link RebuildContract} on PostgreSQL. */
final class RebuildOnPostgresTest extends RebuildContract {
    @Override
    OpenVault open() {
        return OpenVault.onPostgres();
    }
}
