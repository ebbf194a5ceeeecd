package org.patronvault.log.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.patronvault.core.crypto.CanonicalBytes;
import org.patronvault.core.crypto.Prf;
import org.patronvault.core.crypto.SealedBox;
import org.patronvault.core.model.IntegrityException;

/** Tests of the form of a block alone. */
final class ViewBlockTest {
    private static final SealedBox.Key KEY = SealedBox.Key.of(new byte[32]);
    private static final ViewBlock.PageSeal SEAL = new ViewBlock.PageSeal(KEY, "vault-a", 202611, 1_000);
    private static final int[] NO_STRAYS = {};

    private final Map<Long, List<Long>> entries = new TreeMap<>();

    /** A content with those numbers of entries under its keys, which are random and of either sign. */
    private ViewBlock.Content content(long seed, int... numbers) {
        Random random = new Random(seed);
        long[] distinct = random.longs(numbers.length).sorted().toArray();
        int size = Arrays.stream(numbers).sum();
        long[] keys = new long[size];
        int[] places = new int[size];
        int at = 0;
        for (int i = 0; i < numbers.length; i++) {
            for (int place = 0; place < numbers[i]; place++) {
                keys[at] = distinct[i];
                places[at++] = place * 7 + i % 7;
                entries.computeIfAbsent(distinct[i], any -> new ArrayList<>()).add(1_000L + places[at - 1]);
            }
        }
        return new ViewBlock.Content(101_000, new byte[32], keys, places, NO_STRAYS);
    }

    private static ViewBlock.Head head(ViewBlock.PageSeal seal, List<byte[]> pages) {
        return ViewBlock.head(seal, pages::get);
    }

    private static List<Long> find(ViewBlock.PageSeal seal, List<byte[]> pages, long key) {
        ViewBlock.Head head = head(seal, pages);
        int[] range = head.pagesOf(key);
        return range.length == 0
                ? List.of()
                : IntStream.rangeClosed(range[0], range[1])
                        .boxed()
                        .flatMap(page -> ViewBlock.find(seal, head, page, pages.get(page), key).stream())
                        .toList();
    }

    @Test
    void entriesAreFoundUnderEachKeyWhereverItsPagesBeginAndEnd() {
        for (int n : List.of(1, 326, 327, 328, 329, 330, 655, 656, 657, 1_500)) {
            entries.clear();
            List<byte[]> pages = ViewBlock.seal(SEAL, content(n, 1, n, 1, 2 * n, 3, 328, 1));
            entries.forEach((key, places) -> {
                assertThat(find(SEAL, pages, key)).as("%d under %d", n, key).isEqualTo(places);
                assertThat(find(SEAL, pages, key - 1)).isEmpty();
                assertThat(find(SEAL, pages, key + 1)).isEmpty();
            });
            assertThat(find(SEAL, pages, Long.MIN_VALUE)).isEmpty();
            assertThat(find(SEAL, pages, Long.MAX_VALUE)).isEmpty();
        }
    }

    /** The example of format.md. */
    @Test
    void blockOfTheVectorOpensWithTheKeysOfItsMonth() throws IOException {
        JsonNode vector = new ObjectMapper()
                .readTree(Path.of("src/test/resources/vectors/view/block.json").toFile());
        int month = vector.get("month").asInt();
        Prf content = Prf.of(hex(vector.get("contentKey")));
        byte[] sealKey =
                content.full(CanonicalBytes.begin("pv2.view.seal").u32(month).bytes());
        byte[] prfKey =
                content.full(CanonicalBytes.begin("pv2.view.patron").u32(month).bytes());
        ViewBlock.PageSeal seal = new ViewBlock.PageSeal(
                SealedBox.Key.of(sealKey),
                vector.get("vaultId").asText(),
                month,
                vector.get("first").asLong());
        List<byte[]> pages = new ArrayList<>();
        vector.get("pages").forEach(page -> pages.add(hex(page)));

        ViewBlock.Head head = head(seal, pages);
        assertThat(head.end()).isEqualTo(vector.get("end").asLong());
        assertThat(head.lastLeaf()).isEqualTo(hex(vector.get("lastLeaf")));
        assertThat(head.strays()).isEqualTo(numbers(vector.get("strays")));
        long patron = Long.parseUnsignedLong(vector.get("patronId").asText(), 16);
        assertThat(find(seal, pages, LogStretch.key(Prf.of(prfKey), patron))).isEqualTo(numbers(vector.get("entries")));
    }

    private static byte[] hex(JsonNode text) {
        return HexFormat.of().parseHex(text.asText());
    }

    private static List<Long> numbers(JsonNode array) {
        List<Long> numbers = new ArrayList<>();
        array.forEach(number -> numbers.add(number.asLong()));
        return numbers;
    }

    @Test
    void oneOrTwoPagesAreReadForAKeyWithFewEntries() {
        ViewBlock.Content content =
                content(5, IntStream.generate(() -> 1).limit(20_000).toArray());
        ViewBlock.Head head = head(SEAL, ViewBlock.seal(SEAL, content));
        assertThat(head.firstKeys()).hasSize(61);
        for (long key : content.keys()) {
            int[] range = head.pagesOf(key);
            assertThat(range[1] - range[0]).isLessThanOrEqualTo(1);
        }
    }

    @Test
    void blockOfNobodyIsOnePage() {
        List<byte[]> pages = ViewBlock.seal(SEAL, content(1));
        assertThat(pages).hasSize(1);
        assertThat(head(SEAL, pages).end()).isEqualTo(101_000);
        assertThat(find(SEAL, pages, 5)).isEmpty();
    }

    @Test
    void pagesOfEveryBlockHaveOneLengthWhateverIsInThem() {
        List<byte[]> pages = new ArrayList<>(ViewBlock.seal(SEAL, content(1)));
        pages.addAll(ViewBlock.seal(SEAL, content(2, 1, 2, 3)));
        pages.addAll(ViewBlock.seal(SEAL, content(3, 1_000)));
        assertThat(pages).allSatisfy(page -> assertThat(page).hasSize(4_011));
    }

    /** A block whose head has several pages. */
    private List<byte[]> withManyStrays() {
        ViewBlock.Content content = content(8, 400);
        int[] strays = IntStream.range(0, 4_000).map(i -> 3 * i).toArray();
        return ViewBlock.seal(
                SEAL, new ViewBlock.Content(101_000, new byte[32], content.keys(), content.places(), strays));
    }

    @Test
    void headOfManyPagesNamesEveryEntryOfAnotherMonth() {
        List<byte[]> pages = withManyStrays();
        ViewBlock.Head head = head(SEAL, pages);
        assertThat(head.pairsFrom()).isEqualTo(5);
        assertThat(head.pages()).isEqualTo(7).isEqualTo(pages.size());
        assertThat(head.strays())
                .isEqualTo(
                        IntStream.range(0, 4_000).mapToObj(i -> 1_000 + 3L * i).toList());
        entries.forEach((key, places) -> assertThat(find(SEAL, pages, key)).isEqualTo(places));
    }

    private static void assertNotOpened(ViewBlock.PageSeal seal, ViewBlock.Head head, int page, byte[] sealed) {
        assertThatThrownBy(() -> ViewBlock.find(seal, head, page, sealed, 0)).isInstanceOf(IntegrityException.class);
    }

    @Test
    void changedPageIsNotOpened() {
        List<byte[]> pages = withManyStrays();
        ViewBlock.Head head = head(SEAL, pages);
        for (int page = 0; page < pages.size(); page++) {
            for (int at : List.of(0, 1, 40, 60, 2_000, 4_010)) {
                List<byte[]> changed = new ArrayList<>(pages);
                changed.set(page, pages.get(page).clone());
                changed.get(page)[at] ^= 1;
                if (page < head.pairsFrom()) {
                    assertThatThrownBy(() -> head(SEAL, changed)).isInstanceOf(IntegrityException.class);
                } else {
                    assertNotOpened(SEAL, head, page, changed.get(page));
                }
            }
        }
    }

    @Test
    void pageInThePlaceOfAnotherIsNotOpened() {
        List<byte[]> pages = withManyStrays();
        ViewBlock.Head head = head(SEAL, pages);
        for (int page = 0; page < pages.size(); page++) {
            List<byte[]> swapped = new ArrayList<>(pages);
            swapped.set(page, pages.get((page + 1) % pages.size()));
            if (page < head.pairsFrom()) {
                assertThatThrownBy(() -> head(SEAL, swapped)).isInstanceOf(IntegrityException.class);
            } else {
                assertNotOpened(SEAL, head, page, swapped.get(page));
            }
        }
    }

    @Test
    void pageOfAnotherVaultMonthOrBlockIsNotOpened() {
        List<byte[]> pages = ViewBlock.seal(SEAL, content(4, 1_000));
        ViewBlock.Head head = head(SEAL, pages);
        for (ViewBlock.PageSeal other : List.of(
                new ViewBlock.PageSeal(KEY, "vault-b", 202611, 1_000),
                new ViewBlock.PageSeal(KEY, "vault-a", 202612, 1_000),
                new ViewBlock.PageSeal(KEY, "vault-a", 202611, 1_001),
                new ViewBlock.PageSeal(
                        SealedBox.Key.of(new byte[] {
                            1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25,
                            26, 27, 28, 29, 30, 31, 32
                        }),
                        "vault-a",
                        202611,
                        1_000))) {
            assertThatThrownBy(() -> head(other, pages)).isInstanceOf(IntegrityException.class);
            assertNotOpened(other, head, 2, pages.get(2));
        }
    }

    @Test
    void pageOfABlockWithAnotherEndOrAnotherNumberOfPagesIsNotOpened() {
        ViewBlock.Content content = content(4, 1_000);
        ViewBlock.Head head = head(SEAL, ViewBlock.seal(SEAL, content));
        List<byte[]> longer = ViewBlock.seal(
                SEAL, new ViewBlock.Content(101_001, new byte[32], content.keys(), content.places(), NO_STRAYS));
        assertNotOpened(SEAL, head, 2, longer.get(2));
        List<byte[]> more = ViewBlock.seal(SEAL, content(4, 1_400));
        assertNotOpened(SEAL, head, 2, more.get(2));
    }

    @Test
    void headWithAMissingPageIsNotOpened() {
        List<byte[]> pages = withManyStrays();
        assertThatThrownBy(() -> ViewBlock.head(SEAL, page -> {
                    if (page == 3) {
                        throw new IntegrityException("missing");
                    }
                    return pages.get(page);
                }))
                .isInstanceOf(IntegrityException.class);
    }

    @Test
    void pairsThatAreNotInOrderOrBeyondTheEndAreRefused() {
        long[] unsorted = {5, 4};
        int[] places = {0, 1};
        List<byte[]> pages =
                ViewBlock.seal(SEAL, new ViewBlock.Content(2_000, new byte[32], unsorted, places, NO_STRAYS));
        assertThatThrownBy(() -> find(SEAL, pages, 5)).isInstanceOf(IntegrityException.class);
        long[] sorted = {4, 5};
        List<byte[]> beyond =
                ViewBlock.seal(SEAL, new ViewBlock.Content(1_001, new byte[32], sorted, places, NO_STRAYS));
        assertThatThrownBy(() -> find(SEAL, beyond, 5)).isInstanceOf(IntegrityException.class);
    }
}
