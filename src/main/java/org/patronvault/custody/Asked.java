package org.patronvault.custody;

import java.util.List;
import java.util.stream.Stream;

/** What is asked for: such work on such keys, all of it or none. */
record Asked(List<Part> parts) {

    /** That work on that key. */
    record Part(Work work, String field) {}

    /** The same work on each of those keys. */
    static Asked of(Work work, List<String> fields) {
        return new Asked(fields.stream().map(field -> new Part(work, field)).toList());
    }

    /** That, and other work. */
    Asked and(Work work, String field) {
        return new Asked(
                Stream.concat(parts.stream(), Stream.of(new Part(work, field))).toList());
    }

    /** The keys. */
    List<String> fields() {
        return parts.stream().map(Part::field).toList();
    }
}
