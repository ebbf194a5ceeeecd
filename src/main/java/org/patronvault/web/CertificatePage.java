package org.patronvault.web;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.patronvault.patron.ErasureCertificate;

/**
 * A certificate of erasure as a page to print, and to hand to who was erased.
 *
 * @param style what the page's look is made of; empty if it is fetched from the vault that serves the page
 */
public record CertificatePage(ErasureCertificate certificate, String style, Texts t) {

    /** As the vault serves it, for who reads those texts. */
    static CertificatePage served(ErasureCertificate certificate, Texts t) {
        return new CertificatePage(certificate, "", t);
    }

    /** Complete in itself: no script, and nothing from a network. */
    public static CertificatePage alone(ErasureCertificate certificate) {
        return new CertificatePage(certificate, PageRenderer.reportStyle(), Texts.ENGLISH);
    }

    /** The page. */
    public String html() {
        return new PageRenderer().render("certificate.jte", Map.of("page", this), t);
    }

    private Instant moment() {
        return Instant.parse(certificate.text("erased"));
    }

    /** What was erased when, where the library is, and by whom: a sentence. */
    public String erased() {
        String field = certificate.text("field");
        String what = t.say("certificate.what." + (field.isEmpty() ? "record" : field));
        String second = certificate.text("second");
        return t.say(
                second.isEmpty() ? "certificate.erased" : "certificate.erased-by-two",
                what,
                t.day(moment()),
                t.clock(moment(), false),
                certificate.text("by"),
                second);
    }

    /** Until when copies made before can be read, by the schedule if there is one: a sentence. */
    public String until() {
        String days = certificate.text("horizonDays");
        return days.isEmpty()
                ? t.say("certificate.until")
                : t.say("certificate.until-day", t.day(moment().plus(Integer.parseInt(days), ChronoUnit.DAYS)));
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
