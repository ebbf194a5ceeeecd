package org.patronvault.log.report;

import org.patronvault.testing.OpenVault;

class AlertQueueOnPostgresTest extends AlertQueueContract {
    @Override
    OpenVault vault() {
        return OpenVault.onPostgres();
    }
}
