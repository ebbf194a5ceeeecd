package org.patronvault.audit;

import org.patronvault.model.IntegrityException;
import org.patronvault.store.LogRows.CheckpointRow;
import org.patronvault.tlog.Checkpoint;
import org.patronvault.tlog.MalformedException;
import org.patronvault.tlog.SignedNote;

/**
 * A signed checkpoint of the log (C2SP tlog-checkpoint).
 *
 * @param size number of entries it speaks of
 * @param note the whole signed note
 */
public record SignedCheckpoint(long size, String note) {

    /**
     * The checkpoint in one of our own notes.
     *
     * @throws IntegrityException if there is none in it
     */
    static SignedCheckpoint of(String note) {
        try {
            return new SignedCheckpoint(
                    Checkpoint.parse(SignedNote.parse(note).text()).size(), note);
        } catch (MalformedException e) {
            throw new IntegrityException("checkpoint: malformed", e);
        }
    }

    static SignedCheckpoint of(CheckpointRow row) {
        return new SignedCheckpoint(row.size(), row.note());
    }

    /** What is signed: the note without its signatures, to which a witness may add one at any time. */
    public String text() {
        return parsed().text();
    }

    /** The note in its parts. */
    SignedNote parsed() {
        try {
            return SignedNote.parse(note);
        } catch (MalformedException e) {
            throw new IntegrityException("checkpoint: malformed", e);
        }
    }

    /** Whether the key that signed until then hands the log over to another with it. */
    public boolean handsOver() {
        return note.contains("\n" + LogKeys.HAND_OVER);
    }
}
