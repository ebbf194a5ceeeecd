package org.patronvault.core.tlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TileTest {

    @ParameterizedTest
    @CsvSource({
        "0, 0, 256, tile/0/000",
        "0, 1234067, 256, tile/0/x001/x234/067",
        "0, 999, 256, tile/0/999",
        "0, 1000, 256, tile/0/x001/000",
        "0, 273, 112, tile/0/273.p/112",
        "1, 1, 17, tile/1/001.p/17",
        "2, 0, 1, tile/2/000.p/1",
        "63, 5, 255, tile/63/005.p/255",
        "-1, 1234067, 256, tile/entries/x001/x234/067",
        "-1, 0, 9, tile/entries/000.p/9",
        "0, 9223372036854775807, 256, tile/0/x009/x223/x372/x036/x854/x775/807"
    })
    void pathIsThatOfTheFormatAndReadsBack(int level, long index, int width, String path) throws MalformedException {
        Tile tile = new Tile(level, index, width);
        assertThat(tile.path()).isEqualTo(path);
        assertThat(Tile.parse(path)).isEqualTo(tile);
    }

    @Test
    void everyPathOfManyIndicesWidthsAndLevelsReadsBack() throws MalformedException {
        for (int level = Tile.ENTRIES; level <= 63; level++) {
            for (int width = 1; width <= 256; width++) {
                for (long index = 0; index < 2_000_000; index = index * 7 + 1) {
                    Tile tile = new Tile(level, index, width);
                    assertThat(Tile.parse(tile.path()).equals(tile)).isTrue();
                }
            }
        }
        for (long index = 0; index < 20_000; index++) {
            assertThat(Tile.parse(new Tile(0, index, 256).path()).index()).isEqualTo(index);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "tile",
                "tile/0",
                "tile/0/",
                "/tile/0/000",
                "tile/0/000/",
                "tile/0/000\n",
                "tile//000",
                "tile/00/000",
                "tile/01/000",
                "tile/64/000",
                "tile/100/000",
                "tile/-1/000",
                "tile/+1/000",
                "tile/data/000",
                "tile/Entries/000",
                "tile/0/0",
                "tile/0/00",
                "tile/0/0000",
                "tile/0/1000",
                "tile/0/x000",
                "tile/0/x000/001",
                "tile/0/x000/x001/001",
                "tile/0/001/001",
                "tile/0/x001/x001",
                "tile/0/X001/001",
                "tile/0/x01/001",
                "tile/0/x001//001",
                "tile/0/x009/x223/x372/x036/x854/x775/808",
                "tile/0/x001/x009/x223/x372/x036/x854/x775/807",
                "tile/0/000.p",
                "tile/0/000.p/",
                "tile/0/000.p/0",
                "tile/0/000.p/00",
                "tile/0/000.p/01",
                "tile/0/000.p/256",
                "tile/0/000.p/257",
                "tile/0/000.p/1000",
                "tile/0/000.p/-1",
                "tile/0/000.p/1/",
                "tile/0/000.P/1",
                "tile/0/000xp/1",
                "tile/0/../000",
                "tile/0/%300",
                "tile/0/\u0660\u0660\u0660",
                "tile\\0\\000"
            })
    void anyOtherPathIsMalformed(String path) {
        assertThatExceptionOfType(MalformedException.class).isThrownBy(() -> Tile.parse(path));
    }

    @Test
    void rangesAreChecked() {
        assertThatIllegalArgumentException().isThrownBy(() -> new Tile(-2, 0, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new Tile(64, 0, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new Tile(0, -1, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new Tile(0, 0, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> new Tile(0, 0, 257));
    }

    @Test
    void tileIsWithinATreeThatHasAllItsHashes() {
        assertThat(new Tile(0, 273, 112).isWithin(70_000)).isTrue();
        assertThat(new Tile(0, 273, 113).isWithin(70_000)).isFalse();
        assertThat(new Tile(0, 273, 256).isWithin(70_000)).isFalse();
        assertThat(new Tile(0, 272, 256).isWithin(70_000)).isTrue();
        assertThat(new Tile(0, 274, 1).isWithin(70_000)).isFalse();
        assertThat(new Tile(Tile.ENTRIES, 273, 112).isWithin(70_000)).isTrue();
        assertThat(new Tile(1, 1, 17).isWithin(70_000)).isTrue();
        assertThat(new Tile(1, 1, 18).isWithin(70_000)).isFalse();
        assertThat(new Tile(2, 0, 1).isWithin(70_000)).isTrue();
        assertThat(new Tile(2, 0, 1).isWithin(65_535)).isFalse();
        assertThat(new Tile(1, 0, 1).isWithin(256)).isTrue();
        assertThat(new Tile(0, 0, 1).isWithin(0)).isFalse();
        assertThat(new Tile(8, 0, 1).isWithin(Long.MAX_VALUE)).isFalse();
        assertThat(new Tile(0, Long.MAX_VALUE, 1).isWithin(Long.MAX_VALUE)).isFalse();
    }
}
