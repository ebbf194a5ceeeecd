package org.patronvault.cli.patrons;

import java.util.Optional;
import java.util.OptionalLong;
import org.patronvault.app.VaultInstance;
import org.patronvault.cli.command.Invocation;
import org.patronvault.cli.command.VaultCommand;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.policy.Permission;
import org.patronvault.patron.change.PatronPatch;
import org.patronvault.patron.change.Protection;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** The commands that protect a patron and end the protection. */
final class ProtectionCommands {

    @Command(
            name = "protect",
            mixinStandardHelpOptions = true,
            description = "Address and phone of a patron open for the director alone, and every try is an alert"
                    + " (supervisor, director or privacy officer).")
    static final class Protect extends ProtectionCommand {
        Protect(Invocation invocation) {
            super(invocation, true);
        }
    }

    @Command(
            name = "unprotect",
            mixinStandardHelpOptions = true,
            description = "Takes that away, which is an alert too (director).")
    static final class Unprotect extends ProtectionCommand {
        Unprotect(Invocation invocation) {
            super(invocation, false);
        }
    }

    /** The common part of both commands. */
    abstract static class ProtectionCommand extends VaultCommand {
        private final boolean wanted;

        @Parameters(paramLabel = "PATRON", description = "The patron's id.")
        private String patron;

        ProtectionCommand(Invocation invocation, boolean wanted) {
            super(invocation);
            this.wanted = wanted;
        }

        @Override
        public final int run(VaultInstance vault) {
            Protection.Request asked = new Protection.Request(Optional.of(wanted), Optional.empty(), Optional.empty());
            PatronPatch.Result put = vault.patrons()
                    .protection()
                    .put(
                            caller(vault, Permission.PROTECT, ActKind.PROTECT),
                            PatronId.parse(patron),
                            OptionalLong.empty(),
                            asked,
                            Optional.empty(),
                            AuditLog.newRequest());
            return answer(
                    object().put("id", put.id().toString()).put("version", put.version()),
                    wanted ? "The patron is protected." : "The patron is not protected any more.");
        }
    }

    private ProtectionCommands() {}
}
