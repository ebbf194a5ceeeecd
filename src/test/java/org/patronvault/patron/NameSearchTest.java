package org.patronvault.patron;

import org.patronvault.testing.OpenVault;

final class NameSearchTest extends NameSearchContract {
    @Override
    OpenVault open() {
        return OpenVault.onSqlite();
    }
}
