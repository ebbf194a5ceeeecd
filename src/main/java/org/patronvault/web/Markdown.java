package org.patronvault.web;

import org.commonmark.node.AbstractVisitor;
import org.commonmark.node.Heading;
import org.commonmark.node.Image;
import org.commonmark.node.Node;
import org.commonmark.parser.Parser;
import org.commonmark.renderer.html.HtmlRenderer;

/**
 * Text of the library's as HTML: what it says as HTML is shown as text, links lead to web and e-mail addresses only,
 * pictures are told by their text, and its headings stand below that of the page.
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

    /** The same text where Markdown would read signs of its own in it. */
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
