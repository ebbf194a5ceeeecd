package org.patronvault.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;

/** What is not written to its end has not its name, and nothing that is there is written over. */
final class OutFileTest {
    @TempDir
    private Path directory;

    private static void write(OutFile file) throws IOException {
        try (OutputStream out = file.open()) {
            out.write('x');
        }
    }

    private static void assertInUse(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.NAME_IN_USE));
    }

    @Test
    void fileHasItsNameOnceItIsFinished() throws IOException {
        Path out = directory.resolve("out");
        OutFile file = OutFile.require(out);
        OutFile part = file.unfinished();
        write(part);
        assertThat(out).doesNotExist();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(part.path())))
                .isEqualTo("rw-------");
        file.finish(part);
        assertThat(out).hasContent("x");
        assertThat(part.path()).doesNotExist();
    }

    @Test
    void whatIsLeftOfOneThatWasCutShortIsNotWrittenOver() throws IOException {
        OutFile file = OutFile.require(directory.resolve("out"));
        write(file.unfinished());
        assertInUse(file::unfinished);
    }

    @Test
    void fileThatSomebodyMadeMeanwhileIsNotWrittenOver() throws IOException {
        Path out = directory.resolve("out");
        OutFile file = OutFile.require(out);
        OutFile part = file.unfinished();
        write(part);
        Files.writeString(out, "theirs");
        assertInUse(() -> file.finish(part));
        assertThat(out).hasContent("theirs");
        assertInUse(() -> OutFile.require(out));
    }
}
