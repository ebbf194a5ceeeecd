package org.patronvault.core.log.entry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.patronvault.core.log.entry.HashedLeaves.HashedLeaf;
import org.patronvault.core.model.Actor;
import org.patronvault.core.tlog.MerkleHash;

class HashedLeavesTest {
    /** The most that may wait inside, and as many again. */
    private static final long ENTRIES = 2L * (HashedLeaves.PARTS_UNDER_WAY + 1) * HashedLeaves.PART + 7;

    private final List<HashedLeaf> out = new ArrayList<>();
    private final HashedLeaves leaves = new HashedLeaves(out::add);

    private static byte[] leaf(long index) {
        return ByteBuffer.allocate(Long.BYTES).putLong(index).array();
    }

    private void addAll() {
        LongStream.range(0, ENTRIES).forEach(index -> leaves.add(index, leaf(index)));
    }

    @Test
    void eachEntryComesOutInOrderWithItsOwnHash() {
        addAll();
        leaves.end();
        assertThat(out)
                .extracting(HashedLeaf::index)
                .containsExactlyElementsOf(LongStream.range(0, ENTRIES).boxed().toList());
        assertThat(out).allSatisfy(one -> {
            assertThat(one.leaf()).isEqualTo(leaf(one.index()));
            assertThat(one.hash()).isEqualTo(MerkleHash.leaf(leaf(one.index())));
        });
    }

    @Test
    void entriesComeOutBeforeAllAreReadSoThatALongLogNeedNotFitIntoMemory() {
        addAll();
        assertThat(out).hasSizeGreaterThan((int) ENTRIES / 2 - 1);
    }

    @Test
    void ofLongEntriesFewerWait() {
        byte[] entry = new byte[HashedLeaves.LONG_BYTES];
        int most = (HashedLeaves.PARTS_UNDER_WAY + 1) * (HashedLeaves.PART_BYTES / HashedLeaves.LONG_BYTES + 1);
        for (int index = 0; index < 2 * most; index++) {
            leaves.add(index, entry);
        }
        assertThat(out).hasSizeGreaterThan(most - 1);
    }

    @Test
    void anEntryLongerThanAnyMayBeComesOutAtOnceAfterThoseBeforeIt() {
        leaves.add(0, leaf(0));
        leaves.add(-1, new byte[HashedLeaves.LONG_BYTES + 1]);
        assertThat(out).extracting(HashedLeaf::index).containsExactly(0L, -1L);
    }

    @Test
    void whatIsNoEntryIsTakenAlongAndSaidToBeNone() {
        AccessEvent event = AccessEvent.of(Instant.EPOCH, Actor.VAULT, ActKind.FACTS, Outcome.COUNTED, new byte[16]);
        leaves.add(0, Leaf.encode(event));
        leaves.add(1, leaf(1));
        leaves.add(2, Leaf.encode(event));
        leaves.end();
        assertThat(out).extracting(HashedLeaf::readable).containsExactly(true, false, true);
    }

    @Test
    void whatWhoeverTakesThemThrowsEndsTheReading() {
        HashedLeaves broken = new HashedLeaves(one -> {
            throw new IllegalArgumentException("enough");
        });
        broken.add(0, leaf(0));
        assertThatThrownBy(broken::end).isInstanceOf(IllegalArgumentException.class);
    }
}
