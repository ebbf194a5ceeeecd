package org.patronvault.access;

import java.util.Set;

/** A vendor's service: who it is open to; empty sets mean everyone. */
public record VendorService(Set<String> libraries, Set<String> categories) {
    /** A service there is not: nobody is of its category. */
    static final VendorService NOBODY = new VendorService(Set.of(), Set.of("no category"));

    /** Whether it is open to patrons of that library and category. */
    public boolean covers(String library, String category) {
        return (libraries.isEmpty() || libraries.contains(library))
                && (categories.isEmpty() || categories.contains(category));
    }
}
