package org.patronvault.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DistributionFilesTest {
    private static final Pattern LINK = Pattern.compile("]\\(([^)\\s#]+)(#[^)\\s]*)?\\)");

    @TempDir
    private Path directory;

    @BeforeEach
    void write() throws IOException {
        DistributionFiles.documents(Path.of(""), directory);
    }

    private String read(String name) throws IOException {
        return Files.readString(directory.resolve(name));
    }

    @Test
    void everyLinkOfEveryDocumentLeadsToAnotherOrOutside() throws IOException {
        try (Stream<Path> documents = Files.list(directory)) {
            for (Path document :
                    documents.filter(file -> file.toString().endsWith(".md")).toList()) {
                List<String> targets = LINK.matcher(Files.readString(document))
                        .results()
                        .map((MatchResult link) -> link.group(1))
                        .filter(target -> !target.startsWith("https://"))
                        .toList();
                assertThat(targets)
                        .as(document.getFileName().toString())
                        .allSatisfy(
                                target -> assertThat(directory.resolve(target)).isRegularFile());
            }
        }
        assertThat(read("README.md")).contains("](ils.md)", "](desk.png)", "[SECURITY.md](SECURITY.md)");
        assertThat(read("disclosure.md")).contains("`connecticut.yaml` (where");
        assertThat(read("install.md")).contains("](custody-backup.md#by-itself)");
    }

    @Test
    void examplesAreWhatInitWrites() throws IOException {
        assertThat(read("examples/vault.yaml")).startsWith("# Settings of this vault.");
        assertThat(read("examples/policy.yaml")).contains("signOn: {}");
    }

    @Test
    void pageForWhenTheVaultIsDownIsCompleteInItself() throws IOException {
        assertThat(read("while-down.html"))
                .contains("<h1>While the vault is down</h1>", "<h2>Registration on paper</h2>", "@page", "<hr />")
                .contains("Family name ______________________________ Given name")
                .doesNotContain("**", "<script", "<link", "src=");
    }
}
