package org.patronvault.access.client;

import java.util.Optional;
import org.patronvault.core.dual.ApprovalTerms;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.dual.Signatories;
import org.patronvault.core.dual.TwoPersonAct;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.CurrentPolicy;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.WriteTx;

/**
 * The acts that give a client more than it had. Two people are needed if fields are opened, or if the daily number is
 * more than one person may allow.
 */
final class ClientActs {
    static final String ADD = "client.add";
    static final String CHANGE = "client.change";
    static final String ROTATE = "client.rotate";
    private static final String KEY = "key";

    private final ClientRows clients;
    private final CurrentPolicy policy;
    private final Runnable onChange;

    /** Makes the acts on those rows; {@code onChange} is called when a client's rights may have changed. */
    ClientActs(ClientRows clients, CurrentPolicy policy, Runnable onChange) {
        this.clients = clients;
        this.policy = policy;
        this.onChange = onChange;
    }

    void registerWith(Approvals approvals) {
        approvals.register(ADD, new AddClient());
        approvals.register(CHANGE, new ChangeClient());
        approvals.register(ROTATE, new RotateKey());
    }

    private ClientGrant understood(ApprovalTerms ask) {
        ClientGrant grant = ClientGrant.of(ask);
        if (grant.scopes().isEmpty()
                || !grant.scopes().stream().allMatch(policy.now().fields().scopeNames()::contains)) {
            throw new Refused(
                    Problem.INVALID,
                    "The policy knows these scopes: "
                            + String.join(", ", policy.now().fields().scopeNames()) + ".");
        }
        return grant;
    }

    private boolean opensOrIsBig(ClientGrant grant) {
        return grant.isBig() || policy.now().fields().opensFields(grant.scopes());
    }

    private final class AddClient implements TwoPersonAct {
        @Override
        public ActKind act() {
            return ActKind.CLIENT;
        }

        @Override
        public String sentence(ApprovalTerms ask) {
            return "Add the client " + ask.about() + ": " + ClientGrant.of(ask).sentence() + ".";
        }

        @Override
        public Optional<String> secretName() {
            return Optional.of(KEY);
        }

        @Override
        public PreparedAct prepare(ApprovalTerms ask) {
            ClientGrant grant = understood(ask);
            String key = ClientKey.fresh();
            return new PreparedAct() {
                @Override
                public boolean needsSecond(Tx tx) {
                    clients.requireFree(tx, ask.about());
                    return opensOrIsBig(grant);
                }

                @Override
                public void carryOut(WriteTx tx, Signatories by) {
                    clients.insert(tx, ask.about(), grant, key);
                }

                @Override
                public Optional<String> secret() {
                    return Optional.of(key);
                }
            };
        }
    }

    private final class ChangeClient implements TwoPersonAct {
        @Override
        public Outcome outcome() {
            return Outcome.REVOKED;
        }

        @Override
        public ActKind act() {
            return ActKind.CLIENT;
        }

        @Override
        public String sentence(ApprovalTerms ask) {
            return "Change the client " + ask.about() + " to: "
                    + ClientGrant.of(ask).sentence() + ".";
        }

        @Override
        public PreparedAct prepare(ApprovalTerms ask) {
            ClientGrant grant = understood(ask);
            return new PreparedAct() {
                @Override
                public boolean needsSecond(Tx tx) {
                    return grant.widens(clients.requireLive(tx, ask.about())) && opensOrIsBig(grant);
                }

                @Override
                public void carryOut(WriteTx tx, Signatories by) {
                    clients.change(tx, ask.about(), grant);
                }

                @Override
                public void done() {
                    onChange.run();
                }
            };
        }
    }

    private final class RotateKey implements TwoPersonAct {
        @Override
        public Outcome outcome() {
            return Outcome.REVOKED;
        }

        @Override
        public ActKind act() {
            return ActKind.CLIENT;
        }

        @Override
        public String sentence(ApprovalTerms ask) {
            return "Give the client " + ask.about() + " a new key; the old one lives for 24 hours more.";
        }

        @Override
        public Optional<String> secretName() {
            return Optional.of(KEY);
        }

        @Override
        public PreparedAct prepare(ApprovalTerms ask) {
            String key = ClientKey.fresh();
            return new PreparedAct() {
                @Override
                public boolean needsSecond(Tx tx) {
                    return opensOrIsBig(clients.requireLive(tx, ask.about()));
                }

                @Override
                public void carryOut(WriteTx tx, Signatories by) {
                    clients.replaceKey(tx, ask.about(), key);
                }

                @Override
                public Optional<String> secret() {
                    return Optional.of(key);
                }
            };
        }
    }
}
