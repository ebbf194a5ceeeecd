package org.patronvault.web.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class ConnectionLimitsTest {
    private static final long MEBIBYTE = 1 << 20;

    @Test
    void overTlsThereIsAPlaceForEachMebibyteOfTheHeapAndNeverMoreThanWithout() {
        assertThat(ConnectionLimits.of(256 * MEBIBYTE, true)).isEqualTo(new ConnectionLimits(192, 64));
        assertThat(ConnectionLimits.of(512 * MEBIBYTE, true)).isEqualTo(new ConnectionLimits(384, 128));
        assertThat(ConnectionLimits.of(8_192 * MEBIBYTE, true)).isEqualTo(new ConnectionLimits(1_500, 500));
        assertThat(ConnectionLimits.of(256 * MEBIBYTE, false)).isEqualTo(new ConnectionLimits(1_500, 500));
    }

    @Test
    void aHundredAreKeptFreeWhereThereAreManyAndAQuarterWhereThereAreFew() {
        assertThat(ConnectionLimits.kept(1_500)).isEqualTo(1_400);
        assertThat(ConnectionLimits.kept(500)).isEqualTo(400);
        assertThat(ConnectionLimits.kept(192)).isEqualTo(144);
        assertThat(ConnectionLimits.kept(64)).isEqualTo(48);
    }
}
