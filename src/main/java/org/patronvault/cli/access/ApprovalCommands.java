package org.patronvault.cli.access;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Comparator;
import java.util.Optional;
import org.patronvault.access.Access;
import org.patronvault.access.account.SignIn;
import org.patronvault.app.VaultInstance;
import org.patronvault.cli.command.Invocation;
import org.patronvault.cli.command.VaultCommand;
import org.patronvault.core.dual.Approval;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.dual.IdempotencyStore;
import org.patronvault.core.dual.SecondPerson;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.policy.Caller;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command group {@code approvals}: requests that wait for a second person. */
@Command(
        name = "approvals",
        mixinStandardHelpOptions = true,
        description = "What waits for a second person: another administrator or director, for keys another custodian.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            ApprovalCommands.ListAll.class,
            ApprovalCommands.Show.class,
            ApprovalCommands.Approve.class,
            ApprovalCommands.Reject.class,
            ApprovalCommands.Collect.class
        })
public final class ApprovalCommands {

    /** A command by the requester, or by a person who may approve. */
    abstract static class ApprovalCommand extends VaultCommand {
        ApprovalCommand(Invocation invocation) {
            super(invocation);
        }

        /** Runs the command as that person. */
        abstract int run(Approvals approvals, Actor by);

        /** Uses the person's first role that may approve, or else that may request. Refuses and logs if no role may. */
        @Override
        public final int run(VaultInstance vault) {
            SignIn.Identity who = person(vault);
            Access access = vault.access();
            Optional<String> role = who.roles().stream()
                    .sorted(Comparator.comparing((String r) -> !who.mayAct(r, access.policy()))
                            .thenComparing(r -> !SecondPerson.isRoleOfAny(r)))
                    .filter(r -> access.hasPartInApprovals(access.acting(who, Optional.of(r))))
                    .findFirst();
            Caller caller = access.acting(who, role);
            AccessEvent attempt =
                    vault.log().event(caller.actor(), ActKind.APPROVAL, Outcome.REFUSED, AuditLog.newRequest());
            access.requirePartInApprovals(caller, attempt);
            return vault.log().logging(attempt, () -> run(access.approvals(), caller.actor()));
        }

        ObjectNode json(Approval approval) {
            ObjectNode one = object().put("id", approval.id())
                    .put("kind", approval.kind())
                    .put("about", approval.about())
                    .put("what", approval.sentence())
                    .put("digest", approval.digest())
                    .put("requester", approval.requester())
                    .put("filed", approval.filed().toString())
                    .put("expires", approval.expires().toString())
                    .put("state", approval.state().wireName())
                    .put("needs", approval.needs());
            approval.approvers().forEach(one.putArray("approvers")::add);
            approval.secretName().ifPresent(name -> one.put("result", name));
            return one;
        }

        static String text(Approval approval) {
            return String.format(
                    "%s  %-8s  %s (asked by %s, until %s)",
                    approval.id(),
                    approval.state().wireName(),
                    approval.sentence(),
                    approval.requester(),
                    approval.expires());
        }

        int tell(Approval approval) {
            String next = approval.isLeaveGiven()
                    ? "\n  Nothing is done yet: " + approval.requester() + " types the same command again."
                    : "";
            return answer(json(approval), text(approval) + next);
        }
    }

    /** A command about one request. */
    abstract static class RequestCommand extends ApprovalCommand {
        @Parameters(paramLabel = "ID", description = "The request.")
        private String id;

        RequestCommand(Invocation invocation) {
            super(invocation);
        }

        String id() {
            return id;
        }
    }

    @Command(name = "list", mixinStandardHelpOptions = true, description = "Lists the requests of the last week.")
    static final class ListAll extends ApprovalCommand {
        @Option(names = "--pending", description = "Only those that can still be decided.")
        private boolean pending;

        ListAll(Invocation invocation) {
            super(invocation);
        }

        @Override
        int run(Approvals approvals, Actor by) {
            ObjectNode document = object();
            ArrayNode list = document.putArray("approvals");
            StringBuilder text = new StringBuilder();
            for (Approval approval : approvals.list(by)) {
                if (!pending || approval.state() == Approval.State.PENDING) {
                    list.add(json(approval));
                    text.append(text(approval)).append('\n');
                }
            }
            return answer(
                    document,
                    list.isEmpty() ? "Nothing waits." : text.toString().stripTrailing());
        }
    }

    @Command(name = "show", mixinStandardHelpOptions = true, description = "Shows exactly what is asked.")
    static final class Show extends RequestCommand {
        Show(Invocation invocation) {
            super(invocation);
        }

        @Override
        int run(Approvals approvals, Actor by) {
            Approval approval = approvals.find(by, id());
            StringBuilder text = new StringBuilder(text(approval));
            approval.terms()
                    .forEach((term, values) ->
                            text.append("\n  ").append(term).append(": ").append(String.join(", ", values)));
            ObjectNode document = json(approval);
            ObjectNode terms = document.putObject("terms");
            approval.terms().forEach((term, values) -> values.forEach(terms.withArray(term)::add));
            return answer(
                    document,
                    text.append("\n  digest: ").append(approval.digest()).toString());
        }
    }

    @Command(
            name = "approve",
            mixinStandardHelpOptions = true,
            description = "Agrees to exactly what is asked, which carries it out.")
    static final class Approve extends RequestCommand {
        @Option(names = "--digest", paramLabel = "HEX", description = "Agree only to the request of this digest.")
        private String digest;

        Approve(Invocation invocation) {
            super(invocation);
        }

        @Override
        int run(Approvals approvals, Actor by) {
            return tell(approvals.approve(by, id(), Optional.ofNullable(digest)));
        }
    }

    @Command(
            name = "reject",
            mixinStandardHelpOptions = true,
            description = "Refuses a request, or takes one's own back.")
    static final class Reject extends RequestCommand {
        Reject(Invocation invocation) {
            super(invocation);
        }

        @Override
        int run(Approvals approvals, Actor by) {
            return tell(approvals.reject(by, id()));
        }
    }

    @Command(
            name = "collect",
            mixinStandardHelpOptions = true,
            description =
                    "Prints, once, what one's own approved request resulted in: a client's key, an activation code.")
    static final class Collect extends RequestCommand {
        Collect(Invocation invocation) {
            super(invocation);
        }

        @Override
        int run(Approvals approvals, Actor by) {
            String name = approvals.find(by, id()).secretName().orElse("result");
            String secret = approvals.collect(by, id(), IdempotencyStore.Once.withoutKey());
            return answer(object().put("id", id()).put(name, secret), secret);
        }
    }

    private ApprovalCommands() {}
}
