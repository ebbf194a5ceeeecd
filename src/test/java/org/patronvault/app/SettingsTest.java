package org.patronvault.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What vault.yaml comes to. */
final class SettingsTest {
    @TempDir
    private Path directory;

    private OptionalInt horizon(String yaml) throws IOException {
        Home home = new Home(directory);
        Files.writeString(home.settings(), yaml);
        return Settings.read(home).patrons().horizonDays();
    }

    @Test
    void horizonOfAnErasureIsTheAgeOfAKeyAndTheWaitForItsEnd() throws IOException {
        assertThat(horizon("# all as it is\n")).hasValue(37);
        assertThat(horizon("keys: {rotateAfter: 90, destroyWait: 1}\n")).hasValue(91);
    }

    @Test
    void withoutKeysThatAreRotatedByThemselvesNoHorizonIsPromised() throws IOException {
        assertThat(horizon("keys: {rotateAfter: 0}\n")).isEmpty();
    }

    @Test
    void settingThatIsNotKnownIsRefusedWithThoseThereAre() {
        assertThatThrownBy(() -> horizon("keys: {rotateafter: 90}\n"))
                .hasMessage(
                        "vault.yaml has a setting it does not know under keys; there are destroyWait, rotateAfter.");
    }
}
