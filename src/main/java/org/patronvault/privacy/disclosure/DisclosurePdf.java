package org.patronvault.privacy.disclosure;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.PDPage;
import org.apache.pdfbox.pdmodel.PDPageContentStream;
import org.apache.pdfbox.pdmodel.common.PDRectangle;
import org.apache.pdfbox.pdmodel.font.PDType0Font;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.vault.PersonalData;
import org.patronvault.patron.transfer.CaseDisclosure;

/**
 * A PDF of the disclosed records, to print. A character that the font lacks is shown as a box; the JSON beside it has
 * the character.
 */
final class DisclosurePdf {
    private static final String FONT = "/org/apache/pdfbox/resources/ttf/LiberationSans-Regular.ttf";
    private static final float MARGIN = 56;
    private static final float TITLE = 18;
    private static final float HEADING = 12;
    private static final float TEXT = 10.5f;
    private static final float LEADING = 1.4f;
    private static final String UNKNOWN = "\u25a1";

    private final PDDocument document;
    private final PDType0Font font;
    private PDPageContentStream page;
    private float y;

    private DisclosurePdf(PDDocument document, PDType0Font font) {
        this.document = document;
        this.font = font;
    }

    static byte[] of(DisclosurePackage made) {
        try (PDDocument document = new PDDocument();
                InputStream ttf = PDDocument.class.getResourceAsStream(FONT)) {
            DisclosurePdf pdf = new DisclosurePdf(document, PDType0Font.load(document, ttf));
            pdf.write(made);
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            document.save(out);
            return out.toByteArray();
        } catch (IOException e) {
            throw new IllegalStateException("the package cannot be written", e);
        }
    }

    private void write(DisclosurePackage made) throws IOException {
        document.getDocumentInformation()
                .setTitle("Records handed out, case " + made.one().id());
        document.getDocumentInformation().setProducer("Patron Vault");
        nextPage();
        line("Records handed out", TITLE);
        line("", TEXT);
        line("Case " + made.one().id() + ", " + made.made(), TEXT);
        line("To: " + made.one().known(DisclosureCase.AGENCY).orElse("-"), TEXT);
        line(
                "On: "
                        + made.one()
                                .decision()
                                .said()
                                .get(DisclosureCase.INSTRUMENT)
                                .replace('-', ' ')
                        + ", by " + made.law().law(),
                TEXT);
        line("Sealed to the certificate with SHA-256 " + made.recipient(), TEXT);
        line("Confidential by law; for the purpose of the case alone.", TEXT);
        int number = 0;
        for (CaseDisclosure.ReleasedPatron patron : made.opened()) {
            number++;
            line("", TEXT);
            line("Record " + number + " of " + made.opened().size(), HEADING);
            for (PatronField field : made.fields().stream().sorted().toList()) {
                List<String> lines = lines(field, patron.data());
                line(label(field) + ": " + (lines.isEmpty() ? "none" : lines.get(0)), TEXT);
                for (String more : lines.subList(Math.min(1, lines.size()), lines.size())) {
                    line("        " + more, TEXT);
                }
            }
        }
        page.close();
    }

    private static String label(PatronField field) {
        return switch (field) {
            case CARD -> "Card number";
            case NAME -> "Name";
            case ADDRESS -> "Address";
            case PHONE -> "Telephone";
            case EMAIL -> "E-mail";
            case META, LABELS -> throw new IllegalArgumentException("not a personal field");
        };
    }

    private static List<String> lines(PatronField field, PersonalData data) {
        return switch (field) {
            case CARD -> data.card().stream().toList();
            case NAME -> data.name().stream().map(name -> name.full()).toList();
            case ADDRESS -> data.address().map(address -> address.lines()).orElse(List.of());
            case PHONE -> data.phone().orElse(List.of());
            case EMAIL -> data.email().orElse(List.of());
            case META, LABELS -> throw new IllegalArgumentException("not a personal field");
        };
    }

    private void nextPage() throws IOException {
        if (page != null) {
            page.close();
        }
        PDPage next = new PDPage(PDRectangle.LETTER);
        document.addPage(next);
        page = new PDPageContentStream(document, next);
        y = next.getMediaBox().getHeight() - MARGIN;
    }

    /** Writes a line, wrapped if it is too long. */
    private void line(String text, float size) throws IOException {
        for (String part : wrapped(shown(text), size)) {
            if (y < MARGIN + size) {
                nextPage();
            }
            page.beginText();
            page.setFont(font, size);
            page.newLineAtOffset(MARGIN, y);
            page.showText(part);
            page.endText();
            y -= size * LEADING;
        }
    }

    private List<String> wrapped(String text, float size) throws IOException {
        float width = PDRectangle.LETTER.getWidth() - 2 * MARGIN;
        List<String> lines = new ArrayList<>();
        int from = 0;
        int to = 0;
        while (to < text.length()) {
            int next = text.offsetByCodePoints(to, 1);
            if (font.getStringWidth(text.substring(from, next)) / 1_000 * size > width && to > from) {
                int blank = text.lastIndexOf(' ', to);
                int cut = blank > from ? blank : to;
                lines.add(text.substring(from, cut));
                from = cut;
            }
            to = next;
        }
        lines.add(text.substring(from));
        return lines;
    }

    /** Returns the text with a box for each character that the font lacks. */
    private String shown(String text) throws IOException {
        StringBuilder shown = new StringBuilder();
        for (int point : text.codePoints().toArray()) {
            String sign = Character.toString(point);
            shown.append(has(sign) ? sign : has(UNKNOWN) ? UNKNOWN : "?");
        }
        return shown.toString();
    }

    private boolean has(String sign) throws IOException {
        try {
            font.encode(sign);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
