package org.patronvault.log.view;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.patronvault.core.crypto.CanonicalBytes;
import org.patronvault.core.crypto.CanonicalReader;
import org.patronvault.core.crypto.SealedBox;
import org.patronvault.core.model.IntegrityException;

/**
 * The form of one block of the view by patron (format.md, "View by patron"): sealed pages of sorted pairs of a key, which
 * stands for a patron, and the place of an entry. The first key of each page is in the head, in the pages from 0 on.
 */
final class ViewBlock {
    /** The most pairs of one page. */
    static final int PAIRS = 328;

    private static final int PAIR_BYTES = Long.BYTES + Integer.BYTES;
    private static final int PAGE_BYTES = Short.BYTES + PAIRS * PAIR_BYTES;
    private static final int HASH_BYTES = 32;
    private static final int FIXED_BYTES = Long.BYTES + HASH_BYTES + 2 * Integer.BYTES;

    /**
     * The encryption of one block's pages.
     *
     * @param month yyyymm
     * @param first the index of the first entry of the stretch
     */
    record PageSeal(SealedBox.Key key, String vaultId, int month, long first) {
        private byte[] seal(long end, int page, int pages, byte[] plain) {
            return key.seal(aad(end, page, pages), plain);
        }

        private byte[] open(long end, int page, int pages, byte[] sealed) {
            byte[] plain = key.open(aad(end, page, pages), sealed);
            if (plain.length != PAGE_BYTES) {
                throw new IntegrityException("view by patron: page size");
            }
            return plain;
        }

        private byte[] aad(long end, int page, int pages) {
            return CanonicalBytes.begin("pv2.view")
                    .lp(vaultId)
                    .u32(month)
                    .u64(first)
                    .u64(end)
                    .u32(page)
                    .u32(pages)
                    .bytes();
        }
    }

    /**
     * The content of a block.
     *
     * @param end the index after the last entry
     * @param lastLeaf the leaf hash of the last entry
     * @param keys ascending
     * @param places of the same number, each the index of an entry less that of the first; ascending under one key
     * @param strays places of entries of another month
     */
    record Content(long end, byte[] lastLeaf, long[] keys, int[] places, int[] strays) {}

    /**
     * The head of a block.
     *
     * @param first the index of the first entry
     * @param end the index after the last entry
     * @param firstKeys the first key of each page of pairs
     * @param strays indices of entries of another month
     */
    record Head(long first, int month, long end, byte[] lastLeaf, long[] firstKeys, List<Long> strays) {

        /** Returns the number of the first page of pairs. */
        int pairsFrom() {
            return headPages(firstKeys.length, strays.size());
        }

        /** Returns the number of pages. */
        int pages() {
            return pairsFrom() + firstKeys.length;
        }

        /** Returns the first and the last page that may have a key, inclusive; empty if none has. */
        int[] pagesOf(long key) {
            int below = 0;
            while (below < firstKeys.length && firstKeys[below] < key) {
                below++;
            }
            int notAbove = below;
            while (notAbove < firstKeys.length && firstKeys[notAbove] == key) {
                notAbove++;
            }
            return notAbove == 0
                    ? new int[0]
                    : new int[] {pairsFrom() + Math.max(0, below - 1), pairsFrom() + notAbove - 1};
        }
    }

    /** A source of a block's pages, which fails with {@link IntegrityException} if one is missing. */
    @FunctionalInterface
    interface Pages {
        byte[] page(int number);
    }

    private ViewBlock() {}

    private static int headPages(int pairPages, int strays) {
        long bytes = FIXED_BYTES + (long) pairPages * Long.BYTES + (long) strays * Integer.BYTES;
        return Math.toIntExact((bytes + PAGE_BYTES - 1) / PAGE_BYTES);
    }

    /** Returns the sealed pages of a block, by their numbers. */
    static List<byte[]> seal(PageSeal seal, Content content) {
        long[] keys = content.keys();
        int pairPages = (keys.length + PAIRS - 1) / PAIRS;
        CanonicalBytes head = CanonicalBytes.plain()
                .u64(content.end())
                .raw(content.lastLeaf())
                .u32(pairPages)
                .u32(content.strays().length);
        for (int at = 0; at < keys.length; at += PAIRS) {
            head.u64(keys[at]);
        }
        Arrays.stream(content.strays()).forEach(head::u32);
        byte[] plainHead = head.bytes();
        int headPages = headPages(pairPages, content.strays().length);
        int pages = headPages + pairPages;
        List<byte[]> sealed = new ArrayList<>(pages);
        for (int page = 0; page < headPages; page++) {
            byte[] plain = Arrays.copyOfRange(plainHead, page * PAGE_BYTES, (page + 1) * PAGE_BYTES);
            sealed.add(page == 0 ? seal.seal(0, 0, 0, plain) : seal.seal(content.end(), page, pages, plain));
        }
        for (int at = 0; at < keys.length; at += PAIRS) {
            int pairs = Math.min(PAIRS, keys.length - at);
            CanonicalBytes page = CanonicalBytes.plain().u16(pairs);
            for (int i = at; i < at + pairs; i++) {
                page.u64(keys[i]).u32(content.places()[i]);
            }
            sealed.add(seal.seal(content.end(), sealed.size(), pages, Arrays.copyOf(page.bytes(), PAGE_BYTES)));
        }
        return sealed;
    }

    /**
     * Opens the head of a block.
     *
     * @throws IntegrityException if a page of it is missing, or is not this block's
     */
    static Head head(PageSeal seal, Pages stored) {
        CanonicalReader first = CanonicalReader.of(seal.open(0, 0, 0, stored.page(0)));
        long end = first.u64();
        byte[] lastLeaf = first.raw(HASH_BYTES);
        int pairPages = Math.toIntExact(first.u32());
        int strays = Math.toIntExact(first.u32());
        int headPages = headPages(pairPages, strays);
        CanonicalBytes rest = CanonicalBytes.plain().raw(first.raw(first.remaining()));
        for (int page = 1; page < headPages; page++) {
            rest.raw(seal.open(end, page, headPages + pairPages, stored.page(page)));
        }
        CanonicalReader in = CanonicalReader.of(rest.bytes());
        long[] firstKeys = new long[pairPages];
        Arrays.setAll(firstKeys, i -> in.u64());
        List<Long> places = new ArrayList<>(strays);
        for (int i = 0; i < strays; i++) {
            places.add(seal.first() + in.u32());
        }
        return new Head(seal.first(), seal.month(), end, lastLeaf, firstKeys, List.copyOf(places));
    }

    /**
     * Returns the indices of the entries under a key in a page of pairs.
     *
     * @throws IntegrityException if it is not this page of this block
     */
    static List<Long> find(PageSeal seal, Head head, int page, byte[] sealed, long key) {
        ByteBuffer in = ByteBuffer.wrap(seal.open(head.end(), page, head.pages(), sealed));
        int pairs = in.getShort();
        List<Long> found = new ArrayList<>();
        long before = head.firstKeys()[page - head.pairsFrom()];
        for (int i = 0; i < pairs; i++) {
            long next = in.getLong();
            long index = head.first() + in.getInt();
            if (next < before || index >= head.end()) {
                throw new IntegrityException("view by patron: order");
            }
            before = next;
            if (next == key) {
                found.add(index);
            }
        }
        return found;
    }
}
