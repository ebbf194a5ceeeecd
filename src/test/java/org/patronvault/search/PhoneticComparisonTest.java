package org.patronvault.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.LocalDate;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.commons.codec.EncoderException;
import org.apache.commons.codec.StringEncoder;
import org.apache.commons.codec.language.Caverphone2;
import org.apache.commons.codec.language.ColognePhonetic;
import org.apache.commons.codec.language.DaitchMokotoffSoundex;
import org.apache.commons.codec.language.DoubleMetaphone;
import org.apache.commons.codec.language.MatchRatingApproachEncoder;
import org.apache.commons.codec.language.Metaphone;
import org.apache.commons.codec.language.Nysiis;
import org.apache.commons.codec.language.Soundex;
import org.apache.commons.codec.language.bm.NameType;
import org.apache.commons.codec.language.bm.PhoneticEngine;
import org.apache.commons.codec.language.bm.RuleType;
import org.junit.jupiter.api.Test;
import org.patronvault.app.madeup.MadeUpPatrons;
import org.patronvault.testing.LongRun;

/** A comparison of the published phonetic codes: the spellings each one matches, its false matches, and its entries. */
final class PhoneticComparisonTest {
    private static final String ENGLISH = """
            smith smyth,catherine katherine,meyer maier,stephen steven,sara sarah,john jon,philip phillip,reid reed,\
            clark clarke,thompson thomson,brown browne,green greene,johnson jonson,stuart stewart,allen alan,lee leigh,\
            shaun sean,geoffrey jeffrey,nichols nicholls,peterson petersen,schmidt schmitt,kathryn kathrin,bryan brian,\
            ann anne,mccarthy macarthy,macdonald mcdonald,oconnor oconner,carl karl,marc mark,kristen christen,\
            kelly kelley,hughes hewes,wright right,rogers rodgers,graham graeme,shepherd sheppard,lewis louis,\
            knight night,hoffman hofmann,snyder schneider,connolly connelly,riley reilly,phelps felps,moore more,\
            gray grey,bailey bayley,pierce pearce,caroline carolyn,cathy kathy,burke berk,jackson jaxon,\
            newman neumann,miller mueller,deborah debra,isabel isobel,teresa theresa""";

    private static final String SPANISH = """
            gonzales gonzalez,vasquez basquez,vasquez basques,jimenez himenez,garcia garsia,hernandez ernandez,\
            vazquez vasquez,velasquez belasquez,cervantes servantes,zapata sapata,rodriguez rodrigues,\
            gimenez jimenez,valdez baldez,martinez martines,chavez chabes,yanez llanez,castillo castiyo,\
            quintero kintero,guerrero gerrero,zamora samora,villa billa,lopez lopes,perez peres,sanchez sanches,\
            ximena jimena,jorge horhe,juan huan,huerta uerta,herrera errera,ceballos zeballos,cruz crus,\
            rivera ribera,esteban estevan,joaquin hoakin,jose hose,ortiz ortis,diaz dias,munoz munos,\
            guillermo guiyermo,ignacio ignasio""";

    private static final String DIFFERENT = """
            garcia gracia,martin martinez,lee lopez,brown bryan,baker becker,wilson walsh,johnson jensen,davis david,\
            moore murray,hall hill,carter cordero,walker wallace,king kim,green gorman,scott sanchez,cook cox,\
            bell bailey,ward wood,gray garcia,price perez,long lang,ross rosa,barnes burns,flores flowers,wu yu,\
            ng nagy,rivera rivers,lewis lopez,harris hernandez,white wade,clark clarice,diaz davis""";

    private static final int PEOPLE = LongRun.times(10_000, 100_000);
    private static final int FREQUENT = LongRun.times(300, 1_000);

    private static Function<String, Set<String>> one(StringEncoder encoder) {
        return word -> {
            try {
                return Set.of(encoder.encode(word));
            } catch (EncoderException e) {
                throw new AssertionError(e);
            }
        };
    }

    private static Function<String, Set<String>> many(Function<String, String> encoder) {
        return word -> Arrays.stream(encoder.apply(word).split("[|-]", -1))
                .filter(code -> !code.isEmpty())
                .collect(Collectors.toSet());
    }

    private static Map<String, Function<String, Set<String>>> codes() {
        Map<String, Function<String, Set<String>>> codes = new LinkedHashMap<>();
        codes.put("Soundex", one(new Soundex()));
        codes.put("Metaphone", one(new Metaphone()));
        codes.put("Double Metaphone, primary", one(new DoubleMetaphone()));
        codes.put("Double Metaphone, both, 6", PhoneticCode::codes);
        codes.put("NYSIIS", one(new Nysiis()));
        codes.put("Caverphone 2", one(new Caverphone2()));
        codes.put("Match Rating", one(new MatchRatingApproachEncoder()));
        codes.put("Cologne", one(new ColognePhonetic()));
        codes.put("Daitch-Mokotoff", many(new DaitchMokotoffSoundex()::soundex));
        codes.put("Beider-Morse, approximate", many(engine(RuleType.APPROX)));
        codes.put("Beider-Morse, exact", many(engine(RuleType.EXACT)));
        return codes;
    }

    private static Function<String, String> engine(RuleType rules) {
        return PhoneticEngine.builder()
                .setNameType(NameType.GENERIC)
                .setRuleType(rules)
                .setConcat(true)
                .get()::encode;
    }

    private static List<String[]> pairs(String text) {
        return Arrays.stream(text.split(",", -1))
                .map(pair -> pair.split(" ", -1))
                .toList();
    }

    private static long alike(
            String pairs, Function<String, Set<String>> typed, Function<String, Set<String>> indexed) {
        return pairs(pairs).stream()
                .filter(pair -> !Collections.disjoint(typed.apply(pair[1]), indexed.apply(pair[0])))
                .count();
    }

    private static List<String> frequentSurnames() {
        MadeUpPatrons patrons = new MadeUpPatrons(1, PEOPLE, LocalDate.of(2026, 11, 24));
        Map<String, Long> count = IntStream.rangeClosed(1, PEOPLE)
                .mapToObj(number -> NameForm.of(patrons.patron(number).name().family()))
                .filter(form -> form.words().size() == 1)
                .collect(Collectors.groupingBy(NameForm::joined, Collectors.counting()));
        return count.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed().thenComparing(Map.Entry.comparingByKey()))
                .limit(FREQUENT)
                .map(Map.Entry::getKey)
                .toList();
    }

    private static double confused(
            List<String> names, Function<String, Set<String>> typed, Function<String, Set<String>> indexed) {
        List<Set<String>> entries = names.stream().map(indexed).toList();
        long confused = 0;
        for (int i = 0; i < names.size(); i++) {
            Set<String> heard = typed.apply(names.get(i));
            for (int j = 0; j < names.size(); j++) {
                confused += i != j && !Collections.disjoint(heard, entries.get(j)) ? 1 : 0;
            }
        }
        return (double) confused / names.size();
    }

    @Test
    void doubleMetaphoneHearsMostEnglishPairsAndWithRespellingMostSpanishOnes() {
        List<String> surnames = frequentSurnames();
        Map<String, long[]> heard = new LinkedHashMap<>();
        codes().forEach((name, code) -> {
            long[] counts = {alike(ENGLISH, code, code), alike(SPANISH, code, code), alike(DIFFERENT, code, code)};
            heard.put(name, counts);
            report(name, counts, confused(surnames, code, code), surnames, code);
        });
        long[] asTyped = {
            alike(ENGLISH, PhoneticCode::codesHeard, PhoneticCode::codes),
            alike(SPANISH, PhoneticCode::codesHeard, PhoneticCode::codes),
            alike(DIFFERENT, PhoneticCode::codesHeard, PhoneticCode::codes)
        };
        report(
                "the same, and Spanish when typed",
                asTyped,
                confused(surnames, PhoneticCode::codesHeard, PhoneticCode::codes),
                surnames,
                PhoneticCode::codes);
        assertThat(asTyped[0]).isGreaterThanOrEqualTo(52);
        assertThat(asTyped[1]).isGreaterThanOrEqualTo(39);
        heard.values().forEach(counts -> assertThat(counts[0]).isLessThanOrEqualTo(asTyped[0]));
    }

    private static void report(
            String name, long[] heard, double confused, List<String> surnames, Function<String, Set<String>> indexed) {
        System.out.println(String.format(
                Locale.ROOT,
                "%s: English %d of %d, Spanish %d of %d, different %d of %d, others a surname %.2f, codes %.2f",
                name,
                heard[0],
                pairs(ENGLISH).size(),
                heard[1],
                pairs(SPANISH).size(),
                heard[2],
                pairs(DIFFERENT).size(),
                confused,
                surnames.stream()
                        .mapToInt(word -> indexed.apply(word).size())
                        .average()
                        .orElseThrow()));
    }

    @Test
    void whatNoCodeHearsIsMostlyOneSlip() {
        List<String> deaf = pairs(ENGLISH + "," + SPANISH).stream()
                .filter(pair -> Collections.disjoint(PhoneticCode.codesHeard(pair[1]), PhoneticCode.codes(pair[0])))
                .filter(pair -> !TypoVariants.of(pair[1]).contains(pair[0]))
                .map(pair -> pair[1] + " " + pair[0])
                .toList();
        System.out.println("neither heard nor a slip: " + deaf);
        assertThat(deaf).hasSizeLessThanOrEqualTo(3);
    }
}
