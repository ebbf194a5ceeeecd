package org.patronvault.audit;

import java.nio.file.Path;

class MonthCounterTest extends MonthCounterContract {
    @Override
    TestVault vault(Path emptyDirectory) {
        return TestVault.createIn(emptyDirectory);
    }
}
