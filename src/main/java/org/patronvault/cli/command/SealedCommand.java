package org.patronvault.cli.command;

import java.util.List;

/** A command that also works on a sealed vault, and tries unseal secrets itself. */
public abstract class SealedCommand extends VaultCommand {
    public SealedCommand(Invocation invocation) {
        super(invocation);
    }

    @Override
    public final boolean needsNoKeys() {
        return true;
    }

    @Override
    public List<String> moreSecrets() {
        return List.of(KeyOptions.PASSPHRASE, KeyOptions.HSM_PIN);
    }
}
