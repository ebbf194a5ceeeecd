package org.patronvault.cli.log;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.patronvault.app.VaultInstance;
import org.patronvault.cli.command.ExitCodes;
import org.patronvault.cli.command.Invocation;
import org.patronvault.cli.command.OutFile;
import org.patronvault.cli.command.VaultCommand;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.LogQuery;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.read.LogReader;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Permission;
import org.patronvault.log.report.AccessHistory;
import org.patronvault.log.report.LogFile;
import org.patronvault.log.report.Visits;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command {@code log search}, which lists accesses. */
@Command(
        name = "search",
        mixinStandardHelpOptions = true,
        description =
                "Who looked, at whom, when and for what: a desk visit a line, the newest last. All filters that are"
                        + " given must fit. The reading is in the log itself.")
final class LogSearchCommand extends VaultCommand {
    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm");
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm");
    private static final DateTimeFormatter SECONDS = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss");

    @Option(names = "--patron", paramLabel = "ID", description = "Whom the entries name.")
    private String patron;

    @Option(names = "--case", paramLabel = "ID", description = "The disclosure case they are part of.")
    private String inCase;

    @Option(names = "--actor", paramLabel = "NAME", description = "The person or client that did it.")
    private String actor;

    @Option(names = "--role", paramLabel = "R", description = "The role, or one of the scopes, it was done in.")
    private String role;

    @Option(names = "--purpose", paramLabel = "P", description = "What it was done for.")
    private String purpose;

    @Option(names = "--act", paramLabel = "A", description = "What was done, such as reveal.")
    private String act;

    @Option(names = "--outcome", paramLabel = "O", description = "How it ended, such as disclosed or refused.")
    private String outcome;

    @Option(
            names = "--since",
            paramLabel = "T",
            description = "From that day on (2026-11-24), or that time (2026-11-24T15:04:05Z).")
    private String since;

    @Option(names = "--until", paramLabel = "T", description = "Through that day, or before that time.")
    private String until;

    @Option(names = "--limit", paramLabel = "N", description = "At most so many entries (default: 200).")
    private int limit = 200;

    @Option(names = "--before", paramLabel = "N", description = "Only entries with a lower number: to go on.")
    private long before = Long.MAX_VALUE;

    @Option(names = "--unfold", description = "Show the entries of each visit below it.")
    private boolean unfold;

    @Option(names = "--format", paramLabel = "F", description = "csv or jsonl: every entry that fits, oldest first.")
    private String format;

    @Option(names = "--out", paramLabel = "F", description = "The file to write with --format (default: print it).")
    private String out;

    LogSearchCommand(Invocation invocation) {
        super(invocation);
    }

    @Override
    public int run(VaultInstance vault) {
        if (limit < 1 || limit > LogReader.MAX_ENTRIES || before < 0) {
            throw new Refused(
                    Problem.INVALID, "--limit is 1 to " + LogReader.MAX_ENTRIES + ", --before the number of an entry.");
        }
        if (out != null && format == null) {
            throw new Refused(Problem.INVALID, "Say with --format how to write the file: csv or jsonl.");
        }
        LogQuery query = LogQuery.parse(this::written, ZoneId.systemDefault());
        Caller caller =
                likeliest(vault, person(vault), query.patron().isPresent() ? Permission.ACCESSES : Permission.READ_LOG);
        if (format != null) {
            return file(vault.privacy().history(), caller, query);
        }
        AccessHistory.Search found = vault.privacy()
                .history()
                .search(caller, AccessHistory.Request.of(query), before, limit, AuditLog.newRequest());
        return answer(found.json(), text(found));
    }

    private Optional<String> written(String member) {
        Map<String, Optional<String>> all = Map.of(
                "patron", Optional.ofNullable(patron),
                "case", Optional.ofNullable(inCase),
                "actor", Optional.ofNullable(actor),
                "role", Optional.ofNullable(role),
                "purpose", Optional.ofNullable(purpose),
                "act", Optional.ofNullable(act),
                "outcome", Optional.ofNullable(outcome),
                "since", Optional.ofNullable(since),
                "until", Optional.ofNullable(until));
        return all.get(member);
    }

    private int file(AccessHistory history, Caller caller, LogQuery query) {
        LogFile.Format as =
                LogFile.Format.of(format).orElseThrow(() -> new Refused(Problem.INVALID, "--format is csv or jsonl."));
        if (out == null && json()) {
            throw new Refused(
                    Problem.INVALID, "--json is one document and --format many lines: name a file with --out.");
        }
        Optional<OutFile> into = Optional.ofNullable(out)
                .map(name -> OutFile.require(invocation().path(name)));
        OutFile.Content<Long> writing = to -> {
            LogFile[] file = new LogFile[1];
            history.each(
                    caller,
                    AccessHistory.Request.of(query),
                    entry -> {
                        file[0] = new LogFile(as, to);
                        return file[0];
                    },
                    AuditLog.newRequest());
            file[0].end();
            file[0].close();
            return file[0].entries();
        };
        if (into.isPresent()) {
            long entries = into.get().write(writing);
            return answer(object().put("entries", entries), entries + " entries are in " + out + ".");
        }
        try {
            long unused = writing.to(standardOutput());
            return ExitCodes.DONE;
        } catch (IOException e) {
            throw new UncheckedIOException("the log could not be written", e);
        }
    }

    /** Standard output, which stays open after the file and reports write errors. */
    private OutputStream standardOutput() {
        return new FilterOutputStream(invocation().out()) {
            @Override
            public void write(byte[] bytes, int from, int length) throws IOException {
                out.write(bytes, from, length);
                requireWritten();
            }

            @Override
            public void close() throws IOException {
                requireWritten();
            }

            private void requireWritten() throws IOException {
                if (invocation().out().checkError()) {
                    throw new IOException("standard output cannot be written");
                }
            }
        };
    }

    private String text(AccessHistory.Search found) {
        List<List<String>> rows = new ArrayList<>();
        List<Visits.Visit> visits = new ArrayList<>(found.visits());
        Collections.reverse(visits);
        visits.forEach(visit -> rows.add(cells(visit)));
        int columns = 5;
        int[] widths = new int[columns];
        rows.forEach(row -> {
            for (int i = 0; i < columns; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        });
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < rows.size(); i++) {
            for (int column = 0; column < columns; column++) {
                text.append(pad(rows.get(i).get(column), widths[column])).append("  ");
            }
            text.append(rows.get(i).get(columns)).append('\n');
            if (unfold) {
                visits.get(i).entries().forEach(entry -> text.append(line(entry)));
            }
        }
        if (rows.isEmpty()) {
            text.append("Nothing fits.\n");
        }
        found.next()
                .ifPresent(next ->
                        text.append("There may be more: --before ").append(next).append('\n'));
        return text.toString().stripTrailing();
    }

    private static String pad(String text, int width) {
        return text + " ".repeat(width - text.length());
    }

    private static List<String> cells(Visits.Visit visit) {
        AccessEvent first = visit.first();
        Instant end = visit.end();
        String from = DAY.format(first.time().atZone(ZoneId.systemDefault()));
        String to = TIME.format(end.atZone(ZoneId.systemDefault()));
        String times = from.endsWith(to) ? from : from + "–" + to;
        String count = visit.entries().size() == 1
                ? "entry " + visit.id()
                : visit.entries().size() + " entries from " + visit.id();
        String about = visit.patrons().stream().sorted().map(PatronId::toString).collect(Collectors.joining(" "));
        return List.of(
                times,
                who(first),
                first.purpose().map(Purpose::name).orElse(first.act().wireName()),
                visit.outcomes().stream().map(Outcome::wireName).collect(Collectors.joining(", ")),
                PatronField.list(visit.fields()),
                (about + "  " + count).strip());
    }

    private static String who(AccessEvent event) {
        String role = event.actor().role();
        return event.actor().name() + (role.isEmpty() ? "" : " (" + role + ")");
    }

    private static String line(LogReader.Entry entry) {
        AccessEvent event = entry.event();
        String many = event.subjects().size() > 1 ? " of " + event.subjects().size() + " patrons" : "";
        return String.format(
                "    %d  %s  %s %s  %s%s%s%s%n",
                entry.index(),
                SECONDS.format(event.time().atZone(ZoneId.systemDefault())),
                event.act().wireName(),
                event.outcome().wireName(),
                PatronField.list(event.fields()),
                many,
                event.reason().map(reason -> "  (" + reason.slug() + ")").orElse(""),
                event.policy().map(policy -> "  policy " + policy).orElse(""));
    }
}
