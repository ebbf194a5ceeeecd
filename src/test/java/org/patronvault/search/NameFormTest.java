package org.patronvault.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class NameFormTest {
    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            Inés             | ines
            O'Sullivan       | osullivan
            O’Sullivan       | osullivan
            ʻOkina           | okina
            Weiß             | weiss
            Þórsson          | thorsson
            Øster            | oster
            Łukasik          | lukasik
            Yılmaz           | yilmaz
            İnce             | ince
            Đặng             | dang
            ﬁsher            | fisher
            Ｓｍｉｔｈ       | smith
            Иванов           | ivanov
            Παπαδόπουλος     | papadopoulos
            الخوري           | alkhwry
            כהן              | khn
            王               | wang
            小明             | xiaoming
            さとう           | satou
            ガルシア         | garushia
            민수             | minsu
            देशमुख           | desamukha
            სმიტ             | smit
            สมชาย            | smchay
            J.R.             | jr
            X                | x
            Smith Jr.        | smith
            Smith, III       | smith
            Sr               | sr
            """)
    void nameOfAnyScriptBecomesLatinLettersWithoutMarks(String written, String joined) {
        assertThat(NameForm.of(written).joined()).isEqualTo(joined);
        assertThat(NameForm.of(joined).joined()).isEqualTo(joined);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            Smith                | smith                          | smith
            O'Sullivan-Ng        | osullivan ng                   | osullivanng
            García Márquez       | garcia marquez                 | garciamarquez
            de la Cruz           | cruz                           | delacruz
            Saint–Pierre         | saint pierre                   | saintpierre
            van                  | van                            | van
            Ana María del Carmen | ana maria carmen               | anamariadelcarmen
            a b c d f g          | a b c d f                      | abcdfg
            """)
    void compoundNameIsItsWordsWithoutParticlesAndAllOfItJoined(String written, String words, String joined) {
        NameForm form = NameForm.of(written);
        assertThat(String.join(" ", form.words())).isEqualTo(words);
        assertThat(form.joined()).isEqualTo(joined);
    }

    @Test
    void textWithoutLettersHasNoForm() {
        assertThat(NameForm.of(" - ' ").forms()).isEmpty();
    }

    @Test
    void transliterationIsSafeForSeveralThreads() throws Exception {
        List<Callable<String>> calls = IntStream.range(0, 200)
                .<Callable<String>>mapToObj(i -> () -> Transliteration.of(i % 2 == 0 ? "Щукин" : "Παπαδόπουλος"))
                .toList();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<String>> answers = threads.invokeAll(calls);
            for (int i = 0; i < answers.size(); i++) {
                assertThat(answers.get(i).get()).isEqualTo(i % 2 == 0 ? "sukin" : "papadopoulos");
            }
        } finally {
            threads.shutdownNow();
        }
    }
}
