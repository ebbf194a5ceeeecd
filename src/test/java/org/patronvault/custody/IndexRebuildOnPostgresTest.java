package org.patronvault.custody;

import org.patronvault.testing.OpenVault;

/** {@link IndexRebuildContract} on PostgreSQL. */
final class IndexRebuildOnPostgresTest extends IndexRebuildContract {
    @Override
    OpenVault open() {
        return OpenVault.onPostgres();
    }
}
