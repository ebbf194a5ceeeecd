package org.patronvault.cli;

import java.util.List;

/** A command that also works on a sealed vault, and tries unseal secrets itself. */
abstract class SealedCommand extends VaultCommand {
    SealedCommand(Invocation invocation) {
        super(invocation);
    }

    @Override
    final boolean needsNoKeys() {
        return true;
    }

    @Override
    List<String> moreSecrets() {
        return List.of(KeyOptions.PASSPHRASE, KeyOptions.HSM_PIN);
    }
}
