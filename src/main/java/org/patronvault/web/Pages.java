package org.patronvault.web;

import gg.jte.ContentType;
import gg.jte.TemplateEngine;
import gg.jte.output.StringOutput;
import io.javalin.http.Context;
import io.javalin.rendering.FileRenderer;
import java.util.Map;

/** Renders the precompiled JTE templates; whatever is put into one is escaped for where it stands. */
final class Pages implements FileRenderer {
    private final TemplateEngine engine = TemplateEngine.createPrecompiled(ContentType.Html);

    @Override
    public String render(String template, Map<String, ? extends Object> model, Context ctx) {
        @SuppressWarnings("unchecked")
        Map<String, Object> members = (Map<String, Object>) model;
        return render(template, members);
    }

    /** The page that {@code template} makes of {@code members}. */
    String render(String template, Map<String, Object> members) {
        StringOutput output = new StringOutput();
        engine.render(template, members, output);
        return output.toString();
    }
}
