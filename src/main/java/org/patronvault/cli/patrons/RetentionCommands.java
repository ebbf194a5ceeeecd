package org.patronvault.cli.patrons;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.patronvault.app.VaultInstance;
import org.patronvault.cli.command.Invocation;
import org.patronvault.cli.command.OutFile;
import org.patronvault.cli.command.VaultCommand;
import org.patronvault.cli.terminal.StepProgress;
import org.patronvault.core.dual.Approval;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.dual.SecondPerson;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Permission;
import org.patronvault.patron.erasure.ErasureRegister;
import org.patronvault.privacy.retention.Retention;
import org.patronvault.privacy.retention.RetentionReview;
import org.patronvault.privacy.retention.RetentionRun;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command group {@code retention}: patrons whose records reached their end. */
@Command(
        name = "retention",
        mixinStandardHelpOptions = true,
        description = "Whose record is kept no longer, by the rules of policy.yaml (by a privacy officer).",
        subcommands = {
            RetentionCommands.ListRules.class,
            RetentionCommands.MakeReview.class,
            RetentionCommands.Show.class,
            RetentionCommands.Run.class
        })
public final class RetentionCommands {

    /** The common part of all these commands. */
    abstract static class RetentionCommand extends VaultCommand {
        RetentionCommand(Invocation invocation) {
            super(invocation);
        }

        Caller officer(VaultInstance vault) {
            return likeliest(vault, person(vault), Permission.RETENTION);
        }

        int tell(RetentionReview review, String out) {
            if (out != null) {
                OutFile.require(invocation().path(out)).write(review.csv().getBytes(StandardCharsets.UTF_8));
            }
            return answer(
                    review.json(),
                    String.format(
                            Locale.ROOT,
                            "Review %s of rule %s, as of %s: %,d patrons listed, of %,d that match; %s, %,d erased.%s",
                            review.id(),
                            review.rule(),
                            review.asOf(),
                            review.listed().size(),
                            review.matching(),
                            review.state(),
                            review.erased(),
                            out == null ? "" : " The list is in " + out + "."));
        }
    }

    @Command(name = "list", mixinStandardHelpOptions = true, description = "Each rule, and how many match it now.")
    static final class ListRules extends RetentionCommand {
        ListRules(Invocation invocation) {
            super(invocation);
        }

        @Override
        public int run(VaultInstance vault) {
            List<Retention.Count> counts = vault.privacy().retention().counts(officer(vault), AuditLog.newRequest());
            ObjectNode document = object();
            ArrayNode rules = document.putArray("rules");
            StringBuilder text = new StringBuilder();
            for (Retention.Count count : counts) {
                rules.addObject()
                        .put("rule", count.rule().name())
                        .put("what", count.rule().words())
                        .put("asOf", count.asOf().toString())
                        .put("matching", count.matching())
                        .put("of", count.patrons());
                text.append(String.format(
                        Locale.ROOT,
                        "%s: %,d of %,d patrons, as of %s. %s%n",
                        count.rule().name(),
                        count.matching(),
                        count.patrons(),
                        count.asOf(),
                        count.rule().words()));
            }
            return answer(
                    document,
                    counts.isEmpty()
                            ? "policy.yaml has no retention rule; see `retention.patrons` in it."
                            : text.toString().stripTrailing());
        }
    }

    @Command(
            name = "review",
            mixinStandardHelpOptions = true,
            description = "Fixes who matches a rule now, to be looked through and then run; good for 30 days.")
    static final class MakeReview extends RetentionCommand {
        @Parameters(paramLabel = "RULE", description = "Its name in policy.yaml.")
        private String rule;

        @Option(names = "--out", paramLabel = "F", description = "Writes the list there, such as review.csv.")
        private String out;

        MakeReview(Invocation invocation) {
            super(invocation);
        }

        @Override
        public int run(VaultInstance vault) {
            return tell(vault.privacy().retention().review(officer(vault), rule, AuditLog.newRequest()), out);
        }
    }

    @Command(name = "show", mixinStandardHelpOptions = true, description = "A review, and how far its run is.")
    static final class Show extends RetentionCommand {
        @Parameters(paramLabel = "REVIEW", description = "Its id.")
        private String id;

        @Option(names = "--out", paramLabel = "F", description = "Writes the list there, such as review.csv.")
        private String out;

        Show(Invocation invocation) {
            super(invocation);
        }

        @Override
        public int run(VaultInstance vault) {
            return tell(vault.privacy().retention().find(officer(vault), id, AuditLog.newRequest()), out);
        }
    }

    @Command(
            name = "run",
            mixinStandardHelpOptions = true,
            description =
                    "Erases who is in a review and matches its rule still. If more than one in twenty of all patrons"
                            + " match, a second person agrees.")
    static final class Run extends RetentionCommand {
        @Parameters(paramLabel = "REVIEW", description = "Its id.")
        private String id;

        @Option(
                names = "--today",
                paramLabel = "DATE",
                required = true,
                description = "Which day it is (UTC): so that a wrong clock erases nobody.")
        private LocalDate today;

        @Option(names = "--except", paramLabel = "PATRON", split = ",", description = "Who is to stay.")
        private List<String> except = new ArrayList<>();

        @Option(
                names = "--certificates",
                paramLabel = "F",
                description = "Writes the certificates of who was erased, one a line.")
        private String certificates;

        Run(Invocation invocation) {
            super(invocation);
        }

        @Override
        public int run(VaultInstance vault) {
            Set<PatronId> staying = new HashSet<>();
            except.forEach(one -> staying.add(PatronId.parse(one)
                    .orElseThrow(() -> new Refused(Problem.INVALID, "--except names patrons by their ids."))));
            Optional<OutFile> into = Optional.ofNullable(certificates)
                    .map(name -> OutFile.require(invocation().path(name)));
            Caller caller = officer(vault);
            Retention retention = vault.privacy().retention();
            RetentionReview before = retention.find(caller, id, AuditLog.newRequest());
            Optional<Approval> filed;
            try (StepProgress progress =
                    StepProgress.of(invocation().err(), invocation().terminal())) {
                filed = retention
                        .run()
                        .run(
                                caller,
                                () -> second(vault, SecondPerson.ERASURE),
                                id,
                                () -> new RetentionRun.Confirmation(today, staying),
                                AuditLog.newRequest(),
                                done -> progress.at(
                                        "Erasing", done, before.listed().size()));
            }
            if (filed.isPresent()) {
                return answer(new Approvals.Answer(filed, Optional.empty()), object(), "", "");
            }
            RetentionReview after = retention.find(caller, id, AuditLog.newRequest());
            into.ifPresent(file ->
                    file.write(certificates(vault.patrons().erasures(), after).getBytes(StandardCharsets.UTF_8)));
            return tell(after, null);
        }

        /** Includes patrons that an earlier, interrupted run erased. A patron merged meanwhile has no certificate. */
        private static String certificates(ErasureRegister register, RetentionReview review) {
            StringBuilder lines = new StringBuilder();
            register.all(review.missing())
                    .forEach(certificate -> lines.append(certificate.json()).append('\n'));
            return lines.toString();
        }
    }

    private RetentionCommands() {}
}
