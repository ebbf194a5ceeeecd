package org.patronvault.access.account;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.patronvault.core.dual.ApprovalTerms;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.dual.Authority;
import org.patronvault.core.dual.SecondPerson;
import org.patronvault.core.dual.Signatories;
import org.patronvault.core.dual.TwoPersonAct;
import org.patronvault.core.log.entry.Act;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.WriteTx;

/**
 * The acts that remove a role from an account, or close it. One person is enough, unless fewer than two people would
 * remain who can approve requests of administrators.
 */
final class StaffRemovals {
    static final String REVOKE = "staff.revoke";
    static final String DISABLE = "staff.disable";

    private static final int FEWEST_SECONDS = 2;

    private final Accounts accounts;
    private final Authority authority;

    StaffRemovals(Accounts accounts, Authority authority) {
        this.accounts = accounts;
        this.authority = authority;
    }

    void registerWith(Approvals approvals) {
        approvals.register(
                REVOKE,
                new Removal(
                        ask -> "Take the roles " + String.join(", ", ask.all(StaffActs.ROLES)) + " from " + ask.about()
                                + ".",
                        (ask, account) -> {
                            List<String> left =
                                    new ArrayList<>(account.requireLocal().roles());
                            left.removeAll(ask.all(StaffActs.ROLES));
                            return account.withRoles(left);
                        }));
        approvals.register(
                DISABLE,
                new Removal(
                        ask -> "Close the account " + ask.about() + ".", (ask, account) -> account.withDisabled(true)));
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
        public Act act() {
            return Act.STAFF;
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
                    StaffAccount account = held(tx, ask).body();
                    return account.mayAgree(SecondPerson.ADMINISTRATION)
                            && !step.apply(ask, account).mayAgree(SecondPerson.ADMINISTRATION)
                            && accounts.secondsBut(tx, ask.about(), SecondPerson.ADMINISTRATION) < FEWEST_SECONDS;
                }

                @Override
                public void carryOut(WriteTx tx, Signatories by) {
                    Authority.Versioned<StaffAccount> held = held(tx, ask);
                    authority.replace(tx, StaffAccount.KIND, held, step.apply(ask, held.body()));
                }
            };
        }

        private Authority.Versioned<StaffAccount> held(Tx tx, ApprovalTerms ask) {
            return accounts.find(tx, ask.about()).orElseThrow(Accounts::unknown);
        }
    }
}
