package org.patronvault.app.madeup;

import java.util.List;

/**
 * A telephone number nobody has. First, under each area code in use, 555-0100 to 555-0199, which are kept for fiction;
 * they are a hundred for each code and soon used up. Beyond them the exchanges 211, 311, 511, 711 and 811, which the
 * numbering plan keeps for services and gives to no carrier for subscribers. The rest of exchange 555 was opened to
 * assignment, so it is left alone; 911 is for obvious reasons.
 *
 * @param national ten digits
 * @param extension digits, or empty
 * @param style how this person writes it
 */
record MadeUpPhone(String national, String extension, int style) {
    private static final List<String> AREAS = WordLists.of("area-codes.txt");
    private static final List<String> SERVICES = List.of("211", "311", "511", "711", "811");
    private static final int TOGETHER = 4;
    private static final int USED_AREAS = AREAS.size() / TOGETHER * TOGETHER;
    private static final int FICTION_LINES = 100;
    private static final int EXCHANGE_LINES = 10_000;
    private static final int SERVICE_LINES = SERVICES.size() * EXCHANGE_LINES;
    private static final int FICTION = USED_AREAS * FICTION_LINES;

    /** How many ways of writing a number there are. */
    static final int STYLES = 9;

    /** How many numbers there are before they repeat. */
    static final int NUMBERS = FICTION + USED_AREAS * SERVICE_LINES;

    /** The number {@code index}; those of four area codes are given out together, before the next four begin. */
    static MadeUpPhone number(int index, String extension, int style) {
        int at = Math.floorMod(index, NUMBERS);
        boolean fiction = at < FICTION;
        int lines = fiction ? FICTION_LINES : SERVICE_LINES;
        int within = fiction ? at : at - FICTION;
        int area = within / (TOGETHER * lines) * TOGETHER + within % TOGETHER;
        // Shifted by the area, so that neighbours do not have the same last four digits under different codes.
        int line = (int) ((within % (TOGETHER * lines) / TOGETHER * 7_919L + area * 2_741L) % lines);
        String local = fiction
                ? "555" + digits(FICTION_LINES + line)
                : SERVICES.get(line / EXCHANGE_LINES) + digits(line % EXCHANGE_LINES);
        return new MadeUpPhone(AREAS.get(area) + local, extension, style);
    }

    private static String digits(int line) {
        return Integer.toString(EXCHANGE_LINES + line).substring(1);
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
