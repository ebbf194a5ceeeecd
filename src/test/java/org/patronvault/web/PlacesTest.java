package org.patronvault.web;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class PlacesTest {
    private static final long MEBIBYTE = 1 << 20;

    @Test
    void overTlsThereIsAPlaceForEachMebibyteOfTheHeapAndNeverMoreThanWithout() {
        assertThat(Places.of(256 * MEBIBYTE, true)).isEqualTo(new Places(192, 64));
        assertThat(Places.of(512 * MEBIBYTE, true)).isEqualTo(new Places(384, 128));
        assertThat(Places.of(8_192 * MEBIBYTE, true)).isEqualTo(new Places(1_500, 500));
        assertThat(Places.of(256 * MEBIBYTE, false)).isEqualTo(new Places(1_500, 500));
    }

    @Test
    void aHundredAreKeptFreeWhereThereAreManyAndAQuarterWhereThereAreFew() {
        assertThat(Places.kept(1_500)).isEqualTo(1_400);
        assertThat(Places.kept(500)).isEqualTo(400);
        assertThat(Places.kept(192)).isEqualTo(144);
        assertThat(Places.kept(64)).isEqualTo(48);
    }
}
