package org.patronvault.cli.upkeep;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.patronvault.app.VaultInstance;
import org.patronvault.app.madeup.MadeUpPatrons;
import org.patronvault.cli.command.ExitCodes;
import org.patronvault.cli.command.Invocation;
import org.patronvault.cli.command.VaultCommand;
import org.patronvault.cli.terminal.StepProgress;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Permission;
import org.patronvault.upkeep.leakage.Leakage;
import org.patronvault.upkeep.leakage.Report;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command {@code leakage}, which measures what a thief of the database learns. */
@Command(
        name = "leakage",
        mixinStandardHelpOptions = true,
        description = "Plays a thief's games on today's database, and says what he learns of patrons and what not."
                + " Exits with 1 if he wins one.")
public final class LeakageCommand extends VaultCommand {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Set<String> CLEAR = Set.of("clear", "patron");

    @Option(
            names = "--sample",
            paramLabel = "N",
            description = "How many patrons' surnames are opened, each in the log, to score him (default:"
                    + " ${DEFAULT-VALUE}; at least 100; 0 for none: two games are not played then).")
    private int sample = Leakage.SAMPLE;

    @Option(
            names = "--before",
            paramLabel = "DIR",
            description = "An older backup, to see what he learns who comes twice.")
    private String before;

    LeakageCommand(Invocation invocation) {
        super(invocation);
    }

    @Override
    public int run(VaultInstance vault) {
        Caller caller = caller(vault, Permission.LEAKAGE, ActKind.LEAKAGE);
        Leakage.Asked asked =
                new Leakage.Asked(sample, Optional.ofNullable(before).map(invocation()::path));
        Leakage leakage = new Leakage(
                vault.store(),
                vault.custody(),
                vault.log(),
                vault.access(),
                vault.patrons(),
                home().directory(),
                MadeUpPatrons.frequentSurnames());
        Report report;
        try (StepProgress progress =
                StepProgress.of(invocation().err(), invocation().terminal())) {
            report = leakage.run(caller, asked, progress);
        }
        answer(document(report), text(report));
        return report.ok() ? ExitCodes.DONE : ExitCodes.FOUND_WRONG;
    }

    private ObjectNode document(Report report) {
        ObjectNode document = object().put("ok", report.ok()).put("patronsOpened", report.patrons());
        ArrayNode games = document.putArray("games");
        report.games()
                .forEach(game -> games.addObject()
                        .put("game", game.name())
                        .put("verdict", game.verdict().wireName())
                        .put("says", game.says())
                        .set("figures", JSON.valueToTree(game.figures())));
        ArrayNode learns = document.putArray("learns");
        report.learns()
                .forEach(learned -> learns.addObject()
                        .put("what", learned.what())
                        .put("says", learned.says())
                        .set("figures", JSON.valueToTree(learned.figures())));
        report.learnsNot().forEach(document.putArray("learnsNot")::add);
        report.remarks().forEach(document.putArray("remarks")::add);
        ArrayNode columns = document.putArray("columns");
        report.columns()
                .forEach((name, column) -> columns.addObject()
                        .put("column", name)
                        .put("kind", column.kind())
                        .put("why", column.why()));
        return document;
    }

    private static String text(Report report) {
        StringBuilder text = new StringBuilder();
        report.games()
                .forEach(game -> text.append(String.format(
                        Locale.ROOT, "%-10s  %-13s  %s%n", mark(game.verdict()), game.name(), game.says())));
        text.append(String.format("%nA thief of this copy learns%n"));
        report.learns().forEach(learned -> text.append(String.format("  %s%n", learned.says())));
        text.append(String.format(
                "%nThe promise is that he does not learn%s%n",
                report.ok() ? "" : ", and the games above that are BROKEN say where it is not kept"));
        report.learnsNot().forEach(line -> text.append(String.format("  %s%n", line)));
        text.append(String.format("%nWhat stands in clear, and what that is%n"));
        clear(report)
                .forEach((why, columns) -> text.append(String.format("  %s: %s%n", why, String.join(", ", columns))));
        report.remarks().forEach(line -> text.append(String.format("%n%s", line)));
        return text.toString();
    }

    /** The unencrypted columns by content. Tables that hold only their creating version need no list. */
    private static Map<String, Set<String>> clear(Report report) {
        Map<String, Set<String>> columns = new LinkedHashMap<>();
        report.columns().forEach((name, column) -> {
            if (CLEAR.contains(column.kind())) {
                columns.computeIfAbsent(column.why(), any -> new LinkedHashSet<>())
                        .add(name.startsWith("flyway_") ? name.substring(0, name.indexOf('.')) : name);
            }
        });
        return columns;
    }

    private static String mark(Report.Verdict verdict) {
        return switch (verdict) {
            case HOLDS -> "holds";
            case BROKEN -> "BROKEN";
            case NOT_PLAYED -> "not played";
        };
    }
}
