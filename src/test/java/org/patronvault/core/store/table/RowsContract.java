package org.patronvault.core.store.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.store.table.WrapRows.RewrappedValues;

/** Tests of the guarantees of each group of rows. */
public abstract class RowsContract extends DatabaseContract {
    private static final long ID = -0x7edcba9876543210L;
    private static final PatronId PATRON = new PatronId(ID);

    private byte[] envelopeOf(PatronField field) {
        return store.read(tx -> tx.patrons()
                .find(PATRON)
                .orElseThrow()
                .value(field)
                .orElseThrow()
                .envelope());
    }

    @Test
    void aPatronComesBackAsStored() {
        List<ValueRow> values = Rows.put(store, ID, 7);
        StoredPatron found = store.read(tx -> tx.patrons().find(PATRON).orElseThrow());
        assertThat(found.row()).isEqualTo(Rows.patron(ID, 1));
        assertThat(found.values()).hasSize(values.size());
        for (ValueRow value : values) {
            assertThat(found.value(value.field())).hasValueSatisfying(v -> {
                assertThat(v.generation()).isEqualTo(1);
                assertThat(v.envelope()).isEqualTo(value.envelope());
            });
        }
    }

    @Test
    void patronsComeInTheOrderAskedForAndUnknownOnesNotAtAll() {
        for (long id : new long[] {3, -1, 2}) {
            Rows.put(store, id, 1);
        }
        List<PatronId> asked = List.of(new PatronId(2), new PatronId(9), new PatronId(-1), new PatronId(3));
        assertThat(listed(tx -> List.copyOf(tx.patrons().findAll(asked).keySet())))
                .containsExactly(new PatronId(2), new PatronId(-1), new PatronId(3));
        assertThat(listed(tx -> tx.patrons().idsAfter(-1, 2))).containsExactly(new PatronId(2), new PatronId(3));
    }

    @Test
    void ofAReadNothingIsAskedAfterItsLastQuestion() {
        Rows.put(store, ID, 1);
        PatronId id = new PatronId(ID);
        assertThat(store.<Optional<StoredPatron>>read(tx -> tx.lastly().find(id)))
                .isPresent();
        assertThat(store.<Map<PatronId, StoredPatron>>read(tx -> tx.lastly().findAll(List.of(id, new PatronId(9)))))
                .containsOnlyKeys(id);
        assertThatThrownBy(() -> store.read(tx -> {
                    Optional<StoredPatron> last = tx.lastly().find(id);
                    return tx.patrons().find(last.orElseThrow().id());
                }))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void updateTakesEffectOnlyOnTheVersionThatWasRead() {
        StoredPatron first = StoredPatron.of(Rows.patron(ID, 1), Rows.put(store, ID, 1));
        assertThat(written(tx -> tx.patrons().update(first, Rows.patron(ID, 2), List.of())))
                .isTrue();
        assertThat(written(tx -> tx.patrons().update(first, Rows.patron(ID, 3), List.of())))
                .isFalse();
        assertThat(store.<Long>read(
                        tx -> tx.patrons().find(PATRON).orElseThrow().row().version()))
                .isEqualTo(2);
    }

    @Test
    void updateTakesEffectOnlyOnTheGenerationThatWasRead() {
        StoredPatron first = StoredPatron.of(Rows.patron(ID, 1), Rows.put(store, ID, 1));
        ValueRow second = Rows.value(ID, PatronField.PHONE, 2, 1);
        assertThat(written(tx -> tx.patrons().update(first, first.row(), List.of(second))))
                .isTrue();
        ValueRow late = Rows.value(ID, PatronField.PHONE, 2, 1);
        assertThat(written(tx -> tx.patrons().update(first, first.row(), List.of(late))))
                .isFalse();
        assertThat(envelopeOf(PatronField.PHONE)).isEqualTo(second.envelope());
    }

    @Test
    void rewrapTakesEffectOnlyOnTheGenerationAndKekVersionThatWereRead() {
        ValueRow read = Rows.put(store, ID, 0x01020304).get(0);
        byte[] rewrapped = Rows.envelope(0x01020305);
        ValueRow stale = new ValueRow(read.patron(), read.field(), 2, read.envelope());
        ValueRow other = new ValueRow(read.patron(), read.field(), 1, Rows.envelope(0x01020303));
        List<RewrappedValues> all = Stream.of(stale, other, read)
                .map(value -> rewrapped(value, rewrapped))
                .toList();
        assertThat(store.<Integer>write(tx -> tx.wraps().rewrap(all))).isEqualTo(1);
        assertThat(store.<Integer>write(tx -> tx.wraps().rewrap(List.of(rewrapped(read, Rows.envelope(9))))))
                .isZero();
        assertThat(envelopeOf(read.field())).isEqualTo(rewrapped);
        assertThat(store.<Map<PatronField, Map<Integer, Long>>>read(
                        tx -> tx.wraps().counted()))
                .isEqualTo(store.read(tx -> tx.wraps().countByKek()));
    }

    private static RewrappedValues rewrapped(ValueRow read, byte[] envelope) {
        return new RewrappedValues(
                StoredPatron.of(Rows.patron(ID, 1), List.of(read)),
                List.of(new ValueRow(read.patron(), read.field(), read.generation(), envelope)));
    }

    @Test
    void rewrapOfOnePatronIsWholeOrNothing() {
        List<ValueRow> values = Rows.put(store, ID, 1);
        StoredPatron read = StoredPatron.of(Rows.patron(ID, 1), values);
        ValueRow changed = Rows.value(ID, PatronField.NAME, 2, 1);
        assertThat(written(tx -> Rows.replace(tx, changed))).isTrue();
        List<ValueRow> rewrapped = values.stream()
                .map(value -> new ValueRow(value.patron(), value.field(), 1, Rows.envelope(2)))
                .toList();
        assertThat(store.<Integer>write(tx -> tx.wraps().rewrap(List.of(new RewrappedValues(read, rewrapped)))))
                .isZero();
        assertThat(envelopeOf(PatronField.NAME)).isEqualTo(changed.envelope());
    }

    @Test
    void valuesAreCountedAndFoundByKekVersion() {
        Rows.put(store, 1, 1);
        Rows.put(store, 2, 1);
        Rows.put(store, 3, Integer.MAX_VALUE);
        Map<PatronField, Map<Integer, Long>> counts =
                store.read(tx -> tx.wraps().countByKek());
        assertThat(counts).containsOnlyKeys(PatronField.values());
        assertThat(counts.values())
                .allSatisfy(
                        n -> assertThat(n).containsExactlyInAnyOrderEntriesOf(Map.of(1, 2L, Integer.MAX_VALUE, 1L)));
        assertThat(store.<Map<PatronField, Map<Integer, Long>>>read(
                        tx -> tx.wraps().counted()))
                .isEqualTo(counts);
        assertThat(store.<Long>read(tx -> tx.wraps().count(PatronField.NAME, 1)))
                .isEqualTo(2);
        assertThat(outdated(1, Long.MIN_VALUE, 10)).isEqualTo(new Found(List.of(3L), OptionalLong.of(3)));
        assertThat(outdated(2, Long.MIN_VALUE, 1)).isEqualTo(new Found(List.of(1L), OptionalLong.of(1)));
        assertThat(outdated(2, 1, 10)).isEqualTo(new Found(List.of(2L, 3L), OptionalLong.of(3)));
        assertThat(outdated(2, 3, 10)).isEqualTo(new Found(List.of(), OptionalLong.empty()));
    }

    private record Found(List<Long> ids, OptionalLong through) {}

    private Found outdated(int newest, long after, int limit) {
        WrapRows.Outdated found = store.read(tx -> tx.wraps().outdated(Map.of(PatronField.NAME, newest), after, limit));
        assertThat(found.patrons())
                .allSatisfy(patron -> assertThat(patron.values()).containsOnlyKeys(PatronField.NAME));
        return new Found(
                found.patrons().stream().map(patron -> patron.id().number()).toList(), found.through());
    }

    @Test
    void anErasedPatronLeavesOnlyThatTheIdWasUsed() {
        assertThat(seen(tx -> tx.patrons().neverAny())).isTrue();
        Rows.put(store, ID, 1);
        assertThat(written(tx -> Rows.erase(tx, ID, 2))).isFalse();
        assertThat(seen(tx -> tx.patrons().find(PATRON).isPresent())).isTrue();
        assertThat(written(tx -> Rows.erase(tx, ID, 1))).isTrue();
        store.read(tx -> {
            assertThat(tx.patrons().find(PATRON)).isEmpty();
            assertThat(tx.wraps().countByKek()).isEmpty();
            assertThat(tx.patrons().count()).isZero();
            assertThat(tx.patrons().everUsed(PATRON)).isTrue();
            assertThat(tx.patrons().everUsed(new PatronId(5))).isFalse();
            assertThat(tx.patrons().neverAny()).isFalse();
            return null;
        });
        assertThat(written(tx -> Rows.erase(tx, ID, 1))).isFalse();
    }

    @Test
    void aTakenLabelIsNotAddedAndNothingSaysWhichItWas() {
        var first = new IndexRows.Entries(Rows.random(16), Rows.random(32));
        var same = new IndexRows.Entries(first.labels(), Rows.random(32));
        var other = new IndexRows.Entries(Rows.random(16), Rows.random(32));
        assertThat(counted(tx -> tx.index().insert(List.of(first)))).isEqualTo(1);
        assertThat(counted(tx -> tx.index().insert(List.of(same, other)))).isEqualTo(1);
        store.read(tx -> {
            assertThat(tx.index().count()).isEqualTo(2);
            assertThat(tx.index().find(first.labels())).hasValue(first.values());
            assertThat(tx.index().find(Rows.random(16))).isEmpty();
            assertThat(tx.index().findAll(both(other.labels(), Rows.random(16))))
                    .containsOnlyKeys(ByteBuffer.wrap(other.labels()));
            assertThat(tx.index().findAll(new byte[0])).isEmpty();
            return null;
        });
        var sameAndNone =
                new IndexRows.Entries(both(same.labels(), Rows.random(16)), both(same.values(), Rows.random(32)));
        assertThat(counted(tx -> tx.index().replace(sameAndNone))).isEqualTo(1);
        assertThat(found(tx -> tx.index().find(first.labels()))).hasValue(same.values());
    }

    @Test
    void entriesOfManyAreAddedEachWithItsOwnValue() {
        List<IndexRows.Entries> many = IntStream.range(0, 70)
                .mapToObj(i -> new IndexRows.Entries(Rows.random(16 * 40), Rows.random(32 * 40)))
                .toList();
        assertThat(counted(tx -> tx.index().insert(many))).isEqualTo(70 * 40);
        store.read(tx -> {
            for (IndexRows.Entries entries : many) {
                Map<ByteBuffer, byte[]> found = tx.index().findAll(entries.labels());
                for (int i = 0; i < entries.size(); i++) {
                    assertThat(found.get(ByteBuffer.wrap(entries.label(i)))).isEqualTo(entries.value(i));
                }
            }
            return null;
        });
    }

    private static byte[] both(byte[] first, byte[] second) {
        return ByteBuffer.allocate(first.length + second.length)
                .put(first)
                .put(second)
                .array();
    }

    @Test
    void anAuthorityRowIsReplacedOnlyInTheGenerationThatWasRead() {
        var row = new AuthorityRows.Row("account", "clerk", 1, "{}", Rows.random(32));
        var next = new AuthorityRows.Row("account", "clerk", 2, "{\"a\":1}", Rows.random(32));
        var forged = new AuthorityRows.Row("account", "clerk", 1, "{}", Rows.random(32));
        assertThat(written(tx -> tx.authority().insert(row))).isTrue();
        assertThat(written(tx -> tx.authority().insert(next))).isFalse();
        assertThat(written(tx -> tx.authority().replace(next, next))).isFalse();
        assertThat(written(tx -> tx.authority().replace(forged, next))).isFalse();
        assertThat(written(tx -> tx.authority().replace(row, next))).isTrue();
        Optional<AuthorityRows.Row> found = store.read(tx -> tx.authority().find("account", "clerk"));
        assertThat(found).hasValueSatisfying(r -> {
            assertThat(r.generation()).isEqualTo(2);
            assertThat(r.body()).isEqualTo(next.body());
            assertThat(r.mac()).isEqualTo(next.mac());
        });
        assertThat(listed(tx -> tx.authority().all("account"))).hasSize(1);
        assertThat(listed(tx -> tx.authority().all("client"))).isEmpty();
        assertThat(written(tx -> tx.authority().delete(row))).isFalse();
        assertThat(written(tx -> tx.authority().delete(next))).isTrue();
        assertThat(written(tx -> tx.authority().delete(next))).isFalse();
    }

    @Test
    void authorityRowsAreReadPageByPageByName() {
        store.write(tx -> {
            for (String name : List.of("b", "STAFF:a", "0", "a", "a.b")) {
                tx.authority().insert(new AuthorityRows.Row("paged", name, 1, "{}", Rows.random(32)));
            }
            tx.authority().insert(new AuthorityRows.Row("other", "aa", 1, "{}", Rows.random(32)));
            return null;
        });
        List<String> read = new ArrayList<>();
        String last = "";
        for (int pages = 0; pages < 3; pages++) {
            String after = last;
            List<AuthorityRows.Row> page = store.read(tx -> tx.authority().after("paged", after, 2));
            assertThat(page).hasSize(pages < 2 ? 2 : 1);
            page.forEach(row -> read.add(row.name()));
            last = page.get(page.size() - 1).name();
        }
        assertThat(read).containsExactlyInAnyOrder("b", "STAFF:a", "0", "a", "a.b");
        String end = last;
        assertThat(listed(tx -> tx.authority().after("paged", end, 2))).isEmpty();
    }

    private static AuthorityRows.Row account(String name, long generation) {
        return new AuthorityRows.Row("account", name, generation, "{}", Rows.random(32));
    }

    @Test
    void whatWasChangedOfAuthorityRowsIsToldAsItWasAndAsItIsInTheEnd() {
        var old = account("old", 1);
        var gone = account("gone", 1);
        store.write(tx -> tx.authority().insert(old) && tx.authority().insert(gone));
        List<AuthorityRows.Row> found = new ArrayList<>();
        var clerk = account("clerk", 1);
        var next = account("clerk", 2);
        var brief = account("brief", 1);
        store.write(tx -> {
            tx.authority().insert(clerk);
            assertThat(tx.authority().insert(clerk)).isFalse();
            tx.authority().replace(clerk, next);
            assertThat(tx.authority().delete(clerk)).isFalse();
            tx.authority().insert(brief);
            tx.authority().delete(brief);
            found.addAll(tx.authority().find("account", "gone").stream().toList());
            tx.authority().delete(gone);
            assertThat(tx.authority().replace(old, old)).isTrue();
            assertThat(tx.authority().find("account", "clerk")).hasValue(next);
            assertThat(tx.authority().find("account", "gone")).isEmpty();
            assertThat(tx.authorityChanges())
                    .containsExactlyInAnyOrder(
                            new AuthorityRows.Change(Optional.empty(), Optional.of(next)),
                            new AuthorityRows.Change(Optional.of(found.get(0)), Optional.empty()));
            return null;
        });
        assertThat(listed(tx -> tx.authority().all("account")))
                .extracting(AuthorityRows.Row::name, AuthorityRows.Row::generation)
                .containsExactly(tuple("clerk", 2L), tuple("old", 1L));
    }

    @Test
    void authorityRowsAreCountedAndListedAsTheTransactionHasThem() {
        store.write(tx -> {
            for (String name : List.of("b", "a", "c")) {
                tx.authority().insert(account(name, 1));
            }
            assertThat(tx.authority().count()).isEqualTo(3);
            tx.authority().delete(tx.authority().find("account", "b").orElseThrow());
            assertThat(tx.authority().all("account"))
                    .extracting(AuthorityRows.Row::name)
                    .containsExactly("a", "c");
            assertThat(tx.authority().after("account", "a", 9)).hasSize(1);
            List<AuthorityRows.Row> each = new ArrayList<>();
            tx.authority().forEach(each::add);
            assertThat(each).hasSize(2);
            return null;
        });
        assertThat(counted(tx -> (int) tx.authority().count())).isEqualTo(2);
    }

    /**
     * One part is rolled back, whether or not it wrote to the tables, or what it asks for was read ahead. The parts
     * before and after it stay.
     */
    @ParameterizedTest
    @CsvSource({"false, false", "false, true", "true, false", "true, true"})
    void onePartOfATransactionIsUndoneAloneInLimitsAndAuthority(boolean writes, boolean ahead) {
        byte[] a = Rows.random(16);
        byte[] b = Rows.random(16);
        var first = account("clerk", 1);
        var second = account("clerk", 2);
        var third = account("clerk", 2);
        store.write(tx -> {
            if (ahead) {
                tx.limits().expect("clerk", 1, List.of(a, b));
                tx.limits().expect("other", 1, List.of(b));
                tx.expectAuthority("account", "clerk");
                tx.readExpected();
            }
            tx.savepoint(writes);
            tx.authority().insert(first);
            assertThat(tx.limits().remember("clerk", 1, List.of(a))).isEqualTo(1);
            tx.release();
            tx.savepoint(writes);
            tx.authority().replace(first, second);
            tx.authority().insert(account("brief", 1));
            assertThat(tx.limits().remember("clerk", 1, List.of(a, b, b))).isEqualTo(1);
            assertThat(tx.authority().count()).isEqualTo(2);
            tx.authority().delete(second);
            tx.rollbackToSavepoint();
            tx.savepoint(writes);
            assertThat(tx.authority().find("account", "clerk")).hasValue(first);
            assertThat(tx.hasRemovedAuthority("account", "clerk")).isFalse();
            assertThat(tx.authority().replace(first, third)).isTrue();
            assertThat(tx.limits().remember("other", 1, List.of(b))).isEqualTo(1);
            tx.release();
            return null;
        });
        assertThat(listed(tx -> tx.authority().all("account")))
                .singleElement()
                .satisfies(row -> assertThat(row.mac()).isEqualTo(third.mac()));
        assertThat(counted(tx -> tx.limits().remember("clerk", 1, List.of(a)))).isZero();
        assertThat(counted(tx -> tx.limits().remember("other", 1, List.of(b)))).isZero();
        assertThat(counted(tx -> tx.limits().remember("clerk", 1, List.of(b)))).isEqualTo(1);
    }

    @Test
    void whatIsReadAheadIsWhatTheTablesHave() {
        byte[] a = Rows.random(16);
        byte[] b = Rows.random(16);
        byte[] c = Rows.random(16);
        var stored = account("clerk", 1);
        store.write(tx -> {
            tx.authority().insert(stored);
            return tx.limits().remember("clerk", 1, List.of(a));
        });
        store.write(tx -> {
            tx.limits().expect("clerk", 1, List.of(a, b));
            tx.limits().expect("clerk", 2, List.of(a));
            tx.expectAuthority("account", "clerk");
            tx.expectAuthority("account", "nobody");
            tx.readExpected();
            assertThat(tx.authority().find("account", "clerk"))
                    .hasValueSatisfying(row -> assertThat(row.mac()).isEqualTo(stored.mac()));
            assertThat(tx.authority().find("account", "nobody")).isEmpty();
            assertThat(tx.limits().present("clerk", 1, List.of(a, b, c))).containsExactly(a);
            assertThat(tx.limits().present("clerk", 2, List.of(a))).isEmpty();
            assertThat(tx.limits().remember("clerk", 1, List.of(a, b, c))).isEqualTo(2);
            tx.limits().expect("clerk", 1, List.of(b));
            tx.readExpected();
            assertThat(tx.limits().remember("clerk", 1, List.of(b, c))).isZero();
            tx.limits().forgetBefore("clerk", 2);
            assertThat(tx.limits().present("clerk", 1, List.of(a, b))).isEmpty();
            return null;
        });
    }

    @Test
    void theSamePatronOnTheSameDayIsRememberedOnce() {
        byte[] a = Rows.random(16);
        byte[] b = Rows.random(16);
        assertThat(counted(tx -> tx.limits().remember("clerk", 1, List.of(a, b))))
                .isEqualTo(2);
        assertThat(counted(tx -> tx.limits().remember("clerk", 1, List.of(b, Rows.random(16)))))
                .isEqualTo(1);
        assertThat(counted(tx -> tx.limits().remember("other", 1, List.of(a)))).isEqualTo(1);
        assertThat(counted(tx -> tx.limits().remember("clerk", 2, List.of(a)))).isEqualTo(1);
        assertThat(counted(tx -> tx.limits().remember("clerk", 1, List.of()))).isZero();
        assertThat(store.<List<byte[]>>read(tx -> tx.limits().present("clerk", 1, List.of(Rows.random(16), b, a))))
                .containsExactlyInAnyOrder(a, b);
        assertThat(store.<List<byte[]>>read(tx -> tx.limits().present("clerk", 3, List.of(a))))
                .isEmpty();
        assertThat(store.<List<byte[]>>read(tx -> tx.limits().present("clerk", 1, List.of())))
                .isEmpty();
        assertThat(store.<Boolean>read(tx -> tx.limits().isAnyBefore("clerk", 1)))
                .isFalse();
        assertThat(store.<Boolean>read(tx -> tx.limits().isAnyBefore("clerk", 2)))
                .isTrue();
        store.write(tx -> {
            tx.limits().remember("new", 1, List.of(a));
            assertThat(tx.limits().present("new", 1, List.of(a, b))).containsExactly(a);
            assertThat(tx.limits().isAnyBefore("new", 2)).isTrue();
            tx.limits().forgetBefore("new", 2);
            assertThat(tx.limits().isAnyBefore("new", 2)).isFalse();
            return null;
        });
        store.write(tx -> {
            tx.limits().remember("clerk", 1, List.of(Rows.random(16)));
            tx.limits().forgetBefore("clerk", 2);
            return null;
        });
        assertThat(counted(tx -> tx.limits().remember("clerk", 1, List.of(a)))).isEqualTo(1);
        assertThat(counted(tx -> tx.limits().remember("clerk", 2, List.of(a)))).isZero();
        assertThat(counted(tx -> tx.limits().remember("other", 1, List.of(a)))).isZero();
    }

    @Test
    void anAnswerIsKeptOnceUntilItIsForgotten() {
        byte[] key = Rows.random(32);
        byte[] request = Rows.random(32);
        byte[] first = Rows.random(80);
        assertThat(seen(tx -> tx.idempotency().newest().isEmpty())).isTrue();
        assertThat(written(tx -> tx.idempotency().keep(key, request, first, 100)))
                .isTrue();
        assertThat(found(tx -> tx.idempotency().newest())).hasValue(100L);
        assertThat(written(tx -> tx.idempotency().keep(key, request, Rows.random(80), 100)))
                .isFalse();
        assertThat(found(tx -> tx.idempotency().find(key)).orElseThrow().answer())
                .isEqualTo(first);
        store.write(tx -> {
            tx.idempotency().forgetBefore(101);
            return null;
        });
        assertThat(seen(tx -> tx.idempotency().find(key).isEmpty())).isTrue();
    }

    @Test
    void aFactIsPutOnceUnlessItIsSet() {
        assertThat(written(tx -> tx.putFact("vault", "one"))).isTrue();
        assertThat(written(tx -> tx.putFact("vault", "two"))).isFalse();
        assertThat(found(tx -> tx.fact("vault"))).hasValue("one");
        store.write(tx -> {
            tx.setFact("vault", "three");
            tx.setFact("new", "four");
            return null;
        });
        assertThat(found(tx -> tx.fact("vault"))).hasValue("three");
        assertThat(found(tx -> tx.fact("new"))).hasValue("four");
    }
}
