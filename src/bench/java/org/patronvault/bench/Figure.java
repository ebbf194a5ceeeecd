package org.patronvault.bench;

import java.io.IOException;
import java.util.List;

/** Something that is measured. */
interface Figure {
    /** By which name {@code bench.only} asks for it. */
    String name();

    /** Measures it, vault and twin in turn. */
    List<Reading> measure(Rig rig) throws IOException, InterruptedException;
}
