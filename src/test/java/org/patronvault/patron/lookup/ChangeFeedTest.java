package org.patronvault.patron.lookup;

import org.patronvault.testing.OpenVault;

/** {@link ChangeFeedContract} on SQLite. */
final class ChangeFeedTest extends ChangeFeedContract {
    @Override
    OpenVault open() {
        return OpenVault.onSqlite();
    }
}
