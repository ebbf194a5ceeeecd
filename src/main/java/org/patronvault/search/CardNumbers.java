package org.patronvault.search;

import java.util.Locale;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/**
 * The canonical form of library card numbers, and the checks of their digits. US library barcodes are 14 digits: the
 * first tells patron from item, and the last is a mod-10 (Luhn) check digit. A library may use other numbers, so a card
 * is searched before its check digit is judged.
 */
public final class CardNumbers {
    /** The most letters and digits a card has. */
    public static final int MAX_LENGTH = 20;

    private static final int BARCODE_DIGITS = 14;

    private CardNumbers() {}

    /**
     * Returns the form in which a card is stored, indexed and searched: upper case, without the blanks that a scanner
     * or a printed group adds.
     *
     * @return 1 to 20 ASCII letters or digits
     * @throws Refused {@code card-invalid} if that leaves anything else
     */
    public static String canonical(String written) {
        String card = compact(written);
        if (card.isEmpty() || card.length() > MAX_LENGTH || !card.chars().allMatch(CardNumbers::isLetterOrDigit)) {
            throw new Refused(Problem.CARD_INVALID, "A card has 1 to 20 letters or digits.");
        }
        return card.toUpperCase(Locale.ROOT);
    }

    /** Whether {@code written} is 14 digits, apart from blanks, as a scanned barcode is. */
    public static boolean looksLikeBarcode(String written) {
        String card = compact(written);
        return card.length() == BARCODE_DIGITS && card.chars().allMatch(CardNumbers::isDigit);
    }

    /** Whether it is a barcode that starts with 2, as a patron's does. */
    public static boolean isPatronBarcode(String written) {
        return looksLikeBarcode(written) && compact(written).charAt(0) == '2';
    }

    /** Whether it is a barcode that starts with 3, as an item's does: it leads to no patron. */
    public static boolean isItemBarcode(String written) {
        return looksLikeBarcode(written) && compact(written).charAt(0) == '3';
    }

    /** Whether the last digit is the Luhn check digit of those before it (ISO/IEC 7812-1, annex B). */
    public static boolean checkDigitHolds(String written) {
        String card = compact(written);
        if (card.length() < 2 || !card.chars().allMatch(CardNumbers::isDigit)) {
            return false;
        }
        int sum = 0;
        for (int fromRight = 0; fromRight < card.length(); fromRight++) {
            int digit = card.charAt(card.length() - 1 - fromRight) - '0';
            int weighted = fromRight % 2 == 0 ? digit : 2 * digit;
            sum += weighted > 9 ? weighted - 9 : weighted;
        }
        return sum % 10 == 0;
    }

    private static String compact(String written) {
        return written.replace(" ", "").replace("\u00a0", "").strip();
    }

    private static boolean isLetterOrDigit(int c) {
        return isDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    }

    private static boolean isDigit(int c) {
        return c >= '0' && c <= '9';
    }
}
