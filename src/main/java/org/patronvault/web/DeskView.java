package org.patronvault.web;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What the desk's page shows, ready to be written: every text is as people read it, and the template escapes it. Public
 * because templates are compiled into a package of their own. What holds personal values prints {@code [REDACTED]}.
 *
 * @param staff who is signed in
 * @param notice what happened last, for the live region
 * @param search the box; empty for a role that does not look up patrons
 * @param matches patrons to choose from
 * @param card the patron that is open
 */
public record DeskView(Staff staff, Notice notice, Optional<Search> search, List<Match> matches, Optional<Card> card) {
    /**
     * How pages use htmx: nothing is evaluated, no style or script is added (our CSP would refuse it), nothing of a page is
     * kept in the browser, an answer is shown whatever its status, and it works from the moment it is seen: a settling time
     * would leave buttons that do nothing for 20 ms, which is longer than a quick key.
     */
    public static final String HTMX = "{\"allowEval\":false,\"includeIndicatorStyles\":false,\"allowScriptTags\":false,"
            + "\"selfRequestsOnly\":true,\"attributesToSettle\":[],\"defaultSettleDelay\":0,"
            + "\"historyEnabled\":false,\"historyCacheSize\":0,\"timeout\":30000,"
            + "\"responseHandling\":[{\"code\":\"204\",\"swap\":false},{\"code\":\".*\",\"swap\":true}]}";

    private static final String REDACTED = "[REDACTED]";

    /** The purpose that is chosen; empty for a role that does not look up patrons. */
    public String purpose() {
        return search.stream()
                .flatMap(box -> box.purposes().stream())
                .filter(Choice::chosen)
                .map(Choice::value)
                .findFirst()
                .orElse("");
    }

    /** Ids of the matches that a former card found, with a space between. */
    public String inactiveIds() {
        return matches.stream().filter(Match::inactive).map(Match::id).collect(Collectors.joining(" "));
    }

    /**
     * Who is signed in.
     *
     * @param library the person's own library, or empty
     * @param formToken what every form of this session carries
     * @param rooms the way to the rooms for this role
     * @param readsLog whether the page of the access log is for this role
     * @param counts whether the page of statistics is
     * @param permits whether this role takes down what patrons permit in writing
     */
    public record Staff(
            String name,
            String role,
            String library,
            String formToken,
            List<NavigationLink> rooms,
            boolean readsLog,
            boolean counts,
            boolean permits) {
        @Override
        public String toString() {
            return REDACTED;
        }
    }

    /** A room, the key of its name, and how much waits there for who is signed in. */
    public record NavigationLink(String path, String key, int waiting) {
        /** One in which nothing waits. */
        NavigationLink(String path, String key) {
            this(path, key, 0);
        }
    }

    /** One sentence on what happened; empty text if nothing did. */
    public record Notice(String text, boolean refused) {
        static final Notice NONE = new Notice("", false);

        static Notice done(String text) {
            return new Notice(text, false);
        }

        static Notice refused(String text) {
            return new Notice(text, true);
        }
    }

    /**
     * The box: what it takes, and what a look can be for.
     *
     * @param registers whether this role registers patrons
     */
    public record Search(String help, List<Choice> purposes, boolean registers) {}

    /** One option of a select. */
    public record Choice(String value, String label, boolean chosen) {}

    /**
     * What of a patron is not personal.
     *
     * @param expires last day of validity as a date of ISO 8601, or empty for never
     * @param expiresText the same in words
     * @param marks warnings in a word, such as "Expired"
     */
    public record Standing(String library, String category, String expires, String expiresText, List<String> marks) {}

    /**
     * One of several patrons found.
     *
     * @param inactive whether a former card found the patron
     * @param like how the name is like what was typed, in words; empty if it is that
     */
    public record Match(String id, String name, Standing standing, boolean inactive, String like, boolean openable) {
        @Override
        public String toString() {
            return REDACTED;
        }
    }

    /**
     * A patron's card.
     *
     * @param name empty where nobody asked to see it since
     * @param initials of the name, where it is shown; else empty
     * @param called the preferred name, or empty
     * @param standing empty if the policy shows this role nothing of a patron but the id
     * @param withdrawn whether that is since the patron took back the consent to the service
     * @param inactive whether a former card found the patron
     * @param nameable whether this role may have the name revealed
     * @param rows the masked values, as far as this role may have them revealed
     * @param claims what can be verified, with answers if it just was; empty if this role does not verify
     * @param changeable whether this role may change anything of the patron
     * @param change the form for that, if it was asked for
     */
    public record Card(
            String id,
            Optional<String> name,
            String initials,
            String called,
            Optional<Standing> standing,
            boolean withdrawn,
            boolean inactive,
            boolean nameable,
            List<Row> rows,
            List<Claim> claims,
            boolean changeable,
            Optional<Change> change) {

        /** The same with the form to change it. */
        Card with(Change form) {
            return new Card(
                    id,
                    name,
                    initials,
                    called,
                    standing,
                    withdrawn,
                    inactive,
                    nameable,
                    rows,
                    claims,
                    changeable,
                    Optional.of(form));
        }

        @Override
        public String toString() {
            return REDACTED;
        }
    }

    /**
     * One masked value.
     *
     * @param field its name in the API
     * @param label such as "Phone"
     * @param noun as in "Reveal phone"
     * @param key that reveals it, with Alt
     * @param recorded whether the patron has any
     * @param lines the value if it is shown
     */
    public record Row(String field, String label, String noun, String key, boolean recorded, List<String> lines) {
        @Override
        public String toString() {
            return REDACTED;
        }
    }

    /**
     * What can be changed of a patron. What is left empty stays, so that nothing has to be revealed for it.
     *
     * @param version of the patron as the desk knows it
     * @param library and the others: what is in clear, as it is
     * @param removable fields that the patron has and that may be taken away
     * @param corrects whether this role changes values, {@code replaces} cards, {@code consents} what was agreed to
     * @param policy version of the posted policy that is current; empty if there is none
     * @param vendors at which the patron may ask this role to be forgotten
     */
    public record Change(
            long version,
            String library,
            List<Choice> categories,
            List<Choice> statuses,
            String expires,
            List<Choice> removable,
            boolean corrects,
            boolean replaces,
            boolean consents,
            String policy,
            List<String> vendors) {}

    /** One thing a caller can be asked. */
    public record Claim(String name, String label, Optional<Boolean> right) {}
}
