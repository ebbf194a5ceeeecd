package org.patronvault.patron.transfer;

import org.patronvault.testing.OpenVault;

/** {@link ExportContract} on SQLite. */
final class ExportTest extends ExportContract {
    @Override
    OpenVault open() {
        return OpenVault.onSqlite();
    }
}
