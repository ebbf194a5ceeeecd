package org.patronvault.custody.rotate;

import org.patronvault.testing.OpenVault;

/** The tests of {@link FieldReencryptionContract} on PostgreSQL. */
final class FieldReencryptionOnPostgresTest extends FieldReencryptionContract {
    @Override
    OpenVault open() {
        return OpenVault.onPostgres();
    }
}
