package org.patronvault.patron.transfer;

import org.patronvault.testing.OpenVault;

/** {@link ExportContract} on PostgreSQL. */
final class ExportOnPostgresTest extends ExportContract {
    @Override
    OpenVault open() {
        return OpenVault.onPostgres();
    }
}
