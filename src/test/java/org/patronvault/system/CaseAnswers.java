package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Clock;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.patronvault.testing.OpenSsl;
import org.patronvault.web.OpenApiDocument;

/** Calls for requests for records, designations and permissions, their answers held against the document. */
final class CaseAnswers {
    /** What takes a case from its intake to its end, by operationId, in this order. */
    static final List<String> STEPS = List.of(
            "referDisclosure",
            "gagDisclosure",
            "counselDisclosure",
            "decideDisclosure",
            "approveDisclosure",
            "releaseDisclosure",
            "noticeDisclosure",
            "closeDisclosure");

    /** What is due from the intake on. */
    private static final Set<String> AT_ONCE =
            Set.of("addToDisclosure", "referDisclosure", "gagDisclosure", "counselDisclosure");

    private static final String OPEN = "openDisclosure";
    private static final String UNTIL = "until";

    private final DescribedAnswers described;
    private final RunningVault vault;
    private final Map<String, String> users;
    private final Map<String, String> tokens;
    private final String patron;
    private final String certificate;
    private final String nextYear =
            LocalDate.now(Clock.systemUTC()).plusYears(1).toString();

    /**
     * Of a patron.
     *
     * @param users who may do what, by operationId
     * @param tokens of users
     */
    CaseAnswers(
            DescribedAnswers described,
            RunningVault vault,
            Map<String, String> users,
            Map<String, String> tokens,
            String patron)
            throws IOException {
        this.described = described;
        this.vault = vault;
        this.users = users;
        this.tokens = tokens;
        this.patron = patron;
        this.certificate = Files.readString(OpenSsl.certificate(vault.root(), "police"));
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    private Answer by(String user, String id, int status, String parameter, ObjectNode body) {
        return sent(user, id, status, parameter, body, Map.of());
    }

    private Answer sent(
            String user, String id, int status, String parameter, ObjectNode body, Map<String, String> headers) {
        OpenApiDocument.Operation operation = described.operation(id);
        String path = operation.path().replaceFirst("\\{id}", parameter);
        String text = body == null ? null : body.toString();
        return described.check(id, status, vault.send(operation.method(), path, tokens.get(user), text, headers));
    }

    private static String id(Answer answer) {
        return answer.json().path("id").asText();
    }

    private static ObjectNode intake() {
        return object().put("agency", "Norwalk Police")
                .put("officer", "Sgt. Miller")
                .put("badge", "417")
                .put("instrument", "court-order")
                .put("arrived", "2026-11-27 10:04, at the desk")
                .put("about", "where a reader lives");
    }

    private ObjectNode decision(String instrument) {
        ObjectNode decision = object().put("decision", "comply")
                .put("instrument", instrument)
                .put("reason", "signed by a judge")
                .put("document", "0".repeat(64));
        decision.putArray("patrons").add(patron);
        decision.putArray("fields").add("name").add("address");
        return decision;
    }

    /** What is sent at that step. */
    private ObjectNode words(String step) {
        return switch (step) {
            case "referDisclosure" -> object().put("to", "clerk");
            case "gagDisclosure" -> object().put("ordered", false).put("reason", "no court has forbidden it");
            case "counselDisclosure" -> object().put("counsel", "L. Exner").put("advice", "It is valid on its face.");
            case "decideDisclosure" -> decision("court-order");
            case "approveDisclosure" -> null;
            case "releaseDisclosure" -> object().put("recipient", certificate);
            case "noticeDisclosure" -> object().put("given", "by letter");
            default -> object().put("reason", "nothing is left to do");
        };
    }

    /** Takes that step, as one who may. */
    private void taken(String step, String id) {
        by(users.get(step), step, 200, id, words(step));
    }

    /** A new case in which that step is due; its id. */
    String due(String step) {
        String id = id(by("page", OPEN, 201, "", intake()));
        if (!AT_ONCE.contains(step)) {
            STEPS.stream()
                    .takeWhile(before -> !before.equals(step))
                    .filter(before -> !before.equals("referDisclosure"))
                    .forEach(before -> taken(before, id));
        }
        return id;
    }

    void succeed() {
        designationsSucceed();
        permissionsSucceed();
        by("page", "openUrgentDisclosure", 201, "", null);
        by("page", "openUrgentDisclosure", 201, "", object().put("badge", "417"));
        by("page", OPEN, 422, "", object().put("agency", "Norwalk Police"));
        String id = id(by("page", OPEN, 201, "", intake()));
        ObjectNode more = object().put("badge", "418");
        by("page", "addToDisclosure", 200, id, more);
        by("clerk", "addToDisclosure", 404, "00000000000000aa", more);
        by("page", "addToDisclosure", 422, id, object());
        STEPS.forEach(step -> taken(step, id));
        by("page", "addToDisclosure", 409, id, more);
        by("dir", "readDisclosure", 200, id, null);
        by("lex", "readDisclosure", 200, id, null);
        by("officer", "listDisclosures", 200, "", null);
        String refused = due("decideDisclosure");
        by(
                "dir",
                "decideDisclosure",
                200,
                refused,
                object().put("decision", "refuse").put("reason", "no order"));
        by("dir", "closeDisclosure", 200, refused, null);
        by("dir", "gagDisclosure", 200, refused, object().put("ordered", true).put("reason", "by order"));
        by("officer", "readDisclosure", 404, refused, null);
        by("lex", "readDisclosure", 200, refused, null);
    }

    private void designationsSucceed() {
        ObjectNode wanted =
                object().put("designee", "clerk").put(UNTIL, nextYear).put("document", "0".repeat(64));
        by("dir", "makeDesignation", 201, "", wanted);
        by("dir", "makeDesignation", 403, "", wanted.deepCopy().put("designee", "dir"));
        by("dir", "makeDesignation", 404, "", wanted.deepCopy().put("designee", "nobody"));
        by("dir", "makeDesignation", 422, "", wanted.deepCopy().put(UNTIL, "2001-01-31"));
        String other = id(by(
                "dir",
                "makeDesignation",
                201,
                "",
                wanted.put("designee", "boss").put("from", nextYear)));
        by("dir", "listDesignations", 200, "", null);
        by("dir", "revokeDesignation", 200, other, null);
        by("dir", "revokeDesignation", 200, other, null);
        by("dir", "listDesignations", 200, "", null);
    }

    private void permissionsSucceed() {
        ObjectNode wanted = object().put("recipient", "Norwalk Police")
                .put("signed", "2026-01-15")
                .put(UNTIL, nextYear)
                .put("document", "0".repeat(64));
        wanted.putArray("fields").add("name").add("address");
        String permission = id(by("clerk", "makePermission", 201, patron, wanted));
        by("clerk", "makePermission", 422, patron, wanted.deepCopy().put("signed", "2999-01-01"));
        by("clerk", "listPermissions", 200, patron, null);
        String path = "/v1/patrons/" + patron + "/permissions/" + permission;
        described.check("revokePermission", 200, vault.call("DELETE", path, tokens.get("clerk")));
        by("clerk", "listPermissions", 200, patron, null);
    }

    private void refused(String user, String id, String refusal, String parameter, ObjectNode body) {
        Answer answer = by(user, id, Integer.parseInt(refusal.split(" ", 2)[0]), parameter, body);
        assertThat(answer.refusal()).isEqualTo(refusal);
    }

    /** What the law, a second person or the decision does not allow. */
    void refusalsAreDescribed() {
        String counselled = due("decideDisclosure");
        refused("dir", "decideDisclosure", "403 instrument-insufficient", counselled, decision("subpoena"));
        refused("dir", "decideDisclosure", "403 instrument-insufficient", counselled, decision("written-permission"));
        ObjectNode perhaps = decision("court-order").put("decision", "perhaps");
        refused("dir", "decideDisclosure", "422 invalid", counselled, perhaps);
        refused("dir", "approveDisclosure", "403 second-person-required", due("approveDisclosure"), null);
        String approved = due("releaseDisclosure");
        ObjectNode more = words("releaseDisclosure");
        more.putArray("fields").add("phone");
        refused("dir", "releaseDisclosure", "403 beyond-scope", approved, more);
        ObjectNode nobody = object().put("recipient", "no certificate");
        refused("dir", "releaseDisclosure", "422 invalid", approved, nobody);
        String referred = due("counselDisclosure");
        refused("dir", "counselDisclosure", "422 invalid", referred, object().put("unreachable", "Sunday"));
        refused("dir", "referDisclosure", "422 invalid", referred, object().put("to", "nobody"));
    }

    /** Steps out of their order, and keys that were sent before. */
    void conflictsAreRefused() {
        String referred = due("counselDisclosure");
        STEPS.stream()
                .filter(step -> !AT_ONCE.contains(step))
                .forEach(step -> refused(users.get(step), step, "409 case-state", referred, words(step)));
        Map<String, String> key = Map.of("Idempotency-Key", "conflict-3");
        sent("dir", "gagDisclosure", 200, referred, words("gagDisclosure"), key);
        AT_ONCE.forEach(step -> sent("dir", step, 409, referred, words(step).put("reason", "another"), key));
        sent("dir", OPEN, 409, "", intake(), key);
        sent("dir", "openUrgentDisclosure", 409, "", null, key);
        sent("dir", "makeDesignation", 409, "", object(), key);
        sent("dir", "makePermission", 409, patron, object(), key);
    }
}
