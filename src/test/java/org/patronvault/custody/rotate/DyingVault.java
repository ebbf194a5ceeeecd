package org.patronvault.custody.rotate;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.patronvault.access.watch.PolicyWatch;
import org.patronvault.app.Home;
import org.patronvault.app.OpenedHome;
import org.patronvault.app.VaultInstance;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.keys.ring.OpenedKeys;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.model.Actor;
import org.patronvault.custody.slot.SealControl;
import org.patronvault.testing.OpenVault;
import org.patronvault.testing.TestClock;

/**
 * A process that opens the vault of a home and stops at the n-th time of a certain stage. It continues the rotations it
 * finds there or begins one, or destroys a key. It reports the stage, and then halts or waits to be killed.
 *
 * <p>Words: home, what to begin or {@value #RESUME}, stage, n, {@value #HALT} or {@value #WAIT}. Standard input gives
 * the means that opens the keys.
 */
public final class DyingVault implements OperationProbe {
    /** Before the name of what is to be sealed again, instead of rotated. */
    static final String REENCRYPT = "reencrypt-";

    /** Before the name of a key whose first version, which waits to be destroyed, is destroyed. */
    public static final String DESTROY = "destroy-";

    /** Begins nothing. */
    static final String RESUME = "-";

    /** Dies by itself, while its other threads run. */
    static final String HALT = "halt";

    /** Waits there until it is killed. */
    static final String WAIT = "wait";

    /** The report at that stage. */
    static final String THERE = "there";

    /** The report if all was done before. */
    static final String NEVER_THERE = "never there";

    /** The status it halts with. */
    static final int HALTED = 7;

    private static final int BATCH = 8;

    private final Stage stage;
    private final boolean halts;
    private final AtomicInteger left;

    private DyingVault(Stage stage, int nth, boolean halts) {
        this.stage = stage;
        this.halts = halts;
        this.left = new AtomicInteger(nth);
    }

    public static void main(String[] words) throws IOException {
        Home home = new Home(Path.of(words[0]));
        OpenedKeys.remember(home.keys(), new String(System.in.readAllBytes(), StandardCharsets.UTF_8));
        new DyingVault(Stage.valueOf(words[2]), Integer.parseInt(words[3]), words[4].equals(HALT)).run(home, words[1]);
        System.out.println(NEVER_THERE);
        System.exit(0);
    }

    private void run(Home home, String name) {
        TestClock clock = new TestClock();
        KeyCustody custody = OpenedKeys.at(home.keys(), clock);
        VaultInstance vault = OpenedHome.before(home, custody, clock);
        Operations operations =
                new Operations(vault.store(), custody, vault.access(), vault.log(), clock, System::nanoTime, this);
        Rotations rotations = new Rotations(operations, vault.store(), custody, vault.log(), vault.patrons());
        PolicyWatch policy = vault.access().watch(home.policy());
        new SealControl(vault.store(), custody, vault.log(), vault.access(), () -> {
                    vault.log().resume();
                    policy.begin();
                    operations.resume();
                })
                .begin(Actor.VAULT);
        if (name.startsWith(DESTROY)) {
            destroy(vault, name.substring(DESTROY.length()));
        } else if (name.startsWith(REENCRYPT)) {
            String field = name.substring(REENCRYPT.length());
            rotations.reencrypt(OpenVault.person("custodian"), field, () -> 0, Optional::empty, AuditLog.newRequest());
        } else if (!name.equals(RESUME)) {
            rotations.begin(OpenVault.person("custodian"), name, 0, Optional::empty, AuditLog.newRequest());
        }
        operations.all().forEach(one -> operations.await(one.id()));
    }

    /** Without the waiting time, and without what would come after. */
    private void destroy(VaultInstance vault, String field) {
        Operation waiting = vault.destruction().find(field, 1).orElseThrow();
        vault.destruction().begin(waiting);
        at(Stage.COMMITTED, waiting);
        vault.custody().destroy(field, 1);
        at(Stage.ENDED, waiting);
    }

    @Override
    public int batch(int size) {
        return Math.min(size, BATCH);
    }

    @Override
    public void at(Stage now, Operation operation) {
        if (now != stage || left.decrementAndGet() != 0) {
            return;
        }
        System.out.println(THERE);
        if (halts) {
            Runtime.getRuntime().halt(HALTED);
        }
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
