package org.patronvault.core.index;

import org.patronvault.testing.OpenVault;

/** {@link EncryptedIndexContract} on PostgreSQL. */
final class EncryptedIndexOnPostgresTest extends EncryptedIndexContract {
    @Override
    OpenVault open() {
        return OpenVault.onPostgres();
    }
}
