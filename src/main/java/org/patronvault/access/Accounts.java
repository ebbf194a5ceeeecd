package org.patronvault.access;

import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import org.patronvault.audit.AccessEvent;
import org.patronvault.audit.Act;
import org.patronvault.audit.AuditLog;
import org.patronvault.audit.Outcome;
import org.patronvault.audit.Unit;
import org.patronvault.keys.KeyCustody;
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
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final String CODE_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz";
    private static final int CODE_LENGTH = 20;

    private final Store store;
    private final AuditLog log;
    private final Authority authority;
    private final Passwords passwords;
    private final Lockouts lockouts;
    private final KeyCustody custody;

    Accounts(
            Store store,
            AuditLog log,
            Authority authority,
            Passwords passwords,
            Lockouts lockouts,
            KeyCustody custody) {
        this.custody = custody;
        this.store = store;
        this.log = log;
        this.authority = authority;
        this.passwords = passwords;
        this.lockouts = lockouts;
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

    private StaffAccount account(List<String> roles, String library, Passwords.Hash hash, boolean activation) {
        return new StaffAccount(
                roles, library, hash, activation, false, 1, log.now().getEpochSecond());
    }

    private static Refused taken() {
        return new Refused(Problem.NAME_IN_USE, "There is an account of that name already.");
    }

    private AccessEvent event(Actor by, String about) {
        return log.event(by, Act.STAFF, Outcome.CONFIGURATION, AuditLog.newRequest())
                .about(about);
    }

    /**
     * Adds an account. In commissioning its password may be given; later it gets a one-time activation code.
     *
     * @return the activation code, where the account got one
     */
    public Optional<String> add(
            Actor by,
            Optional<Actor> second,
            String name,
            List<Role> roles,
            String library,
            Optional<String> password) {
        String canonical = CanonicalName.require(name);
        password.ifPresent(Passwords::requireStrongEnough);
        String code = password.orElseGet(Accounts::newCode);
        StaffAccount account = account(
                roles.stream().map(Role::name).distinct().toList(), library, passwords.hash(code), password.isEmpty());
        log.appendAndWait(Unit.writing(event(by, canonical), tx -> {
            requireSecond(tx, by, second, canonical, account.roles());
            if (password.isPresent() && !isCommissioning(tx)) {
                throw new Refused(
                        Problem.NOT_ALLOWED,
                        "Since the first patron was stored nobody sets another's password; leave it out, and hand over"
                                + " the activation code.");
            }
            authority.insert(tx, StaffAccount.KIND, canonical, account, taken());
            return event(by, canonical);
        }));
        return password.isPresent() ? Optional.empty() : Optional.of(code);
    }

    private static String newCode() {
        StringBuilder code = new StringBuilder();
        for (int i = 0; i < CODE_LENGTH; i++) {
            if (i > 0 && i % 5 == 0) {
                code.append('-');
            }
            code.append(CODE_LETTERS.charAt(RANDOM.nextInt(CODE_LETTERS.length())));
        }
        return code.toString();
    }

    /** Whether no patron was ever stored: until then one administrator may set everything up. */
    public boolean isCommissioning() {
        return store.read(this::isCommissioning);
    }

    /** The ring remembers it where the database was emptied; the database knows of what another node stored. */
    private boolean isCommissioning(Tx tx) {
        return !custody.isCommissioned() && tx.patrons().neverAny();
    }

    /** Asked inside the unit: then a refusal is in the log, and nothing can change between question and act. */
    private void requireSecond(Tx tx, Actor by, Optional<Actor> second, String gains, List<String> roles) {
        if (by.name().equals(gains)) {
            throw new Refused(Problem.NOT_ALLOWED, "Nobody grants himself anything.");
        }
        boolean powerful = roles.stream().map(Role::new).anyMatch(Role.POWERFUL::contains);
        if (powerful && !isCommissioning(tx)) {
            SecondPerson.require(by, second, Optional.of(gains));
        }
    }

    /** Gives roles. */
    public void grant(Actor by, Optional<Actor> second, String name, List<Role> roles) {
        String canonical = CanonicalName.require(name);
        List<String> granted = roles.stream().map(Role::name).toList();
        change(by, canonical, (tx, account) -> {
            requireSecond(tx, by, second, canonical, granted);
            // Those held come first: the first role is the one a session acts in if none is named.
            LinkedHashSet<String> all = new LinkedHashSet<>(account.roles());
            all.addAll(granted);
            return account.withRoles(new ArrayList<>(all));
        });
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

    /** Opens a disabled account again; a powerful one not by one person alone. */
    public void enable(Actor by, Optional<Actor> second, String name) {
        String canonical = CanonicalName.require(name);
        change(by, canonical, (tx, account) -> {
            requireSecond(tx, by, second, canonical, account.roles());
            return account.withDisabled(false);
        });
    }

    private static Refused unknown() {
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

    /** Gives another's account a one-time activation code in place of its password, and returns it. */
    public String resetPassword(Actor by, Optional<Actor> second, String name) {
        String canonical = CanonicalName.require(name);
        String code = newCode();
        Passwords.Hash hash = passwords.hash(code);
        change(by, canonical, (tx, account) -> {
            requireSecond(tx, by, second, canonical, account.roles());
            return account.withPassword(hash, true);
        });
        return code;
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

    /** Every account, by name. */
    public List<StaffFacts> list() {
        return store.read(tx -> authority.all(tx, StaffAccount.KIND, StaffAccount.class)).stream()
                .map(held -> new StaffFacts(
                        held.name(),
                        held.body().roles(),
                        held.body().library(),
                        held.body().disabled(),
                        !held.body().activation(),
                        Instant.ofEpochSecond(held.body().created())))
                .toList();
    }
}
