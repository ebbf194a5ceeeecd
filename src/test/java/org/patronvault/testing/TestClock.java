package org.patronvault.testing;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicReference;

/** A clock that stands at 2026-11-24, nine o'clock UTC, until a test moves it. Safe for use by many threads. */
public final class TestClock extends Clock {
    /** Where it stands at first. */
    public static final Instant MORNING = Instant.parse("2026-11-24T09:00:00Z");

    private final AtomicReference<Instant> now = new AtomicReference<>(MORNING);
    private volatile ZoneId zone = ZoneOffset.UTC;

    /** Moves it. */
    public void advance(Duration by) {
        now.updateAndGet(instant -> instant.plus(by));
    }

    @Override
    public Instant instant() {
        return now.get();
    }

    /** Takes it to that zone. */
    public void take(ZoneId there) {
        zone = there;
    }

    @Override
    public ZoneId getZone() {
        return zone;
    }

    @Override
    public Clock withZone(ZoneId zone) {
        return Clock.fixed(now.get(), zone);
    }
}
