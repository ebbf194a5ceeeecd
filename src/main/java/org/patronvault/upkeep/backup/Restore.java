package org.patronvault.upkeep.backup;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.patronvault.access.Access;
import org.patronvault.core.dual.Approval;
import org.patronvault.core.dual.ApprovalGrant;
import org.patronvault.core.dual.ApprovalTerms;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.dual.SecondPerson;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.keys.ring.KeyState;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Permission;
import org.patronvault.core.store.Store;
import org.patronvault.patron.Patrons;
import org.patronvault.patron.check.PatronRestoration;
import org.patronvault.store.copy.StoreCopy;

/**
 * The restore of patrons from a backup into the present database, under the present log. Only patrons come from the
 * backup, never its log, accounts, sessions or requests. Two custodians must agree. Everything is verified before the
 * write, which is one transaction: after a kill either nothing or everything is restored.
 */
public final class Restore {
    private static final String KIND = "restore";
    private static final String MANIFEST = "manifest, SHA-256";
    private static final String MADE = "made";
    private static final String PARTLY = "without what hangs on destroyed keys";

    /** The backup to restore. {@code partly} leaves out values that can no longer be decrypted. */
    public record Source(Path directory, boolean partly) {}

    /**
     * The result of a restore.
     *
     * @param filed the request that waits for a second person, and then nothing was restored
     * @param done the restored data
     * @param backup the backup's ID
     */
    public record Answer(String backup, Optional<Approval> filed, Optional<PatronRestoration.Result> done) {}

    private final Store store;
    private final KeyCustody custody;
    private final AuditLog log;
    private final Access access;
    private final Patrons patrons;
    private final Path home;

    /** Creates restores into a vault with its home. */
    public Restore(Store store, KeyCustody custody, AuditLog log, Access access, Patrons patrons, Path home) {
        this.store = store;
        this.custody = custody;
        this.log = log;
        this.access = access;
        this.patrons = patrons;
        this.home = home;
    }

    /** Registers the approval. Call before any restore or approval. */
    public static void register(Approvals approvals) {
        approvals.registerLeave(
                KIND,
                ActKind.RESTORE,
                SecondPerson.CUSTODY,
                ask -> "Bring patrons back as they were in backup " + ask.about() + ", made " + ask.one(MADE)
                        + (ask.all(PARTLY).isEmpty()
                                ? "."
                                : ", without what hangs on keys that were destroyed since."));
    }

    /**
     * Restores the patrons, or files the request if a second person is needed and absent.
     *
     * @param asking the caller, and the second person if present
     * @throws Refused if the backup is foreign to this vault or log, or changed. Also if values need a destroyed key
     *     and {@code partly} is false. Then nothing was changed.
     */
    public Answer restore(Caller caller, Approvals.Requester asking, Source from, Progress progress) {
        AccessEvent event = log.event(caller.actor(), ActKind.RESTORE, Outcome.WRITTEN, AuditLog.newRequest());
        AccessEvent refused = event.ending(Outcome.REFUSED).with(asking.seconds());
        access.require(caller, Permission.RESTORE, refused);
        BackupDirectory directory = new BackupDirectory(from.directory());
        BackupManifest manifest = log.logging(refused, () -> directory.manifest(custody.keys()));
        return log.logging(
                refused.about(manifest.id()),
                () -> restore(asking, event.about(manifest.id()), directory, manifest, from.partly(), progress));
    }

    private Answer restore(
            Approvals.Requester asking,
            AccessEvent event,
            BackupDirectory directory,
            BackupManifest manifest,
            boolean partly,
            Progress progress) {
        requireNotNewer(manifest);
        try (BackupDatabaseFile opened = BackupDatabaseFile.in(home)) {
            directory.requireProved(manifest, custody.keys(), opened.file(), progress);
            requireThisLog(manifest.contents());
            if (!schema().equals(manifest.contents().schema())) {
                StoreCopy.upgrade(opened.file());
            }
            return restore(asking, event, manifest, opened.file(), partly, progress);
        }
    }

    private Answer restore(
            Approvals.Requester asking,
            AccessEvent event,
            BackupManifest manifest,
            Path opened,
            boolean partly,
            Progress progress) {
        try (StoreCopy copy = StoreCopy.open(opened)) {
            if (!partly) {
                requireOpens(copy);
            }
            PatronRestoration restoration = patrons.restoration();
            PatronRestoration.Plan plan = restoration.compare(
                    copy,
                    manifest.contents().logSize(),
                    looked ->
                            progress.at("Comparing", looked, manifest.contents().patrons()));
            // The approval is good once, so it is used when only the write remains.
            ApprovalGrant leave = access.approvals().leave(asking, ask(manifest, partly));
            if (leave.filed().isPresent()) {
                return new Answer(manifest.id(), leave.filed(), Optional.empty());
            }
            progress.at("Writing", 0, plan.due());
            return new Answer(
                    manifest.id(),
                    Optional.empty(),
                    Optional.of(restoration.bringBack(copy, plan, event.with(leave.second()))));
        }
    }

    private ApprovalTerms ask(BackupManifest manifest, boolean partly) {
        Map<String, List<String>> terms = new TreeMap<>();
        terms.put(MANIFEST, List.of(BackupFile.sha256(manifest.signed(custody.keys()))));
        terms.put(MADE, List.of(manifest.made().toString()));
        if (partly) {
            terms.put(PARTLY, List.of("yes"));
        }
        return new ApprovalTerms(KIND, manifest.id(), terms);
    }

    private String schema() {
        return store.read(tx -> tx.schema());
    }

    private void requireNotNewer(BackupManifest manifest) {
        if (!(schema() + " ").startsWith(manifest.contents().schema() + " ")) {
            throw new Refused(
                    Problem.INVALID,
                    "The backup was made by a newer version of the vault; restore it with that version.");
        }
    }

    /** Requires that the backup's log is a beginning of ours. */
    private void requireThisLog(BackupContents contents) {
        boolean ours = contents.vault().equals(custody.vaultId())
                && contents.logSize() <= log.reader().size()
                && Arrays.equals(
                        log.reader().root(contents.logSize()),
                        Base64.getDecoder().decode(contents.logRoot()));
        if (!ours) {
            throw new Refused(
                    Problem.INVALID,
                    "The access log in the backup is not a beginning of this vault's: it is the backup of another vault, or"
                            + " this database is older than the backup. Nothing was changed.");
        }
    }

    /** Labels are always computed again. */
    private void requireOpens(StoreCopy copy) {
        List<String> lost = new ArrayList<>();
        copy.read(tx -> tx.wraps().countByKek())
                .forEach((field, counts) -> counts.forEach((version, count) -> {
                    if (field != PatronField.LABELS && isDestroyed(field, version)) {
                        lost.add(count + " of " + field.wireName() + " (version " + version + ")");
                    }
                }));
        if (!lost.isEmpty()) {
            throw new Refused(
                    Problem.INVALID,
                    "Values in the backup hang on keys that were destroyed since, and nothing opens them any more: "
                            + String.join(", ", lost)
                            + ". Take a newer backup; --without-destroyed brings back what is left.");
        }
    }

    private boolean isDestroyed(PatronField field, int version) {
        return custody.keys().inventory().stream()
                .noneMatch(key -> key.name().equals(field.wireName())
                        && key.version() == version
                        && key.state() != KeyState.DESTROYED);
    }
}
