package org.patronvault.cli.access;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.patronvault.access.posted.PolicyVersions;
import org.patronvault.access.posted.PostedFile;
import org.patronvault.access.posted.PostedPolicy;
import org.patronvault.app.VaultInstance;
import org.patronvault.cli.command.ExitCodes;
import org.patronvault.cli.command.Invocation;
import org.patronvault.cli.command.VaultCommand;
import org.patronvault.core.dual.IdempotencyStore;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Permission;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** The commands for the posted policy and its versions. */
final class PolicyVersionCommands {

    private static ObjectNode facts(PostedPolicy policy) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("version", policy.version())
                .put("approved", policy.approved().toString())
                .put("nextReview", policy.nextReview().toString())
                .put("digest", policy.digest());
    }

    @Command(
            name = "post",
            mixinStandardHelpOptions = true,
            description = "Posts a version of the library's privacy policy, for ever (director). The file is Markdown"
                    + " that begins with version, approved and next review between two lines of ---. It comes into"
                    + " force when policy.yaml names it.")
    static final class Post extends VaultCommand {
        @Parameters(paramLabel = "FILE", description = "The version to be posted.")
        private String file;

        Post(Invocation invocation) {
            super(invocation);
        }

        @Override
        public int run(VaultInstance vault) {
            Caller caller = caller(vault, Permission.POST_POLICY, ActKind.POLICY);
            PolicyVersions versions = vault.access().policyVersions();
            byte[] request = AuditLog.newRequest();
            Path path = invocation().path(file);
            PostedPolicy posted = vault.log()
                    .logging(vault.log().event(caller.actor(), ActKind.POLICY, Outcome.REFUSED, request), () -> {
                        PostedPolicy policy = PostedFile.read(path, versions.today());
                        versions.post(
                                caller.actor(),
                                policy,
                                IdempotencyStore.Once.withoutKey(),
                                vault.access().replay(),
                                request);
                        return policy;
                    });
            return answer(
                    facts(posted),
                    "Version " + posted.version() + " is posted. It comes into force when policy.yaml says posted: \""
                            + posted.version() + "\".");
        }
    }

    @Command(
            name = "versions",
            mixinStandardHelpOptions = true,
            description = "Lists the posted versions of the library's privacy policy, the one approved last first.")
    static final class Versions extends PolicyCommands.PolicyCommand {
        Versions(Invocation invocation) {
            super(invocation);
        }

        @Override
        public Integer call() {
            String current = inForce().posted();
            ObjectNode document = JsonNodeFactory.instance.objectNode();
            ArrayNode list = document.putArray("versions");
            List<String> lines = new ArrayList<>();
            for (PostedPolicy policy : read(PolicyVersions::unproven).orElse(List.of())) {
                boolean isCurrent = policy.version().equals(current);
                list.add(facts(policy).put("current", isCurrent));
                lines.add(policy.version() + "  approved " + policy.approved() + "  next review " + policy.nextReview()
                        + "  " + policy.digest() + (isCurrent ? "  in force" : ""));
            }
            if (lines.isEmpty()) {
                lines.add("No version is posted here.");
            }
            print(document, lines);
            return ExitCodes.DONE;
        }
    }

    private PolicyVersionCommands() {}
}
