package org.patronvault.web;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;

/**
 * One share of a slot as a page to print: numbered words, a QR code of the same words, and room for its holder's name.
 * Complete in itself: no script, no picture and nothing from a network.
 *
 * @param words as they are typed, thirty of them
 * @param set as six hexadecimal digits
 * @param index which share it is, of {@code count}, any {@code threshold} of which open
 * @param made in this card's date, which is in UTC
 */
public record ShareCard(
        List<String> words, String set, int index, int count, int threshold, String vaultId, Instant made) {
    /** The page, UTF-8. It holds the share: write it for its owner alone. */
    public byte[] html() {
        return new PageRenderer()
                .render("share-card.jte", Map.of("card", this, "style", PageRenderer.style("share-card.css")))
                .getBytes(StandardCharsets.UTF_8);
    }

    /** What a reader of the QR code gets: the text of a share, as it is typed. */
    public String svg() {
        return QrCode.of(String.join(" ", words)).svg();
    }

    /** The day it was made. */
    public LocalDate day() {
        return LocalDate.ofInstant(made, ZoneOffset.UTC);
    }

    /** Says which share it is, never its words. */
    @Override
    public String toString() {
        return "ShareCard[" + index + " of set " + set + ", REDACTED]";
    }
}
