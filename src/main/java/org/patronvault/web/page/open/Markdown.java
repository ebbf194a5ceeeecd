package org.patronvault.web.page.open;

import org.commonmark.node.AbstractVisitor;
import org.commonmark.node.Heading;
import org.commonmark.node.Image;
import org.commonmark.node.Node;
import org.commonmark.parser.Parser;
import org.commonmark.renderer.html.HtmlRenderer;

/**
 * A renderer of the library's Markdown to HTML. HTML in the text is shown as text, and links lead to web and email
 * addresses only. Pictures become their alternative text. Headings rank below the page's heading.
 */
final class Markdown {
    private static final int DEEPEST = 20;
    private static final int LAST_LEVEL = 6;
    private static final Parser PARSER = Parser.builder()
            .maxOpenBlockParsers(DEEPEST)
            .maxInlineNesting(DEEPEST)
            .build();
    private static final HtmlRenderer RENDERER = HtmlRenderer.builder()
            .escapeHtml(true)
            .sanitizeUrls(true)
            .percentEncodeUrls(true)
            .build();

    private Markdown() {}

    static String html(String text) {
        Node document = PARSER.parse(text);
        document.accept(new Tamed());
        return RENDERER.render(document);
    }

    /** Escapes the text so that Markdown reads no markup in it. */
    static String literally(String text) {
        return text.replaceAll("\\p{Punct}", "\\\\$0");
    }

    private static final class Tamed extends AbstractVisitor {
        @Override
        public void visit(Heading heading) {
            heading.setLevel(Math.min(LAST_LEVEL, heading.getLevel() + 1));
            visitChildren(heading);
        }

        @Override
        public void visit(Image image) {
            visitChildren(image);
            Node next = image.getFirstChild();
            while (next != null) {
                Node child = next;
                next = child.getNext();
                image.insertBefore(child);
            }
            image.unlink();
        }
    }
}
