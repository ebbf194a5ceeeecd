package org.patronvault.cli.patrons;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.patronvault.app.VaultInstance;
import org.patronvault.cli.command.ExitCodes;
import org.patronvault.cli.command.Invocation;
import org.patronvault.cli.command.VaultCommand;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.model.Consent;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Permission;
import org.patronvault.patron.record.ImportOptions;
import org.patronvault.patron.record.ImportRow;
import org.patronvault.patron.record.PatronJson;
import org.patronvault.patron.transfer.ImportReport;
import org.patronvault.patron.transfer.Importer;
import org.patronvault.patron.transfer.format.CsvTerms;
import org.patronvault.patron.transfer.format.EvergreenCsv;
import org.patronvault.patron.transfer.format.FolioUsers;
import org.patronvault.patron.transfer.format.KohaCsv;
import org.patronvault.patron.transfer.format.PatronReader;
import org.patronvault.patron.transfer.format.VaultJsonl;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command group {@code patrons}: files, mail, protection and reports. */
@Command(
        name = "patrons",
        mixinStandardHelpOptions = true,
        description = "Patrons in files, mail to them, and their protection.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            PatronsCommands.Import.class,
            PatronsExport.class,
            PatronsPackage.class,
            MailCommand.class,
            ProtectionCommands.Protect.class,
            ProtectionCommands.Unprotect.class
        })
public final class PatronsCommands {

    @Command(
            name = "import",
            mixinStandardHelpOptions = true,
            description =
                    "Takes a file's patrons in (supervisor or administrator). The same file again changes nothing.")
    static final class Import extends VaultCommand {
        private static final String CHANGED =
                "The file changed while it was read: import it again once it is written completely.";

        @Parameters(paramLabel = "FILE", description = "The file.")
        private String file;

        @Option(
                names = "--format",
                paramLabel = "FORMAT",
                required = true,
                description = "koha-csv, evergreen-csv, folio-json or vault-jsonl.")
        private String format;

        @Option(
                names = "--consent-policy",
                paramLabel = "VERSION",
                required = true,
                description = "The version of the posted policy these patrons consented to: the library's statement.")
        private String consentPolicy;

        @Option(names = "--library", paramLabel = "L", description = "Their home library, where the file names none.")
        private String library;

        @Option(
                names = "--category",
                paramLabel = "CODE=CATEGORY",
                description = "What a category code (Koha) or profile (Evergreen) means: adult, juvenile, staff or"
                        + " other. Can be given several times.")
        private Map<String, String> categories = new HashMap<>();

        @Option(
                names = "--dates",
                paramLabel = "ORDER",
                description = "How a CSV file writes days that do not begin with the year: mdy or dmy.")
        private String dates;

        @Option(
                names = "--encoding",
                paramLabel = "NAME",
                description = "How a CSV file is written: utf-8 (the default), windows-1252 or utf-16.")
        private String encoding;

        @Option(names = "--dry-run", description = "Say what would happen, and do nothing.")
        private boolean dryRun;

        Import(Invocation invocation) {
            super(invocation);
        }

        @Override
        public int run(VaultInstance vault) {
            Caller caller = caller(vault, Permission.IMPORT, ActKind.IMPORT);
            vault.access().policyVersions().require(consentPolicy, "--consent-policy");
            Consent consent =
                    new Consent(Consent.SERVICE, consentPolicy, LocalDate.now(ZoneOffset.UTC), "import", true);
            ImportOptions terms = new ImportOptions(Optional.ofNullable(library), consent);
            try (PatronReader rows = new ReportingReader(reader(vault.patrons().json(), terms))) {
                return tell(report(vault, caller, rows), rows);
            } catch (IOException e) {
                throw new UncheckedIOException("the import file cannot be closed", e);
            }
        }

        private Importer importer(VaultInstance vault) {
            return invocation().server().isEmpty()
                    ? vault.patrons().importerAlone()
                    : vault.patrons().importer();
        }

        private ImportReport report(VaultInstance vault, Caller caller, PatronReader rows) {
            boolean bar = invocation().terminal() && !json();
            try (ImportProgress progress = ImportProgress.of(rows, invocation().err(), bar)) {
                return importer(vault).run(caller, rows, dryRun, progress);
            }
        }

        private PatronReader reader(PatronJson patronJson, ImportOptions terms) {
            Path path = invocation().path(file);
            return switch (format) {
                case "koha-csv" -> KohaCsv.open(path, csvTerms(), terms, patronJson);
                case "evergreen-csv" -> EvergreenCsv.open(path, csvTerms(), terms, patronJson);
                case "folio-json" -> FolioUsers.open(jsonPath(path), patronJson, terms);
                case "vault-jsonl" -> VaultJsonl.open(jsonPath(path), patronJson, terms);
                default ->
                    throw new Refused(
                            Problem.INVALID, "The formats are koha-csv, evergreen-csv, folio-json and vault-jsonl.");
            };
        }

        private CsvTerms csvTerms() {
            return CsvTerms.of(
                    Optional.ofNullable(encoding).orElse("utf-8"),
                    categories,
                    Optional.ofNullable(dates).orElse("ymd"));
        }

        private Path jsonPath(Path path) {
            if (encoding != null || dates != null || !categories.isEmpty()) {
                throw new Refused(Problem.INVALID, "--encoding, --dates and --category are for CSV files only.");
            }
            return path;
        }

        private int tell(ImportReport report, PatronReader rows) {
            List<String> remarks = new ArrayList<>(rows.remarks());
            if (rows.fileChanged()) {
                remarks.add(CHANGED);
            }
            ObjectNode document = (ObjectNode) report.toJson();
            StringBuilder text = new StringBuilder(report.toText().stripTrailing());
            if (!remarks.isEmpty()) {
                ArrayNode list = document.putArray("remarks");
                remarks.forEach(list::add);
                text.append("\n\n").append(String.join("\n", remarks));
            }
            answer(document, text.toString());
            return rows.fileChanged() ? ExitCodes.FOUND_WRONG : ExitCodes.DONE;
        }

        /** A reader whose refusals also report the result of earlier rows. */
        private final class ReportingReader implements PatronReader {
            private final PatronReader rows;
            private long before;

            private ReportingReader(PatronReader rows) {
                this.rows = rows;
            }

            @Override
            public Optional<ImportRow> next() {
                try {
                    Optional<ImportRow> row = rows.next();
                    before += row.isPresent() ? 1 : 0;
                    return row;
                } catch (Refused e) {
                    throw new Refused(e.problem(), e.getMessage() + kept() + (fileChanged() ? " " + CHANGED : ""));
                }
            }

            private String kept() {
                if (before == 0) {
                    return "";
                }
                return " Rows read before that: " + before
                        + (dryRun ? "." : "; what they brought stays, and a second import goes on after them.");
            }

            @Override
            public Optional<Position> position() {
                return rows.position();
            }

            @Override
            public boolean fileChanged() {
                return rows.fileChanged();
            }

            @Override
            public List<String> remarks() {
                return rows.remarks();
            }

            @Override
            public void close() throws IOException {
                rows.close();
            }
        }
    }

    private PatronsCommands() {}
}
