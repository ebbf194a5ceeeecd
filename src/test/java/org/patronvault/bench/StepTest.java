package org.patronvault.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.patronvault.bench.ProcessorTime.Work;

final class StepTest {

    @Test
    void innermostFrameThatBelongsToAStepSaysWhichItIs() {
        List<String> opening = List.of(
                "com.sun.crypto.provider.AESCrypt.init",
                "org.patronvault.core.crypto.EnvelopeCipher.open",
                "org.patronvault.core.keys.ring.FieldKeys.open",
                "org.patronvault.core.vault.PatronVault.meta",
                "org.patronvault.core.vault.PatronVault.known",
                "org.patronvault.patron.lookup.CandidateSearch.judge",
                "org.patronvault.web.api.PatronApi.search",
                "org.eclipse.jetty.server.Server.handle");
        assertThat(Step.of(Work.REQUEST, opening)).isEqualTo(Step.META);
        assertThat(Step.of(Work.OPEN, opening)).isEqualTo(Step.ANSWER);
        assertThat(Step.of(Work.REQUEST, opening.subList(5, 8))).isEqualTo(Step.PREPARE);
        assertThat(Step.of(Work.REQUEST, opening.subList(6, 8))).isEqualTo(Step.HANDLERS);
    }

    @ParameterizedTest
    @CsvSource({
        "REQUEST, CALLER, org.patronvault.access.client.Clients.resolve org.patronvault.web.http.RequestReader.caller",
        "REQUEST, READ, org.patronvault.core.store.Store.read org.patronvault.patron.lookup.CandidateSearch.judge",
        "LOG, ROWS_READ, org.patronvault.core.store.Store.read org.patronvault.core.log.BatchReads.read",
        "LOG, COMMIT, org.patronvault.store.sqlite.SqliteDialect.commit org.patronvault.core.store.Store.commit",
        "LOG, ROWS, org.patronvault.core.store.Store.write org.patronvault.core.log.Engine.process",
        "LOG, HASH, org.patronvault.core.tlog.MerkleHash.leaf org.patronvault.core.log.Batch.append",
        "LOG, ENCODE, org.patronvault.core.log.entry.Leaf.encode org.patronvault.core.log.Batch.encode",
        "LOG, UNITS, org.patronvault.core.log.Batch.run org.patronvault.core.log.Engine.process"
    })
    void callThatIsAStepsOwnGoesBeforeTheClassesThatItCalls(Work work, Step step, String frames) {
        assertThat(Step.of(work, List.of(frames.split(" ", -1)))).isEqualTo(step);
    }

    @Test
    void whatBelongsToNoneIsTheLastOfItsKind() {
        assertThat(Step.of(Work.REQUEST, List.of("java.lang.Thread.run"))).isEqualTo(Step.PREPARE);
        assertThat(Step.of(Work.LOG, List.of())).isEqualTo(Step.UNITS);
    }

    /** A class that got another name would leave its step at nothing, and others with its time. */
    @ParameterizedTest
    @EnumSource
    void codeOfEachStepIsThere(Step step) {
        assertThat(step.ownCode())
                .allSatisfy(name -> assertThat(isThere(name)).as(name).isTrue());
    }

    private static boolean isThere(String name) {
        String type = name.substring(0, name.lastIndexOf('.'));
        return isClass(name) || hasMethod(type, name.substring(type.length() + 1)) || isPackage(type);
    }

    private static boolean isClass(String name) {
        return StepTest.class.getResource("/" + name.replace('.', '/') + ".class") != null;
    }

    private static boolean hasMethod(String type, String method) {
        try {
            return method.isEmpty()
                    ? isClass(type)
                    : Stream.of(Class.forName(type).getDeclaredMethods())
                            .anyMatch(one -> one.getName().equals(method));
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    private static boolean isPackage(String name) {
        return StepTest.class.getResource("/" + name.replace('.', '/')) != null;
    }
}
