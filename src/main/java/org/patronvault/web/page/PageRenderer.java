package org.patronvault.web.page;

import gg.jte.ContentType;
import gg.jte.TemplateEngine;
import gg.jte.output.StringOutput;
import io.javalin.http.Context;
import io.javalin.rendering.FileRenderer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** The renderer of the precompiled JTE templates. Every value is escaped for its place. */
public final class PageRenderer implements FileRenderer {
    private final TemplateEngine engine = TemplateEngine.createPrecompiled(ContentType.Html);

    @Override
    public String render(String template, Map<String, ? extends Object> model, Context ctx) {
        @SuppressWarnings("unchecked")
        Map<String, Object> members = (Map<String, Object>) model;
        return render(template, members, Texts.of(ctx));
    }

    /** The print stylesheet, for self-contained pages. */
    public static String reportStyle() {
        return style("report.css");
    }

    /** Reads a stylesheet. */
    public static String style(String name) {
        try (InputStream css = PageRenderer.class.getResourceAsStream("/static/" + name)) {
            return new String(css.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Renders {@code template} with {@code members}. */
    public String render(String template, Map<String, Object> members) {
        return render(template, members, Texts.ENGLISH);
    }

    /** Renders {@code template} with {@code members}, in the language of {@code texts}. */
    public String render(String template, Map<String, Object> members, Texts texts) {
        Map<String, Object> all = new HashMap<>(members);
        all.put("t", texts);
        StringOutput output = new StringOutput();
        engine.render(template, all, output);
        return output.toString();
    }
}
