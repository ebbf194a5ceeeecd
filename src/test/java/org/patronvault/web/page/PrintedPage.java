package org.patronvault.web.page;

import gg.jte.Content;
import java.util.Map;
import org.commonmark.parser.Parser;
import org.commonmark.renderer.html.HtmlRenderer;

/** A guide as a self-contained page to print, like the vault's own. */
public final class PrintedPage {
    /** Lines to write on are as long as the paper is wide, and what stands below a rule is a sheet of its own. */
    private static final String FORM =
            "p { max-width: none; }\nhr ~ p { line-height: 2.5; }\n@media print { hr { border: 0; margin: 0; break-after: page; } }\n";

    private PrintedPage() {}

    /**
     * Makes it.
     *
     * @param markdown begins with a heading, the title
     */
    public static String of(String markdown) {
        String[] titleAndRest = markdown.split("\n", 2);
        String html =
                HtmlRenderer.builder().build().render(Parser.builder().build().parse(titleAndRest[1]));
        Content content = output -> output.writeContent(html);
        return new PageRenderer()
                .render(
                        "paper.jte",
                        Map.of(
                                "style",
                                PageRenderer.reportStyle() + FORM,
                                "title",
                                titleAndRest[0].replaceFirst("^# ", ""),
                                "content",
                                content));
    }
}
