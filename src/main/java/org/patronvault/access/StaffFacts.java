package org.patronvault.access;

import java.time.Instant;
import java.util.List;

/** What may be shown of an account. */
public record StaffFacts(
        String name,
        List<String> roles,
        String library,
        boolean disabled,
        boolean activated,
        boolean signOn,
        Instant created) {}
