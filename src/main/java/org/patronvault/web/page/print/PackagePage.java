package org.patronvault.web.page.print;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.patronvault.core.model.Consent;
import org.patronvault.core.model.Name;
import org.patronvault.core.model.PatronField;
import org.patronvault.patron.record.SubjectAccessRecord;
import org.patronvault.privacy.PatronPackage;
import org.patronvault.web.page.CardText;
import org.patronvault.web.page.PageRenderer;
import org.patronvault.web.page.Texts;

/**
 * A patron's own data package as a page to print. Prints {@code [REDACTED]}.
 *
 * @param looks the access report in it, with the page's style
 */
public record PackagePage(PatronPackage held, ReportPage looks, Texts t) {
    /** A held value, without lines if there is none. */
    public record Row(String label, List<String> lines) {}

    /** Returns the page as the vault serves it, in the reader's language. */
    public static PackagePage served(PatronPackage held, Texts t) {
        return new PackagePage(held, ReportPage.served(held.accesses(), t), t);
    }

    /** Returns a self-contained page: no script, nothing from a network. */
    public static PackagePage alone(PatronPackage held) {
        return new PackagePage(held, ReportPage.alone(held.accesses()), Texts.ENGLISH);
    }

    public String html() {
        return new PageRenderer().render("package.jte", Map.of("page", this), t);
    }

    /** The values encrypted field by field. */
    public List<Row> personal() {
        SubjectAccessRecord patron = held.patron();
        Name name = patron.data().name().orElseThrow();
        return List.of(
                row("patron.family", name.family()),
                row("patron.given", name.given()),
                row("patron.middle", name.middle()),
                row("patron.suffix", name.suffix()),
                row("patron.preferred", name.preferred()),
                field("field.card", PatronField.CARD),
                new Row(t.say("package.former-cards"), patron.formerCards()),
                field("field.address", PatronField.ADDRESS),
                field("field.phone", PatronField.PHONE),
                field("field.email", PatronField.EMAIL));
    }

    /** The patron's other values. */
    public List<Row> others() {
        SubjectAccessRecord patron = held.patron();
        return List.of(
                row("package.library", patron.attributes().library()),
                row(
                        "card.category",
                        t.say("category." + patron.attributes().category().wireName())),
                row(
                        "patron.status",
                        t.say("status." + patron.attributes().status().wireName())),
                row("card.expires", patron.attributes().expires().map(t::day).orElse("")),
                row("package.registered", t.month(patron.attributes().registered())),
                row("package.imported", yes(held.isImported())),
                row("package.protected", yes(patron.facts().isProtected())),
                row("package.changes", t.number(patron.version() - 1)));
    }

    /** The consents given or refused, newest first. */
    public List<Consent> consents() {
        List<Consent> newest = new ArrayList<>(held.patron().facts().consents().history());
        Collections.reverse(newest);
        return newest;
    }

    /** The purpose of a consent in words. */
    public String purpose(Consent consent) {
        return Consent.PURPOSES.contains(consent.purpose())
                ? t.say("package.purpose." + consent.purpose())
                : consent.purpose();
    }

    /** How consent was given, under which policy, and the recorder if the package names staff. */
    public String how(Consent consent) {
        return held.namesStaff() && !consent.by().isEmpty()
                ? t.say("package.taken-by", consent.channel(), consent.policy(), consent.by())
                : t.say("package.under", consent.channel(), consent.policy());
    }

    private String yes(boolean is) {
        return t.say(is ? "consent.yes" : "consent.no");
    }

    private Row row(String key, String text) {
        return new Row(t.say(key), text.isEmpty() ? List.of() : List.of(text));
    }

    private Row field(String key, PatronField field) {
        return new Row(t.say(key), CardText.lines(field, held.patron().data()));
    }

    @Override
    public String toString() {
        return "[REDACTED]";
    }
}
