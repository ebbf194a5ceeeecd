package org.patronvault.patron;

import org.patronvault.testing.OpenVault;

/** {@link ExportContract} on SQLite. */
final class ExportTest extends ExportContract {
    @Override
    OpenVault open() {
        return OpenVault.onSqlite();
    }
}
