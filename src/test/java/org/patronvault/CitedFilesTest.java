package org.patronvault;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Checks that each guide exists that a guide, a comment, a help text or a packaged file cites by its name. */
final class CitedFilesTest {
    private static final Path GUIDES = Path.of("src/site/markdown");

    /** A name without a path before it. Names of files that a library makes have digits or capital letters. */
    private static final Pattern CITED = Pattern.compile("(?<![\\w/-])[a-z][a-z-]*\\.md\\b");

    private static final Set<String> NO_GUIDES = Set.of("posted-policy.md");
    private static final List<String> TEXTS = List.of(".java", ".md", ".yaml", ".properties", ".sql", ".xml", ".jte");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "README.md",
                "CHANGELOG.md",
                "SECURITY.md",
                "src/site/markdown",
                "src/main",
                "src/deb",
                "src/image",
            })
    void eachGuideThatIsCitedIsThere(String place) throws IOException {
        for (Path file : texts(place)) {
            Set<String> cited = CITED.matcher(Files.readString(file))
                    .results()
                    .map(MatchResult::group)
                    .filter(name -> !NO_GUIDES.contains(name) && !Files.exists(GUIDES.resolve(name)))
                    .collect(Collectors.toSet());
            assertThat(cited)
                    .as("guides that %s cites and that do not exist", file)
                    .isEmpty();
        }
    }

    private static List<Path> texts(String place) throws IOException {
        try (Stream<Path> files = Files.walk(Path.of(place))) {
            return files.filter(Files::isRegularFile)
                    .filter(file ->
                            !place.startsWith("src/main") || TEXTS.stream().anyMatch(file.toString()::endsWith))
                    .toList();
        }
    }
}
