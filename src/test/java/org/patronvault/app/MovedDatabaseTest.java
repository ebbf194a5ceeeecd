package org.patronvault.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.core.model.Refused;
import org.patronvault.testing.TestClock;

/** Tests of vault.yaml after the database has moved. */
final class MovedDatabaseTest {
    private static final String URL = "jdbc:postgresql://db.example.org/vault?user=vault";

    @TempDir
    private Path directory;

    private Home home;

    @BeforeEach
    void make() {
        home = new Home(directory.resolve("home"));
        home.create(new TestClock());
    }

    private MovedDatabase moved() {
        return new MovedDatabase(home, URL, Optional.empty());
    }

    private void write(String text) throws IOException {
        Files.writeString(home.settings(), text);
    }

    @Test
    void databaseIsTheOnlyThingThatIsAnother() throws IOException {
        String shipped = Files.readString(home.settings());
        write(shipped + "readers: 7\ndatabase: jdbc:sqlite:data/other.db # ours\nhttp:\n  port: 9090\n");
        assertThat(moved().isOfHome()).isFalse();

        moved().switchOver();

        assertThat(Files.readString(home.settings()))
                .startsWith(shipped)
                .contains("# Before the move: database: jdbc:sqlite:data/other.db # ours\n");
        Settings settings = Settings.read(home);
        assertThat(settings.database().url()).isEqualTo(URL);
        assertThat(settings.database().readers()).isEqualTo(7);
        assertThat(settings.port()).isEqualTo(9090);
        assertThat(moved().isOfHome()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "# nothing", "readers: 3", "http:\n  port: 9090", "readers: 3\r\nhttp:\r\n  port: 1\r\n"})
    void whateverElseIsThereStays(String text) throws IOException {
        write(text);
        moved().switchOver();
        assertThat(Files.readString(home.settings())).startsWith(text);
        assertThat(Settings.read(home).database().url()).isEqualTo(URL);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{readers: 3}",
                "\"database\": jdbc:sqlite:data/other.db",
                "database:\n  jdbc:sqlite:data/other.db",
                "database: >\n  jdbc:sqlite:data/other.db\nreaders: 3",
                "readers: 3\n...\n",
                "readers: 3\n---\nreaders: 4\n"
            })
    void whatCannotBeChangedLineByLineIsRefusedBeforeAnythingIsMoved(String text) throws IOException {
        write(text);
        assertThatThrownBy(() -> moved().settings())
                .isInstanceOf(Refused.class)
                .hasMessageContaining("vault.yaml cannot be changed");
        assertThat(Files.readString(home.settings())).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"jdbc:postgresql:a\"b", "jdbc:postgresql:a\nb", "jdbc:postgresql:a\\b", "jdbc:sqlite:x", ""})
    void urlThatIsNoneIsRefused(String url) {
        assertThatThrownBy(() -> new MovedDatabase(home, url, Optional.empty())).isInstanceOf(Refused.class);
    }
}
