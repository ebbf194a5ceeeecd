package org.patronvault.testing;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** The fuzz test of one parser: for inputs that Jazzer makes, one class a process, and in every build for others made by chance. */
public abstract class ParserFuzz {
    private static final FuzzInputs INPUTS = new FuzzInputs();

    /** Bytes that often stand in what it parses, a character each. */
    protected abstract String frequent();

    /** Inputs that it takes. */
    protected abstract List<byte[]> right();

    /** Fails unless it does with that input as it should. */
    protected abstract void check(byte[] input);

    /** How many are made by chance. */
    protected int made() {
        return 20_000;
    }

    @FuzzTest(maxDuration = "")
    void parser(byte[] input) {
        INPUTS.count();
        check(input);
    }

    @AfterAll
    static void triedAsManyAsAskedFor() {
        INPUTS.requireAsManyAsAskedFor();
    }

    @Test
    void parserHoldsForOthersMadeOfRightOnes() {
        new FuzzInputs(frequent()).holdsFor(right(), made(), this::check);
    }
}
