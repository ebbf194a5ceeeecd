package org.patronvault.privacy.disclosure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.keys.ring.KeyState;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.custody.destroy.KeyDestruction;
import org.patronvault.custody.rotate.Operation;
import org.patronvault.testing.OpenVault;
import org.patronvault.upkeep.backup.Progress;

final class CaseStoreTest extends CaseStoreContract {
    private static final Actor CORA = new Actor(Actor.Kind.STAFF, "cora", "custodian", "");
    private static final Actor CARL = new Actor(Actor.Kind.STAFF, "carl", "custodian", "");

    @Override
    OpenVault fresh() {
        OpenVault vault = OpenVault.onSqlite();
        vault.enrol(CORA, CARL);
        return vault;
    }

    @Test
    void versionIsDestroyedOnlyOnceNoCaseHangsOnIt(@TempDir Path directory) {
        KeyDestruction destruction = new KeyDestruction(vault.destruction(0));
        int before = primary();
        vault.vault().custody().addVersion("case");
        vault.backup().make(OpenVault.person("custodian"), directory.resolve("before"), Progress.UNSEEN);
        assertThatThrownBy(() -> destruction.ask(both(), "case", before, List.of()))
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.KEY_IN_USE));
        assertThat(vault.rotate("case").state()).isEqualTo(Operation.DONE);
        vault.backup().make(OpenVault.person("custodian"), directory.resolve("after"), Progress.UNSEEN);
        assertThat(destruction.ask(both(), "case", before, List.of()).filed()).isEmpty();
        assertThat(states()).containsEntry(before, KeyState.DESTROYED);
        assertThat(look(one).state()).isEqualTo(CaseState.REFERRED);
    }

    private static Approvals.Requester both() {
        return Approvals.Requester.of(CORA, Optional.of(CARL));
    }

    @Test
    void noFileOfTheHomeShowsWhatWasSaid() throws IOException {
        try (Stream<Path> files = Files.walk(vault.home().directory())) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
                        .as("%s", file)
                        .doesNotContain(AGENCY);
            }
        }
    }
}
