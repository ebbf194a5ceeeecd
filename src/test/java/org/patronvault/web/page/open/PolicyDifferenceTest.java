package org.patronvault.web.page.open;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.patronvault.access.posted.PostedPolicy;
import org.patronvault.web.page.open.PolicyDifference.Kind;
import org.patronvault.web.page.open.PolicyDifference.Piece;
import org.patronvault.web.page.open.PolicyDifference.Row;

/** Tests of two versions of the posted policy side by side. */
final class PolicyDifferenceTest {

    private static String side(List<Piece> pieces) {
        return pieces.stream()
                .map(piece -> piece.marked() ? "[" + piece.text() + "]" : piece.text())
                .collect(Collectors.joining(" "));
    }

    private static List<String> rows(String from, String to) {
        return PolicyDifference.of(from, to).rows().stream()
                .map(row -> row.kind() + " " + side(row.from()) + " | " + side(row.to()))
                .toList();
    }

    @Test
    void aParagraphThatIsMuchAlikeIsComparedWordByWord() {
        assertThat(rows("# A\n\nWe keep it for two years at most.\n", "# A\n\nWe keep it for three years.\n"))
                .containsExactly(
                        "SAME # A | # A",
                        "CHANGED We keep it for [two years at most.] | We keep it for [three years.]");
    }

    @Test
    void anotherParagraphIsRemovedAndAdded() {
        assertThat(rows("One two three.\n\nLast.\n", "Alpha beta gamma delta.\n\nLast.\n"))
                .containsExactly(
                        "REMOVED [One two three.] | ", "ADDED  | [Alpha beta gamma delta.]", "SAME Last. | Last.");
    }

    @Test
    void linesThatBreakElsewhereAreNoDifference() {
        assertThat(PolicyDifference.of("We keep\nit safe.\n- one\n- two\n", "We keep it\nsafe.\n\n- one\n- two\n")
                        .rows())
                .extracting(Row::kind)
                .containsExactly(Kind.SAME, Kind.SAME, Kind.SAME);
    }

    @Test
    void headingsAndItemsStandByThemselves() {
        assertThat(rows("# A\nText.\n* x\n1. y\n", "# A\nText.\n* x\n"))
                .containsExactly("SAME # A | # A", "SAME Text. | Text.", "SAME * x | * x", "REMOVED [1. y] | ");
    }

    @Test
    void everyWordOfEitherTextIsThereOnItsSide() {
        Random random = new Random(12);
        for (int i = 0; i < 500; i++) {
            String from = text(random);
            String to = text(random);
            PolicyDifference difference = PolicyDifference.of(from, to);
            assertThat(words(difference, true)).isEqualTo(from.trim().replaceAll("\\s+", " "));
            assertThat(words(difference, false)).isEqualTo(to.trim().replaceAll("\\s+", " "));
        }
    }

    private static String words(PolicyDifference difference, boolean from) {
        return difference.rows().stream()
                .flatMap(row -> (from ? row.from() : row.to()).stream())
                .map(Piece::text)
                .collect(Collectors.joining(" "));
    }

    private static String text(Random random) {
        return IntStream.range(0, 1 + random.nextInt(8))
                .mapToObj(p -> IntStream.range(0, 1 + random.nextInt(9))
                        .mapToObj(w -> "w" + random.nextInt(4))
                        .collect(Collectors.joining(random.nextInt(5) == 0 ? "\n" : " ")))
                .collect(Collectors.joining("\n\n"));
    }

    @Test
    @Timeout(20)
    void theWorstTwoTextsThatCanBePostedTakeNoLongTime() {
        Random random = new Random(3);
        String from = letters(random, 'a');
        String to = letters(random, 'k');
        long begun = System.nanoTime();
        PolicyDifference.of(from, to);
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(5));
    }

    /** As much as may be, of words of one letter, in paragraphs that are compared word by word. */
    private static String letters(Random random, char first) {
        StringBuilder text = new StringBuilder();
        while (text.length() < PostedPolicy.MAX_TEXT_BYTES - 4) {
            text.append((char) (first + random.nextInt(14)));
            text.append(text.length() % 1_990 < 2 ? "\n\n" : " ");
        }
        return text.toString();
    }
}
