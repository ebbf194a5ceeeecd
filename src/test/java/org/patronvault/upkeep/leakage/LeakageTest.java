package org.patronvault.upkeep.leakage;

import org.patronvault.testing.OpenVault;

final class LeakageTest extends LeakageContract {
    @Override
    OpenVault open() {
        return OpenVault.onSqlite();
    }
}
