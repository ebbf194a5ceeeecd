package org.patronvault.privacy.disclosure;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.patronvault.core.model.Refused;
import org.patronvault.privacy.disclosure.Cases.IntakePace;

/** Tests of the limit on requests that one person records, by a clock that cannot be set. */
final class IntakePaceTest {
    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1_000);
    private final IntakePace pace = new IntakePace(nanos::get);

    @Test
    void onePersonTakesDownSoManyInTenMinutesAndAnotherAsMany() {
        for (int n = 0; n < IntakePace.MOST; n++) {
            pace.take("anna");
        }
        nanos.addAndGet(Duration.ofMinutes(10).toNanos() - 1);
        assertThatThrownBy(() -> pace.take("anna")).isInstanceOf(Refused.class);
        assertThatCode(() -> pace.take("berta")).doesNotThrowAnyException();
        nanos.addAndGet(1);
        assertThatCode(() -> pace.take("anna")).doesNotThrowAnyException();
    }
}
