package org.patronvault.search;

import org.patronvault.testing.OpenVault;

/** {@link NextIndexContract} on SQLite. */
final class NextIndexTest extends NextIndexContract {
    @Override
    OpenVault open() {
        return OpenVault.onSqlite();
    }

    @Override
    boolean readersHinder() {
        return false;
    }
}
