package org.patronvault.web.page.cases;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.patronvault.web.page.DeskView;

/** The models of the pages about cases. Public because templates are compiled into their own package. */
public final class CaseView {
    private static final String REDACTED = "[REDACTED]";

    private CaseView() {}

    /**
     * The list of cases.
     *
     * @param open whether the reader may open cases
     * @param designates whether the reader appoints designees
     */
    public record CaseList(
            DeskView.Staff staff, DeskView.Notice notice, boolean open, boolean designates, List<Row> rows) {}

    /** A case in the list, without any patron. */
    public record Row(
            String id, String agency, String instrument, String state, String opened, List<String> marks, String to) {
        @Override
        public String toString() {
            return REDACTED;
        }
    }

    /** The form for a new case. */
    public record Intake(
            DeskView.Staff staff,
            DeskView.Notice notice,
            String once,
            List<DeskView.Choice> instruments,
            Map<String, String> typed) {
        public String typed(String field) {
            return typed.getOrDefault(field, "");
        }

        @Override
        public String toString() {
            return REDACTED;
        }
    }

    /**
     * The result of a posted form.
     *
     * @param at the form that shows it, empty for the head of the page
     * @param typed that form's input, which it keeps
     */
    public record Result(DeskView.Notice notice, String at, Map<String, String> typed) {
        static final Result NOTHING = done("");

        static Result done(String text) {
            return new Result(DeskView.Notice.done(text), "", Map.of());
        }

        /** Returns this result for the head of the page, because the form's step is over. */
        Result atHead() {
            return new Result(notice, "", Map.of());
        }

        @Override
        public String toString() {
            return REDACTED;
        }
    }

    /**
     * The page of one case.
     *
     * @param may names of the steps that the reader may take now
     * @param missing the next necessary steps, and the roles that may take them
     * @param decision the last decision as lines, or empty if there is none
     * @param decided the decision's time, so that a form can say which decision was read
     */
    public record CaseDetail(
            DeskView.Staff staff,
            Result told,
            String once,
            String id,
            String agency,
            String state,
            List<String> marks,
            boolean gagged,
            boolean agreed,
            List<Stage> stages,
            List<String> missing,
            Set<String> may,
            List<Fact> decision,
            String decided,
            Optional<DecisionForm> deciding,
            List<String> designees,
            List<DeskView.Choice> instruments,
            List<Step> history) {
        /** Returns the input of a refused form. */
        public Map<String, String> kept(String form) {
            return isTold(form) ? told.typed() : Map.of();
        }

        /** Returns the input in one field of a refused form. */
        public String typed(String form, String field) {
            return told.at().equals(form) ? told.typed().getOrDefault(field, "") : "";
        }

        /** Whether that form shows the result. */
        public boolean isTold(String form) {
            return told.at().equals(form);
        }

        @Override
        public String toString() {
            return REDACTED;
        }
    }

    /**
     * A stage of the path.
     *
     * @param how {@code done}, {@code current}, {@code to-come} or {@code needless}
     * @param said the state in words
     */
    public record Stage(String label, String how, String said) {}

    /** A value recorded at a step. An ID or digest is shown exactly. */
    public record Fact(String label, List<String> lines, boolean exact) {
        @Override
        public String toString() {
            return REDACTED;
        }
    }

    /** A completed step. */
    public record Step(String label, String when, String by, List<Fact> facts) {
        @Override
        public String toString() {
            return REDACTED;
        }
    }

    /**
     * The form of a decision.
     *
     * @param searches whether this role finds patrons by card
     */
    public record DecisionForm(
            List<DeskView.Choice> decisions,
            List<DeskView.Choice> instruments,
            List<DeskView.Choice> issuers,
            List<DeskView.Choice> fields,
            boolean searches,
            Law law) {}

    /** The state's library privacy law. */
    public record Law(
            String name, String law, String asOf, List<SufficientInstrument> suffices, List<Fact> insufficient) {}

    /** An instrument that the law accepts. */
    public record SufficientInstrument(String instrument, String from, String fields, String law, String note) {}

    /** The page of designees, who handle requests for the director. */
    public record DesignationList(
            DeskView.Staff staff,
            DeskView.Notice notice,
            String once,
            List<DesignationRow> appointed,
            Map<String, String> typed) {
        public String typed(String field) {
            return typed.getOrDefault(field, "");
        }
    }

    /**
     * A designation.
     *
     * @param revocable whether it can still be revoked
     */
    public record DesignationRow(
            String id,
            String designee,
            String by,
            String from,
            String until,
            String state,
            String document,
            boolean revocable) {}

    /** The page of a patron's written permissions. */
    public record PermissionList(
            DeskView.Staff staff,
            DeskView.Notice notice,
            String once,
            String patron,
            List<PermissionRow> papers,
            List<DeskView.Choice> fields,
            Map<String, String> typed) {
        public String typed(String field) {
            return typed.getOrDefault(field, "");
        }

        @Override
        public String toString() {
            return REDACTED;
        }
    }

    /** One permission. */
    public record PermissionRow(
            String id,
            String recipient,
            String fields,
            String signed,
            String until,
            String state,
            String by,
            String document,
            boolean revocable) {
        @Override
        public String toString() {
            return REDACTED;
        }
    }
}
