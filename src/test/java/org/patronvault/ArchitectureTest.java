package org.patronvault;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.constructors;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.library.dependencies.SliceRule;
import java.io.IOException;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.core.crypto.EnvelopeCipher;
import org.patronvault.core.crypto.Kek;
import org.patronvault.core.crypto.Prf;
import org.patronvault.core.crypto.RowMac;
import org.patronvault.core.crypto.SealedBox;
import org.patronvault.core.crypto.SigningKey;
import org.patronvault.core.crypto.SivBox;
import org.patronvault.core.keys.KeyFiles;
import org.patronvault.core.keys.ring.CaseKeys;
import org.patronvault.core.keys.ring.FieldKeys;
import org.patronvault.core.keys.ring.RingFile;
import org.patronvault.core.keys.ring.RingKey;
import org.patronvault.core.keys.ring.UnsealedKeys;
import org.patronvault.core.keys.slot.SlotMaker;
import org.patronvault.core.log.AuditReceipt;
import org.patronvault.core.store.Store;
import org.patronvault.core.vault.PatronVault;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The package table, the place of each library, and the calls that only one class may make. */
final class ArchitectureTest {
    private static final String BASE = "org.patronvault";
    private static final Path SOURCES = Path.of("src/main/java");
    private static final Pattern SESSION_METHODS =
            Pattern.compile("(?i).*sessionAttribute.*|getSession|changeSessionId");
    private static final Logger LOG = LoggerFactory.getLogger(ArchitectureTest.class);
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages(BASE);

    /**
     * The table of the design. A line without indentation is a group of packages, and the groups it may use. The lines
     * below it are its packages, {@code .} for the group's own one, and the packages of this group that each may use. All
     * of them may use the groups of their group's line. A line names only lines above it, so that there is no cycle.
     */
    private static final String TABLE = """
            core.model:
            core.crypto: core.model
            core.keys: core.crypto core.model
              file:
              hsm: file
              ring: file
              share:
              slot: file hsm share
              .: file hsm ring share slot
            core.store: core.model
              sql:
              table: sql
              .: sql table
            core.tlog:
            core.log: core.tlog core.store core.keys core.crypto core.model
              entry:
              read: entry
              ledger: entry read
              tree: entry read
              .: entry read ledger tree
            core.policy: core.keys core.model
            core.dual: core.policy core.log core.store core.keys core.crypto core.model
            core.index: core.store core.keys core.crypto core.model
            core.vault: core.index core.policy core.log core.store core.keys core.crypto core.model
            access: core.dual core.policy core.log core.store core.keys core.crypto core.model
              account:
              client:
              limit:
              posted:
              session: account
              external:
              signon: account session external
              watch:
              .: account client limit posted session signon watch
              alert: external .
            search: core.index core.store core.keys core.crypto core.model
            store: core.store core.model
              postgres:
              sqlite:
              copy: postgres sqlite
            patron: store search access core.vault core.index core.dual core.policy core.log core.store core.keys core.crypto core.model
              record:
              change: record
              lookup: record
              erasure: record change lookup
              check: record erasure
              transfer.format: record
              transfer: record change check transfer.format
              .: record change lookup erasure check transfer
            custody: patron access core.vault core.index core.dual core.policy core.log core.store core.keys core.crypto core.model
              slot:
              rotate: slot
              destroy: rotate
            log: patron access core.dual core.policy core.log core.tlog core.store core.keys core.crypto core.model
              count:
              report: count
              retention:
              view:
              witness:
            privacy: log patron search access core.vault core.dual core.policy core.log core.store core.keys core.crypto core.model
              disclosure:
              entitlement:
              mailing:
              retention:
              statistics:
              transparency: disclosure
              .: disclosure entitlement mailing retention statistics transparency
            sip2: privacy custody access core.policy core.model
            upkeep: privacy log custody patron store access core.index core.dual core.policy core.log core.tlog core.store core.keys core.crypto core.model
              backup:
              check: backup
              doctor: backup check
              leakage: backup
            web: upkeep privacy log custody patron access core.vault core.dual core.policy core.log core.model
              http:
              page: http
              page.print: page
              api: http page page.print
              page.desk: http page
              page.log: http page api page.desk
              page.admin: http page api page.desk page.log
              page.cases: http page api page.desk
              page.custody: http page page.print page.desk
              page.open: http page api page.desk
              .: http page api page.desk page.log page.admin page.cases page.custody page.open
            app: web upkeep sip2 privacy log custody patron store access core.dual core.policy core.log core.tlog core.store core.keys core.crypto core.model
              madeup:
              .: madeup
            cli: app web upkeep sip2 privacy log custody patron access core.dual core.policy core.log core.store core.keys core.crypto core.model
              terminal:
              command: terminal
              access: terminal command
              keys: terminal command
              log: terminal command
              patrons: terminal command
              upkeep: terminal command keys
              .: terminal command access keys log patrons upkeep
            """;

    /**
     * Uses that go up the table today: a class, the class it uses, and what would turn the arrow. A line that is no
     * longer true fails, so that the list only gets shorter.
     */
    private static final String GOING_UP = """
            access.account.SignIn -> access.session.SessionPace: the limit could be one of access.limit
            core.dual.ApprovalRows -> access.account.StaffAccount: accounts could pass in what finds an approver
            core.index.EncryptedIndex -> search.IndexReading: a search could ask the index for lists itself
            core.log.read.LogKeys -> core.log.tree.CheckpointSigner: the names of origin and key could be of LogKeys
            core.log.tree.LogVerifier -> core.log.AuditLog: the own checkpoint could be passed in
            core.store.Schema -> store.copy.PreUpgradeCopy: the caller of an upgrade could make the copy
            core.store.Schema -> store.sqlite.SqliteDialect: the store could choose the dialect
            core.store.Store -> store.sqlite.DatabaseFiles: the dialect could own the check of the files
            core.store.Store -> store.sqlite.WalCheckpoints: the dialect could own the thread
            core.store.sql.Dialect -> store.postgres.PostgresDialect: the store could choose the dialect
            core.store.sql.Dialect -> store.sqlite.SqliteDialect: the store could choose the dialect
            core.store.sql.Dialect -> store.sqlite.WalCheckpoints: the dialect could own the thread
            core.store.sql.MovedTable -> core.store.MoveMarker: the condition on rows could be passed in
            core.store.sql.MovedTable -> core.store.table.Tx: the copy could list the tables itself
            core.store.sql.StoreSettings -> store.copy.PreUpgradeCopy: its caller could remove the copy
            core.store.sql.StoreSettings -> store.postgres.PostgresUrl: the source could complete the URL
            web.page.PageSession -> web.page.desk.DeskPages: its shared answers could be a class of web.page
            """;

    /** One package of the table. */
    private record Row(String group, String packageName, List<String> mayUse, List<String> mayUseGroups) {
        private boolean allows(String used) {
            return used.equals(packageName)
                    || mayUse.contains(used)
                    || (mayUseGroups.contains(groupOf(used)) && !groupOf(used).equals(group));
        }

        @Override
        public String toString() {
            return packageName;
        }
    }

    /** The group of a package. Each package directly in {@code core} is a group. */
    private static String groupOf(String packageName) {
        String[] names = packageName.split("\\.", 3);
        return names[0].equals("core") && names.length > 1 ? names[0] + "." + names[1] : names[0];
    }

    private static List<String> words(String text) {
        return Stream.of(text.trim().split(" +", -1))
                .filter(word -> !word.isEmpty())
                .toList();
    }

    private static List<Row> rows() {
        List<String> lines = TABLE.lines().toList();
        List<Row> rows = new ArrayList<>();
        String group = "";
        List<String> groups = List.of();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            int colon = line.indexOf(':');
            String name = line.substring(0, colon).trim();
            List<String> used = words(line.substring(colon + 1));
            if (line.startsWith(" ")) {
                String within = group;
                rows.add(new Row(
                        group,
                        joined(group, name),
                        used.stream().map(one -> joined(within, one)).toList(),
                        groups));
            } else {
                group = name;
                groups = used;
                if (i + 1 == lines.size() || !lines.get(i + 1).startsWith(" ")) {
                    rows.add(new Row(group, group, List.of(), groups));
                }
            }
        }
        return rows;
    }

    private static String joined(String group, String name) {
        return name.equals(".") ? group : group + "." + name;
    }

    /** Each use that goes up the table, as {@code package.Class -> package.Class}. */
    private static List<String> goingUp() {
        return GOING_UP.lines()
                .map(line -> line.substring(0, line.indexOf(':')).trim())
                .toList();
    }

    private static String pattern(String packageName) {
        return BASE + "." + packageName + "..";
    }

    private static String within(JavaClass type) {
        String name = type.getPackageName();
        return name.startsWith(BASE + ".") ? name.substring(BASE.length() + 1) : name;
    }

    /** A use of one class of ours by another, by the names of the outermost classes. */
    private static String use(Dependency dependency) {
        return outermost(dependency.getOriginClass()) + " -> " + outermost(dependency.getTargetClass());
    }

    private static String outermost(JavaClass type) {
        JavaClass outer = type.getBaseComponentType();
        while (outer.getEnclosingClass().isPresent()) {
            outer = outer.getEnclosingClass().get();
        }
        return within(outer) + "." + outer.getSimpleName();
    }

    private static Stream<Dependency> usesOf(Row row) {
        return CLASSES.stream()
                .filter(type -> within(type).equals(row.packageName()))
                .flatMap(type -> type.getDirectDependenciesFromSelf().stream())
                .filter(dependency -> dependency
                        .getTargetClass()
                        .getBaseComponentType()
                        .getPackageName()
                        .startsWith(BASE + "."));
    }

    private static String target(Dependency dependency) {
        return within(dependency.getTargetClass().getBaseComponentType());
    }

    /** A library, by the packages of its classes, and our packages it may be used in. */
    private record Library(String name, List<String> packages, List<String> usedIn) {
        @Override
        public String toString() {
            return name;
        }
    }

    @ParameterizedTest
    @MethodSource("rows")
    void packageUsesOnlyWhatTheTableAllows(Row row) {
        Set<String> known = Set.copyOf(goingUp());
        assertThat(usesOf(row).filter(dependency -> !row.allows(target(dependency))))
                .filteredOn(dependency -> !known.contains(use(dependency)))
                .as("uses that the table does not allow")
                .isEmpty();
    }

    @Test
    void eachLineOfTheTableNamesLinesAboveItOnly() {
        Set<String> above = new HashSet<>();
        Set<String> groupsAbove = new HashSet<>();
        for (Row row : rows()) {
            assertThat(row.mayUse()).as("packages that %s may use", row).isSubsetOf(above);
            assertThat(row.mayUseGroups()).as("groups that %s may use", row).isSubsetOf(groupsAbove);
            above.add(row.packageName());
            groupsAbove.add(row.group());
        }
    }

    @Test
    void eachUseThatGoesUpIsStillThere() {
        Set<String> there = rows().stream()
                .flatMap(row -> usesOf(row).filter(dependency -> !row.allows(target(dependency))))
                .map(ArchitectureTest::use)
                .collect(Collectors.toSet());
        assertThat(goingUp()).isSubsetOf(there);
    }

    @ParameterizedTest
    @ValueSource(strings = {"core.model", "core.tlog"})
    void sharedWordsAndTreeUseTheJdkAlone(String packageName) {
        classes()
                .that()
                .resideInAPackage(pattern(packageName))
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage("java..", "javax..", pattern(packageName)))
                .check(CLASSES);
    }

    /** Looks for cycles without the table, and leaves out the uses that go up. */
    @Test
    void noTwoPackagesUseEachOther() {
        SliceRule rule = slices().matching(BASE + ".(**)").should().beFreeOfCycles();
        for (String known : goingUp()) {
            String[] ends = known.split(" -> ", -1);
            rule = rule.ignoreDependency(
                    describe(ends[0], type -> outermost(type).equals(ends[0])),
                    describe(ends[1], type -> outermost(type).equals(ends[1])));
        }
        rule.check(CLASSES);
    }

    /** Prints the size of the core, and the classes outside that it still uses. Each of these uses is listed. */
    @Test
    void coreUsesNothingOutsideItselfButWhatIsListed() throws IOException {
        List<String> uses = rows().stream()
                .filter(row -> inCore(row.packageName()))
                .flatMap(ArchitectureTest::usesOf)
                .filter(dependency -> !inCore(target(dependency)))
                .map(ArchitectureTest::use)
                .distinct()
                .sorted()
                .toList();
        List<Path> files = sources()
                .filter(path -> path.startsWith(SOURCES.resolve(BASE.replace('.', '/') + "/core")))
                .filter(path -> !path.endsWith("package-info.java"))
                .toList();
        long lines = 0;
        for (Path file : files) {
            lines += Files.readAllLines(file).size();
        }
        LOG.info("The core has {} classes and {} lines. It uses outside itself:", files.size(), lines);
        uses.forEach(LOG::info);
        assertThat(goingUp()).containsAll(uses);
    }

    private static boolean inCore(String packageName) {
        return packageName.startsWith("core.");
    }

    @Test
    void everyPackageIsInTheTable() {
        Set<String> known = rows().stream().map(Row::packageName).collect(Collectors.toSet());
        assertThat(CLASSES.stream()
                        .filter(type -> !type.getSimpleName().equals("package-info"))
                        .map(ArchitectureTest::within)
                        .distinct())
                .isSubsetOf(known);
    }

    static Stream<Library> libraries() {
        return Stream.of(
                new Library("Tink", List.of("com.google.crypto.tink.."), List.of("core.crypto", "core.keys")),
                new Library("Conscrypt", List.of("org.conscrypt.."), List.of("core.crypto")),
                new Library("AWS SDK", List.of("software.amazon.."), List.of("core.keys.hsm")),
                new Library("BouncyCastle", List.of("org.bouncycastle.."), List.of("core.crypto", "core.keys")),
                new Library(
                        "database access",
                        List.of(
                                "org.jdbi..",
                                "org.flywaydb..",
                                "com.zaxxer.hikari..",
                                "org.sqlite..",
                                "org.postgresql.."),
                        List.of("core.store", "store")),
                new Library(
                        "CSV", List.of("de.siegmar.fastcsv.."), List.of("patron.transfer", "log.report", "privacy")),
                new Library("one-time codes", List.of("com.eatthepath.otp.."), List.of("access.account")),
                new Library(
                        "Base32 and phonetic codes",
                        List.of("org.apache.commons.codec.."),
                        List.of("access.account", "search")),
                new Library("transliteration", List.of("com.ibm.icu.."), List.of("search")),
                new Library("OpenID Connect", List.of("com.nimbusds..", "net.minidev.."), List.of("access.signon")),
                new Library("QR codes", List.of("com.google.zxing.."), List.of("web.page")),
                new Library(
                        "Markdown and differences",
                        List.of("org.commonmark..", "com.github.difflib.."),
                        List.of("web.page.open")),
                new Library("HTTP server and pages", List.of("io.javalin..", "gg.jte.."), List.of("web")),
                new Library("metrics", List.of("io.prometheus.."), List.of("web.http")),
                new Library("log output", List.of("ch.qos.logback.."), List.of("cli.command")),
                new Library("command line", List.of("picocli..", "me.tongfei.."), List.of("cli")));
    }

    @ParameterizedTest
    @MethodSource("libraries")
    void libraryIsUsedInItsPlaceOnly(Library library) {
        String[] places =
                library.usedIn().stream().map(ArchitectureTest::pattern).toArray(String[]::new);
        noClasses()
                .that()
                .resideOutsideOfPackages(places)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(library.packages().toArray(String[]::new))
                .check(CLASSES);
    }

    private static DescribedPredicate<JavaAccess<?>> use(Class<?> owner, String member) {
        return describe(
                owner.getSimpleName() + "." + member,
                access -> access.getTargetOwner().isEquivalentTo(owner)
                        && access.getTarget().getName().equals(member));
    }

    @Test
    void onlyPatronVaultOpensPatronFields() {
        noClasses()
                .that()
                .doNotHaveFullyQualifiedName(PatronVault.class.getName())
                .should()
                .accessTargetWhere(use(FieldKeys.class, "open"))
                .check(CLASSES);
    }

    /** The opening of texts of disclosure cases is the other one. */
    @Test
    void onlyFieldKeysAndCaseKeysOpenEnvelopes() {
        noClasses()
                .that()
                .doNotHaveFullyQualifiedName(FieldKeys.class.getName())
                .and()
                .doNotHaveFullyQualifiedName(CaseKeys.class.getName())
                .should()
                .accessTargetWhere(use(EnvelopeCipher.class, "open"))
                .check(CLASSES);
    }

    /** The methods that open without a receipt: meta and labels hold no personal value, and openValue is private. */
    private static final Set<String> WITHOUT_RECEIPT = Set.of("openValue", "meta", "labels", "labelsAlone");

    @Test
    void patronVaultOpensPersonalFieldsByAReceiptOnly() {
        DescribedPredicate<JavaAccess<?>> opens = use(FieldKeys.class, "open").or(use(PatronVault.class, "openValue"));
        methods()
                .that()
                .areDeclaredIn(PatronVault.class)
                .and(describe(
                        "open a value",
                        (JavaMethod method) ->
                                method.getAccessesFromSelf().stream().anyMatch(opens)))
                .and(describe(
                        "are not of meta or labels",
                        (JavaMethod method) -> !WITHOUT_RECEIPT.contains(method.getName())))
                .should(ArchCondition.from(describe(
                        "take a receipt",
                        (JavaMethod method) ->
                                method.getAccessesFromSelf().stream().anyMatch(use(PatronVault.class, "take"))
                                        && method.getRawParameterTypes().stream()
                                                .anyMatch(type -> type.isEquivalentTo(AuditReceipt.class)))))
                .check(CLASSES);
        assertThat(PatronVault.class.getDeclaredMethods())
                .filteredOn(method -> method.getName().equals("openValue"))
                .allMatch(method -> Modifier.isPrivate(method.getModifiers()))
                .hasSize(1);
    }

    /** What has keys for the time of one call, and what has keys of its own, which are not the ring's. */
    private static final Set<String> OF_ONE_CALL = Set.of("PageSeal", "IndexCipher", "CardCipher");

    private static final Set<String> OF_ITS_OWN = Set.of("Witness", "RepeatedChecks", "SlidingCounts");

    /** Sealing drops the keys, so that nothing that lasts may hold one. */
    @Test
    void keysAreAskedForEachTimeAndHeldByNobodyElse() {
        List<Class<?>> secrets = List.of(
                UnsealedKeys.class,
                FieldKeys.class,
                CaseKeys.class,
                Kek.class,
                Prf.class,
                RowMac.class,
                SealedBox.Key.class,
                SigningKey.class,
                SivBox.class);
        noFields()
                .that()
                .areDeclaredInClassesThat(resideOutsideOfPackages(BASE + ".core.keys..", BASE + ".core.crypto.."))
                .and()
                .areDeclaredInClassesThat(describe(
                        "last and have no keys of their own",
                        type -> !OF_ONE_CALL.contains(type.getSimpleName())
                                && !OF_ITS_OWN.contains(type.getSimpleName())))
                .should(ArchCondition.from(describe(
                        "be a key, or something of keys",
                        (JavaField field) -> field.getType().getAllInvolvedRawTypes().stream()
                                .anyMatch(type -> secrets.stream().anyMatch(type::isEquivalentTo)))))
                .check(CLASSES);
    }

    /** Some methods of the keys return secret bytes. They are public for the packages of keys alone. */
    @Test
    void noOtherPackageSeesTheBytesOfAKey() {
        DescribedPredicate<JavaAccess<?>> bytes = use(RingKey.class, "secret")
                .or(use(UnsealedKeys.class, "ring"))
                .or(use(UnsealedKeys.class, "<init>"))
                .or(use(SlotMaker.class, "root"))
                .or(use(SlotMaker.class, "rootKey"))
                .or(use(RingFile.class, "open"));
        noClasses()
                .that()
                .resideOutsideOfPackage(pattern("core.keys"))
                .should()
                .accessTargetWhere(bytes)
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(KeyFiles.OpenedRoot.class)
                .check(CLASSES);
    }

    @Test
    void receiptsAreMadeByTheLogOnly() {
        constructors()
                .that()
                .areDeclaredIn(AuditReceipt.class)
                .should()
                .bePackagePrivate()
                .check(CLASSES);
        noClasses()
                .that()
                .resideOutsideOfPackage(pattern("core.log"))
                .should()
                .accessTargetWhere(use(AuditReceipt.class, "<init>"))
                .check(CLASSES);
    }

    /** Writes of which no entry of the log speaks: each class, and what it writes. */
    private static final Map<String, String> UPKEEP = Map.ofEntries(
            Map.entry("access.session.SessionUse", "the last use of sessions"),
            Map.entry("core.log.Engine", "acts"),
            Map.entry("core.log.CheckpointThinning", "old checkpoints"),
            Map.entry("core.log.LedgerFollower", "the note of rows older than the log"),
            Map.entry("core.log.LogInitializer", "the first entry of a new log"),
            Map.entry("core.log.tree.CheckpointSigner", "checkpoints and countersignatures"),
            Map.entry("core.log.tree.LogTailRestore", "entries that a restored database lacks"),
            Map.entry("core.log.tree.VerifiedTree", "tiles"),
            Map.entry("core.store.MoveMarker", "the mark of a moved database"),
            Map.entry("core.store.Store", "an index load that was broken off"),
            Map.entry("log.count.MonthCounter", "counts by month"),
            Map.entry("log.retention.LogRetention", "which months are forgotten"),
            Map.entry("log.view.ViewFiller", "blocks of the view by patron"),
            Map.entry("patron.check.PatronReindexing", "staged entries of an index that is built"),
            Map.entry("patron.transfer.Importer", "staged entries of an import"),
            Map.entry("privacy.entitlement.WrongPins", "wrong PINs of a card"));

    @Test
    void nobodyWritesButActsAndTheUpkeepThatIsListed() {
        Set<String> writers = CLASSES.stream()
                .flatMap(type -> type.getMethodCallsFromSelf().stream())
                .filter(call -> call.getTargetOwner().isEquivalentTo(Store.class)
                        && call.getTarget().getName().equals("write"))
                .map(call -> call.getOriginOwner())
                .map(type -> type.getEnclosingClass().orElse(type).getName().substring(BASE.length() + 1))
                .collect(Collectors.toSet());
        assertThat(writers).isEqualTo(UPKEEP.keySet());
    }

    @Test
    void standardOutputBelongsToTheCommandLine() {
        noClasses()
                .that()
                .resideOutsideOfPackage(pattern("cli"))
                // Its main method answers its parent process there.
                .and()
                .doNotHaveFullyQualifiedName(BASE + ".core.keys.slot.SlotKdf")
                .should()
                .accessTargetWhere(use(System.class, "out"))
                .check(CLASSES);
    }

    /** A servlet session stays in memory for good. The sessions of people are rows in the database. */
    @Test
    void nothingUsesAServletSession() {
        noClasses()
                .should()
                .dependOnClassesThat(resideInAnyPackage("jakarta.servlet..")
                        .and(describe(
                                "are of sessions",
                                (JavaClass type) -> type.getSimpleName().startsWith("HttpSession"))))
                .orShould()
                .callMethodWhere(describe(
                        "a method about the servlet session",
                        (JavaMethodCall call) -> SESSION_METHODS
                                        .matcher(call.getTarget().getName())
                                        .matches()
                                && !call.getTargetOwner().getPackageName().startsWith(BASE)))
                .check(CLASSES);
    }

    @Test
    void everyPackageTellsItsFlow() throws IOException {
        List<Path> silent = sources()
                .map(Path::getParent)
                .distinct()
                .filter(directory -> !Files.exists(directory.resolve("package-info.java")))
                .toList();
        assertThat(silent).isEmpty();
    }

    private static Stream<Path> sources() throws IOException {
        try (Stream<Path> all = Files.walk(SOURCES)) {
            return all.filter(path -> path.toString().endsWith(".java")).toList().stream();
        }
    }
}
