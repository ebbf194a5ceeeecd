package org.patronvault.web.page.print;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.patronvault.web.page.PageRenderer;
import org.patronvault.web.page.QrCode;

/**
 * A share of a slot as a key card to print: numbered words, a QR code of them, and space for the holder's name.
 * Self-contained: no script, no picture, nothing from a network.
 *
 * @param words the thirty words to type
 * @param set as six hexadecimal digits
 * @param index the number of this share, of {@code count}, any {@code threshold} of which open the slot
 * @param made the card's date, in UTC
 */
public record ShareCard(
        List<String> words, String set, int index, int count, int threshold, String vaultId, Instant made) {
    /** Renders the page as UTF-8. It holds the share: write it for its owner alone. */
    public byte[] html() {
        return new PageRenderer()
                .render("share-card.jte", Map.of("card", this, "style", PageRenderer.style("share-card.css")))
                .getBytes(StandardCharsets.UTF_8);
    }

    /** The QR code of the share's words as text. */
    public String svg() {
        return QrCode.of(String.join(" ", words)).svg();
    }

    public LocalDate day() {
        return LocalDate.ofInstant(made, ZoneOffset.UTC);
    }

    /** Names the share, never its words. */
    @Override
    public String toString() {
        return "ShareCard[" + index + " of set " + set + ", REDACTED]";
    }
}
