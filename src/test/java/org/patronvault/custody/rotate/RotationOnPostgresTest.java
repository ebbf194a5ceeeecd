package org.patronvault.custody.rotate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.patronvault.core.model.PatronField;
import org.patronvault.testing.NumberedPatrons;
import org.patronvault.testing.OpenVault;

/** Tests of a rotation of all fields on a real PostgreSQL. */
final class RotationOnPostgresTest {
    private static final int PATRONS = 300;

    private OpenVault vault;

    @BeforeEach
    void importPatrons() {
        vault = OpenVault.onPostgres();
        vault.patrons().importer().run(OpenVault.person("admin"), new NumberedPatrons(PATRONS), false, n -> {});
    }

    @AfterEach
    void close() {
        if (vault != null) {
            vault.close();
        }
    }

    @Test
    void everyValueHangsOnTheNewVersionsAndOpens() {
        Operation ended = vault.rotate(Rotations.ALL);
        assertThat(ended.state()).isEqualTo(Operation.DONE);
        assertThat(ended.done()).isEqualTo(7L * PATRONS);
        Map<PatronField, Map<Integer, Long>> counts =
                vault.vault().store().read(tx -> tx.wraps().countByKek());
        assertThat(PatronField.values())
                .allSatisfy(field -> assertThat(counts.get(field)).isEqualTo(Map.of(2, (long) PATRONS)));
        LongStream.of(1, 150, PATRONS)
                .forEach(n -> assertThat(vault.find("N" + n).hits())
                        .singleElement()
                        .satisfies(hit -> assertThat(hit.data().phone())
                                .contains(NumberedPatrons.draft((int) n).phone())));
    }
}
