package org.patronvault.app;

import java.time.Clock;
import java.util.Optional;
import java.util.function.Consumer;
import org.patronvault.access.Access;
import org.patronvault.access.alert.Alerts;
import org.patronvault.access.posted.PostedFiles;
import org.patronvault.access.watch.PolicyWatch;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.CheckpointThinning;
import org.patronvault.core.log.ClockWatch;
import org.patronvault.core.log.GuardedRunnable;
import org.patronvault.core.log.tree.PublishedLog;
import org.patronvault.core.policy.CurrentPolicy;
import org.patronvault.core.store.Store;
import org.patronvault.custody.destroy.ImmediateErasure;
import org.patronvault.custody.destroy.KeyCopies;
import org.patronvault.custody.destroy.KeyDestruction;
import org.patronvault.custody.destroy.KeySchedule;
import org.patronvault.custody.destroy.KeyStatus;
import org.patronvault.custody.rotate.BackupRegister;
import org.patronvault.custody.rotate.Operations;
import org.patronvault.custody.rotate.Rotations;
import org.patronvault.custody.slot.SealControl;
import org.patronvault.custody.slot.Slots;
import org.patronvault.log.view.PatronView;
import org.patronvault.log.view.ViewFiller;
import org.patronvault.log.witness.Witnesses;
import org.patronvault.patron.Patrons;
import org.patronvault.privacy.Privacy;
import org.patronvault.upkeep.backup.Backup;
import org.patronvault.upkeep.backup.DailyCheckpoint;
import org.patronvault.upkeep.backup.Restore;
import org.patronvault.upkeep.backup.ScheduledBackup;
import org.patronvault.upkeep.check.Check;
import org.patronvault.upkeep.check.LogVerification;

/** One vault with all its parts, sealed at first and serving once a slot has opened it. */
public final class VaultInstance implements AutoCloseable {
    private final Home.Lock lock;
    private final Store store;
    private final KeyCustody custody;
    private final AuditLog log;
    private final ViewFiller viewFiller;
    private final Access access;
    private final PolicyWatch policyWatch;
    private final PostedFiles postedFiles;
    private final Patrons patrons;
    private final Privacy privacy;
    private final KeyCopies keyCopies;
    private final KeyDestruction destruction;
    private final ImmediateErasure erasureAtOnce;
    private final KeyStatus keyStatus;
    private final Operations operations;
    private final Rotations rotations;
    private final SealControl seal;
    private final Slots slots;
    private final Alerts alerts;
    private final Witnesses witnesses;
    private final Check check;
    private final HomeDoctor doctor;
    private final LogVerification verification;
    private final ScheduledBackup scheduledBackup;
    private final Scheduler turns;

    private VaultInstance(Home home, KeyCustody custody, Clock clock, Home.Lock lock, Consumer<String> onBroken) {
        Settings settings = Settings.read(home);
        CurrentPolicy policy = CurrentPolicy.shown(home.policy());
        this.lock = lock;
        this.custody = custody;
        this.store = Store.open(home.requireDatabase(settings.store(home)));
        Consumer<String> broken = why -> {
            // The caller ends the process. Unlike a seal, it does not wait for a change of the ring.
            onBroken.accept(why);
            custody.seal();
        };
        this.log = AuditLog.open(store, custody, clock, home.node(), home.published(), broken);
        // The log acknowledges nothing any more, before all else.
        lock.onBroken(log::broken);
        PatronView view = new PatronView(store, custody);
        log.findBy(view);
        this.viewFiller = new ViewFiller(view, log);
        this.access = new Access(store, log, custody, policy, clock);
        this.policyWatch = access.watch(home.policy());
        access.policyVersions().fillWith(settings.placeholders());
        this.postedFiles = access.postedFiles(home.directory());
        this.patrons = new Patrons(store, custody, log, access, settings.patrons(), clock);
        this.privacy = new Privacy(
                store,
                custody,
                log,
                access,
                patrons,
                home.node(),
                settings.publicUrl(),
                settings.vendors().pinsOf(home),
                clock);
        this.keyCopies = new KeyCopies(store, custody, access, log, clock);
        this.operations = new Operations(store, custody, access, log, clock);
        this.rotations = new Rotations(operations, store, custody, log, patrons);
        this.destruction = new KeyDestruction(new KeyDestruction.Parts(
                store,
                custody,
                access,
                log,
                operations,
                new BackupRegister(store, log, access),
                keyCopies,
                home.node().resolve("destroy-waits"),
                settings.destroyWaitDays()));
        this.erasureAtOnce = new ImmediateErasure(custody, access, log, patrons, rotations, destruction);
        KeySchedule schedule = new KeySchedule(custody, rotations, settings.rotateAfterDays(), clock);
        this.keyStatus =
                new KeyStatus(store, custody, patrons.indexRow(), keyCopies, operations, destruction, schedule);
        this.seal = new SealControl(store, custody, log, access, this::onUnsealed);
        this.slots = new Slots(store, custody, access, log);
        seal.forgetting(() -> {
            slots.drills().forget();
            view.forget();
        });
        Restore.register(access.approvals());
        this.alerts = new Alerts(log, access, settings.alertsOf(home), custody.vaultId());
        this.witnesses =
                new Witnesses(log, settings.log().witnesses(), settings.log().witnessWait());
        this.verification =
                new LogVerification(store, access, log, new PublishedLog(home.published()), witnesses.peers(), clock);
        this.check = new Check(
                new Check.Parts(store, custody, log, view, access, patrons.inspection(), privacy.disclosures()),
                home.node(),
                settings.checkDays(),
                clock);
        this.doctor = new HomeDoctor(home, alerts::faults, privacy.entitlements()::halfUsed, keyStatus::keptTooLong);
        DailyCheckpoint dailyCheckpoint = new DailyCheckpoint(
                log, settings.log().dailyCheckpointOf(home), home.directory().toAbsolutePath(), home.node(), clock);
        this.scheduledBackup = new ScheduledBackup(
                settings.backup().planOf(home),
                new Backup(store, custody, log, access, home.directory()),
                home.node(),
                clock);
        this.turns = new Scheduler(seal, privacy::logCounts)
                .every(60, dailyCheckpoint::turn)
                .every(30, scheduledBackup::turn)
                .always(2, store::look, new ClockWatch(log)::turn)
                .every(60, access.sessions()::writeUse, access::tidy, destruction::turn, slots::resume, schedule::turn)
                .every(60, check::turn, privacy.logRetention()::turn, privacy.transparency()::turn)
                .every(3_600, privacy.disclosures()::tidy, access.policyReview()::turn)
                .every(3_600, new CheckpointThinning(store, log)::turn)
                .every(10, postedFiles::look)
                .every(2, () -> log.ledger().follow())
                .often(seal::followOthers, policyWatch::look, privacy.entitlements()::sharePins);
        viewFiller.begin();
    }

    /**
     * Opens the vault of a home, sealed, for this process alone.
     *
     * @param onBroken called when the vault stops acknowledging for good, after which the process must end
     */
    public static VaultInstance open(Home home, Clock clock, Consumer<String> onBroken) {
        return open(home, keysOf(home, clock), clock, onBroken);
    }

    static KeyCustody keysOf(Home home, Clock clock) {
        KeyCustody custody = KeyCustody.at(home.requireExists().keys(), clock);
        ExampleKeys.refuse(custody);
        return custody;
    }

    static VaultInstance open(Home home, KeyCustody custody, Clock clock, Consumer<String> onBroken) {
        Home.Lock lock = home.lock();
        try {
            return new VaultInstance(home, custody, clock, lock, onBroken);
        } catch (RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    private void onUnsealed() {
        log.resume();
        policyWatch.begin();
        patrons.ledgerReplay().run();
        postedFiles.begin();
        operations.resume();
        destruction.resume();
        privacy.logRetention().resume();
        // A failure here is no reason to stay sealed.
        new GuardedRunnable(slots::resume).run();
        new GuardedRunnable(store.settings()::endUpgrade).run();
    }

    /** Why policy.yaml is not in force, if it is not. */
    public Optional<String> policyRemark() {
        return policyWatch.remark();
    }

    public Store store() {
        return store;
    }

    public KeyCustody custody() {
        return custody;
    }

    public AuditLog log() {
        return log;
    }

    /** The roles, sessions and permissions. */
    public Access access() {
        return access;
    }

    /** The use cases around patrons. */
    public Patrons patrons() {
        return patrons;
    }

    /** The use cases of the posted policy. */
    public Privacy privacy() {
        return privacy;
    }

    /** The key versions and the values under each. */
    public KeyStatus keyStatus() {
        return keyStatus;
    }

    /** The key copies that left the vault. */
    public KeyCopies keyCopies() {
        return keyCopies;
    }

    /** The long operations on keys. */
    public Operations operations() {
        return operations;
    }

    public Rotations rotations() {
        return rotations;
    }

    /** Seal and unseal. */
    public SealControl seal() {
        return seal;
    }

    /** The scheduled destruction of keys. */
    public KeyDestruction destruction() {
        return destruction;
    }

    /** Erasures that skip the schedule. */
    public ImmediateErasure erasureAtOnce() {
        return erasureAtOnce;
    }

    /** The slots that open the vault. */
    public Slots slots() {
        return slots;
    }

    /** The sweeps of the store. */
    public Check check() {
        return check;
    }

    /** The doctor of its home. */
    public HomeDoctor doctor() {
        return doctor;
    }

    /** The verification of the log. */
    public LogVerification verification() {
        return verification;
    }

    /** The witnesses that sign the log outside. */
    public Witnesses witnesses() {
        return witnesses;
    }

    /** The delivery of alerts. */
    public Alerts alerts() {
        return alerts;
    }

    @Override
    public void close() {
        witnesses.close();
        verification.close();
        check.close();
        viewFiller.close();
        privacy.close();
        turns.close();
        scheduledBackup.close();
        operations.close();
        turns.logCounts();
        new GuardedRunnable(access.sessions()::writeUse).run();
        seal.logRest();
        alerts.settle();
        log.ledger().followToTheEnd();
        log.close();
        alerts.close();
        custody.seal();
        store.close();
        lock.close();
    }
}
