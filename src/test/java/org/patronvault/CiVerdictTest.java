package org.patronvault;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.testing.Skips;

/** Tests of {@code .ci/verdict} with made-up reports and options. */
final class CiVerdictTest {
    private static final Path SCRIPT = Path.of(".ci/verdict").toAbsolutePath();
    private static final String PASSED = "<testcase classname='a.B' name='c'/>";
    private static final String SKIPPED = "<testcase classname='a.B' name='c'><skipped message='no'/></testcase>";

    @TempDir
    private Path root;

    /** The exit code of a run, and all it printed. */
    private record Verdict(int exit, String said) {}

    @BeforeEach
    void lastRelease() throws IOException {
        Skips.unless(Files.isExecutable(Path.of("/usr/bin/python3")), "python3 is not installed");
        Files.createDirectories(root.resolve(".mvn"));
        Files.createDirectories(root.resolve(".ci"));
        Files.writeString(root.resolve(".ci/tests"), "100\n");
    }

    private Verdict verdict(String part, Map<String, String> variables) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(SCRIPT.toString(), part, root.toString()).redirectErrorStream(true);
        List.of("MAVEN_ARGS", "MAVEN_OPTS", "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS")
                .forEach(builder.environment()::remove);
        builder.environment().put("HOME", root.toString());
        builder.environment().putAll(variables);
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Verdict(process.waitFor(), said);
    }

    private void report(String directory, String name, String cases) throws IOException {
        Path reports = Files.createDirectories(root.resolve("target").resolve(directory));
        Files.writeString(reports.resolve("TEST-" + name + ".xml"), "<testsuite>" + cases + "</testsuite>");
    }

    private void assertFails(Verdict verdict, String reason) {
        assertThat(verdict.exit()).as(verdict.said()).isEqualTo(1);
        assertThat(verdict.said()).contains(reason).doesNotContain("Traceback");
    }

    @Test
    void enoughTestsWithoutAFailurePassAndAreCountedInOneLine() throws IOException, InterruptedException {
        report("surefire-reports", "Unit", PASSED.repeat(60) + SKIPPED);
        report("failsafe-reports", "System", PASSED.repeat(30));
        assertThat(verdict("reports", Map.of()))
                .isEqualTo(new Verdict(
                        0, "Tests: 90 ran, 0 failed, 1 skipped. The last release had 100; at least 90 must run.\n"));
    }

    @Test
    void fewerThanNineTenthsOfTheLastReleaseFail() throws IOException, InterruptedException {
        report("surefire-reports", "Unit", PASSED.repeat(89) + SKIPPED.repeat(50));
        assertFails(verdict("reports", Map.of()), "Only 89 tests ran.");
    }

    @Test
    void buildWithoutReportsFails() throws IOException, InterruptedException {
        assertFails(verdict("reports", Map.of()), "Only 0 tests ran.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"failure", "error"})
    void failedTestFailsThoughMavenIgnoredIt(String kind) throws IOException, InterruptedException {
        report("surefire-reports", "Unit", PASSED.repeat(200));
        report("failsafe-reports", "System", "<testcase classname='a.BIT' name='d'><" + kind + "/></testcase>");
        assertFails(verdict("reports", Map.of()), "Failed: a.BIT.d");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-Dmaven.test.failure.ignore",
                "-B -Dmaven.test.failure.ignore=true -ntp",
                "-D maven.test.failure.ignore=true",
                "--define maven.test.failure.ignore=true",
                "-fae",
                "--fail-at-end",
                "-fn",
                "-T 2 --fail-never",
                "-DskipTests",
                "-DskipITs=true",
                "-Dmaven.test.skip"
            })
    void optionThatIgnoresFailuresFails(String option) throws IOException, InterruptedException {
        for (String variable : List.of("MAVEN_ARGS", "MAVEN_OPTS", "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS")) {
            assertFails(verdict("options", Map.of(variable, option)), variable + ": ");
        }
        for (String file : List.of("maven.config", "jvm.config")) {
            Path config = root.resolve(".mvn").resolve(file);
            Files.writeString(config, option.replace(' ', '\n'));
            assertFails(verdict("options", Map.of()), file + ": ");
            Files.delete(config);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"pom.xml", ".m2/settings.xml"})
    void propertyThatIgnoresFailuresFails(String file) throws IOException, InterruptedException {
        Path place = root.resolve(file);
        Files.createDirectories(place.getParent());
        Files.writeString(place, "<a><maven.test.failure.ignore>true</maven.test.failure.ignore></a>");
        assertFails(verdict("options", Map.of()), "failures are ignored");
    }

    @Test
    void otherOptionsPass() throws IOException, InterruptedException {
        Files.writeString(root.resolve(".mvn/maven.config"), "-B\n-T2\n-Dmaven.test.failure.ignore=false\n");
        assertThat(verdict("options", Map.of("MAVEN_OPTS", "-Xmx1g -Dmy.skipTests.not=1"))
                        .exit())
                .isZero();
    }

    @Test
    void ciAsksForBothParts() throws IOException {
        String run = Files.readString(Path.of(".ci/run"));
        assertThat(run.indexOf(".ci/verdict options")).isBetween(0, run.indexOf("mvn "));
        assertThat(run.indexOf(".ci/verdict reports")).isGreaterThan(run.indexOf(" verify\n"));
        assertThat(Files.readString(Path.of(".ci/tests")).strip()).matches("[1-9][0-9]{3,}");
    }
}
