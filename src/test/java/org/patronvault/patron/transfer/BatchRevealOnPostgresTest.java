package org.patronvault.patron.transfer;

import org.patronvault.testing.OpenVault;

/** {@link BatchRevealContract} on PostgreSQL. */
final class BatchRevealOnPostgresTest extends BatchRevealContract {
    @Override
    OpenVault open() {
        return OpenVault.onPostgres();
    }
}
