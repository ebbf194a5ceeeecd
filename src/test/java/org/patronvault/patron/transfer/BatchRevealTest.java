package org.patronvault.patron.transfer;

import org.patronvault.testing.OpenVault;

/** {@link BatchRevealContract} on SQLite. */
final class BatchRevealTest extends BatchRevealContract {
    @Override
    OpenVault open() {
        return OpenVault.onSqlite();
    }
}
