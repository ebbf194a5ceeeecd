package org.patronvault.cli;

import java.util.List;

/** A command that a sealed vault is as good for, and that itself tries what opens one. */
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
