package org.patronvault.privacy.disclosure;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What whoever stands before an officer says, and does then (P10): other staff refer, and release nothing.
 *
 * @param say to be said, a paragraph each
 * @param then to be done
 */
public record OfficerScript(List<String> say, List<String> then) {
    private static final OfficerScript READ = read();

    /** The script; the same whoever is asked for. */
    public static OfficerScript get() {
        return READ;
    }

    private static OfficerScript read() {
        try (InputStream in = OfficerScript.class.getResourceAsStream("script.txt")) {
            String[] parts = new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n\n", -1);
            return new OfficerScript(lines(parts[0]), lines(parts[1]));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<String> lines(String part) {
        return part.lines().toList();
    }

    /** All of it, a line each. */
    public String text() {
        return Stream.concat(say.stream(), then.stream()).collect(Collectors.joining("\n"));
    }
}
