package org.patronvault.web.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.core.model.Refused;

final class ProxiesTest {
    private static final Proxies OURS = new Proxies(List.of("10.0.0.0/8", "192.0.2.7", "2001:db8::/32"));

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // from a client that is no proxy the header says nothing
                "203.0.113.9  | 198.51.100.1                        | 203.0.113.9",
                "192.0.2.8    | 198.51.100.1                        | 192.0.2.8",
                "2001:db9::1  | 198.51.100.1                        | 2001:db9:0:0:0:0:0:1",
                // the last one that is no proxy of ours, whatever the caller wrote before it
                "10.0.0.1     | 198.51.100.1                        | 198.51.100.1",
                "10.0.0.1     | 203.0.113.5, 198.51.100.1           | 198.51.100.1",
                "10.0.0.1     | 203.0.113.5,198.51.100.1 , 10.2.3.4 | 198.51.100.1",
                "192.0.2.7    | nonsense, 198.51.100.1, 10.2.3.4    | 198.51.100.1",
                "2001:db8::5  | 2001:DB9:0::1                       | 2001:db9:0:0:0:0:0:1",
                "10.0.0.1     | [2001:db9::1]                       | 2001:db9:0:0:0:0:0:1",
                "10.0.0.1     | ::ffff:198.51.100.1                 | 198.51.100.1",
                "10.0.0.1     | ::ffff:10.2.3.4                     | 10.2.3.4",
                // all are ours
                "10.0.0.1     | 10.2.3.4, 10.2.3.5                  | 10.2.3.4",
                // an unreadable header says nothing
                "10.0.0.1     | ''                                  | 10.0.0.1",
                "10.0.0.1     | 198.51.100.1,                       | 10.0.0.1",
                "10.0.0.1     | 198.51.100.1, unknown               | 10.0.0.1",
                "10.0.0.1     | unknown, 10.2.3.4                   | 10.0.0.1",
                "10.0.0.1     | 198.51.100.256                      | 10.0.0.1",
                "10.0.0.1     | 198.51.100.1:4711                   | 10.0.0.1",
                "10.0.0.1     | 3325256705                          | 10.0.0.1",
                "10.0.0.1     | 0xC6.0x33.0x64.0x01                 | 10.0.0.1",
                "10.0.0.1     | fe80::1%eth0                        | 10.0.0.1",
                "10.0.0.1     | localhost                           | 10.0.0.1",
                "10.0.0.1     | dead.beef                           | 10.0.0.1",
                "10.0.0.1     | :::::                               | 10.0.0.1",
            })
    void callerIsTheLastHopThatIsNoProxyOfOurs(String peer, String forwarded, String caller) {
        assertThat(OURS.caller(peer, List.of(forwarded))).isEqualTo(caller);
    }

    @Test
    void severalHeadersAreOneListInTheirOrder() {
        assertThat(OURS.caller("10.0.0.1", List.of("198.51.100.1", "203.0.113.5, 10.2.3.4")))
                .isEqualTo("203.0.113.5");
        assertThat(OURS.caller("10.0.0.1", List.of())).isEqualTo("10.0.0.1");
    }

    @Test
    void withoutProxiesThePeerCounts() {
        assertThat(Proxies.NONE.caller("127.0.0.1", List.of("198.51.100.1"))).isEqualTo("127.0.0.1");
        assertThat(Proxies.NONE.isEmpty()).isTrue();
        assertThat(OURS.isEmpty()).isFalse();
    }

    @Test
    void networkOfMoreThanSixteenAddressesIsOfMany() {
        assertThat(new Proxies(List.of("10.0.0.5", "10.0.5.0/28", "2001:db8::7", "2001:db8::/124")).areMany())
                .isFalse();
        assertThat(new Proxies(List.of("10.0.0.5", "10.0.5.0/27")).areMany()).isTrue();
        assertThat(new Proxies(List.of("2001:db8::/64")).areMany()).isTrue();
        assertThat(Proxies.NONE.areMany()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "proxy.example.org",
                "localhost",
                "10.0.0.0/33",
                "10.0.0.0/-1",
                "10.0.0.0/",
                "10.0.0.1/8",
                "10.0.0.1-10.0.0.9",
                "10.0.0",
                "10.0.0.0/8/8",
                "2001:db8::/129",
                "*"
            })
    void whatIsNoAddressOrNetworkIsRefused(String network) {
        assertThatThrownBy(() -> new Proxies(List.of(network)))
                .isInstanceOf(Refused.class)
                .hasMessageContaining("http.proxies");
    }
}
