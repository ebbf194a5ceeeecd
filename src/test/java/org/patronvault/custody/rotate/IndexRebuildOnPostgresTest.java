package org.patronvault.custody.rotate;

import org.patronvault.testing.OpenVault;

/** The tests of {@link IndexRebuildContract} on PostgreSQL. */
final class IndexRebuildOnPostgresTest extends IndexRebuildContract {
    @Override
    OpenVault open() {
        return OpenVault.onPostgres();
    }
}
