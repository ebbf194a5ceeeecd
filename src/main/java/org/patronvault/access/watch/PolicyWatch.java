package org.patronvault.access.watch;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.patronvault.core.dual.Approval;
import org.patronvault.core.dual.ApprovalTerms;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.dual.Authority;
import org.patronvault.core.dual.Commissioning;
import org.patronvault.core.dual.Signatories;
import org.patronvault.core.dual.TwoPersonAct;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.Decision;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Alert;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.CurrentPolicy;
import org.patronvault.core.policy.Policy;
import org.patronvault.core.policy.PolicyFile;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.WriteTx;

/**
 * The watch that keeps the approved policy in force while {@code policy.yaml} may change. A file that allows no more
 * than the approved policy is approved automatically. A file that allows more waits for two people, since its author is
 * unknown. An unreadable file changes nothing. Thread-safe.
 */
public final class PolicyWatch {
    private static final String ROW_KIND = "policy";
    private static final String ROW_NAME = "approved";
    private static final String ASK_KIND = "policy";
    private static final String ABOUT = "policy.yaml";
    private static final String TEXT = "text";
    private static final String MORE = "more";

    /** The approved policy: SHA-256 in hexadecimal, and the text itself. */
    private record Approved(String digest, String text) {}

    private final Path file;
    private final Store store;
    private final AuditLog log;
    private final Authority authority;
    private final Commissioning commissioning;
    private final Approvals approvals;
    private final CurrentPolicy holder;
    private String lastRead = "";
    private String seen = "";
    private volatile String inForce = "";

    public PolicyWatch(
            Path file,
            Store store,
            AuditLog log,
            Authority authority,
            Commissioning commissioning,
            Approvals approvals,
            CurrentPolicy holder) {
        this.file = file;
        this.store = store;
        this.log = log;
        this.authority = authority;
        this.commissioning = commissioning;
        this.approvals = approvals;
        this.holder = holder;
        approvals.register(ASK_KIND, new Widening());
    }

    /**
     * Compares the file with the approved policy, after unsealing; another node may have approved one meanwhile.
     *
     * @throws Refused if there is no approved policy yet and the file cannot be read
     */
    public synchronized void begin() {
        lastRead = digestOf(file);
        look();
    }

    /**
     * Compares the file with the approved policy; call it regularly. A file that is still being written waits until it
     * is unchanged between two calls.
     */
    public synchronized void look() {
        Optional<Approved> approved = store.read(this::approved).map(Authority.Versioned::body);
        approved.ifPresent(this::enforce);
        byte[] text = read(file);
        String digest = hex(text);
        boolean settled = digest.equals(lastRead);
        lastRead = digest;
        if (settled) {
            compare(approved, text, digest);
        }
    }

    private void compare(Optional<Approved> approved, byte[] text, String digest) {
        boolean known = digest.equals(seen) && !isWaitedForInVain(digest, text);
        if (known || approved.filter(a -> a.digest().equals(digest)).isPresent()) {
            seen = digest;
            return;
        }
        Policy next;
        try {
            next = PolicyFile.parse(text);
        } catch (Refused broken) {
            if (approved.isEmpty()) {
                throw broken;
            }
            log.record(event(Outcome.FAILED), Alert.POLICY_BROKEN);
            seen = digest;
            return;
        }
        if (approved.isPresent() && !mayFollow(next)) {
            ask(text, next);
        } else if (!follow(approved, text, digest, next)) {
            return;
        }
        seen = digest;
    }

    /** Returns a sentence on why the policy in force is not the one in the file; empty if it is. */
    public synchronized Optional<String> remark() {
        if (digestOf(file).equals(inForce)) {
            return Optional.empty();
        }
        return Optional.of(PolicyFile.check(file).faults().stream()
                .findFirst()
                .map(fault -> fault.sentence() + " The approved policy stays in force.")
                .orElse(
                        "policy.yaml allows more than the approved policy, which stays in force until two administrators"
                                + " or directors agree: see `approvals list`."));
    }

    private Optional<Authority.Versioned<Approved>> approved(Tx tx) {
        return authority.find(tx, ROW_KIND, ROW_NAME, Approved.class);
    }

    private void enforce(Approved approved) {
        if (!approved.digest().equals(inForce)) {
            put(PolicyFile.parse(approved.text().getBytes(StandardCharsets.UTF_8)), approved.digest());
        }
    }

    /** Returns the file's bytes. An absent or unreadable file is empty, which is no policy. */
    private static byte[] read(Path file) {
        try {
            // Reading a pipe would block.
            return Files.isRegularFile(file) ? PolicyFile.bytes(file) : new byte[0];
        } catch (IOException e) {
            return new byte[0];
        }
    }

    private boolean mayFollow(Policy next) {
        return next.widerThan(holder.now()).isEmpty() || store.read(commissioning::isOn);
    }

    /** Returns whether the file was approved; false if another policy was approved since the comparison. */
    private boolean follow(Optional<Approved> compared, byte[] text, String digest, Policy next) {
        AccessEvent event =
                event(Outcome.CONFIGURATION).enforcing(HexFormat.of().parseHex(digest), next.posted());
        try {
            log.call(event, now -> {
                if (!approved(now.tx()).map(Authority.Versioned::body).equals(compared)) {
                    throw new Refused(Problem.CHANGED_MEANWHILE, "Another policy was approved meanwhile.");
                }
                write(now.tx(), new Approved(digest, new String(text, StandardCharsets.UTF_8)));
                return Decision.done(event);
            });
        } catch (Refused e) {
            if (e.problem() == Problem.CHANGED_MEANWHILE) {
                return false;
            }
            throw e;
        }
        put(next, digest);
        return true;
    }

    /** Puts a policy in force on this node; log entries name its posted version from here on. */
    private void put(Policy next, String digest) {
        holder.put(next);
        log.under(next.posted());
        inForce = digest;
    }

    private AccessEvent event(Outcome outcome) {
        return log.event(Actor.VAULT, ActKind.POLICY, outcome, AuditLog.newRequest())
                .about(ABOUT);
    }

    private void write(WriteTx tx, Approved next) {
        authority.put(tx, ROW_KIND, ROW_NAME, approved(tx), next);
    }

    private static ApprovalTerms asking(byte[] text, List<String> more) {
        return new ApprovalTerms(
                ASK_KIND, ABOUT, Map.of(TEXT, List.of(new String(text, StandardCharsets.UTF_8)), MORE, more));
    }

    private void ask(byte[] text, Policy next) {
        ApprovalTerms ask = asking(text, next.widerThan(holder.now()));
        Optional<Approval.State> before = approvals.latest(ask).map(Approval::state);
        boolean open = before.filter(s -> s == Approval.State.PENDING || s == Approval.State.REJECTED)
                .isPresent();
        if (!open) {
            approvals.file(ask, Alert.POLICY_WAITING);
        }
    }

    /** Whether the request for that file expired undecided, so it is filed again. */
    private boolean isWaitedForInVain(String digest, byte[] text) {
        if (digest.equals(inForce)) {
            return false;
        }
        return PolicyFile.check(text)
                .policy()
                .map(next -> asking(text, next.widerThan(holder.now())))
                .flatMap(approvals::latest)
                .filter(latest -> latest.state() == Approval.State.EXPIRED)
                .isPresent();
    }

    private static String hex(byte[] text) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Returns the SHA-256 of a file, in hexadecimal; an absent file counts as empty. */
    public static String digestOf(Path file) {
        return hex(read(file));
    }

    /**
     * Returns the SHA-256 of the approved policy, in hexadecimal, without checking its MAC; for readers that have no
     * key.
     */
    public static Optional<String> unprovenDigest(Tx tx) {
        return unproven(tx).map(Approved::digest);
    }

    /** Returns the text of the approved policy, without checking its MAC. */
    public static Optional<byte[]> unprovenText(Tx tx) {
        return unproven(tx).map(approved -> approved.text().getBytes(StandardCharsets.UTF_8));
    }

    private static Optional<Approved> unproven(Tx tx) {
        return tx.authority().find(ROW_KIND, ROW_NAME).map(row -> Authority.unproven(row, Approved.class));
    }

    /** The act of approving a policy that allows more. */
    private final class Widening implements TwoPersonAct {
        @Override
        public ActKind act() {
            return ActKind.POLICY;
        }

        @Override
        public String sentence(ApprovalTerms ask) {
            return "Put policy.yaml in force, which allows more than the approved policy: "
                    + String.join(" ", ask.all(MORE));
        }

        @Override
        public PreparedAct prepare(ApprovalTerms ask) {
            byte[] text = ask.one(TEXT).getBytes(StandardCharsets.UTF_8);
            Policy next = PolicyFile.parse(text);
            String digest = hex(text);
            return new PreparedAct() {
                @Override
                public boolean needsSecond(Tx tx) {
                    // The difference depends on the approved policy: a narrower one may have come into force since.
                    if (!digest.equals(digestOf(file))
                            || !next.widerThan(holder.now()).equals(ask.all(MORE))) {
                        throw new Refused(
                                Problem.CHANGED_MEANWHILE,
                                "policy.yaml, or the approved policy, was changed since; look at what is asked now.");
                    }
                    return true;
                }

                @Override
                public void carryOut(WriteTx tx, Signatories by) {
                    write(tx, new Approved(digest, ask.one(TEXT)));
                }

                @Override
                public AccessEvent logged(AccessEvent event) {
                    return event.enforcing(HexFormat.of().parseHex(digest), next.posted());
                }

                @Override
                public void done() {
                    put(next, digest);
                }
            };
        }
    }
}
