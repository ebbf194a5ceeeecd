package org.patronvault.custody;

import org.patronvault.testing.OpenVault;

/** {@link FieldReencryptionContract} on PostgreSQL. */
final class FieldReencryptionOnPostgresTest extends FieldReencryptionContract {
    @Override
    OpenVault open() {
        return OpenVault.onPostgres();
    }
}
