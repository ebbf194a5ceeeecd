package org.patronvault.web.page.open;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A text of {@code openapi.yaml} in parts that a template can write. It knows only the CommonMark used there:
 * paragraphs, flat lists, code and strong words.
 */
public record OpenApiMarkdown(List<Block> blocks) {
    private static final Pattern STYLED = Pattern.compile("`([^`]+)`|\\*\\*([^*]+)\\*\\*");
    private static final String ITEM = "- ";

    /** The style of a span. */
    public enum Style {
        PLAIN,
        CODE,
        STRONG
    }

    /** A piece of a line. */
    public record Span(String text, Style style) {}

    /** A paragraph of one line, or a list with one line an item. */
    public record Block(boolean list, List<List<Span>> lines) {}

    static final OpenApiMarkdown NONE = new OpenApiMarkdown(List.of());

    /** Parses the text, and keeps unknown markup as text. */
    static OpenApiMarkdown of(String text) {
        List<Block> blocks = new ArrayList<>();
        for (String part : text.strip().split("\\n\\s*\\n", -1)) {
            if (part.isBlank()) {
                continue;
            }
            boolean list = part.strip().startsWith(ITEM);
            List<String> lines = list ? items(part.strip()) : List.of(part);
            blocks.add(new Block(
                    list,
                    lines.stream()
                            .map(line -> spans(line.strip().replaceAll("\\s+", " ")))
                            .toList()));
        }
        return new OpenApiMarkdown(List.copyOf(blocks));
    }

    private static List<String> items(String part) {
        return List.of(part.substring(ITEM.length()).split("\\n\\s*- ", -1));
    }

    private static List<Span> spans(String line) {
        List<Span> spans = new ArrayList<>();
        Matcher styled = STYLED.matcher(line);
        int end = 0;
        while (styled.find()) {
            plain(spans, line.substring(end, styled.start()));
            spans.add(
                    styled.group(1) != null
                            ? new Span(styled.group(1), Style.CODE)
                            : new Span(styled.group(2), Style.STRONG));
            end = styled.end();
        }
        plain(spans, line.substring(end));
        return List.copyOf(spans);
    }

    private static void plain(List<Span> spans, String text) {
        if (!text.isEmpty()) {
            spans.add(new Span(text, Style.PLAIN));
        }
    }
}
