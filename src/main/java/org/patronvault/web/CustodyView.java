package org.patronvault.web;

import java.util.List;
import java.util.Optional;

/**
 * What the custodians' room shows, ready to be written. Public because templates are compiled into a package of their
 * own.
 *
 * @param room empty for whom the policy does not let in
 */
public record CustodyView(DeskView.Staff staff, DeskView.Notice notice, Optional<Page> room) {

    /**
     * The room.
     *
     * @param keys empty for whom the policy does not show them
     * @param rotations what can be rotated; none for who may not
     * @param shares whether shares open a slot, and {@code machines} whether a machine does
     * @param removable whether a slot can be removed, since another is left
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
     * What is under way.
     *
     * @param poll where the page asks how far it is; empty if nothing is to be expected
     * @param seconds how often
     */
    public record Work(List<Operation> operations, String poll, int seconds) {}

    /**
     * A piece of it.
     *
     * @param lines what there is to say of it
     * @param wrong what stands in its way, or what failed; or empty
     * @param waits whether any custodian can call it off
     */
    public record Operation(
            String id, String title, Optional<Bar> bar, List<String> lines, String wrong, boolean waits) {}

    /**
     * How far it is.
     *
     * @param percent of it, rounded down
     * @param text the same in words
     */
    public record Bar(long done, long total, int percent, String text) {}

    /**
     * What waits for another custodian.
     *
     * @param digest of what stands here
     * @param lines who asked, and until when it is good
     * @param mine whether this person asked for it, and so cannot agree
     * @param given whether it was agreed to, and is now to be done by the one who asked
     */
    public record Request(String id, String sentence, String digest, List<String> lines, boolean mine, boolean given) {}

    /**
     * The keys.
     *
     * @param figures of those that values hang on
     * @param rows the same in words, and the other keys
     * @param retired versions that can be destroyed
     * @param held copies of the keys that are not known to be gone
     */
    public record Keys(List<Figure> figures, List<Row> rows, List<DeskView.Choice> retired, List<Copy> held) {}

    /**
     * One key as a picture.
     *
     * @param said the picture in words
     * @param age how old the version in use is
     * @param percent of the time to the next rotation that has passed; -1 if the vault never rotates it
     * @param next when it rotates it
     * @param late whether it should have
     */
    public record Figure(
            String name, String said, List<Segment> segments, int percent, String age, String next, boolean late) {}

    /**
     * A version in it; places in hundredths of the width.
     *
     * @param look how it is drawn: {@code primary}, {@code active} or {@code hollow}
     */
    public record Segment(int from, int width, String label, String look) {
        /** Where its label stands. */
        public String middle() {
            return from + width / 2 + (width % 2 == 0 ? "" : ".5");
        }
    }

    /** One version in the table; {@code first} of its key, which has so many rows. */
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

    /** A way to open the vault. */
    public record Slot(int id, String openedBy, String made) {}

    /** A copy of the keys that was handed out. */
    public record Copy(
            String id, String made, String by, String recipient, String state, boolean gone, String destroyed) {}

    /**
     * A drill.
     *
     * @param open whether this person may have one
     * @param proved what was proved so far
     * @param shares whether a slot opens by shares
     * @param passphrase whether one opens by a passphrase
     * @param machines whether one opens by a machine, which is tried with the command
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
     * A card that is printed again.
     *
     * @param open whether this person may have one printed
     * @param shares whether a slot opens by shares
     */
    public record ReprintForm(DeskView.Staff staff, DeskView.Notice notice, boolean open, boolean shares) {}

    /** What was proved of a slot. */
    public record Proof(String slot, String text, boolean opened) {}
}
