package org.patronvault.core.tlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class AddCheckpointTest {
    /** The example of C2SP tlog-witness, "add-checkpoint". */
    private static final String EXAMPLE = """
            old 20852014
            PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
            jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
            5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
            /6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=

            example.com/behind-the-sofa
            20852163
            CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

            \u2014 example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
            \u2014 example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=
            """;

    private static AddCheckpoint parse(String text) throws MalformedException {
        return AddCheckpoint.parse(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void exampleOfTheSpecificationIsReadAndWrittenAsItIs() throws MalformedException {
        AddCheckpoint read = parse(EXAMPLE);
        assertThat(read.oldSize()).isEqualTo(20_852_014);
        assertThat(read.proof()).hasSize(4).allMatch(hash -> hash.length == 32);
        assertThat(read.checkpoint().origin()).isEqualTo("example.com/behind-the-sofa");
        assertThat(read.checkpoint().size()).isEqualTo(20_852_163);
        assertThat(read.note().signatures()).hasSize(2);
        assertThat(read.toText()).isEqualTo(EXAMPLE);
        assertThat(AddCheckpoint.of(20_852_014, read.proof(), read.note()).toText())
                .isEqualTo(EXAMPLE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "old 1",
                "old 1\n\n",
                "old 01\n\nORIGIN",
                "old -1\n\nORIGIN",
                "old 9223372036854775808\n\nORIGIN",
                "old  1\n\nORIGIN",
                "OLD 1\n\nORIGIN",
                "old 1\nAAAA\n\nORIGIN",
                "old 1\nnot base64\n\nORIGIN",
                "old 1\n\n\nORIGIN",
                "\nold 1\n\nORIGIN",
                "old 1\r\n\r\nORIGIN"
            })
    void whateverHasAnotherFormIsRefused(String text) {
        String checkpoint = EXAMPLE.substring(EXAMPLE.indexOf("\n\n") + 2);
        assertThatExceptionOfType(MalformedException.class).isThrownBy(() -> parse(text.replace("ORIGIN", checkpoint)));
    }

    @Test
    void moreThanSixtyThreeHashesAreRefusedReadAndMade() throws MalformedException {
        String hash = "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n";
        String checkpoint = EXAMPLE.substring(EXAMPLE.indexOf("\n\n"));
        assertThat(parse("old 1\n" + hash.repeat(62) + hash.strip() + checkpoint)
                        .proof())
                .hasSize(63);
        assertThatExceptionOfType(MalformedException.class)
                .isThrownBy(() -> parse("old 1\n" + hash.repeat(63) + hash.strip() + checkpoint));
        SignedNote note = parse(EXAMPLE).note();
        List<byte[]> tooMany = Collections.nCopies(64, new byte[32]);
        assertThatIllegalArgumentException().isThrownBy(() -> AddCheckpoint.of(1, tooMany, note));
        assertThatIllegalArgumentException().isThrownBy(() -> AddCheckpoint.of(-1, List.of(), note));
        assertThatIllegalArgumentException().isThrownBy(() -> AddCheckpoint.of(1, List.of(new byte[31]), note));
    }
}
