package org.patronvault.web;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What the pages around cases show. Public because templates are compiled into a package of their own. */
public final class CaseView {
    private static final String REDACTED = "[REDACTED]";

    private CaseView() {}

    /**
     * The list.
     *
     * @param open whether it is for that one
     * @param designates whether that one appoints designees
     */
    public record CaseList(
            DeskView.Staff staff, DeskView.Notice notice, boolean open, boolean designates, List<Row> rows) {}

    /** A case in the list: nothing of any patron. */
    public record Row(
            String id, String agency, String instrument, String state, String opened, List<String> marks, String to) {
        @Override
        public String toString() {
            return REDACTED;
        }
    }

    /** What is typed of a new case. */
    public record Intake(
            DeskView.Staff staff,
            DeskView.Notice notice,
            String once,
            List<DeskView.Choice> instruments,
            Map<String, String> typed) {
        /** What was typed into that field. */
        public String typed(String field) {
            return typed.getOrDefault(field, "");
        }

        @Override
        public String toString() {
            return REDACTED;
        }
    }

    /**
     * What became of what was sent.
     *
     * @param at at which form it is told; empty for the head of the page
     * @param typed what was typed there and is kept
     */
    public record Result(DeskView.Notice notice, String at, Map<String, String> typed) {
        static final Result NOTHING = done("");

        static Result done(String text) {
            return new Result(DeskView.Notice.done(text), "", Map.of());
        }

        /** The same where there is no such form, since the case stands elsewhere. */
        Result atHead() {
            return new Result(notice, "", Map.of());
        }

        @Override
        public String toString() {
            return REDACTED;
        }
    }

    /**
     * A case.
     *
     * @param may the steps that this one may take now, by name
     * @param missing what brings it on, and who may
     * @param decision the last one, said in lines; empty if there is none
     * @param decided when that was, for a form to say which decision was read
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
        /** What was typed into that form, if it was refused. */
        public Map<String, String> kept(String form) {
            return isTold(form) ? told.typed() : Map.of();
        }

        /** What was typed into that field of that form, if it was refused. */
        public String typed(String form, String field) {
            return told.at().equals(form) ? told.typed().getOrDefault(field, "") : "";
        }

        /** Whether what happened is told at that form. */
        public boolean isTold(String form) {
            return told.at().equals(form);
        }

        @Override
        public String toString() {
            return REDACTED;
        }
    }

    /**
     * A place on the path.
     *
     * @param how {@code done}, {@code current}, {@code to-come} or {@code needless}
     * @param said the same in words
     */
    public record Stage(String label, String how, String said) {}

    /** A member that was said at a step; what is an id or a digest stands as it is. */
    public record Fact(String label, List<String> lines, boolean exact) {
        @Override
        public String toString() {
            return REDACTED;
        }
    }

    /** A step that was taken. */
    public record Step(String label, String when, String by, List<Fact> facts) {
        @Override
        public String toString() {
            return REDACTED;
        }
    }

    /**
     * What a decision is made with.
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

    /** What the law of the place says. */
    public record Law(
            String name, String law, String asOf, List<SufficientInstrument> suffices, List<Fact> insufficient) {}

    /** An instrument that suffices. */
    public record SufficientInstrument(String instrument, String from, String fields, String law, String note) {}

    /** Who handles requests in the director's place. */
    public record DesignationList(
            DeskView.Staff staff,
            DeskView.Notice notice,
            String once,
            List<DesignationRow> appointed,
            Map<String, String> typed) {
        /** What was typed into that field. */
        public String typed(String field) {
            return typed.getOrDefault(field, "");
        }
    }

    /**
     * A designation.
     *
     * @param revocable whether it can still be taken back
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

    /** What a patron has permitted in writing. */
    public record PermissionList(
            DeskView.Staff staff,
            DeskView.Notice notice,
            String once,
            String patron,
            List<PermissionRow> papers,
            List<DeskView.Choice> fields,
            Map<String, String> typed) {
        /** What was typed into that field. */
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
