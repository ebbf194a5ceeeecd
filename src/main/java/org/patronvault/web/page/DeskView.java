package org.patronvault.web.page;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The model of the desk page: texts as people read them, which the template escapes. Public because templates are
 * compiled into their own package. Records with personal values print {@code [REDACTED]}.
 *
 * @param staff the signed-in member of staff
 * @param notice the last result, for the live region
 * @param search the box, empty for a role that may not search
 * @param matches patrons to choose from
 * @param card the open patron record
 */
public record DeskView(Staff staff, Notice notice, Optional<Search> search, List<Match> matches, Optional<Card> card) {
    /**
     * The htmx settings of all pages. htmx evaluates nothing and adds no style or script, which our CSP would refuse.
     * The browser caches no part of a page. Answers are shown whatever their status. Buttons work at once: a settling
     * time would leave them dead for 20 ms, longer than a quick key press.
     */
    public static final String HTMX = "{\"allowEval\":false,\"includeIndicatorStyles\":false,\"allowScriptTags\":false,"
            + "\"selfRequestsOnly\":true,\"attributesToSettle\":[],\"defaultSettleDelay\":0,"
            + "\"historyEnabled\":false,\"historyCacheSize\":0,\"timeout\":30000,"
            + "\"responseHandling\":[{\"code\":\"204\",\"swap\":false},{\"code\":\".*\",\"swap\":true}]}";

    private static final String REDACTED = "[REDACTED]";

    /** The chosen purpose, or empty for a role that may not search. */
    public String purpose() {
        return search.stream()
                .flatMap(box -> box.purposes().stream())
                .filter(Choice::chosen)
                .map(Choice::value)
                .findFirst()
                .orElse("");
    }

    /** IDs of the matches by a former card, separated by spaces. */
    public String inactiveIds() {
        return matches.stream().filter(Match::inactive).map(Match::id).collect(Collectors.joining(" "));
    }

    /**
     * The signed-in member of staff.
     *
     * @param library the person's own library, or empty
     * @param formToken the token in every form of this session
     * @param rooms the sections open to this role
     * @param readsLog whether this role may see the access log
     * @param counts whether this role may see the statistics
     * @param permits whether this role records patrons' written permissions
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

    /** A section of the site, the key of its name, and how much waits there for the reader. */
    public record NavigationLink(String path, String key, int waiting) {
        /** A section in which nothing waits. */
        public NavigationLink(String path, String key) {
            this(path, key, 0);
        }
    }

    /** One sentence about the last result, or empty text if there is none. */
    public record Notice(String text, boolean refused) {
        public static final Notice NONE = new Notice("", false);

        public static Notice done(String text) {
            return new Notice(text, false);
        }

        public static Notice refused(String text) {
            return new Notice(text, true);
        }
    }

    /**
     * The search box: its help text and purposes.
     *
     * @param registers whether this role registers patrons
     */
    public record Search(String help, List<Choice> purposes, boolean registers) {}

    /** An option of a select. */
    public record Choice(String value, String label, boolean chosen) {}

    /**
     * The patron's data that is not personal.
     *
     * @param expires last valid day as an ISO 8601 date, or empty for never
     * @param expiresText that day in words
     * @param marks one-word warnings such as "Expired"
     */
    public record Standing(String library, String category, String expires, String expiresText, List<String> marks) {}

    /**
     * One of several matches.
     *
     * @param card the card number, or the part of it that results show, or empty
     * @param inactive whether a former card found the patron
     * @param like how the name resembles the input, in words, or empty if it equals it
     */
    public record Match(
            String id, String name, String card, Standing standing, boolean inactive, String like, boolean openable) {
        @Override
        public String toString() {
            return REDACTED;
        }
    }

    /**
     * An open patron record.
     *
     * @param name empty until revealed
     * @param initials of a revealed name, otherwise empty
     * @param called the preferred name, or empty
     * @param standing empty if the policy shows this role only the ID
     * @param withdrawn whether the patron withdrew consent to the service
     * @param inactive whether a former card found the patron
     * @param nameable whether this role may reveal the name
     * @param rows the masked values that this role may reveal
     * @param claims what can be verified, with any fresh answers, or empty if this role does not verify
     * @param changeable whether this role may change the patron record
     * @param change the form for changes, if it is open
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

        /** Returns a copy of this record with the change form. */
        public Card with(Change form) {
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
     * @param recorded whether the patron has a value
     * @param lines the value if it is shown
     * @param partly whether {@code lines} is a part of the value, so that a reveal may show more
     */
    public record Row(
            String field, String label, String noun, String key, boolean recorded, List<String> lines, boolean partly) {
        @Override
        public String toString() {
            return REDACTED;
        }
    }

    /**
     * The form for changes to a patron record. An empty field stays unchanged, so nothing has to be revealed for it.
     *
     * @param version of the patron record on the desk
     * @param library and the following: the present unencrypted values
     * @param removable fields that can be removed
     * @param corrects whether this role changes values, {@code replaces} cards, {@code consents} records consent
     * @param policy the current version of the posted policy, or empty if there is none
     * @param vendors at which the patron may reset the pairwise subject
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

    /** One value that a caller can be asked for. */
    public record Claim(String name, String label, Optional<Boolean> right) {}
}
