package org.patronvault.access.account;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;
import org.patronvault.core.dual.ApprovalTerms;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.dual.Authority;
import org.patronvault.core.dual.Commissioning;
import org.patronvault.core.dual.IdempotencyStore;
import org.patronvault.core.dual.SecondPerson;
import org.patronvault.core.dual.ValidityPeriod;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.Decision;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Alert;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.model.Role;
import org.patronvault.core.policy.CanonicalName;
import org.patronvault.core.policy.CurrentPolicy;
import org.patronvault.core.policy.SignOnPolicy;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.table.AuthorityRows;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.WriteTx;

/**
 * Staff accounts: creating, changing, disabling and listing them. The caller has already proved the {@code staff}
 * permission. This class checks which acts need a second person. After the first patron is stored, nobody alone can
 * give or take over a powerful role. Nobody can grant themselves anything.
 */
public final class Accounts {
    private static final Duration DAY = Duration.ofDays(1);
    private static final Duration WEEK = Duration.ofDays(7);

    /** This many desk accounts in a week raise no alert of their own. */
    private static final int USUAL_IN_A_WEEK = 5;

    private final Store store;
    private final AuditLog log;
    private final Authority authority;
    private final Passwords passwords;
    private final Lockouts lockouts;
    private final Commissioning commissioning;
    private final IdempotencyStore replay;
    private final Approvals approvals;
    private final StaffActs acts;

    public Accounts(
            Store store,
            AuditLog log,
            Authority authority,
            Passwords passwords,
            Lockouts lockouts,
            SecondFactor secondFactor,
            Commissioning commissioning,
            IdempotencyStore replay,
            Approvals approvals,
            CurrentPolicy policy) {
        this.commissioning = commissioning;
        this.replay = replay;
        this.approvals = approvals;
        this.acts = new StaffActs(this, authority, passwords, secondFactor, commissioning, policy);
        this.store = store;
        this.log = log;
        this.authority = authority;
        this.passwords = passwords;
        this.lockouts = lockouts;
        acts.registerWith(approvals);
    }

    /** Refuses a name or a password that {@link #createFirst} would refuse. */
    public static void requireGood(String name, String password) {
        CanonicalName.require(name);
        Passwords.requireStrongEnough(password);
    }

    /** Creates the first administrator of a new vault. */
    public void createFirst(String name, String password) {
        Passwords.requireStrongEnough(password);
        String canonical = CanonicalName.require(name);
        StaffAccount account = account(List.of(Role.ADMIN.name()), "", passwords.hash(password), false);
        log.call(event(Actor.VAULT, canonical), now -> {
            if (!authority.all(now.tx(), StaffAccount.KIND, StaffAccount.class).isEmpty()) {
                throw new Refused(Problem.HOME_EXISTS, "The vault has an administrator already.");
            }
            authority.insert(now.tx(), StaffAccount.KIND, canonical, account, taken());
            return Decision.done(event(Actor.VAULT, canonical));
        });
    }

    public StaffAccount account(List<String> roles, String library, Passwords.Hash hash, boolean activation) {
        return new StaffAccount(
                roles, library, hash, activation, false, 1, log.now().getEpochSecond());
    }

    public static Refused taken() {
        return new Refused(Problem.NAME_IN_USE, "There is an account of that name already.");
    }

    public AccessEvent event(Actor by, String about) {
        return log.event(by, ActKind.STAFF, Outcome.CONFIGURATION, AuditLog.newRequest())
                .about(about);
    }

    /**
     * Adds an account with a one-time activation code, which is the answer's secret.
     *
     * @throws Refused if the name is taken, or the policy knows no such role
     */
    public Approvals.Answer add(Approvals.Requester asking, String name, List<Role> roles, String library) {
        return approvals.ask(asking, adding(name, roles, library));
    }

    /** The alerts about an account that this transaction has just made. */
    public Set<Alert> alertsOfNew(Tx tx, StaffAccount made) {
        if (commissioning.isOn(tx)) {
            return Set.of();
        }
        long since = made.created() - WEEK.toSeconds();
        boolean many = !SignOnPolicy.anyPowerful(made.roles())
                && authority.all(tx, StaffAccount.KIND, StaffAccount.class).stream()
                                .map(Authority.Versioned::body)
                                .filter(one -> one.created() > since && one.isNewAtTheDesk())
                                .count()
                        == USUAL_IN_A_WEEK + 1;
        return many ? Set.of(Alert.ACCOUNT_MADE, Alert.MANY_ACCOUNTS) : Set.of(Alert.ACCOUNT_MADE);
    }

    /** Adds an account with a password that its maker knows; in commissioning only. */
    public Approvals.Answer add(
            Approvals.Requester asking, String name, List<Role> roles, String library, String password) {
        Passwords.requireStrongEnough(password);
        return approvals.ask(asking, adding(name, roles, library), acts.addingWith(password));
    }

    private static ApprovalTerms adding(String name, List<Role> roles, String library) {
        return new ApprovalTerms(
                StaffActs.ADD,
                CanonicalName.require(name),
                Map.of(StaffActs.ROLES, StaffActs.names(roles), StaffActs.LIBRARY, List.of(library)));
    }

    /** Whether no patron was ever stored. Until then one administrator may set everything up. */
    public boolean isCommissioning() {
        return store.read(commissioning::isOn);
    }

    /** Gives roles. */
    public Approvals.Answer grant(Approvals.Requester asking, String name, List<Role> roles) {
        return approvals.ask(
                asking,
                new ApprovalTerms(
                        StaffActs.GRANT, CanonicalName.require(name), Map.of(StaffActs.ROLES, StaffActs.names(roles))));
    }

    /** Removes roles. */
    public Approvals.Answer revoke(Approvals.Requester asking, String name, List<Role> roles) {
        return approvals.ask(
                asking,
                new ApprovalTerms(
                        StaffActs.REVOKE,
                        CanonicalName.require(name),
                        Map.of(StaffActs.ROLES, StaffActs.names(roles))));
    }

    /** Ends every session of an account and lets nobody sign in to it. */
    public Approvals.Answer disable(Approvals.Requester asking, String name) {
        return approvals.ask(asking, new ApprovalTerms(StaffActs.DISABLE, CanonicalName.require(name), Map.of()));
    }

    /** Enables a disabled account. */
    public Approvals.Answer enable(Approvals.Requester asking, String name) {
        return approvals.ask(asking, new ApprovalTerms(StaffActs.ENABLE, CanonicalName.require(name), Map.of()));
    }

    static Refused unknown() {
        return new Refused(Problem.NOT_FOUND, "There is no such account.");
    }

    /** Replaces the stored password hash, if it is still the one that was proved. */
    void rehash(WriteTx tx, String name, Passwords.Hash proved, Passwords.Hash again) {
        find(tx, name)
                .filter(held -> held.body().password().equals(proved))
                .ifPresent(held -> authority.replace(
                        tx, StaffAccount.KIND, held, held.body().withHash(again)));
    }

    /** Forgets the wrong passwords of an account, from all networks. */
    public Approvals.Answer unlock(Approvals.Requester asking, String name) {
        AccessEvent event = event(asking.by(), CanonicalName.require(name));
        return write(asking, event, (tx, held) -> lockouts.unlock(tx, held.name()));
    }

    /**
     * Sets a person's own password in place of the one just proved. Refused if that one was replaced meanwhile, such as
     * an activation code that another holder used.
     */
    public void setOwnPassword(SignIn.Identity who, String password) {
        Actor by = who.acting(Optional.empty());
        Passwords.Hash hash = log.logging(event(by, who.name()).ending(Outcome.REFUSED), () -> {
            Passwords.requireStrongEnough(password);
            return passwords.hash(password);
        });
        change(Approvals.Requester.alone(by), event(by, who.name()), account -> {
            if (account.epoch() != who.epoch()) {
                throw new Refused(Problem.CHANGED_MEANWHILE, "The account was changed meanwhile; sign in again.");
            }
            return account.withPassword(hash);
        });
    }

    /** Removes the second factor of an account whose device and recovery codes are lost, and ends its sessions. */
    public Approvals.Answer resetSecondFactor(Approvals.Requester asking, String name) {
        return approvals.ask(
                asking, new ApprovalTerms(StaffActs.RESET_SECOND_FACTOR, CanonicalName.require(name), Map.of()));
    }

    /** Gives another's account a one-time activation code, the answer's secret, in place of its password. */
    public Approvals.Answer resetPassword(Approvals.Requester asking, String name) {
        return approvals.ask(
                asking, new ApprovalTerms(StaffActs.RESET_PASSWORD, CanonicalName.require(name), Map.of()));
    }

    private Approvals.Answer change(Approvals.Requester asking, AccessEvent event, UnaryOperator<StaffAccount> step) {
        return write(
                asking, event, (tx, held) -> authority.replace(tx, StaffAccount.KIND, held, step.apply(held.body())));
    }

    /** Carries out an act that needs one person. */
    public Approvals.Answer write(
            Approvals.Requester asking,
            AccessEvent event,
            BiConsumer<WriteTx, Authority.Versioned<StaffAccount>> step) {
        log.call(event, now -> {
            WriteTx tx = now.tx();
            replay.requireFirst(tx, asking.once().key());
            step.accept(tx, find(tx, event.about().orElseThrow()).orElseThrow(Accounts::unknown));
            replay.keep(tx, asking.once(), Approvals.Answer.DONE);
            return Decision.done(event);
        });
        return Approvals.Answer.DONE;
    }

    /** Ends every session of an account, in an act that also writes something else. */
    void endSessions(WriteTx tx, String canonical) {
        find(tx, canonical).ifPresent(held -> endSessions(tx, held));
    }

    /** Ends every session of an account that was already read. */
    public void endSessions(WriteTx tx, Authority.Versioned<StaffAccount> held) {
        authority.replace(
                tx, StaffAccount.KIND, held, held.body().withRoles(held.body().roles()));
    }

    /** Returns the administrator who made an account, if after commissioning and less than 24 hours ago. */
    public Optional<String> recentMaker(Tx tx, String canonical) {
        long now = log.now().getEpochSecond();
        return find(tx, canonical)
                .map(Authority.Versioned::body)
                .filter(account ->
                        !account.maker().isEmpty() && !ValidityPeriod.isOver(account.created(), DAY.toSeconds(), now))
                .map(StaffAccount::maker);
    }

    /** Refuses a canonical name if no account of that name can be signed in to. */
    public void requireThere(Tx tx, String canonical) {
        if (find(tx, canonical).filter(held -> !held.body().disabled()).isEmpty()) {
            throw unknown();
        }
    }

    public Optional<Authority.Versioned<StaffAccount>> find(Tx tx, String canonical) {
        return authority.find(tx, StaffAccount.KIND, canonical, StaffAccount.class);
    }

    /** Returns the canonical form of a name; refuses a name that has none. */
    public String canonical(String name) {
        return CanonicalName.require(name);
    }

    /** Refused with {@code name-in-use} if there is an account of that name. */
    public void requireFree(String name) {
        String canonical = CanonicalName.require(name);
        if (store.read(tx -> find(tx, canonical)).isPresent()) {
            throw taken();
        }
    }

    /** One account; refused with {@code not-found} if there is none of that name. */
    public StaffFacts find(String name) {
        String canonical = CanonicalName.of(name).orElseThrow(Accounts::unknown);
        return facts(store.read(tx -> find(tx, canonical)).orElseThrow(Accounts::unknown));
    }

    /** Every account, by name. */
    public List<StaffFacts> list() {
        return store.read(tx -> authority.all(tx, StaffAccount.KIND, StaffAccount.class)).stream()
                .map(Accounts::facts)
                .toList();
    }

    /**
     * Returns the people who can approve requests as this kind of second person. The rows' MACs are not checked. For a
     * reader that has no key and changes nothing.
     */
    public static List<String> seconds(Tx tx, SecondPerson kind) {
        return tx.authority().all(StaffAccount.KIND).stream()
                .filter(row -> Authority.unproven(row, StaffAccount.class).mayAgree(kind))
                .map(AuthorityRows.Row::name)
                .toList();
    }

    /** Counts the people other than {@code name} who can approve requests as this kind of second person. */
    long secondsBut(Tx tx, String name, SecondPerson kind) {
        return authority.all(tx, StaffAccount.KIND, StaffAccount.class).stream()
                .filter(held -> !held.name().equals(name) && held.body().mayAgree(kind))
                .count();
    }

    private static StaffFacts facts(Authority.Versioned<StaffAccount> held) {
        return new StaffFacts(
                held.name(),
                held.body().roles(),
                held.body().library(),
                held.body().disabled(),
                !held.body().activation(),
                !held.body().signOn().isEmpty(),
                held.body().maker(),
                held.body().countsAsSecond(),
                Instant.ofEpochSecond(held.body().created()));
    }
}
