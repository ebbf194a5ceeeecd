package org.patronvault.access;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Set;
import org.patronvault.keys.SmallFile;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;

/** A version of the posted policy as a file: three members between lines of three hyphens, then Markdown. */
public final class PostedFile {
    /** How the name of such a file ends. */
    static final String SUFFIX = ".md";

    private static final int MAX_BYTES = 64 * 1024;
    private static final String FENCE = "---\n";
    private static final String VERSION = "version";
    private static final String APPROVED = "approved";
    private static final String NEXT_REVIEW = "next review";

    private PostedFile() {}

    /** The default policy's version. */
    public static String defaultVersion() {
        return "2018-05";
    }

    /**
     * The default policy as a file, as `init` puts it into a home: the library looks at it within a year.
     *
     * @param today the day of `init`
     */
    public static byte[] defaultText(LocalDate today) {
        try (InputStream in = PostedFile.class.getResourceAsStream("posted-policy.md")) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return write(PostedPolicy.of(
                    defaultVersion(), "2018-05-01", today.plusYears(1).toString(), text, today));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The file of a version, whatever else lies in that directory. */
    static Path of(Path directory, String version) {
        return directory.resolve(version + SUFFIX);
    }

    /** That version as a file says it. */
    static byte[] write(PostedPolicy policy) {
        return String.join(
                        "\n",
                        "---",
                        VERSION + ": \"" + policy.version() + "\"",
                        APPROVED + ": " + policy.approved(),
                        NEXT_REVIEW + ": " + policy.nextReview(),
                        "---",
                        policy.text())
                .getBytes(StandardCharsets.UTF_8);
    }

    /**
     * What a file says.
     *
     * @throws Refused with the rule that it breaks, and nothing of what it says
     */
    public static PostedPolicy read(Path file, LocalDate today) {
        return parse(bytes(file), today);
    }

    /** At most so many as a policy can have, so that nothing else is read for long; a pipe would be waited for. */
    static byte[] bytes(Path file) {
        try {
            if (Files.isRegularFile(file)) {
                return SmallFile.read(file, MAX_BYTES);
            }
        } catch (IOException e) {
            // Said below.
        }
        throw wrong("The file cannot be read, or is larger than 64 KiB.");
    }

    static PostedPolicy parse(byte[] bytes, LocalDate today) {
        String file = decode(bytes).replace("\r\n", "\n");
        int end = file.indexOf("\n" + FENCE, FENCE.length() - 1);
        if (!file.startsWith(FENCE) || end < 0) {
            throw wrong("The file must begin with version, approved and next review between two lines of ---.");
        }
        YamlNode head = head(file.substring(FENCE.length(), Math.max(FENCE.length(), end)));
        if (!head.isMembers() || !head.members().keySet().equals(Set.of(VERSION, APPROVED, NEXT_REVIEW))) {
            throw wrong("Between the lines of --- stand version, approved and next review, and nothing else.");
        }
        YamlNode version = head.member(VERSION);
        if (!version.isText()) {
            throw wrong("version must be text: put it in quotation marks.");
        }
        return PostedPolicy.of(
                version.text(),
                head.member(APPROVED).text(),
                head.member(NEXT_REVIEW).text(),
                file.substring(end + 1 + FENCE.length()),
                today);
    }

    private static YamlNode head(String yaml) {
        try {
            return YamlNode.read(yaml.getBytes(StandardCharsets.UTF_8));
        } catch (JsonProcessingException e) {
            throw wrong("What stands between the lines of --- is not YAML in which nothing is said twice.");
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String decode(byte[] bytes) {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            return text.startsWith("\ufeff") ? text.substring(1) : text;
        } catch (CharacterCodingException e) {
            throw wrong("The file is not text in UTF-8.");
        }
    }

    private static Refused wrong(String sentence) {
        return new Refused(Problem.INVALID, sentence);
    }
}
