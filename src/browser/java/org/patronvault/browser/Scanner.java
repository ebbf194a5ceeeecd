package org.patronvault.browser;

import com.microsoft.playwright.Keyboard;
import com.microsoft.playwright.Page;

/** A barcode scanner: to the computer a keyboard that types a card at 10 ms a key, and then Enter. */
public final class Scanner {
    private static final int MILLIS_A_KEY = 10;

    private Scanner() {}

    /** Scans a card; what it types goes wherever the focus is. */
    public static void scan(Page page, String card) {
        page.keyboard().type(card, new Keyboard.TypeOptions().setDelay(MILLIS_A_KEY));
        page.keyboard().press("Enter");
    }
}
