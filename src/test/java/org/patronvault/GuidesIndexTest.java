package org.patronvault;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The index lists every guide with its kind, and every link of a document leads to a file and a heading that exist. */
final class GuidesIndexTest {
    private static final Path GUIDES = Path.of("src/site/markdown");
    private static final Path INDEX = GUIDES.resolve("index.md");
    private static final Pattern FENCE = Pattern.compile("(?ms)^ *```.*?^ *```");
    private static final Pattern SPAN = Pattern.compile("`[^`\\n]*`");
    private static final Pattern LINK = Pattern.compile("]\\(([^()\\s#]*)(?:#([^()\\s]*))?\\)");
    private static final Pattern HEADING = Pattern.compile("(?m)^#{1,6} +(.+)$");
    private static final Pattern NO_ANCHOR = Pattern.compile("]\\([^)]*\\)|[^\\p{L}\\p{N}_ -]");
    private static final Pattern ROW =
            Pattern.compile("\\| \\[[^]]+]\\(\\S+\\) \\| (tutorial|how-to|reference|explanation) \\| .+ \\|");

    /** A relative link; its heading is empty if it names a file alone. */
    private record Link(Path file, String heading) {
        private boolean resolves() throws IOException {
            return Files.exists(file)
                    && (heading.isEmpty() || anchors(Files.readString(file)).contains(heading));
        }
    }

    @Test
    void indexLinksEveryGuide() throws IOException {
        List<Path> linked = links(INDEX).stream().map(Link::file).toList();
        assertThat(guides())
                .filteredOn(guide -> !guide.equals(INDEX) && !linked.contains(guide))
                .isEmpty();
    }

    @Test
    void eachRowOfTheIndexNamesTheKindOfItsGuide() throws IOException {
        assertThat(Files.readAllLines(INDEX))
                .filteredOn(line -> line.startsWith("| ["))
                .isNotEmpty()
                .allSatisfy(row -> assertThat(row).matches(ROW));
    }

    @Test
    void relativeLinksLeadToFilesAndHeadingsThatExist() throws IOException {
        List<Path> documents = new ArrayList<>(guides());
        documents.addAll(List.of(Path.of("README.md"), Path.of("CHANGELOG.md"), Path.of("SECURITY.md")));
        assertThat(documents)
                .allSatisfy(document -> assertThat(links(document))
                        .allSatisfy(link -> assertThat(link.resolves()).isTrue()));
    }

    @Test
    void anchorsAreThoseThatGitHubMakes() {
        assertThat(anchors("# Look-ups: a `b`, [c](d.md)\n\n```\n# no heading\n```\n\n## Ä\n\n### Ä\n"))
                .containsExactlyInAnyOrder("look-ups-a-b-c", "ä", "ä-1");
    }

    private static List<Path> guides() throws IOException {
        try (Stream<Path> files = Files.list(GUIDES)) {
            return files.filter(file -> file.toString().endsWith(".md")).toList();
        }
    }

    private static List<Link> links(Path document) throws IOException {
        String text = FENCE.matcher(Files.readString(document)).replaceAll("");
        return LINK.matcher(SPAN.matcher(text).replaceAll("code"))
                .results()
                .filter(link -> !link.group(1).contains(":"))
                .map(link -> new Link(
                        link.group(1).isEmpty() ? document : document.resolveSibling(link.group(1)),
                        Objects.requireNonNullElse(link.group(2), "")))
                .toList();
    }

    private static Set<String> anchors(String markdown) {
        Set<String> anchors = new HashSet<>();
        String text = FENCE.matcher(markdown).replaceAll("").toLowerCase(Locale.ROOT);
        HEADING.matcher(text).results().forEach(heading -> {
            String anchor =
                    NO_ANCHOR.matcher(heading.group(1).strip()).replaceAll("").replace(' ', '-');
            String unique = anchor;
            for (int again = 1; !anchors.add(unique); again++) {
                unique = anchor + "-" + again;
            }
        });
        return anchors;
    }
}
