package org.patronvault.access;

import static org.assertj.core.api.Assertions.catchThrowable;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;

/** A reader of refusals: any other result fails the test. */
final class Refusals {
    private Refusals() {}

    static Problem problemOf(ThrowingCallable call) {
        return refusedBy(call).problem();
    }

    static Refused refusedBy(ThrowingCallable call) {
        Throwable thrown = catchThrowable(call);
        if (thrown instanceof Refused refused) {
            return refused;
        }
        throw new AssertionError("should have been refused", thrown);
    }
}
