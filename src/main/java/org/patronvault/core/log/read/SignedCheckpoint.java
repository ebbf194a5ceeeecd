package org.patronvault.core.log.read;

import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.store.table.LogRows.CheckpointRow;
import org.patronvault.core.tlog.Checkpoint;
import org.patronvault.core.tlog.MalformedException;
import org.patronvault.core.tlog.SignedNote;

/**
 * A signed checkpoint of the log (C2SP tlog-checkpoint).
 *
 * @param size number of entries it covers
 * @param note the whole signed note
 */
public record SignedCheckpoint(long size, String note) {

    /**
     * Returns the checkpoint in one of the vault's own notes.
     *
     * @throws IntegrityException if there is none in it
     */
    public static SignedCheckpoint of(String note) {
        try {
            return new SignedCheckpoint(
                    Checkpoint.parse(SignedNote.parse(note).text()).size(), note);
        } catch (MalformedException e) {
            throw new IntegrityException("checkpoint: malformed", e);
        }
    }

    public static SignedCheckpoint of(CheckpointRow row) {
        return new SignedCheckpoint(row.size(), row.note());
    }

    /** Returns the signed text: the note without signatures, since a witness may add one at any time. */
    public String text() {
        return parsed().text();
    }

    public SignedNote parsed() {
        try {
            return SignedNote.parse(note);
        } catch (MalformedException e) {
            throw new IntegrityException("checkpoint: malformed", e);
        }
    }

    /** Whether this checkpoint hands the log over to another key. */
    public boolean handsOver() {
        return note.contains("\n" + LogKeys.HAND_OVER);
    }
}
