package org.patronvault.web.page.open;

import java.util.List;
import java.util.Optional;

/**
 * The model of the API description page. Public because templates are compiled into their own package.
 *
 * @param problems all problem slugs, in words
 */
public record DocsView(
        String version, String summary, OpenApiMarkdown introduction, List<Group> groups, OpenApiMarkdown problems) {

    /** The operations of one tag. */
    public record Group(String name, OpenApiMarkdown text, List<Operation> operations) {}

    /** One method of one path. */
    public record Operation(
            String id,
            String method,
            String path,
            String summary,
            OpenApiMarkdown text,
            List<Parameter> parameters,
            Optional<Body> body,
            List<Answer> answers) {}

    /** A parameter; {@code place} is path, query or header. */
    public record Parameter(String name, String place, boolean required, String type, OpenApiMarkdown text) {}

    /** A body: its members, if it is JSON, and examples. */
    public record Body(String mediaType, List<Member> members, List<Example> examples) {}

    /** A member of a JSON object, by its path such as {@code results[].id}. */
    public record Member(String path, String type, boolean required, OpenApiMarkdown text) {}

    /** An example; the title is empty if there is only one. */
    public record Example(String title, String text) {}

    /** An answer: a refusal's slugs, or the body of another answer if it has one. */
    public record Answer(String status, OpenApiMarkdown text, List<String> slugs, Optional<Body> body) {}
}
