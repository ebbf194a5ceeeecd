package org.patronvault.access.account;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Stream;
import org.patronvault.core.dual.ApprovalTerms;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.dual.Authority;
import org.patronvault.core.dual.Commissioning;
import org.patronvault.core.dual.SecondPerson;
import org.patronvault.core.dual.Signatories;
import org.patronvault.core.dual.TwoPersonAct;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Alert;
import org.patronvault.core.model.PatronAttributes;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.model.Role;
import org.patronvault.core.policy.CurrentPolicy;
import org.patronvault.core.policy.SignOnPolicy;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.WriteTx;

/**
 * The acts that change what a staff account may do. An act that gives or restores a powerful role needs a second
 * person. Taking over a powerful account by its password counts as granting. For removing a role or closing an account,
 * one person is enough, unless fewer than two people would remain who can approve requests of administrators.
 */
final class StaffActs {
    static final String ADD = "staff.add";
    static final String GRANT = "staff.grant";
    static final String ENABLE = "staff.enable";
    static final String REVOKE = "staff.revoke";
    static final String DISABLE = "staff.disable";
    static final String RESET_PASSWORD = "staff.reset-password";
    static final String RESET_SECOND_FACTOR = "staff.reset-second-factor";
    static final String ROLES = "roles";
    static final String LIBRARY = "library";

    private static final String ACTIVATION_CODE = "activationCode";
    private static final int CODE_LENGTH = 20;
    private static final int FEWEST_SECONDS = 2;

    private final Accounts accounts;
    private final Authority authority;
    private final Passwords passwords;
    private final SecondFactor secondFactor;
    private final Commissioning commissioning;
    private final CurrentPolicy policy;

    StaffActs(
            Accounts accounts,
            Authority authority,
            Passwords passwords,
            SecondFactor secondFactor,
            Commissioning commissioning,
            CurrentPolicy policy) {
        this.commissioning = commissioning;
        this.accounts = accounts;
        this.authority = authority;
        this.passwords = passwords;
        this.secondFactor = secondFactor;
        this.policy = policy;
    }

    void registerWith(Approvals approvals) {
        registerGifts(approvals);
        registerRemovals(approvals);
    }

    private void registerGifts(Approvals approvals) {
        approvals.register(ADD, new AddAccount(Optional.empty()));
        approvals.register(
                GRANT,
                new ChangeAccount(ask -> "Give " + ask.about() + " the roles " + roles(ask) + ".", Optional.empty()) {
                    @Override
                    public PreparedAct prepare(ApprovalTerms ask) {
                        requireKnown(ask.all(ROLES).stream().map(Role::new).toList());
                        return new Change(ask, ask.all(ROLES), Optional.empty(), (account, by) -> {
                            // Roles already held come first: a session without a named role acts in the first one.
                            return account.requireLocal()
                                    .withRoles(Stream.concat(account.roles().stream(), ask.all(ROLES).stream())
                                            .distinct()
                                            .toList());
                        });
                    }
                });
        approvals.register(
                ENABLE,
                new ChangeAccount(ask -> "Open the closed account " + ask.about() + " again.", Optional.empty()) {
                    @Override
                    public PreparedAct prepare(ApprovalTerms ask) {
                        return new Change(
                                ask, List.of(), Optional.empty(), (account, by) -> account.withDisabled(false));
                    }
                });
        approvals.register(
                RESET_SECOND_FACTOR,
                new ChangeAccount(ask -> "Take away the second factor of " + ask.about() + ".", Optional.empty()) {
                    @Override
                    public Outcome outcome() {
                        return Outcome.REVOKED;
                    }

                    @Override
                    public PreparedAct prepare(ApprovalTerms ask) {
                        return new Change(
                                ask, List.of(), Optional.empty(), (account, by) -> account.withRoles(account.roles())) {
                            @Override
                            public void carryOut(WriteTx tx, Signatories by) {
                                super.carryOut(tx, by);
                                secondFactor.remove(tx, ask.about());
                            }
                        };
                    }
                });
        approvals.register(
                RESET_PASSWORD,
                new ChangeAccount(
                        ask -> "Give " + ask.about() + " an activation code in place of the password.",
                        Optional.of(ACTIVATION_CODE)) {
                    @Override
                    public Outcome outcome() {
                        return Outcome.REVOKED;
                    }

                    @Override
                    public PreparedAct prepare(ApprovalTerms ask) {
                        String code = newCode();
                        Passwords.Hash hash = passwords.hash(code);
                        return new Change(
                                ask,
                                List.of(),
                                Optional.of(code),
                                (account, by) -> account.requireLocal().withActivation(hash, by));
                    }
                });
    }

    private void registerRemovals(Approvals approvals) {
        approvals.register(
                REVOKE,
                new Removal(ask -> "Take the roles " + roles(ask) + " from " + ask.about() + ".", (ask, account) -> {
                    List<String> left = new ArrayList<>(account.requireLocal().roles());
                    left.removeAll(ask.all(ROLES));
                    return account.withRoles(left);
                }));
        approvals.register(
                DISABLE,
                new Removal(
                        ask -> "Close the account " + ask.about() + ".", (ask, account) -> account.withDisabled(true)));
    }

    static List<String> names(List<Role> roles) {
        return roles.stream().map(Role::name).distinct().toList();
    }

    private static String roles(ApprovalTerms ask) {
        return String.join(", ", ask.all(ROLES));
    }

    void requireKnown(List<Role> roles) {
        if (!roles.stream().map(Role::name).allMatch(policy.now().fields().roleNames()::contains)) {
            throw new Refused(
                    Problem.INVALID,
                    "The policy knows these roles: "
                            + String.join(", ", policy.now().fields().roleNames()) + ".");
        }
    }

    private static String newCode() {
        return OneTimeCode.of(CODE_LENGTH);
    }

    /** Returns the act of adding an account with a known password; in commissioning only, so it is never filed. */
    TwoPersonAct addingWith(String password) {
        return new AddAccount(Optional.of(password));
    }

    private final class AddAccount implements TwoPersonAct {
        private final Optional<String> password;

        private AddAccount(Optional<String> password) {
            this.password = password;
        }

        @Override
        public ActKind act() {
            return ActKind.STAFF;
        }

        @Override
        public String sentence(ApprovalTerms ask) {
            String where = ask.one(LIBRARY).isEmpty() ? "" : " of library " + ask.one(LIBRARY);
            return "Add the account " + ask.about() + where + " with the roles " + roles(ask) + ".";
        }

        @Override
        public Optional<String> gains(ApprovalTerms ask) {
            return Optional.of(ask.about());
        }

        @Override
        public Optional<String> secretName() {
            return Optional.of(ACTIVATION_CODE);
        }

        @Override
        public PreparedAct prepare(ApprovalTerms ask) {
            requireKnown(ask.all(ROLES).stream().map(Role::new).toList());
            if (!ask.one(LIBRARY).isEmpty() && !PatronAttributes.isLibrary(ask.one(LIBRARY))) {
                throw new Refused(Problem.INVALID, "A library is 1 to 20 letters, digits, hyphens or underscores.");
            }
            String code = password.orElseGet(StaffActs::newCode);
            StaffAccount account =
                    accounts.account(ask.all(ROLES), ask.one(LIBRARY), passwords.hash(code), password.isEmpty());
            return new PreparedAct() {
                @Override
                public boolean needsSecond(Tx tx) {
                    if (accounts.find(tx, ask.about()).isPresent()) {
                        throw Accounts.taken();
                    }
                    if (password.isPresent() && !commissioning.isOn(tx)) {
                        throw new Refused(
                                Problem.NOT_ALLOWED,
                                "Since the first patron was stored nobody sets another's password; leave it out, and"
                                        + " hand over the activation code.");
                    }
                    return SignOnPolicy.anyPowerful(ask.all(ROLES));
                }

                @Override
                public void carryOut(WriteTx tx, Signatories by) {
                    authority.insert(tx, StaffAccount.KIND, ask.about(), account.madeBy(by), Accounts.taken());
                }

                @Override
                public Set<Alert> alerts(Tx tx) {
                    return accounts.alertsOfNew(tx, account);
                }

                @Override
                public Optional<String> secret() {
                    return password.isPresent() ? Optional.empty() : Optional.of(code);
                }
            };
        }
    }

    private Authority.Versioned<StaffAccount> held(Tx tx, String name) {
        return accounts.find(tx, name).orElseThrow(Accounts::unknown);
    }

    /** A change of an existing account. */
    private abstract static class ChangeAccount implements TwoPersonAct {
        private final Function<ApprovalTerms, String> sentence;
        private final Optional<String> secretName;

        private ChangeAccount(Function<ApprovalTerms, String> sentence, Optional<String> secretName) {
            this.sentence = sentence;
            this.secretName = secretName;
        }

        @Override
        public ActKind act() {
            return ActKind.STAFF;
        }

        @Override
        public String sentence(ApprovalTerms ask) {
            return sentence.apply(ask);
        }

        @Override
        public Optional<String> gains(ApprovalTerms ask) {
            return Optional.of(ask.about());
        }

        @Override
        public Optional<String> secretName() {
            return secretName;
        }
    }

    /**
     * One prepared change. A change that gives roles needs two people if one of these is powerful. Any other needs two
     * if the account has a powerful role.
     */
    private class Change implements TwoPersonAct.PreparedAct {
        private final String name;
        private final List<String> given;
        private final Optional<String> secret;
        private final BiFunction<StaffAccount, Signatories, StaffAccount> step;

        private Change(
                ApprovalTerms ask,
                List<String> given,
                Optional<String> secret,
                BiFunction<StaffAccount, Signatories, StaffAccount> step) {
            this.name = ask.about();
            this.given = given;
            this.secret = secret;
            this.step = step;
        }

        @Override
        public boolean needsSecond(Tx tx) {
            StaffAccount account = given.isEmpty()
                    ? held(tx, name).body()
                    : held(tx, name).body().requireLocal();
            if (account.activation() && SignOnPolicy.anyPowerful(given) && !commissioning.isOn(tx)) {
                throw new Refused(
                        Problem.NOT_ALLOWED,
                        "That account has an activation code, which another person knows: such a role is given once its"
                                + " owner has set a password.");
            }
            return SignOnPolicy.anyPowerful(given.isEmpty() ? account.roles() : given);
        }

        @Override
        public void carryOut(WriteTx tx, Signatories by) {
            Authority.Versioned<StaffAccount> held = held(tx, name);
            authority.replace(tx, StaffAccount.KIND, held, step.apply(held.body(), by));
        }

        @Override
        public Optional<String> secret() {
            return secret;
        }
    }

    /** A removal whose outcome marks it as a revocation, so that keys/ remembers it. */
    private final class Removal implements TwoPersonAct {
        private final Function<ApprovalTerms, String> sentence;
        private final BiFunction<ApprovalTerms, StaffAccount, StaffAccount> step;

        private Removal(
                Function<ApprovalTerms, String> sentence, BiFunction<ApprovalTerms, StaffAccount, StaffAccount> step) {
            this.sentence = sentence;
            this.step = step;
        }

        @Override
        public ActKind act() {
            return ActKind.STAFF;
        }

        @Override
        public Outcome outcome() {
            return Outcome.REVOKED;
        }

        @Override
        public String sentence(ApprovalTerms ask) {
            return sentence.apply(ask);
        }

        @Override
        public PreparedAct prepare(ApprovalTerms ask) {
            return new PreparedAct() {
                @Override
                public boolean needsSecond(Tx tx) {
                    StaffAccount account = held(tx, ask.about()).body();
                    return account.mayAgree(SecondPerson.ADMINISTRATION)
                            && !step.apply(ask, account).mayAgree(SecondPerson.ADMINISTRATION)
                            && accounts.secondsBut(tx, ask.about(), SecondPerson.ADMINISTRATION) < FEWEST_SECONDS;
                }

                @Override
                public void carryOut(WriteTx tx, Signatories by) {
                    Authority.Versioned<StaffAccount> held = held(tx, ask.about());
                    authority.replace(tx, StaffAccount.KIND, held, step.apply(ask, held.body()));
                }
            };
        }
    }
}
