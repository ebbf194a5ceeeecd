package org.patronvault.search;

import org.patronvault.testing.OpenVault;

/** {@link NextIndexContract} on PostgreSQL. */
final class NextIndexOnPostgresTest extends NextIndexContract {
    @Override
    OpenVault open() {
        return OpenVault.onPostgres();
    }

    @Override
    boolean readersHinder() {
        return true;
    }
}
