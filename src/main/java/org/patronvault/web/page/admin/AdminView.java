package org.patronvault.web.page.admin;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.patronvault.access.account.StaffFacts;
import org.patronvault.access.client.Clients;
import org.patronvault.access.watch.PolicyDescription;
import org.patronvault.access.watch.PolicyTable;
import org.patronvault.core.dual.Approval;
import org.patronvault.core.policy.Explanation;
import org.patronvault.web.page.DeskView;

/** The models of the administration pages. Public because templates are compiled into their own package. */
public final class AdminView {
    private AdminView() {}

    /**
     * The frame that all administration pages share.
     *
     * @param secret shown only this once
     * @param tabs the pages for this role
     * @param path of the page
     * @param once the form's token: a form sent twice has one effect
     */
    public record Frame(
            DeskView.Staff staff,
            DeskView.Notice notice,
            Optional<Secret> secret,
            List<DeskView.NavigationLink> tabs,
            String path,
            String once) {
        /** Returns the section of the site that this page belongs to. */
        public String room() {
            return staff.rooms().stream().map(DeskView.NavigationLink::path).anyMatch(path::equals)
                    ? path
                    : AdminPageFlow.PATH;
        }
    }

    /** A new activation code or key: its label, its text, and what to do with it. */
    public record Secret(String label, String text, String help) {
        @Override
        public String toString() {
            return "[REDACTED]";
        }
    }

    /**
     * The page of staff accounts.
     *
     * @param enrolled names of the accounts with a second factor
     * @param sought the filter as typed
     * @param open the account that is open
     * @param roles every role of the policy, for a new account
     */
    public record Staff(
            List<StaffFacts> accounts,
            Set<String> enrolled,
            String sought,
            Optional<Account> open,
            List<String> roles,
            AccountDraft added) {}

    /** The refused input for a new account. */
    public record AccountDraft(String name, String library, List<String> roles) {}

    /**
     * An open account.
     *
     * @param own whether it is the reader's own: nobody grants themselves anything
     * @param givable roles the account lacks
     */
    public record Account(StaffFacts facts, boolean own, List<String> givable) {}

    /** The page of API clients, with the open client, which may belong to a vendor. */
    public record Systems(
            List<Clients.Facts> clients, Optional<Clients.Facts> open, boolean isVendor, Grant grant, Grant added) {}

    /**
     * The form of a client's grant.
     *
     * @param name of a new client
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

    /** The page of requests: those that wait for this person, others that wait, and those decided. */
    public record Requests(List<Request> yours, List<Request> others, List<Request> decided) {
        /** Whether no request exists. */
        public boolean isEmpty() {
            return yours.isEmpty() && others.isEmpty() && decided.isEmpty();
        }
    }

    /**
     * One request.
     *
     * @param own whether this person asked
     * @param collectable whether a secret waits for this person
     */
    public record Request(Approval approval, boolean own, boolean collectable) {}

    /** An open session. */
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
     * @param answer to the last question
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
     * The reader's own account.
     *
     * @param roles the account's roles, with the role in use chosen
     * @param enrolled whether sign-in needs a second factor
     */
    public record OwnAccount(List<DeskView.Choice> roles, boolean enrolled, List<OpenSession> sessions, boolean more) {}

    /** A second factor in enrollment: the secret to type, and its QR code as SVG. */
    public record Enrolment(String secret, String svg) {
        @Override
        public String toString() {
            return "[REDACTED]";
        }
    }
}
