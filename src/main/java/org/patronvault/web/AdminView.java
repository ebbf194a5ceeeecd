package org.patronvault.web;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.patronvault.access.Approval;
import org.patronvault.access.Clients;
import org.patronvault.access.Explanation;
import org.patronvault.access.PolicyDescription;
import org.patronvault.access.PolicyTable;
import org.patronvault.access.StaffFacts;

/** What the pages of administration show. Public because templates are compiled into a package of their own. */
public final class AdminView {
    private AdminView() {}

    /**
     * What they have in common.
     *
     * @param secret to be shown this once
     * @param tabs the pages for this role
     * @param path of the page
     * @param once what makes a form that is sent twice have one effect
     */
    public record Frame(
            DeskView.Staff staff,
            DeskView.Notice notice,
            Optional<Secret> secret,
            List<DeskView.NavigationLink> tabs,
            String path,
            String once) {
        /** The room of the house it is in. */
        public String room() {
            return staff.rooms().stream().map(DeskView.NavigationLink::path).anyMatch(path::equals)
                    ? path
                    : AdminPageFlow.PATH;
        }
    }

    /** An activation code, a key: what it is, and what becomes of it. */
    public record Secret(String label, String text, String help) {
        @Override
        public String toString() {
            return "[REDACTED]";
        }
    }

    /**
     * The accounts.
     *
     * @param enrolled the names of those that have a second factor
     * @param sought what the list is narrowed to, as it was typed
     * @param open the one that is open
     * @param roles every role of the policy, for a new account
     */
    public record Staff(
            List<StaffFacts> accounts,
            Set<String> enrolled,
            String sought,
            Optional<Account> open,
            List<String> roles,
            AccountDraft added) {}

    /** What was typed of a new account that was refused. */
    public record AccountDraft(String name, String library, List<String> roles) {}

    /**
     * An account that is open.
     *
     * @param own whether it is one's own: nobody grants himself anything
     * @param givable roles it does not hold
     */
    public record Account(StaffFacts facts, boolean own, List<String> givable) {}

    /** Other systems, and the one that is open, which may be a vendor's. */
    public record Systems(
            List<Clients.Facts> clients, Optional<Clients.Facts> open, boolean isVendor, Grant grant, Grant added) {}

    /**
     * What a client's form holds.
     *
     * @param name of a new one
     */
    public record Grant(
            String name,
            List<DeskView.Choice> scopes,
            List<DeskView.Choice> fields,
            List<DeskView.Choice> purposes,
            String daily,
            String reference,
            String expires,
            String checks) {}

    /** Requests: those that wait for this person, others that wait, and those that are decided. */
    public record Requests(List<Request> yours, List<Request> others, List<Request> decided) {
        /** Whether there are none. */
        public boolean isEmpty() {
            return yours.isEmpty() && others.isEmpty() && decided.isEmpty();
        }
    }

    /**
     * One of them.
     *
     * @param own whether this person asked
     * @param collectable whether a secret waits for this person
     */
    public record Request(Approval approval, boolean own, boolean collectable) {}

    /** One open session. */
    public record OpenSession(
            String id,
            String user,
            String role,
            String library,
            Instant started,
            Instant expires,
            Optional<Instant> used,
            boolean current) {}

    /**
     * The policy in force.
     *
     * @param answer to what was asked last
     */
    public record Policy(
            String version,
            PolicyTable table,
            List<PolicyDescription> words,
            List<DeskView.Choice> whos,
            List<DeskView.Choice> fields,
            List<DeskView.Choice> purposes,
            boolean elsewhere,
            Optional<Explanation> answer) {}

    /**
     * One's own account.
     *
     * @param roles those one holds, the one acted in chosen
     * @param enrolled whether a second factor is asked for
     */
    public record OwnAccount(List<DeskView.Choice> roles, boolean enrolled, List<OpenSession> sessions, boolean more) {}

    /** A second factor that is being enrolled: the secret to type, and its QR code as SVG. */
    public record Enrolment(String secret, String svg) {
        @Override
        public String toString() {
            return "[REDACTED]";
        }
    }
}
