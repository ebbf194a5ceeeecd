package org.patronvault.privacy;

import org.patronvault.testing.OpenVault;

class AlertQueueTest extends AlertQueueContract {
    @Override
    OpenVault vault() {
        return OpenVault.onSqlite();
    }
}
