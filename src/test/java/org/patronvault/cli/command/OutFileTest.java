package org.patronvault.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/** Tests that an unfinished file does not get its name, and that no file is overwritten. */
final class OutFileTest {
    @TempDir
    private Path directory;

    private static void assertInUse(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.NAME_IN_USE));
    }

    private Path part() {
        return directory.resolve("out.part");
    }

    @Test
    void fileHasItsNameOnceAllOfItIsWrittenAndIsForItsOwnerAlone() throws IOException {
        Path out = directory.resolve("out");
        String result = OutFile.require(out).write(to -> {
            to.write('x');
            assertThat(out).doesNotExist();
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(part())))
                    .isEqualTo("rw-------");
            return "done";
        });
        assertThat(result).isEqualTo("done");
        assertThat(out).hasContent("x");
        assertThat(part()).doesNotExist();
    }

    @Test
    void directoryIsAskedBeforehandWhetherItCanPutNamesOnDisk() {
        assertThat(OutFile.require(directory.resolve("out")).syncs()).isTrue();
        // Which the kernel makes up.
        assertThat(OutFile.syncs(Path.of("/proc/self"))).isFalse();
        assertThat(OutFile.syncs(directory.resolve("none"))).isFalse();
    }

    @Test
    void ofWhatFailsMidwayNothingIsLeft() {
        OutFile file = OutFile.require(directory.resolve("out"));
        for (Exception failure : List.of(new IOException("full"), new IllegalStateException("refused"))) {
            assertThatThrownBy(() -> file.write(to -> {
                        to.write('x');
                        if (failure instanceof IOException e) {
                            throw e;
                        }
                        throw (RuntimeException) failure;
                    }))
                    .isInstanceOfAny(UncheckedIOException.class, IllegalStateException.class);
            assertThat(directory).isEmptyDirectory();
        }
    }

    @Test
    void whatIsLeftOfOneThatWasCutShortOrIsBeingWrittenIsNeitherWrittenOverNorTakenAway() throws IOException {
        OutFile early = OutFile.require(directory.resolve("out"));
        Files.writeString(part(), "theirs");
        assertInUse(() -> OutFile.require(directory.resolve("out")));
        assertThatThrownBy(() -> early.write(new byte[1])).isInstanceOf(UncheckedIOException.class);
        assertThat(part()).hasContent("theirs");
    }

    @Test
    void fileThatSomebodyMadeMeanwhileIsNotWrittenOver() throws IOException {
        Path out = directory.resolve("out");
        OutFile file = OutFile.require(out);
        Files.writeString(out, "theirs");
        assertInUse(() -> file.write(new byte[1]));
        assertThat(out).hasContent("theirs");
        assertThat(part()).doesNotExist();
        assertInUse(() -> OutFile.require(out));
    }
}
