package org.patronvault.log.retention;

import org.patronvault.testing.OpenVault;

final class LogRetentionOnPostgresTest extends LogRetentionContract {
    @Override
    OpenVault open() {
        return OpenVault.onPostgres();
    }
}
