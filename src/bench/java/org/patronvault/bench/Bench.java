package org.patronvault.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.ServiceLoader;

/** Runs the figures one after the other and writes {@code bench.md} and {@code bench.json}. */
public final class Bench {
    private static final List<Figure> FIGURES = List.of(
            new SyncFigure(),
            new ImportFigure(),
            new DiskFigure(),
            new ReadyFigure(),
            new UnsealFigure(),
            new SignInFigure(),
            new CardSearchFigure(),
            new StepsFigure(),
            new EntitlementFigure(),
            new Sip2Figure(),
            new Sip2IdleFigure(),
            new FindFigure(),
            new PgcryptoFigure(),
            new DeskPageFigure(),
            new RebuildFigure(),
            new CheckFigure(),
            new ExportFigure(),
            new MailingFigure(),
            new AppendFigure(),
            new DurableFigure(),
            new RotateFigure(),
            new ErasureFigure(),
            new PostgresFigure(),
            new NodesFigure(),
            new MoveFigure());

    private Bench() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        Options options = Options.read();
        List<Figure> figures = figures();
        List<Figure> asked = figures.stream()
                .filter(figure -> options.only().isEmpty() || options.only().contains(figure.name()))
                .toList();
        if (asked.isEmpty()) {
            throw new IllegalArgumentException("bench.only names none of "
                    + figures.stream().map(Figure::name).toList());
        }
        Files.createDirectories(options.directory());
        Map<String, String> machine = Machine.facts(options);
        Instant started = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        Rig rig = new Rig(options);
        List<Reading> readings = new ArrayList<>();
        List<String> failed = new ArrayList<>();
        for (Figure figure : asked) {
            try {
                readings.addAll(figure.measure(rig));
            } catch (IOException | RuntimeException e) {
                failed.add(figure.name());
                machine.put(figure.name(), "ended by " + e);
                e.printStackTrace();
            }
            machine.put("load after " + figure.name(), Machine.load());
            // Written after each figure, so that a run that is broken off leaves what it has.
            new BenchReport(started, options, machine, readings).write(options.directory());
        }
        rig.clean();
        BenchReport report = new BenchReport(started, options, machine, readings);
        System.out.println(report.markdown());
        if (!failed.isEmpty() || (options.enforce() && !report.allMet())) {
            System.exit(1);
        }
    }

    /** Those, and before them the ones of {@code src/compare}, which is compiled in the profile alone. */
    private static List<Figure> figures() {
        List<Figure> figures = new ArrayList<>();
        ServiceLoader.load(Figure.class).forEach(figures::add);
        figures.addAll(FIGURES);
        return figures;
    }

    /** Says on the error output how far it is. */
    static void tell(String format, Object... values) {
        System.err.println(String.format(Locale.ROOT, format, values));
    }
}
