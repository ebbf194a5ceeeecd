package org.patronvault.core.dual;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.access.AccessTestVault;
import org.patronvault.access.Refusals;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class AuthorityTest {
    private static final int WRITES = 500;

    /** Something that is stored. */
    record Shelf(String label, int books) {}

    private AccessTestVault vault;
    private Authority authority;

    @BeforeAll
    void open(@TempDir Path directory) {
        vault = new AccessTestVault(directory);
    }

    @BeforeEach
    void putOneShelf() {
        vault = vault.next();
        authority = vault.access().authority();
        vault.write(tx -> authority.insert(tx, "shelf", "a", new Shelf("poems", 7), taken()));
    }

    @AfterAll
    void close() {
        vault.close();
    }

    private static Refused taken() {
        return new Refused(Problem.NAME_IN_USE, "There is such a shelf.");
    }

    private Optional<Authority.Versioned<Shelf>> find(String kind, String name) {
        return vault.store().read(tx -> authority.find(tx, kind, name, Shelf.class));
    }

    @Test
    void whatWasWrittenIsReadWithItsGeneration() {
        Authority.Versioned<Shelf> first = find("shelf", "a").orElseThrow();
        assertThat(first.generation()).isEqualTo(1);
        assertThat(first.body()).isEqualTo(new Shelf("poems", 7));
        vault.write(tx -> authority.replace(tx, "shelf", first, new Shelf("poems", 8)));
        assertThat(find("shelf", "a")).hasValueSatisfying(second -> {
            assertThat(second.generation()).isEqualTo(2);
            assertThat(second.body()).isEqualTo(new Shelf("poems", 8));
        });
        assertThat(find("shelf", "b")).isEmpty();
        assertThat(find("case", "a")).isEmpty();
    }

    @Test
    void nameIsGivenOnce() {
        assertThat(Refusals.problemOf(
                        () -> vault.write(tx -> authority.insert(tx, "shelf", "a", new Shelf("prose", 1), taken()))))
                .isEqualTo(Problem.NAME_IN_USE);
        assertThat(find("shelf", "a").orElseThrow().body().label()).isEqualTo("poems");
    }

    @Test
    void rowThatIsWrittenAgainWhileItIsReadIsNotOneThatWasPutBack() throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        List<CompletableFuture<Integer>> readers = Stream.generate(() -> CompletableFuture.supplyAsync(() -> {
                    int read = 0;
                    while (!over.get()) {
                        assertThat(find("shelf", "a")).isPresent();
                        read++;
                    }
                    return read;
                }))
                .limit(2)
                .toList();
        for (int n = 0; n < WRITES; n++) {
            vault.write(tx -> {
                Authority.Versioned<Shelf> held =
                        authority.find(tx, "shelf", "a", Shelf.class).orElseThrow();
                authority.replace(
                        tx, "shelf", held, new Shelf("poems", held.body().books() + 1));
            });
        }
        over.set(true);
        assertThat(readers).allSatisfy(reader -> assertThat(reader.get()).isPositive());
        assertThat(find("shelf", "a").orElseThrow().body().books()).isEqualTo(7 + WRITES);
    }

    @Test
    void writeOnTopOfAnotherIsRefused() {
        Authority.Versioned<Shelf> read = find("shelf", "a").orElseThrow();
        vault.write(tx -> authority.replace(tx, "shelf", read, new Shelf("poems", 8)));
        assertThat(Refusals.problemOf(
                        () -> vault.write(tx -> authority.replace(tx, "shelf", read, new Shelf("poems", 9)))))
                .isEqualTo(Problem.CHANGED_MEANWHILE);
        assertThat(find("shelf", "a").orElseThrow().body().books()).isEqualTo(8);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "UPDATE authority SET body = replace(body, '7', '9')",
                "UPDATE authority SET body = body || ' '",
                "UPDATE authority SET body = '{}'",
                "UPDATE authority SET generation = 2",
                "UPDATE authority SET mac = randomblob(32)",
                "UPDATE authority SET mac = zeroblob(32)"
            })
    void editedRowIsAnIntegrityError(String edit) {
        assertThat(vault.tamper(edit)).isEqualTo(1);
        assertThatThrownBy(() -> find("shelf", "a"))
                .isInstanceOf(IntegrityException.class)
                .hasMessageNotContaining("poems");
        assertThatThrownBy(() -> vault.store().read(tx -> authority.all(tx, "shelf", Shelf.class)))
                .isInstanceOf(IntegrityException.class);
    }

    @Test
    void rowMovedToAnotherNameOrKindIsAnIntegrityError() {
        vault.tamper("UPDATE authority SET name = 'b'");
        assertThatThrownBy(() -> find("shelf", "b")).isInstanceOf(IntegrityException.class);
        vault.tamper("UPDATE authority SET name = 'a', kind = 'case'");
        assertThatThrownBy(() -> find("case", "a")).isInstanceOf(IntegrityException.class);
    }

    @Test
    void macOfOneRowIsNoMacOfAnother() {
        vault.write(tx -> authority.insert(tx, "shelf", "b", new Shelf("poems", 7), taken()));
        vault.tamper("UPDATE authority SET mac = (SELECT mac FROM authority WHERE name = 'b') WHERE name = 'a'");
        assertThatThrownBy(() -> find("shelf", "a")).isInstanceOf(IntegrityException.class);
        assertThat(find("shelf", "b")).isPresent();
    }
}
