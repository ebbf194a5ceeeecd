package org.patronvault.access;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import org.patronvault.audit.AccessEvent;
import org.patronvault.audit.Act;
import org.patronvault.audit.AuditLog;
import org.patronvault.audit.Outcome;
import org.patronvault.audit.Unit;
import org.patronvault.model.Actor;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;
import org.patronvault.model.Role;
import org.patronvault.store.Store;
import org.patronvault.store.Tx;

/**
 * Staff accounts. Whoever calls has proved the {@code staff} permission; what needs a second person is checked here:
 * after the first patron is stored nobody alone gives, or takes over, a powerful role, and nobody grants himself
 * anything.
 */
public final class Accounts {
    private final Store store;
    private final AuditLog log;
    private final Authority authority;
    private final Passwords passwords;
    private final Lockouts lockouts;
    private final Commissioning commissioning;
    private final Approvals approvals;
    private final StaffActs acts;

    Accounts(
            Store store,
            AuditLog log,
            Authority authority,
            Passwords passwords,
            Lockouts lockouts,
            Commissioning commissioning,
            Approvals approvals,
            PolicyHolder policy) {
        this.commissioning = commissioning;
        this.approvals = approvals;
        this.acts = new StaffActs(this, authority, passwords, commissioning, policy);
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

    /** The first administrator of a new vault. */
    public void createFirst(String name, String password) {
        Passwords.requireStrongEnough(password);
        String canonical = CanonicalName.require(name);
        StaffAccount account = account(List.of(Role.ADMIN.name()), "", passwords.hash(password), false);
        log.appendAndWait(Unit.writing(event(Actor.VAULT, canonical), tx -> {
            if (!authority.all(tx, StaffAccount.KIND, StaffAccount.class).isEmpty()) {
                throw new Refused(Problem.HOME_EXISTS, "The vault has an administrator already.");
            }
            authority.insert(tx, StaffAccount.KIND, canonical, account, taken());
            return event(Actor.VAULT, canonical);
        }));
    }

    StaffAccount account(List<String> roles, String library, Passwords.Hash hash, boolean activation) {
        return new StaffAccount(
                roles, library, hash, activation, false, 1, log.now().getEpochSecond());
    }

    static Refused taken() {
        return new Refused(Problem.NAME_IN_USE, "There is an account of that name already.");
    }

    private AccessEvent event(Actor by, String about) {
        return log.event(by, Act.STAFF, Outcome.CONFIGURATION, AuditLog.newRequest())
                .about(about);
    }

    /**
     * Adds an account with a one-time activation code, which is the answer's secret.
     *
     * @throws Refused if the name is taken, or the policy knows no such role
     */
    public Approvals.Answer add(Approvals.Asking asking, String name, List<Role> roles, String library) {
        return approvals.ask(asking, adding(name, roles, library));
    }

    /** Adds an account with a password that its maker knows: in commissioning only. */
    public Approvals.Answer add(
            Approvals.Asking asking, String name, List<Role> roles, String library, String password) {
        Passwords.requireStrongEnough(password);
        return approvals.ask(asking, adding(name, roles, library), acts.addingWith(password));
    }

    private static Ask adding(String name, List<Role> roles, String library) {
        return new Ask(
                StaffActs.ADD,
                CanonicalName.require(name),
                Map.of(StaffActs.ROLES, StaffActs.names(roles), StaffActs.LIBRARY, List.of(library)));
    }

    /** Whether no patron was ever stored: until then one administrator may set everything up. */
    public boolean isCommissioning() {
        return store.read(commissioning::isOn);
    }

    /** Gives roles. */
    public Approvals.Answer grant(Approvals.Asking asking, String name, List<Role> roles) {
        return approvals.ask(
                asking,
                new Ask(StaffActs.GRANT, CanonicalName.require(name), Map.of(StaffActs.ROLES, StaffActs.names(roles))));
    }

    /** Takes roles away. */
    public void revoke(Actor by, String name, List<Role> roles) {
        change(by, CanonicalName.require(name), (tx, account) -> {
            List<String> left = new ArrayList<>(account.roles());
            roles.forEach(role -> left.remove(role.name()));
            return account.withRoles(left);
        });
    }

    /** Ends every session of an account and lets nobody sign in to it. */
    public void disable(Actor by, String name) {
        change(by, CanonicalName.require(name), (tx, account) -> account.withDisabled(true));
    }

    /** Opens a disabled account again. */
    public Approvals.Answer enable(Approvals.Asking asking, String name) {
        return approvals.ask(asking, new Ask(StaffActs.ENABLE, CanonicalName.require(name), Map.of()));
    }

    static Refused unknown() {
        return new Refused(Problem.NOT_FOUND, "There is no such account.");
    }

    /** Forgets the wrong passwords of an account. */
    public void unlock(Actor by, String name) {
        String canonical = CanonicalName.require(name);
        log.appendAndWait(Unit.writing(event(by, canonical), tx -> {
            if (find(tx, canonical).isEmpty()) {
                throw unknown();
            }
            lockouts.clear(tx, canonical);
            return event(by, canonical);
        }));
    }

    /** Sets one's own password. */
    public void setOwnPassword(Actor by, String password) {
        Passwords.requireStrongEnough(password);
        Passwords.Hash hash = passwords.hash(password);
        change(by, by.name(), (tx, account) -> account.withPassword(hash, false));
    }

    /** Gives another's account a one-time activation code, the answer's secret, in place of its password. */
    public Approvals.Answer resetPassword(Approvals.Asking asking, String name) {
        return approvals.ask(asking, new Ask(StaffActs.RESET_PASSWORD, CanonicalName.require(name), Map.of()));
    }

    private void change(Actor by, String canonical, BiFunction<Tx, StaffAccount, StaffAccount> step) {
        log.appendAndWait(Unit.writing(event(by, canonical), tx -> {
            Authority.Held<StaffAccount> held = find(tx, canonical).orElseThrow(Accounts::unknown);
            authority.replace(tx, StaffAccount.KIND, held, step.apply(tx, held.body()));
            return event(by, canonical);
        }));
    }

    Optional<Authority.Held<StaffAccount>> find(Tx tx, String canonical) {
        return authority.find(tx, StaffAccount.KIND, canonical, StaffAccount.class);
    }

    /** The one form of a name; refused if it cannot be one. */
    public String canonical(String name) {
        return CanonicalName.require(name);
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

    private static StaffFacts facts(Authority.Held<StaffAccount> held) {
        return new StaffFacts(
                held.name(),
                held.body().roles(),
                held.body().library(),
                held.body().disabled(),
                !held.body().activation(),
                Instant.ofEpochSecond(held.body().created()));
    }
}
