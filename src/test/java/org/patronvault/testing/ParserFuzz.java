package org.patronvault.testing;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The fuzz test of one parser: for inputs that Jazzer makes, one class a process, which begins at right ones and others
 * that are nearly right; and in every build for others made by chance. An input with which Jazzer has it fail is kept, and
 * tried by every build from then on.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class ParserFuzz {
    private static final String METHOD = "parser";

    private FuzzInputs inputs;
    private List<byte[]> right;

    /** Bytes that often stand in what it parses, a character each. */
    protected abstract String frequent();

    /** Inputs that it takes, none of which is empty. */
    protected abstract List<byte[]> right();

    /** Fails unless it does with that input as it should. */
    protected abstract void check(byte[] input);

    /** How many are made by chance. */
    protected int made() {
        return 20_000;
    }

    @BeforeAll
    void begin() throws IOException {
        inputs = new FuzzInputs(frequent());
        right = right();
        if (FuzzInputs.areJazzers()) {
            Files.createDirectories(FuzzInputs.directory(getClass(), METHOD));
        }
    }

    private List<byte[]> rightAndKept() {
        List<byte[]> all = new ArrayList<>(right);
        all.addAll(FuzzInputs.kept(getClass(), METHOD));
        return all;
    }

    /** What Jazzer begins at: it takes what JUnit calls the test with before it. */
    List<byte[]> seeds() {
        return FuzzInputs.andAlike(right);
    }

    @MethodSource("seeds")
    @FuzzTest(maxDuration = "")
    void parser(byte[] input) {
        inputs.attempt(input, right, this::check);
    }

    @AfterAll
    void triedAsManyAsAskedForBeginningAtRightOnes() {
        if (FuzzInputs.areJazzers()) {
            inputs.requireAsManyAsAskedFor(getClass().getSimpleName());
            inputs.requireBegunAt(right);
        }
    }

    @Test
    void parserHoldsForRightAndKeptOnesAndOthersMadeOfThem() {
        inputs.holdsFor(rightAndKept(), made(), this::check);
    }
}
