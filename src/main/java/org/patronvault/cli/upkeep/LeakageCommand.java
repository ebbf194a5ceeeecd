package org.patronvault.cli.upkeep;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.patronvault.app.VaultInstance;
import org.patronvault.cli.command.ExitCodes;
import org.patronvault.cli.command.Invocation;
import org.patronvault.cli.command.VaultCommand;
import org.patronvault.cli.terminal.StepProgress;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Permission;
import org.patronvault.upkeep.leakage.Leakage;
import org.patronvault.upkeep.leakage.LeakageReport;
import picocli.CommandLine.Command;

/** The command {@code leakage}, which lists what a thief of the database learns. */
@Command(
        name = "leakage",
        mixinStandardHelpOptions = true,
        description = "Lists what a stolen copy of today's database shows, and counts repeated bytes, lengths and sizes"
                + " in it. Exits with 1 if it finds what no copy may show.")
public final class LeakageCommand extends VaultCommand {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Set<String> CLEAR = Set.of("clear", "patron");

    LeakageCommand(Invocation invocation) {
        super(invocation);
    }

    @Override
    public int run(VaultInstance vault) {
        Caller caller = caller(vault, Permission.LEAKAGE, ActKind.LEAKAGE);
        Leakage leakage = new Leakage(vault.store(), vault.log(), vault.access());
        LeakageReport report;
        try (StepProgress progress =
                StepProgress.of(invocation().err(), invocation().terminal())) {
            report = leakage.run(caller, progress);
        }
        answer(document(report), text(report));
        return report.ok() ? ExitCodes.DONE : ExitCodes.FOUND_WRONG;
    }

    private ObjectNode document(LeakageReport report) {
        ObjectNode document = object().put("ok", report.ok());
        ArrayNode faults = document.putArray("faults");
        report.faults()
                .forEach(fault -> faults.addObject()
                        .put("column", fault.column())
                        .put("what", fault.what())
                        .put("says", fault.sentence()));
        ArrayNode learns = document.putArray("learns");
        report.shows()
                .forEach(fact -> learns.addObject()
                        .put("what", fact.name())
                        .put("says", fact.sentence())
                        .set("figures", JSON.valueToTree(fact.counts())));
        report.neverShows().forEach(document.putArray("learnsNot")::add);
        report.remarks().forEach(document.putArray("remarks")::add);
        ArrayNode columns = document.putArray("columns");
        report.columns()
                .forEach((name, column) -> columns.addObject()
                        .put("column", name)
                        .put("kind", column.kind())
                        .put("why", column.content())
                        .put("values", column.values())
                        .put("repeats", column.repeats())
                        .set("lengths", JSON.valueToTree(column.lengths())));
        return document;
    }

    private static String text(LeakageReport report) {
        StringBuilder text = new StringBuilder();
        report.faults()
                .forEach(fault -> text.append(String.format("FOUND  %s: %s%n", fault.column(), fault.sentence())));
        text.append(String.format("A stolen copy shows%n"));
        report.shows().forEach(fact -> text.append(String.format("  %s%n", fact.sentence())));
        text.append(String.format("%nA stolen copy never shows%n"));
        report.neverShows().forEach(line -> text.append(String.format("  %s%n", line)));
        text.append(String.format("%nColumns that are not encrypted%n"));
        clear(report)
                .forEach((why, columns) -> text.append(String.format("  %s: %s%n", why, String.join(", ", columns))));
        text.append(String.format("%nColumns that look random: values, lengths in bytes, repeats of eight bytes%n"));
        report.columns().forEach((name, column) -> {
            if (!CLEAR.contains(column.kind()) && column.values() > 0) {
                text.append(String.format(
                        Locale.ROOT,
                        "  %-28s %,9d  %s  repeats %d%n",
                        name,
                        column.values(),
                        lengths(column),
                        column.repeats()));
            }
        });
        report.remarks().forEach(line -> text.append(String.format("%n%s", line)));
        return text.toString();
    }

    /** Each length with the number of values, or the range of lengths if they are many. */
    private static String lengths(LeakageReport.Column column) {
        if (column.lengths().size() > 4) {
            return column.lengths().size() + " lengths from " + column.lengths().firstKey() + " to "
                    + column.lengths().lastKey();
        }
        return column.lengths().entrySet().stream()
                .map(one -> one.getKey() + ": " + String.format(Locale.ROOT, "%,d", one.getValue()))
                .collect(Collectors.joining(", "));
    }

    /** The unencrypted columns by content. Tables that hold only their creating version need no list. */
    private static Map<String, Set<String>> clear(LeakageReport report) {
        Map<String, Set<String>> columns = new LinkedHashMap<>();
        report.columns().forEach((name, column) -> {
            if (CLEAR.contains(column.kind())) {
                columns.computeIfAbsent(column.content(), any -> new LinkedHashSet<>())
                        .add(name.startsWith("flyway_") ? name.substring(0, name.indexOf('.')) : name);
            }
        });
        return columns;
    }
}
