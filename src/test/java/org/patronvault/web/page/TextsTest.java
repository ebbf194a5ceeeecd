package org.patronvault.web.page;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Tests that every text of a page is in the bundle, and every text of the bundle is used. */
final class TextsTest {
    private static final Path TEMPLATES = Path.of("src/main/jte");
    private static final Path PAGES = Path.of("src/main/java/org/patronvault/web");
    private static final Path BUNDLE = Path.of("src/main/resources/org/patronvault/web/texts.properties");

    /** A key, or with a dot at its end how several begin. */
    private static final Pattern KEY =
            Pattern.compile("(?:say\\(|\")((?:[a-z][a-z0-9-]*\\.)+[a-z0-9-]*)\"|say\\(\"([^\"]+)\"");

    private static final Pattern SAID = Pattern.compile("say\\(\"([^\"]+)\"");

    private static Properties bundle() {
        Properties texts = new Properties();
        try (Reader reader = Files.newBufferedReader(BUNDLE, StandardCharsets.UTF_8)) {
            texts.load(reader);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return texts;
    }

    private static List<Path> files(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Set<String> said(String source) {
        return KEY.matcher(source)
                .results()
                .map(found -> found.group(1) == null ? found.group(2) : found.group(1))
                .collect(Collectors.toSet());
    }

    @Test
    void everyKeyThatIsSaidIsThereAndEveryOneThereIsSaid() {
        Set<String> there = bundle().stringPropertyNames();
        Set<String> inTemplates = files(TEMPLATES).stream()
                .flatMap(file -> said(read(file)).stream())
                .collect(Collectors.toSet());
        Set<String> inPages =
                files(PAGES).stream().flatMap(file -> said(read(file)).stream()).collect(Collectors.toSet());
        assertThat(Stream.concat(files(TEMPLATES).stream(), files(PAGES).stream())
                        .flatMap(file -> SAID.matcher(read(file)).results())
                        .map(found -> found.group(1))
                        .filter(key -> !key.endsWith(".")))
                .isNotEmpty()
                .allSatisfy(key -> assertThat(there).contains(key));
        Set<String> unsaid = new TreeSet<>(there);
        unsaid.removeIf(key -> Stream.concat(inTemplates.stream(), inPages.stream())
                .anyMatch(one -> one.equals(key) || (one.endsWith(".") && key.startsWith(one))));
        assertThat(unsaid).isEmpty();
    }

    @Test
    void noTextHasAnApostropheThatTakesBracesForWords() {
        bundle().forEach((key, text) ->
                assertThat(text.toString()).as(key.toString()).doesNotContain("'"));
    }

    @Test
    void noTemplateSaysAWordByItself() {
        for (Path template : files(TEMPLATES)) {
            assertThat(words(read(template))).as(template.toString()).isEmpty();
        }
    }

    /** Returns the text of a template. Attributes that are read out count as text. */
    private static List<String> words(String template) {
        String source = template.replaceAll("(?m)^@(import|param).*$", "")
                .replaceAll("\\$(unsafe)?\\{[^}]*}", "")
                .replaceAll("@template\\.[a-z-]+\\((?:[^()`]|\\([^()]*\\))*`?", "")
                .replaceAll("@(if|elseif|for)\\((?:[^()]|\\((?:[^()]|\\([^()]*\\))*\\))*\\)", "")
                .replaceAll("@(endif|else|endfor)", "")
                .replaceAll("!\\{[^}]*}", "");
        String attributes = Pattern.compile("(?:aria-label|title|placeholder|alt)=\"([^\"]*)\"")
                .matcher(source)
                .results()
                .map(MatchResult::group)
                .filter(one -> !one.endsWith("=\"\""))
                .collect(Collectors.joining(" "));
        return Pattern.compile("\\p{L}{2,}")
                .matcher((attributes + source.replaceAll("(?s)<[^>]*>", " ")).replace("Patron Vault", ""))
                .results()
                .map(MatchResult::group)
                .toList();
    }

    @Test
    void numbersAndDaysAreWrittenAsTheReaderWritesThem() {
        LocalDate day = LocalDate.of(2026, 11, 24);
        assertThat(Texts.ofAccepted("en-US,en;q=0.9").day(day)).isEqualTo("November 24, 2026");
        assertThat(Texts.ofAccepted("en-GB").day(day)).isEqualTo("24 November 2026");
        assertThat(Texts.ofAccepted("en-GB").number(1_234_567)).isEqualTo("1,234,567");
        assertThat(Texts.ofAccepted("en-GB").weekday(day)).isEqualTo("Tuesday, 24 November 2026");
        assertThat(Texts.ofAccepted("en-GB").month(YearMonth.from(day))).isEqualTo("November 2026");
        for (String other : new String[] {null, "", "*", "de-DE", "en", "%%%", "en-US".repeat(100)}) {
            assertThat(Texts.ofAccepted(other).day(day)).as("%s", other).isEqualTo("November 24, 2026");
        }
        assertThat(Texts.ofAccepted("de-DE, en-GB;q=0.5").language()).isEqualTo("en-GB");
    }
}
