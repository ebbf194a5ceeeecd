package org.patronvault.access;

import java.util.List;

/** What one policy allows more than another. */
record Widening(Policy approved, Policy wanted) {

    List<String> sentences() {
        return List.of();
    }
}
