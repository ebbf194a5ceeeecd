package org.patronvault.access.posted;

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
import org.patronvault.core.keys.file.SmallFile;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.YamlNode;

/** A version of the posted policy as a file: three members between lines of three hyphens, then Markdown. */
public final class PostedFile {
    /** The suffix of such a file's name. */
    static final String SUFFIX = ".md";

    private static final int MAX_BYTES = 64 * 1024;
    private static final String FENCE = "---\n";
    private static final String VERSION = "version";
    private static final String APPROVED = "approved";
    private static final String NEXT_REVIEW = "next review";

    private PostedFile() {}

    /** Returns the default policy's version. */
    public static String defaultVersion() {
        return "2018-05";
    }

    /**
     * Returns the default policy as a file, as `init` puts it into a home; its review is due within a year.
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

    /** Returns the path of a version's file. */
    static Path of(Path directory, String version) {
        return directory.resolve(version + SUFFIX);
    }

    /** Returns the file's bytes for that version. */
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
     * Reads a file.
     *
     * @throws Refused with the rule that it breaks, and nothing of the file's text
     */
    public static PostedPolicy read(Path file, LocalDate today) {
        return parse(bytes(file), today);
    }

    /** Returns at most as many bytes as a policy can have, so no large file is read; reading a pipe would block. */
    static byte[] bytes(Path file) {
        try {
            if (Files.isRegularFile(file)) {
                return SmallFile.read(file, MAX_BYTES);
            }
        } catch (IOException e) {
            // Reported below.
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
