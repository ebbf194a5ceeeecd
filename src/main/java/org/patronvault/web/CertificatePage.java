package org.patronvault.web;

import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.patronvault.patron.ErasureCertificate;

/**
 * A certificate of erasure as a page to print, and to hand to who was erased.
 *
 * @param style what the page's look is made of; empty if it is fetched from the vault that serves the page
 */
public record CertificatePage(ErasureCertificate certificate, String style, ZoneId zone) {
    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("MMMM d, uuuu", Locale.US);
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("MMMM d, uuuu, h:mm a", Locale.US);

    /** As the vault serves it. */
    static CertificatePage served(ErasureCertificate certificate) {
        return new CertificatePage(certificate, "", ZoneId.systemDefault());
    }

    /** Complete in itself: no script, and nothing from a network. */
    public static CertificatePage alone(ErasureCertificate certificate) {
        return new CertificatePage(certificate, Pages.reportStyle(), ZoneId.systemDefault());
    }

    /** The page. */
    public String html() {
        return new Pages().render("certificate.jte", Map.of("page", this));
    }

    private Instant erased() {
        return Instant.parse(certificate.text("erased"));
    }

    /** When, where the library is. */
    public String time() {
        return TIME.format(erased().atZone(zone));
    }

    /** What was erased, in a word or two. */
    public String what() {
        return switch (certificate.text("field")) {
            case "" -> "Your library record";
            case "phone" -> "Your telephone numbers";
            case "email" -> "Your e-mail addresses";
            default -> "Your address";
        };
    }

    /** By when every copy made before is unreadable, by the schedule; empty if it is so, or there is no schedule. */
    public Optional<String> horizon() {
        return Optional.of(certificate.text("horizonDays"))
                .filter(days -> !days.isEmpty() && isDue())
                .map(days -> DAY.format(
                        erased().plus(Integer.parseInt(days), ChronoUnit.DAYS).atZone(zone)));
    }

    /** Whether keys are left by which a copy of that time could be opened. */
    public boolean isDue() {
        return !certificate.text("keysDestroyed").equals("done");
    }

    /** What it does not cover, a sentence each. */
    public List<String> notCovered() {
        return certificate.members().get("notCovered") instanceof List<?> list
                ? list.stream().map(Object::toString).toList()
                : List.of();
    }
}
