package org.patronvault.log.report;

import org.patronvault.testing.OpenVault;

class AlertQueueTest extends AlertQueueContract {
    @Override
    OpenVault vault() {
        return OpenVault.onSqlite();
    }
}
