package org.patronvault;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.constructors;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import java.io.IOException;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.audit.AuditReceipt;
import org.patronvault.crypto.EnvelopeCipher;
import org.patronvault.crypto.Kek;
import org.patronvault.crypto.Prf;
import org.patronvault.crypto.RowMac;
import org.patronvault.crypto.SealedBox;
import org.patronvault.crypto.SigningKey;
import org.patronvault.crypto.SivBox;
import org.patronvault.keys.CaseKeys;
import org.patronvault.keys.FieldKeys;
import org.patronvault.keys.UnsealedKeys;
import org.patronvault.patron.PatronVault;

/** The package table, the place of each library, and the calls that only one class may make. */
final class ArchitectureTest {
    private static final String BASE = "org.patronvault";
    private static final Path SOURCES = Path.of("src/main/java");
    private static final int LONGEST_CLASS_LINES = 600;
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages(BASE);

    /** The table of the design: a package, and the packages of ours it may use. */
    private static final String TABLE = """
            model:
            tlog:
            crypto:  model
            keys:    crypto model
            store:   model
            audit:   tlog store keys crypto model
            access:  audit store keys crypto model
            search:  audit store keys crypto model
            patron:  access search audit store keys crypto model
            custody: patron access audit search keys crypto store model
            privacy: patron access search audit store keys crypto model
            upkeep:  model tlog crypto keys store audit access search patron custody privacy
            web:     patron custody privacy upkeep access audit model
            sip2:    patron custody privacy upkeep access audit model
            app:     model tlog crypto keys store audit access search patron custody privacy upkeep web sip2
            cli:     model tlog crypto keys store audit access search patron custody privacy upkeep web sip2 app
            """;

    /** One row of the table. */
    private record Row(String packageName, List<String> mayUse) {
        private static Row of(String line) {
            int colon = line.indexOf(':');
            List<String> used = Stream.of(line.substring(colon + 1).trim().split(" +", -1))
                    .filter(name -> !name.isEmpty())
                    .toList();
            return new Row(line.substring(0, colon), used);
        }

        private String[] patterns() {
            return Stream.concat(Stream.of(packageName), mayUse.stream())
                    .map(ArchitectureTest::pattern)
                    .toArray(String[]::new);
        }

        @Override
        public String toString() {
            return packageName;
        }
    }

    static Stream<Row> rows() {
        return TABLE.lines().map(Row::of);
    }

    private static String pattern(String packageName) {
        return BASE + "." + packageName + "..";
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
        classes()
                .that()
                .resideInAPackage(pattern(row.packageName()))
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(row.patterns()).or(resideOutsideOfPackage(BASE + "..")))
                .allowEmptyShould(true)
                .check(CLASSES);
    }

    @ParameterizedTest
    @ValueSource(strings = {"model", "tlog"})
    void sharedWordsAndTreeUseTheJdkAlone(String packageName) {
        classes()
                .that()
                .resideInAPackage(pattern(packageName))
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage("java..", "javax..", pattern(packageName)))
                .check(CLASSES);
    }

    @Test
    void everyPackageIsInTheTable() throws IOException {
        List<String> known = rows().map(Row::packageName).toList();
        try (Stream<Path> children = Files.list(SOURCES.resolve(BASE.replace('.', '/')))) {
            assertThat(children.map(child -> child.getFileName().toString())).isSubsetOf(known);
        }
    }

    @Test
    void noTwoPackagesUseEachOther() {
        slices().matching(BASE + ".(*)..").should().beFreeOfCycles().check(CLASSES);
    }

    static Stream<Library> libraries() {
        return Stream.of(
                new Library("Tink", List.of("com.google.crypto.tink.."), List.of("crypto", "keys")),
                new Library("Conscrypt", List.of("org.conscrypt.."), List.of("crypto")),
                new Library("AWS SDK", List.of("software.amazon.."), List.of("keys")),
                new Library("BouncyCastle", List.of("org.bouncycastle.."), List.of("crypto", "keys")),
                new Library(
                        "database access",
                        List.of(
                                "org.jdbi..",
                                "org.flywaydb..",
                                "com.zaxxer.hikari..",
                                "org.sqlite..",
                                "org.postgresql.."),
                        List.of("store")),
                new Library("CSV", List.of("de.siegmar.fastcsv.."), List.of("patron", "privacy")),
                new Library("one-time codes", List.of("com.eatthepath.otp.."), List.of("access")),
                new Library(
                        "Base32 and phonetic codes",
                        List.of("org.apache.commons.codec.."),
                        List.of("access", "search")),
                new Library("transliteration", List.of("com.ibm.icu.."), List.of("search")),
                new Library("OpenID Connect", List.of("com.nimbusds..", "net.minidev.."), List.of("access")),
                new Library("QR codes", List.of("com.google.zxing.."), List.of("web")),
                new Library(
                        "Markdown and differences",
                        List.of("org.commonmark..", "com.github.difflib.."),
                        List.of("web")),
                new Library("HTTP server and pages", List.of("io.javalin..", "gg.jte.."), List.of("web")),
                new Library("metrics", List.of("io.prometheus.."), List.of("web")),
                new Library("log output", List.of("ch.qos.logback.."), List.of("cli")),
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
                .doNotHaveFullyQualifiedName(BASE + ".patron.PatronVault")
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
    private static final Set<String> OF_ONE_CALL = Set.of("ViewCipher", "IndexCipher");

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
                .areDeclaredInClassesThat(resideOutsideOfPackages(BASE + ".keys..", BASE + ".crypto.."))
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

    @Test
    void receiptsAreMadeByAuditOnly() {
        constructors()
                .that()
                .areDeclaredIn(AuditReceipt.class)
                .should()
                .bePackagePrivate()
                .check(CLASSES);
        noClasses()
                .that()
                .resideOutsideOfPackage(pattern("audit"))
                .should()
                .accessTargetWhere(use(AuditReceipt.class, "<init>"))
                .check(CLASSES);
    }

    @Test
    void standardOutputBelongsToTheCommandLine() {
        noClasses()
                .that()
                .resideOutsideOfPackage(pattern("cli"))
                // Its main method answers its parent process there.
                .and()
                .doNotHaveFullyQualifiedName(BASE + ".keys.SlotKdf")
                .should()
                .accessTargetWhere(use(System.class, "out"))
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

    @Test
    void noClassIsTwo() throws IOException {
        List<String> longOnes = new ArrayList<>();
        for (Path source : sources().toList()) {
            int lines = Files.readAllLines(source).size();
            if (lines > LONGEST_CLASS_LINES) {
                longOnes.add(source.getFileName() + " has " + lines + " lines");
            }
        }
        assertThat(longOnes).isEmpty();
    }

    private static Stream<Path> sources() throws IOException {
        try (Stream<Path> all = Files.walk(SOURCES)) {
            return all.filter(path -> path.toString().endsWith(".java")).toList().stream();
        }
    }
}
