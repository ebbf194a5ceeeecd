package org.patronvault.core.vault;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import org.patronvault.core.crypto.CanonicalBytes;
import org.patronvault.core.crypto.CanonicalReader;
import org.patronvault.core.model.Consent;
import org.patronvault.core.model.IntegrityException;

/**
 * The history of a patron's consents and withdrawals, the oldest first (P6, P9). For each purpose the last one holds,
 * and no statement means no. Only the newest {@value #MOST} are kept, and always the last of each purpose.
 *
 * @param forgotten how many statements were dropped, for each purpose in the order of {@link Consent#PURPOSES}
 */
public record Consents(List<Consent> history, List<Integer> forgotten) {
    /** An empty history. */
    public static final Consents NONE = new Consents(List.of(), List.of(0, 0, 0));

    /** The most that are kept; a dozen takes as many bytes in storage as one. */
    public static final int MOST = 64;

    private static final int MOST_FORGOTTEN = 65_535;

    public Consents {
        history = List.copyOf(history);
        forgotten = List.copyOf(forgotten);
    }

    /** The last statement for a purpose. */
    public Optional<Consent> last(String purpose) {
        return history.stream().filter(one -> one.purpose().equals(purpose)).reduce((first, second) -> second);
    }

    /** The day of the newest withdrawal of a purpose, in whichever order they were recorded. */
    public Optional<LocalDate> lastNo(String purpose) {
        return history.stream()
                .filter(one -> one.purpose().equals(purpose) && !one.given())
                .map(Consent::on)
                .max(Comparator.naturalOrder());
    }

    /** How many statements there ever were for a purpose: the number of the one that holds now. */
    public int times(String purpose) {
        long kept =
                history.stream().filter(one -> one.purpose().equals(purpose)).count();
        return Math.min(MOST_FORGOTTEN, forgotten.get(Consent.PURPOSES.indexOf(purpose)) + (int) kept);
    }

    /** Whether the purpose is consented to. */
    public boolean isGiven(String purpose) {
        return last(purpose).filter(Consent::given).isPresent();
    }

    /** Whether the patron withdrew the consent to the record itself: then it must not be used any more (P6). */
    public boolean isWithdrawn() {
        return last(Consent.SERVICE).filter(one -> !one.given()).isPresent();
    }

    /** Returns a history with one more statement; drops the oldest if there are too many. */
    public Consents with(Consent next) {
        List<Consent> all = new ArrayList<>(history);
        List<Integer> gone = new ArrayList<>(forgotten);
        all.add(next);
        for (int i = 0; i < all.size() && all.size() > MOST; i++) {
            String purpose = all.get(i).purpose();
            if (all.subList(i + 1, all.size()).stream()
                    .anyMatch(later -> later.purpose().equals(purpose))) {
                all.remove(i);
                int which = Consent.PURPOSES.indexOf(purpose);
                gone.set(which, Math.min(MOST_FORGOTTEN, gone.get(which) + 1));
            }
        }
        return new Consents(all, gone);
    }

    /**
     * Returns a history with the later statements of another record of this patron. On the same day a no wins over a
     * yes.
     */
    public Consents merged(Consents other) {
        Consents all = this;
        for (String purpose : Consent.PURPOSES) {
            Optional<Consent> own = last(purpose);
            Optional<Consent> theirs = other.last(purpose)
                    .filter(one -> own.isEmpty()
                            || one.on().isAfter(own.get().on())
                            || (one.on().equals(own.get().on()) && !one.given()));
            all = theirs.map(all::with).orElse(all);
        }
        return all;
    }

    /** Writes each text once, since they are nearly always equal. */
    void encode(CanonicalBytes out) {
        LinkedHashSet<String> all = new LinkedHashSet<>();
        for (Consent one : history) {
            all.addAll(List.of(one.policy(), one.channel(), one.by()));
        }
        List<String> texts = List.copyOf(all);
        out.u8(texts.size());
        texts.forEach(out::lp);
        forgotten.forEach(out::u16);
        out.u8(history.size());
        for (Consent one : history) {
            out.u8(Consent.PURPOSES.indexOf(one.purpose()) << 1 | (one.given() ? 1 : 0))
                    .u32(one.on().toEpochDay())
                    .u8(texts.indexOf(one.policy()))
                    .u8(texts.indexOf(one.channel()))
                    .u8(texts.indexOf(one.by()));
        }
    }

    static Consents decode(CanonicalReader in) {
        List<String> texts = new ArrayList<>();
        int count = in.u8();
        for (int i = 0; i < count; i++) {
            texts.add(in.lpString());
        }
        List<Integer> forgotten = new ArrayList<>();
        for (int i = 0; i < Consent.PURPOSES.size(); i++) {
            forgotten.add(in.u16());
        }
        List<Consent> history = new ArrayList<>();
        int said = in.u8();
        if (said > MOST) {
            throw new IntegrityException("meta: consents");
        }
        for (int i = 0; i < said; i++) {
            int what = in.u8();
            LocalDate on = LocalDate.ofEpochDay(in.u32());
            history.add(new Consent(
                    of(Consent.PURPOSES, what >> 1),
                    of(texts, in.u8()),
                    on,
                    of(texts, in.u8()),
                    of(texts, in.u8()),
                    (what & 1) == 1));
        }
        return new Consents(history, forgotten);
    }

    private static String of(List<String> texts, int at) {
        if (at >= texts.size()) {
            throw new IntegrityException("meta: consents");
        }
        return texts.get(at);
    }
}
