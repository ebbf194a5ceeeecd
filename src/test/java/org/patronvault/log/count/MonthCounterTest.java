package org.patronvault.log.count;

import java.nio.file.Path;
import org.patronvault.core.log.LogTestVault;

class MonthCounterTest extends MonthCounterContract {
    @Override
    LogTestVault vault(Path emptyDirectory) {
        return LogTestVault.createIn(emptyDirectory);
    }
}
