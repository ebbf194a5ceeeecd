package org.patronvault.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.function.LongConsumer;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import org.patronvault.access.Caller;
import org.patronvault.access.Permission;
import org.patronvault.app.VaultInstance;
import org.patronvault.audit.Act;
import org.patronvault.model.Consent;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;
import org.patronvault.patron.FolioUsers;
import org.patronvault.patron.ImportReport;
import org.patronvault.patron.ImportTerms;
import org.patronvault.patron.Importer;
import org.patronvault.patron.PatronJson;
import org.patronvault.patron.PatronReader;
import org.patronvault.patron.VaultJsonl;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Patrons in files. */
@Command(
        name = "patrons",
        mixinStandardHelpOptions = true,
        description = "Patrons in files.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = PatronsCommands.Import.class)
final class PatronsCommands {

    @Command(
            name = "import",
            mixinStandardHelpOptions = true,
            description =
                    "Takes a file's patrons in (supervisor or administrator). The same file again changes nothing.")
    static final class Import extends VaultCommand {
        private static final long PLAIN_LINE_NANOS = 5_000_000_000L;

        @Parameters(paramLabel = "FILE", description = "The file.")
        private String file;

        @Option(names = "--format", paramLabel = "FORMAT", required = true, description = "folio-json or vault-jsonl.")
        private String format;

        @Option(
                names = "--consent-policy",
                paramLabel = "VERSION",
                required = true,
                description = "The version of the posted policy these patrons consented to: the library's statement.")
        private String consentPolicy;

        @Option(names = "--library", paramLabel = "L", description = "Their home library, where the file names none.")
        private String library;

        @Option(names = "--dry-run", description = "Say what would happen, and do nothing.")
        private boolean dryRun;

        Import(Invocation invocation) {
            super(invocation);
        }

        @Override
        int run(VaultInstance vault) {
            Caller caller = caller(vault, Permission.IMPORT, Act.IMPORT);
            Consent consent =
                    new Consent(Consent.SERVICE, consentPolicy, LocalDate.now(ZoneOffset.UTC), "import", true);
            ImportTerms terms = new ImportTerms(Optional.ofNullable(library), consent);
            PrintStream err = invocation().err();
            try (PatronReader rows = reader(vault.patrons().json(), terms)) {
                ImportReport report;
                if (invocation().terminal() && !json()) {
                    try (ProgressBar bar = new ProgressBarBuilder()
                            .setTaskName("Import")
                            .setInitialMax(-1)
                            .setUnit(" patrons", 1)
                            .setConsumer(new ConsoleProgressBarConsumer(err))
                            .build()) {
                        report = importer(vault).run(caller, rows, dryRun, bar::stepTo);
                    }
                } else {
                    report = importer(vault).run(caller, rows, dryRun, plainLines(err));
                }
                return answer(report.toJson(), report.toText().stripTrailing());
            } catch (IOException e) {
                throw new UncheckedIOException("the import file cannot be closed", e);
            }
        }

        private Importer importer(VaultInstance vault) {
            return invocation().server().isEmpty()
                    ? vault.patrons().importerAlone()
                    : vault.patrons().importer();
        }

        private PatronReader reader(PatronJson patronJson, ImportTerms terms) {
            Path path = invocation().path(file);
            return switch (format) {
                case "folio-json" -> FolioUsers.open(path, patronJson, terms);
                case "vault-jsonl" -> VaultJsonl.open(path, patronJson, terms);
                default ->
                    throw new Refused(Problem.INVALID, "This version reads the formats folio-json and vault-jsonl.");
            };
        }

        private static LongConsumer plainLines(PrintStream err) {
            long[] last = {System.nanoTime()};
            return n -> {
                long now = System.nanoTime();
                if (now - last[0] > PLAIN_LINE_NANOS) {
                    last[0] = now;
                    err.println(n + " patrons read.");
                }
            };
        }
    }

    private PatronsCommands() {}
}
