package org.patronvault.patron.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.model.PatronId;
import org.patronvault.testing.OpenVault;

/**
 * Tests that the log names each recipient of mail before the address is opened, and that a write in between wins (P9).
 */
abstract class MailingListContract {
    private OpenVault vault;
    private final List<PatronId> readers = new ArrayList<>();

    abstract OpenVault open();

    @BeforeEach
    void register() {
        vault = open();
        for (int i = 0; i < 3; i++) {
            PatronId id =
                    vault.register("'card':'R" + i + "','name':{'family':'Ng'},'email':['r" + i + "@example.org']");
            says(id, true);
            readers.add(id);
        }
    }

    @AfterEach
    void close() {
        vault.close();
    }

    private void says(PatronId id, boolean given) {
        vault.say(id, "newsletter", given);
    }

    private MailingList list() {
        return vault.patrons()
                .mailing(new MailingList.Spec(
                        OpenVault.person("outreach"), "newsletter", Set.of(), 100, AuditLog.newRequest()));
    }

    private Set<PatronId> named() {
        return vault.logSince(0).stream()
                .filter(one -> one.act() == ActKind.MAILING && one.outcome() == Outcome.DISCLOSED)
                .flatMap(one -> one.subjects().stream())
                .map(Subject::patron)
                .collect(Collectors.toSet());
    }

    @Test
    void logNamesEveryAddresseeBeforeTheAddressIsHandedOver() throws IOException {
        MailingList list = list();
        List<PatronId> whom = list.gather();
        assertThat(named()).as("to look opens nobody").isEmpty();
        List<PatronId> got = new ArrayList<>();
        long opened = list.open(
                whom,
                some -> some.forEach(one -> {
                    assertThat(named()).contains(one.patron());
                    assertThat(one).hasToString("[REDACTED]");
                    got.add(one.patron());
                }),
                (done, total) -> {});
        assertThat(got).containsExactlyInAnyOrderElementsOf(readers);
        assertThat(opened).isEqualTo(3);
    }

    /** Two writes wait in front of the log's entry: they were not there when the rows were read. */
    @Test
    void whoTakesItBackBeforeTheLogNamesThemGetsNoneAndWhoWasElseWrittenComesLast() throws Exception {
        MailingList list = list();
        List<PatronId> whom = list.gather();
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch begun = new CountDownLatch(1);
        List<String> got = Collections.synchronizedList(new ArrayList<>());
        List<Thread> threads = List.of(
                new Thread(() -> vault.inUnit(tx -> {
                    begun.countDown();
                    await(release);
                })),
                new Thread(() -> says(readers.get(0), false)),
                new Thread(() -> vault.say(readers.get(1), "fundraising", true)),
                new Thread(() -> open(list, whom, got)));
        threads.get(0).start();
        begun.await();
        for (Thread thread : threads.subList(1, 4)) {
            thread.start();
            untilWaiting(thread);
        }
        release.countDown();
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(got).containsExactly("r2@example.org", "r1@example.org");
        assertThat(named()).containsExactlyInAnyOrder(readers.get(1), readers.get(2));
    }

    private static void open(MailingList list, List<PatronId> whom, List<String> got) {
        try {
            list.open(whom, some -> some.forEach(one -> got.add(one.email())), (done, total) -> {});
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Waits for the thread: then its reads are done, and its writes wait for their turn. */
    private static void untilWaiting(Thread thread) {
        while (thread.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
    }
}
