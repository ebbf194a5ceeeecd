package org.patronvault.core.policy;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.patronvault.core.keys.file.SmallFile;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/** The strict reader of {@code policy.yaml}: an unknown word refuses the whole file. */
public final class PolicyFile {

    /**
     * A fault in a file.
     *
     * @param line from 1; 0 if no line is at fault
     * @param what the sentence without its subject
     */
    public record Fault(int line, String what) {
        /** Returns one sentence without any value of the file. */
        public String sentence() {
            return "policy.yaml " + what + (line == 0 ? "." : " (line " + line + ").");
        }
    }

    /**
     * The policy of a file, or all its faults.
     *
     * @param policy empty if there are faults
     */
    public record Result(Optional<Policy> policy, List<Fault> faults) {}

    /** A policy is never this large, and the author of a file is unknown. */
    private static final int MAX_BYTES = 256 * 1024;

    private PolicyFile() {}

    /** Returns the default policy's text, as `init` puts it into a home. */
    public static byte[] defaultText() {
        try (InputStream in = PolicyFile.class.getResourceAsStream("policy.yaml")) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Returns the policy in that file; refuses a faulty file with a sentence about its first fault. */
    public static Policy read(Path file) {
        return require(check(file));
    }

    /** Returns the policy of that text. */
    public static Policy parse(byte[] text) {
        return require(check(text));
    }

    private static Policy require(Result checked) {
        return checked.policy()
                .orElseThrow(() ->
                        new Refused(Problem.INVALID, checked.faults().get(0).sentence()));
    }

    /** Returns the policy in that file, or all its faults. */
    public static Result check(Path file) {
        try {
            return check(bytes(file));
        } catch (IOException e) {
            return wrong(0, "cannot be read, or is larger than 256 KiB");
        }
    }

    /** Returns the bytes of a file; throws an IOException if it cannot be read, or is larger than any policy. */
    public static byte[] bytes(Path file) throws IOException {
        return SmallFile.read(file, MAX_BYTES);
    }

    /** Returns the policy of that text, or all its faults. */
    public static Result check(byte[] text) {
        YamlNode root;
        try {
            root = YamlNode.read(text);
        } catch (JsonProcessingException e) {
            int line = e.getLocation() == null ? 0 : Math.max(0, e.getLocation().getLineNr());
            return wrong(line, "is not one YAML document in which nothing is said twice");
        } catch (IOException e) {
            return wrong(0, "is not text in UTF-8");
        }
        PolicyReader reader = new PolicyReader();
        Policy policy = reader.read(root);
        return reader.faults().isEmpty()
                ? new Result(Optional.of(policy), List.of())
                : new Result(Optional.empty(), List.copyOf(reader.faults()));
    }

    private static Result wrong(int line, String what) {
        return new Result(Optional.empty(), List.of(new Fault(line, what)));
    }
}
