package org.patronvault.custody;

import java.util.List;
import org.patronvault.store.Tx;
import org.patronvault.store.WriteTx;

/** What is known of exported copies of the keys. */
public interface Copies {
    /** The ids of the copies that hold that version of a key, as far as nobody said that they are gone. */
    List<String> holding(Tx tx, String key, int version);

    /** Notes that these are gone, on the word of two custodians. */
    void attestGone(WriteTx tx, List<String> ids);
}
