package org.patronvault.web.page.custody;

import java.util.List;
import java.util.Optional;
import org.patronvault.web.page.DeskView;

/**
 * The model of the key page. Public because templates are compiled into their own package.
 *
 * @param room empty if the policy refuses the reader
 */
public record CustodyView(DeskView.Staff staff, DeskView.Notice notice, Optional<Page> room) {

    /**
     * The content of the key page.
     *
     * @param keys empty if the policy hides them from the reader
     * @param rotations what can be rotated, none without the permission
     * @param shares whether shares open a slot, and {@code machines} whether a machine does
     * @param removable whether a slot can be removed because another remains
     * @param seals whether this person may seal the vault
     */
    public record Page(
            Work work,
            List<Request> requests,
            Optional<Keys> keys,
            List<DeskView.Choice> rotations,
            List<Slot> slots,
            boolean shares,
            boolean machines,
            boolean removable,
            List<Copy> copies,
            boolean seals) {}

    /**
     * The running work.
     *
     * @param poll the address to poll for progress, or empty if nothing is expected
     * @param seconds between polls
     */
    public record Work(List<Operation> operations, String poll, int seconds) {}

    /**
     * One running operation.
     *
     * @param lines details
     * @param wrong the obstacle or failure, or empty
     * @param waits whether any custodian can cancel it
     */
    public record Operation(
            String id, String title, Optional<Bar> bar, List<String> lines, String wrong, boolean waits) {}

    /**
     * A progress bar.
     *
     * @param percent done, rounded down
     * @param text the progress in words
     */
    public record Bar(long done, long total, int percent, String text) {}

    /**
     * A request that waits for another custodian.
     *
     * @param digest of the shown request
     * @param lines who asked, and until when the request is valid
     * @param mine whether this person asked, and so cannot approve
     * @param given whether it is approved and the requester can now run it
     */
    public record Request(String id, String sentence, String digest, List<String> lines, boolean mine, boolean given) {}

    /**
     * The keys.
     *
     * @param figures of the keys that encrypt values
     * @param rows the same keys in words, and the other keys
     * @param retired versions that can be destroyed
     * @param held key copies not known to be destroyed
     */
    public record Keys(List<Figure> figures, List<Row> rows, List<DeskView.Choice> retired, List<Copy> held) {}

    /**
     * One key as a picture.
     *
     * @param said the picture in words
     * @param age of the version in use
     * @param percent of the time to the next rotation that has passed, -1 if the vault never rotates it
     * @param next rotation time
     * @param late whether the rotation is overdue
     */
    public record Figure(
            String name, String said, List<Segment> segments, int percent, String age, String next, boolean late) {}

    /**
     * A key version in the picture, with positions in hundredths of the width.
     *
     * @param look how it is drawn: {@code primary}, {@code active} or {@code hollow}
     */
    public record Segment(int from, int width, String label, String look) {
        /** The label's position. */
        public String middle() {
            return from + width / 2 + (width % 2 == 0 ? "" : ".5");
        }
    }

    /** A key version in the table. {@code rows} counts the rows of its key, and is 0 after the key's first row. */
    public record Row(
            String key,
            int rows,
            String version,
            String state,
            String made,
            String age,
            String values,
            String next,
            boolean due) {}

    /** A slot that opens the vault. */
    public record Slot(int id, String openedBy, String made) {}

    /** A key copy that was handed out. */
    public record Copy(
            String id, String made, String by, String recipient, String state, boolean gone, String destroyed) {}

    /**
     * The page of an unseal drill.
     *
     * @param open whether this person may run a drill
     * @param proved results so far
     * @param shares whether a slot opens by shares
     * @param passphrase whether a slot opens by a passphrase
     * @param machines whether a slot opens by a machine, which the command tests
     */
    public record Drill(
            DeskView.Staff staff,
            DeskView.Notice notice,
            boolean open,
            List<Proof> proved,
            boolean shares,
            boolean passphrase,
            boolean machines) {}

    /**
     * The page that reprints a key card.
     *
     * @param open whether this person may have a card printed
     * @param shares whether a slot opens by shares
     */
    public record ReprintForm(DeskView.Staff staff, DeskView.Notice notice, boolean open, boolean shares) {}

    /** The drill result of a slot. */
    public record Proof(String slot, String text, boolean opened) {}
}
