package org.patronvault.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Import, search by card, what a desk types, and size, with the vault and its twin on one PostgreSQL. */
final class PostgresFigure implements Figure {
    private static final long MODEL_PATRONS = 5_000_000;
    private static final long MODEL_ENTRIES = 300_000_000;
    private static final double GIGA = 1e9;

    /** The tables that grow with the log; the view has a row for each patron whom an entry names. */
    private static final String VIEW = "log_view";

    private static final Set<String> LOG = Set.of("access_log", "log_tile", "log_checkpoint", "log_head");

    private static final Set<String> BY_NAME =
            EnumSet.range(BenchDesk.Typed.FREQUENT_FAMILY_INITIAL, BenchDesk.Typed.FULL_NAME).stream()
                    .map(typed -> "find-" + typed.words())
                    .collect(Collectors.toSet());

    @Override
    public String name() {
        return "postgres";
    }

    @Override
    public List<Reading> measure(Rig rig) throws IOException, InterruptedException {
        Rig on = rig.onPostgres();
        List<Reading> seen = new ArrayList<>(new ImportFigure().measure(on));
        long imported = entries(on);
        seen.addAll(new CardSearchFigure().measure(on));
        List<Reading> sizes = sizes(on, imported);
        seen.addAll(new FindFigure().measure(on));
        List<Reading> readings =
                new ArrayList<>(seen.stream().map(PostgresFigure::onPostgres).toList());
        readings.set(0, readings.get(0).noting(on.server().words()));
        readings.addAll(sizes);
        return readings;
    }

    private static Reading onPostgres(Reading seen) {
        Reading here = seen.elsewhere("postgres-" + seen.id(), "on PostgreSQL: " + seen.title());
        return switch (seen.id()) {
            case "import" -> here.atLeast(2_500);
            case "search-card" -> here.atLeastOfTwin(0.4);
            default -> BY_NAME.contains(seen.id()) ? here.atMost(20) : here;
        };
    }

    private static long entries(Rig on) {
        return on.server().number(on.home(on.vault()), "SELECT size FROM log_head");
    }

    /** Of a vault that has imported and then only been searched by card since its log had that many entries. */
    private static List<Reading> sizes(Rig on, long imported) throws IOException, InterruptedException {
        Path home = on.home(on.vault());
        Map<String, Long> before = on.disk(on.vault()).bytesByTable();
        Map<String, Long> after = on.server().disk(home).bytesByTable();
        double patrons = on.options().patrons();
        double entries = entries(on) - imported;
        Map<String, Double> patron = before.entrySet().stream()
                .filter(table ->
                        !LOG.contains(table.getKey()) && !table.getKey().equals(VIEW))
                .collect(Collectors.toMap(Map.Entry::getKey, table -> table.getValue() / patrons));
        Map<String, Double> entry = LOG.stream()
                .collect(Collectors.toMap(table -> table, table -> (after.get(table) - before.get(table)) / entries));
        long pages = on.server().number(home, "SELECT count(*) FROM " + VIEW);
        entry.put(VIEW, pages == 0 ? 0.0 : after.get(VIEW) / (328.0 * pages));
        double model = (MODEL_PATRONS * sum(patron) + MODEL_ENTRIES * sum(entry)) / GIGA;
        return List.of(
                Reading.of(
                        "postgres-disk-patron",
                        "on PostgreSQL: a patron on disk",
                        "bytes/patron",
                        new Series(sum(patron)),
                        "pg_total_relation_size right after the import, VACUUM and CHECKPOINT, indexes in it, the"
                                + " write-ahead log and the access log not; by table: " + parts(patron)),
                Reading.of(
                        "postgres-disk-entry",
                        "on PostgreSQL: an entry of the log on disk",
                        "bytes/entry",
                        new Series(sum(entry)),
                        "the same of the tables of the access log, by how much they grew with searches by card, whose"
                                + " entries name one patron and four fields; the view by patron by its pages, of 328"
                                + " patrons named; by table: " + parts(entry)),
                Reading.of(
                        "postgres-disk-model",
                        "on PostgreSQL: 5,000,000 patrons and 300,000,000 entries, a model",
                        "GB",
                        new Series(model),
                        "not measured: computed from the two lines above, as if nothing but these numbers grew"));
    }

    private static double sum(Map<String, Double> bytes) {
        return bytes.values().stream().mapToDouble(Double::doubleValue).sum();
    }

    private static String parts(Map<String, Double> bytes) {
        return bytes.entrySet().stream()
                .filter(table -> table.getValue() >= 1)
                .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
                .map(table -> table.getKey() + " " + BenchReport.number(table.getValue()))
                .collect(Collectors.joining(", "));
    }
}
