package org.patronvault.audit;

import java.nio.file.Path;

class MonthCounterTest extends MonthCounterContract {
    @Override
    LogTestVault vault(Path emptyDirectory) {
        return LogTestVault.createIn(emptyDirectory);
    }
}
