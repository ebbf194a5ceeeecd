package org.patronvault.access.alert;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.read.LogReader;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Alert;

/** Tests that a slow or failing receiver cannot harm the thread that delivers to it. */
final class AlertDeliveryTest {

    /** Fails at first as nobody has thought of. */
    private static final class Odd implements AlertReceiver {
        private final CountDownLatch told = new CountDownLatch(1);
        private boolean failed;

        @Override
        public String name() {
            return "odd";
        }

        @Override
        public void deliver(byte[] json) {
            if (!failed) {
                failed = true;
                throw new IllegalStateException("Unable to open /proc");
            }
            told.countDown();
        }
    }

    private static LogReader.Entry alertOf(String actor) {
        Actor who = new Actor(Actor.Kind.STAFF, actor, "circulation", "NC");
        AccessEvent act = AccessEvent.of(Instant.EPOCH, who, ActKind.REVEAL, Outcome.DISCLOSED, new byte[16]);
        return new LogReader.Entry(1, act.alerting(Alert.LIMIT_HALF));
    }

    @Test
    void receiverThatFailsAsNobodyHasThoughtOfIsToldOfTheNextAlert() throws Exception {
        Odd odd = new Odd();
        try (AlertDelivery delivery = new AlertDelivery(odd, "vault", System::nanoTime, List.of())) {
            delivery.take(alertOf("anna"));
            delivery.take(alertOf("bert"));
            assertThat(odd.told.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(delivery.count(AlertDelivery.Outcome.FAILED)).isEqualTo(1);
        }
    }
}
