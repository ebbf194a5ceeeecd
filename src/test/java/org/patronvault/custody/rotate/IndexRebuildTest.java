package org.patronvault.custody.rotate;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.patronvault.core.index.IndexVersions;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.patron.lookup.Lookup;
import org.patronvault.testing.OpenVault;
import org.patronvault.upkeep.backup.Progress;

/** The tests of {@link IndexRebuildContract} on SQLite, with those for SQLite only. */
final class IndexRebuildTest extends IndexRebuildContract {
    @Override
    OpenVault open() {
        return OpenVault.onSqlite();
    }

    @Test
    void fieldWhoseKeyIsDestroyedIsLeftOutAndCountedAndTheRestIsIndexed() throws SQLException {
        PatronId id = find("N5").get(0);
        byte[] old = envelope(id);
        vault.rotate("email");
        putBack(id, old);
        vault.destroy("email", 1);

        Operation ended = rebuild();

        assertThat(ended.state()).isEqualTo(Operation.DONE);
        assertThat(ended.failed()).isEqualTo(1);
        assertThat(count("search_index")).isEqualTo(ended.total() * 40);
        Lookup.Result byCard = vault.find("N5", Set.of());
        assertThat(byCard.hits())
                .singleElement()
                .satisfies(hit -> assertThat(hit.id()).isEqualTo(id));
        assertThat(vault.find("n5@example.org", Set.of()).hits()).isEmpty();
        assertThat(find("n6@example.org")).hasSize(1);
    }

    @Test
    void whoDoesNotAuthenticateKeepsTheOldVersionSearchedUntilItDoes() throws SQLException {
        PatronId byValue = find("N5").get(0);
        PatronId byRow = find("N6").get(0);
        byte[] email = envelope(byValue);
        byte[] meta = envelope(byRow, PatronField.META);
        putBack(byValue, damaged(email));
        putBack(byRow, PatronField.META, damaged(meta));

        Operation ended = rebuild();

        assertThat(ended.state()).isEqualTo(Operation.FAILED);
        assertThat(ended.failed()).isEqualTo(2);
        assertThat(ended.done()).isEqualTo(ended.total() - 2);
        assertThat(versions()).isEqualTo(new IndexVersions(IndexVersions.Stage.BUILDING, 1, 2));
        assertThat(vault.find("N5", Set.of()).hits()).hasSize(1);
        assertThat(find("N7")).hasSize(1);

        putBack(byValue, email);
        putBack(byRow, PatronField.META, meta);
        assertThat(rebuild().state()).isEqualTo(Operation.DONE);
        assertThat(versions()).isEqualTo(new IndexVersions(IndexVersions.Stage.DROPPED, 2, 0));
        assertThat(numbers().mapToObj(n -> find("N" + n)))
                .allSatisfy(found -> assertThat(found).hasSize(1));
    }

    private static byte[] damaged(byte[] envelope) {
        byte[] damaged = envelope.clone();
        damaged[damaged.length - 1] ^= 1;
        return damaged;
    }

    private byte[] envelope(PatronId id) {
        return envelope(id, PatronField.EMAIL);
    }

    private byte[] envelope(PatronId id, PatronField field) {
        return vault.vault()
                .store()
                .read(tx -> tx.patrons().find(id))
                .orElseThrow()
                .value(field)
                .orElseThrow()
                .envelope();
    }

    private void putBack(PatronId id, byte[] envelope) throws SQLException {
        putBack(id, PatronField.EMAIL, envelope);
    }

    private void putBack(PatronId id, PatronField field, byte[] envelope) throws SQLException {
        try (Connection connection = vault.connect();
                PreparedStatement update =
                        connection.prepareStatement("UPDATE cell SET envelope = ? WHERE patron = ? AND field = ?")) {
            update.setBytes(1, envelope);
            update.setLong(2, id.number());
            update.setString(3, field.wireName());
            update.execute();
        }
    }

    @Test
    void versionOfWhichSomethingStagedIsDamagedIsBegunAnewOnceTheVaultIsOpenedAgain() throws SQLException {
        vault.beginIndexVersion();
        assertThat(vault.indexNext(Integer.MAX_VALUE)).isEqualTo((int) numbers().count());
        assertThat(count("search_index_staged")).isGreaterThan(1);

        vault.whileStopped(() -> run("UPDATE search_index_staged SET labels = x'00' WHERE n = 2"));

        assertThat(count("search_index_staged")).isZero();
        PatronId one = find("N9").get(0);
        vault.patch(one, 1, "{'email':['meanwhile@example.org']}");
        assertThat(rebuild().state()).isEqualTo(Operation.DONE);
        assertThat(versions()).isEqualTo(new IndexVersions(IndexVersions.Stage.DROPPED, 3, 0));
        assertThat(status("index-label"))
                .containsExactly("1 retired 0", "2 retired 0", "3 primary " + count("search_index"));
        assertThat(find("meanwhile@example.org")).containsExactly(one);
        assertThat(numbers().mapToObj(n -> find("N" + n)))
                .allSatisfy(found -> assertThat(found).hasSize(1));
        assertThat(vault.vault()
                        .check()
                        .run(OpenVault.person("custodian"), Progress.UNSEEN)
                        .listed())
                .isEmpty();
    }

    @Test
    void versionThatIsDoneIsBegunAnewIfSomethingForeignIsStagedForIt() throws SQLException {
        vault.beginIndexVersion();
        assertThat(vault.indexNext(Integer.MAX_VALUE)).isEqualTo((int) numbers().count());
        vault.inUnit(tx -> {
            vault.patrons().reindexing().merge(tx, Integer.MAX_VALUE);
            IndexVersions now = vault.patrons().indexRow().at(tx);
            vault.patrons().indexRow().put(tx, now, now.dual());
        });

        vault.whileStopped(() ->
                run("INSERT INTO search_index_staged (n, next, run, labels, vals) VALUES (1, 1, 0, x'00', x'00')"));

        assertThat(rebuild().state()).isEqualTo(Operation.DONE);
        assertThat(versions()).isEqualTo(new IndexVersions(IndexVersions.Stage.DROPPED, 3, 0));
        assertThat(numbers().mapToObj(n -> find("N" + n)))
                .allSatisfy(found -> assertThat(found).hasSize(1));
    }

    private void run(String sql) {
        try (Connection connection = vault.connect();
                Statement statement = connection.createStatement()) {
            assertThat(statement.executeUpdate(sql)).isEqualTo(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void rebuildThatWasInterruptedIsResumed() throws SQLException {
        Operation begun = begin();
        vault.restart();
        assertThat(vault.vault().operations().await(begun.id()).state()).isEqualTo(Operation.DONE);
        assertThat(count("search_index_next")).isZero();
        assertThat(numbers().mapToObj(n -> find("N" + n)))
                .allSatisfy(found -> assertThat(found).hasSize(1));
    }
}
