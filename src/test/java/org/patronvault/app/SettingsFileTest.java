package org.patronvault.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests that the vault.yaml of a new home documents every setting, and no other. */
final class SettingsFileTest {
    /** A comment has one blank before its words; a setting none, or two and more. */
    private static final Pattern SETTING = Pattern.compile("#( {2,}(- )?)?[a-zA-Z0-9]+:.*");

    @TempDir
    private Path directory;

    private static List<String> lines() throws IOException {
        try (InputStream in = Home.class.getResourceAsStream("vault.yaml")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        }
    }

    private static String uncommented() throws IOException {
        List<String> settings = new ArrayList<>();
        for (String line : lines()) {
            assertThat(line).matches("|# [^ ].*|" + SETTING.pattern());
            if (SETTING.matcher(line).matches()) {
                settings.add(line.substring(1));
            }
        }
        return String.join("\n", settings) + "\n";
    }

    @Test
    void everySettingThatIsReadStandsThereAndNoOther() throws IOException {
        Map<String, Set<String>> found = new TreeMap<>();
        collect("", Settings.YAML.readTree(uncommented()), found);

        Map<String, Set<String>> known = new TreeMap<>();
        Settings.MEMBERS.forEach((group, members) -> known.put(group, new TreeSet<>(members)));
        assertThat(found).isEqualTo(known);
    }

    private static void collect(String group, JsonNode node, Map<String, Set<String>> into) {
        node.properties().forEach(one -> {
            into.computeIfAbsent(group, any -> new TreeSet<>()).add(one.getKey());
            String name = group.isEmpty() ? one.getKey() : group + "." + one.getKey();
            if (one.getValue().isObject()) {
                collect(name, one.getValue(), into);
            } else if (one.getValue().isArray() && one.getValue().path(0).isObject()) {
                collect(name, one.getValue().get(0), into);
            }
        });
    }

    @Test
    void everySettingHasItsCommentOrSharesOneWithItsTwin() throws IOException {
        List<String> lines = lines();
        List<String> bare = new ArrayList<>();
        for (int i = 1; i < lines.size(); i++) {
            boolean isTwin = lines.get(i).contains("tlsKey");
            if (SETTING.matcher(lines.get(i)).matches() && !lines.get(i - 1).startsWith("# ") && !isTwin) {
                bare.add(lines.get(i));
            }
        }
        assertThat(bare).isEmpty();
    }

    @Test
    void withEveryHashRemovedItCanBeReadAsItStands() throws IOException {
        Home home = new Home(directory);
        // Only one of the two PIN services may be set.
        String all = uncommented().replaceFirst("(?m)^  url: https://ils.*$", "");
        Files.writeString(home.settings(), all);

        assertThat(Settings.read(home).rotateAfterDays()).isEqualTo(30);
        Files.writeString(home.settings(), String.join("\n", lines()));
        assertThat(Settings.read(home).rotateAfterDays()).isEqualTo(30);
    }
}
