package org.patronvault.access;

import static org.assertj.core.api.Assertions.catchThrowable;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/** A reader of refusals: any other result fails the test. */
public final class Refusals {
    private Refusals() {}

    public static Problem problemOf(ThrowingCallable call) {
        return refusedBy(call).problem();
    }

    public static Refused refusedBy(ThrowingCallable call) {
        Throwable thrown = catchThrowable(call);
        if (thrown instanceof Refused refused) {
            return refused;
        }
        throw new AssertionError("should have been refused", thrown);
    }
}
