package org.patronvault.core.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.patronvault.core.model.PatronId;

final class PatronRowHashTest {
    private static final PatronId PATRON = new PatronId(5);

    /** Seven cells, each with a hash and a generation of its own. */
    private static List<PatronRowHash.Cell> cells() {
        return new ArrayList<>(IntStream.of(1, 2, 3, 4, 5, 6, 8)
                .mapToObj(code -> new PatronRowHash.Cell(code, code + 10L, hash(code)))
                .toList());
    }

    private static byte[] hash(int first) {
        byte[] hash = new byte[32];
        hash[0] = (byte) first;
        return hash;
    }

    private static String of(List<PatronRowHash.Cell> cells) {
        return HexFormat.of().formatHex(PatronRowHash.of("vault-a", PATRON, cells));
    }

    @Test
    void hashDiffersByVaultPatronAndEachCell() {
        Set<String> seen = new HashSet<>(Set.of(of(cells())));
        assertThat(seen.add(HexFormat.of().formatHex(PatronRowHash.of("vault-b", PATRON, cells()))))
                .isTrue();
        assertThat(seen.add(HexFormat.of().formatHex(PatronRowHash.of("vault-a", new PatronId(6), cells()))))
                .isTrue();
        for (int i = 0; i < 7; i++) {
            List<PatronRowHash.Cell> older = cells();
            PatronRowHash.Cell cell = older.get(i);
            older.set(i, new PatronRowHash.Cell(cell.code(), cell.generation() - 1, cell.hash()));
            assertThat(seen.add(of(older))).as("generation of cell %d", i).isTrue();
            List<PatronRowHash.Cell> other = cells();
            other.set(i, new PatronRowHash.Cell(cell.code(), cell.generation(), hash(100)));
            assertThat(seen.add(of(other))).as("hash of cell %d", i).isTrue();
        }
    }

    @Test
    void rowWithoutACellOrWithAnotherOrderHasNoHash() {
        List<PatronRowHash.Cell> fewer = cells();
        fewer.remove(6);
        List<PatronRowHash.Cell> swapped = cells();
        Collections.swap(swapped, 0, 1);
        List<PatronRowHash.Cell> twice = cells();
        twice.set(1, twice.get(0));
        List<PatronRowHash.Cell> labels = cells();
        labels.set(6, new PatronRowHash.Cell(7, 1, hash(7)));
        List<PatronRowHash.Cell> cut = cells();
        cut.set(0, new PatronRowHash.Cell(1, 1, new byte[31]));

        for (List<PatronRowHash.Cell> wrong : List.of(fewer, swapped, twice, labels, cut)) {
            assertThatThrownBy(() -> of(wrong)).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
