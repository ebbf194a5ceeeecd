package org.patronvault.web.page.print;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.patronvault.patron.erasure.ErasureCertificate;
import org.patronvault.web.page.PageRenderer;
import org.patronvault.web.page.Texts;

/**
 * A certificate of erasure as a page to print and hand to the erased patron.
 *
 * @param style the inlined stylesheet, or empty if the page links to the vault's own
 */
public record CertificatePage(ErasureCertificate certificate, String style, Texts t) {

    /** Returns the page as the vault serves it, in the reader's language. */
    public static CertificatePage served(ErasureCertificate certificate, Texts t) {
        return new CertificatePage(certificate, "", t);
    }

    /** Returns a self-contained page: no script, nothing from a network. */
    public static CertificatePage alone(ErasureCertificate certificate) {
        return new CertificatePage(certificate, PageRenderer.reportStyle(), Texts.ENGLISH);
    }

    public String html() {
        return new PageRenderer().render("certificate.jte", Map.of("page", this), t);
    }

    private Instant moment() {
        return Instant.parse(certificate.text("erased"));
    }

    /** A sentence that names the erased data, the time, the place and the person who erased it. */
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

    /** A sentence: until when older copies can be read, by the schedule if there is one. */
    public String until() {
        String days = certificate.text("horizonDays");
        return days.isEmpty()
                ? t.say("certificate.until")
                : t.say("certificate.until-day", t.day(moment().plus(Integer.parseInt(days), ChronoUnit.DAYS)));
    }

    /** Whether keys remain that could decrypt a copy of that time. */
    public boolean isDue() {
        return !certificate.text("keysDestroyed").equals("done");
    }

    /** The limits of the certificate, one sentence each. */
    public List<String> notCovered() {
        return certificate.members().get("notCovered") instanceof List<?> list
                ? list.stream().map(Object::toString).toList()
                : List.of();
    }
}
