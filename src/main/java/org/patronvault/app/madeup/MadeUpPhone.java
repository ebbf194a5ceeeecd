package org.patronvault.app.madeup;

import java.util.List;

/**
 * A made-up telephone number that nobody has. Each area code in use has first 555-0100 to 555-0199, which are reserved
 * for fiction and soon used up. Next come the exchanges 211, 311, 511, 711 and 811: the numbering plan reserves them
 * for services and gives them to no carrier for subscribers. The rest of exchange 555 was opened to assignment, so it
 * stays unused. So does 911, the emergency number.
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

    /** The number of writing styles. */
    static final int STYLES = 9;

    /** The count of numbers before they repeat. */
    static final int NUMBERS = FICTION + USED_AREAS * SERVICE_LINES;

    /** Returns the number {@code index}. Four area codes are used up together before the next four start. */
    static MadeUpPhone number(int index, String extension, int style) {
        int at = Math.floorMod(index, NUMBERS);
        boolean fiction = at < FICTION;
        int lines = fiction ? FICTION_LINES : SERVICE_LINES;
        int within = fiction ? at : at - FICTION;
        int area = within / (TOGETHER * lines) * TOGETHER + within % TOGETHER;
        // Shifted by the area, so that neighbors under different codes end in different digits.
        int line = (int) ((within % (TOGETHER * lines) / TOGETHER * 7_919L + area * 2_741L) % lines);
        String local = fiction
                ? "555" + digits(FICTION_LINES + line)
                : SERVICES.get(line / EXCHANGE_LINES) + digits(line % EXCHANGE_LINES);
        return new MadeUpPhone(AREAS.get(area) + local, extension, style);
    }

    private static String digits(int line) {
        return Integer.toString(EXCHANGE_LINES + line).substring(1);
    }

    /** The vault's canonical form. */
    String canonical() {
        return "+1" + national + (extension.isEmpty() ? "" : ";ext=" + extension);
    }

    /** The number as a person writes it. */
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
