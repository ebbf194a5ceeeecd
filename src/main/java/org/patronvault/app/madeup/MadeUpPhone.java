package org.patronvault.app.madeup;

import java.util.List;

/**
 * A telephone number nobody has: an area code in use, the exchange 555, and four digits. Of that exchange 0100 to 0199
 * are kept for fiction and the rest was withdrawn from what little use it had; none was ever a household's. Since a
 * hundred for each area code are far too few, all are used but 1212, which answers.
 *
 * @param national ten digits
 * @param extension digits, or empty
 * @param style how this person writes it
 */
record MadeUpPhone(String national, String extension, int style) {
    private static final List<String> AREAS = Lines.of("area-codes.txt");
    private static final int TOGETHER = 4;
    private static final int LINES = 9_999;
    private static final int INFORMATION = 1_212;

    /** How many ways of writing a number there are. */
    static final int STYLES = 9;

    /** How many numbers there are before they repeat. */
    static final int NUMBERS = AREAS.size() / TOGETHER * TOGETHER * LINES;

    /** The number {@code index}; those of four area codes are given out together, before the next four begin. */
    static MadeUpPhone number(int index, String extension, int style) {
        int at = Math.floorMod(index, NUMBERS);
        int area = at / (TOGETHER * LINES) * TOGETHER + at % TOGETHER;
        // Shifted by the area, so that neighbours do not have the same last four digits under different codes.
        int line = (int) ((at % (TOGETHER * LINES) / TOGETHER * 7_919L + area * 2_741L) % LINES);
        int digits = line < INFORMATION ? line : line + 1;
        return new MadeUpPhone(
                AREAS.get(area) + "555" + Integer.toString(10_000 + digits).substring(1), extension, style);
    }

    /** As the vault keeps it. */
    String canonical() {
        return "+1" + national + (extension.isEmpty() ? "" : ";ext=" + extension);
    }

    /** As a person writes it. */
    String written() {
        String area = national.substring(0, 3);
        String exchange = national.substring(3, 6);
        String line = national.substring(6);
        String number = switch (style) {
            case 0, 1 -> area + "-" + exchange + "-" + line;
            case 2 -> "(" + area + ") " + exchange + "-" + line;
            case 3 -> "(" + area + ")" + exchange + "-" + line;
            case 4 -> area + "." + exchange + "." + line;
            case 5 -> national;
            case 6 -> "1-" + area + "-" + exchange + "-" + line;
            case 7 -> "+1 " + area + " " + exchange + " " + line;
            default -> area + " " + exchange + " " + line;
        };
        return extension.isEmpty() ? number : number + " x" + extension;
    }
}
