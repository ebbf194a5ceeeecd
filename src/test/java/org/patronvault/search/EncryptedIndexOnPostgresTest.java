package org.patronvault.search;

import org.patronvault.testing.OpenVault;

/** {@link EncryptedIndexContract} on PostgreSQL. */
final class EncryptedIndexOnPostgresTest extends EncryptedIndexContract {
    @Override
    OpenVault open() {
        return OpenVault.onPostgres();
    }
}
