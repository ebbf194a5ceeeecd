package org.patronvault.privacy.disclosure;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The script for a member of staff who faces an officer: the words to say, and the steps after them (P10). Other staff
 * refer, and release nothing.
 *
 * @param say the words, a paragraph each
 * @param then the steps
 */
public record OfficerScript(List<String> say, List<String> then) {
    private static final OfficerScript READ = read();

    /** Returns the script; it is equal for all staff. */
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

    /** The whole script, a line each. */
    public String text() {
        return Stream.concat(say.stream(), then.stream()).collect(Collectors.joining("\n"));
    }
}
