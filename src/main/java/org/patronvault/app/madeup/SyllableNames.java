package org.patronvault.app.madeup;

import java.util.List;

/**
 * Names made of syllables, one for each number: short ones first, later with one middle part, then with two. Some
 * surnames have two words, a hyphen or a particle.
 */
final class SyllableNames {
    private static final List<String> SURNAME_STARTS = words("""
            Bar Ber Bran Car Cor Dal Del Dor Dra El Fal Fer Gar Gol Gra Hal Har Hol Jan Kal Kar Kol Kor Kra Lan Lar
            Lin Lor Mal Mar Mon Mor Nar Nor Ol Par Pel Por Quin Ran Rav Rom Ros Sal San Sha Sor Sta Stan Ste Tal Tor
            Tra Ul Val Var Vel Vor Wal Wes Win Yar Zan Zel Ó Ön Šal Çor Ál Žel Łan Ścib Hra Brz Nkw Mb Ts Kh Chu Zho
            Xia Hua Phu Thu Ngo Suz Yama Taka Kawa Naka Mats Fuji""");
    private static final List<String> MIDDLES = words("""
            a e i o u an en in on un ar er ir or ur al el il ol ul am em im om as es is os at et it ot av ev iv ov ad
            ed id od ag eg ig og ak ek ik ok ab eb ib ob az ez iz oz ana eli ino oru uma ali eri isa oko uni ach esh
            ith oth ang eng ing ong ell iss orr unn""");
    private static final List<String> SURNAME_ENDS = words("""
            son sen ton ley field man mann berg stein baum er ers wood worth well ford ham by dale ski ska czyk wicz
            ović ić čić enko uk chuk ov ova ev eva in ina escu eanu oğlu yan ian idze shvili opoulos akis idis elli
            etti ini ucci one ano ari oso ez es az ano ado eira ães ão ista eux ard ault et ot eau in ier ström gren
            quist lund dal vik nes gård øy stad nen la sson dottir moto mura yama naka gawa shima wa ng nh m ang ong
            wan oye ayo ika eze uche isi dze sa kar wala pur dev nath rao appa swamy""");
    private static final List<String> GIVEN_STARTS = words("""
            A Al An Ar Be Bel Bri Ca Cal Cha Da Dar De Do E El Em Fa Fe Ga Ge Ha Hel I Is Ja Jo Ju Ka Ke Ki La Le Li Lo
            Ma Mi Mo Na Ne Ni O Or Pa Pe Qua Ra Re Ro Sa Se Sha Si So Ta Te Ti Tre U Va Vi Wil Xa Ya Ye Za Zo É Å Š""");
    private static final List<String> GIVEN_ENDS = words("""
            bel bert bri cia da dan della den dia do don dra fer gail gan jah ka kah keem ko la lah lan lee leigh len
            lia lina lisa lon lyn ma mar mia min na nah nell ney nia nio no ra rah ram ren ria rick ro ron rose sa sha
            shaun sia son sta ta tha ti tia ton tra tte va vin vonne wen win ya yah yn za zia né ië ño""");
    private static final List<String> PARTICLES = List.of(
            "de la ",
            "De ",
            "del ",
            "van der ",
            "Van ",
            "von ",
            "St. ",
            "Al-",
            "El ",
            "bin ",
            "Di ",
            "La ",
            "Le ",
            "da ",
            "Mac",
            "Mc",
            "O'",
            "D'",
            "M'",
            "Fitz");

    private final List<String> starts;
    private final List<String> ends;
    private final boolean compounds;

    private SyllableNames(List<String> starts, List<String> ends, boolean compounds) {
        this.starts = starts;
        this.ends = ends;
        this.compounds = compounds;
    }

    static SyllableNames ofSurnames() {
        return new SyllableNames(SURNAME_STARTS, SURNAME_ENDS, true);
    }

    static SyllableNames ofGivenNames() {
        return new SyllableNames(GIVEN_STARTS, GIVEN_ENDS, false);
    }

    private static List<String> words(String text) {
        return List.of(text.strip().split("\\s+"));
    }

    /**
     * Returns the name of {@code number}.
     *
     * @param frequent names that others are compounded with
     */
    String name(int number, List<String> frequent) {
        String plain = plain(number);
        SeededRandom draw = SeededRandom.of(number);
        if (!compounds) {
            return draw.chance(0.01) ? plain + "-" + draw.pick(frequent) : plain;
        }
        return switch (draw.weighted(4, 2, 5, 89)) {
            case 0 -> draw.chance(0.5) ? draw.pick(frequent) + "-" + plain : plain + "-" + draw.pick(frequent);
            case 1 -> draw.pick(frequent) + " " + plain;
            case 2 -> draw.pick(PARTICLES) + plain;
            default -> plain;
        };
    }

    private String plain(int number) {
        int left = number;
        int[] middles = {0, 1, MIDDLES.size(), MIDDLES.size() * MIDDLES.size()};
        int words = starts.size() * ends.size();
        int length = 1;
        while (length < 3 && left >= words * middles[length]) {
            left -= words * middles[length];
            length++;
        }
        // The coprime factor keeps neighbors in rank from looking alike.
        long size = (long) words * middles[length];
        long at = Math.floorMod(left * 7_368_787L, size);
        StringBuilder name = new StringBuilder(starts.get((int) (at % starts.size())));
        at /= starts.size();
        String end = ends.get((int) (at % ends.size()));
        at /= ends.size();
        for (int i = 1; i < length; i++) {
            name.append(MIDDLES.get((int) (at % MIDDLES.size())));
            at /= MIDDLES.size();
        }
        return name.append(end).toString();
    }
}
