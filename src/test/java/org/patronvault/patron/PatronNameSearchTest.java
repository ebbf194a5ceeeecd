package org.patronvault.patron;

import org.patronvault.testing.OpenVault;

final class PatronNameSearchTest extends PatronNameSearchContract {
    @Override
    OpenVault open() {
        return OpenVault.onSqlite();
    }
}
