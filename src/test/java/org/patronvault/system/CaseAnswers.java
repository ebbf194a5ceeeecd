package org.patronvault.system;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Clock;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.patronvault.testing.OpenSsl;
import org.patronvault.web.OpenApiDocument;

/** Calls for requests for records, designations and permissions, their answers held against the document. */
final class CaseAnswers {
    /** Who takes a case from its intake to its end, by operationId, in this order. */
    static final Map<String, String> STEPS = steps();

    /** What is due from the intake on. */
    private static final Set<String> AT_ONCE = Set.of("referDisclosure", "gagDisclosure", "counselDisclosure");

    private static final String OPEN = "openDisclosure";
    private static final String UNTIL = "until";

    private final DescribedAnswers described;
    private final RunningVault vault;
    private final Map<String, String> tokens;
    private final String patron;
    private final String certificate;
    private final String nextYear =
            LocalDate.now(Clock.systemUTC()).plusYears(1).toString();

    /** Of that patron. */
    CaseAnswers(DescribedAnswers described, RunningVault vault, Map<String, String> tokens, String patron)
            throws IOException {
        this.described = described;
        this.vault = vault;
        this.tokens = tokens;
        this.patron = patron;
        this.certificate = Files.readString(OpenSsl.certificate(vault.root(), "police"));
    }

    private static Map<String, String> steps() {
        Map<String, String> steps = new LinkedHashMap<>();
        steps.put("referDisclosure", "dir");
        steps.put("gagDisclosure", "dir");
        steps.put("counselDisclosure", "lex");
        steps.put("decideDisclosure", "dir");
        steps.put("approveDisclosure", "officer");
        steps.put("releaseDisclosure", "dir");
        steps.put("noticeDisclosure", "dir");
        steps.put("closeDisclosure", "dir");
        return steps;
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

    /** A new case in which that step is due; its id. */
    String due(String step) {
        String id = id(by("page", OPEN, 201, "", intake()));
        if (!AT_ONCE.contains(step)) {
            STEPS.entrySet().stream()
                    .takeWhile(before -> !before.getKey().equals(step))
                    .filter(before -> !before.getKey().equals("referDisclosure"))
                    .forEach(before -> by(before.getValue(), before.getKey(), 200, id, words(before.getKey())));
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
        STEPS.forEach((step, user) -> by(user, step, 200, id, words(step)));
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

    /** What the law, a second person or the decision does not allow. */
    void refusalsAreDescribed() {
        String counselled = due("decideDisclosure");
        by("dir", "decideDisclosure", 403, counselled, decision("subpoena"));
        by("dir", "decideDisclosure", 403, counselled, decision("written-permission"));
        by("dir", "decideDisclosure", 422, counselled, decision("court-order").put("decision", "perhaps"));
        by("dir", "approveDisclosure", 403, due("approveDisclosure"), null);
        String approved = due("releaseDisclosure");
        ObjectNode more = words("releaseDisclosure");
        more.putArray("fields").add("phone");
        by("dir", "releaseDisclosure", 403, approved, more);
        by("dir", "releaseDisclosure", 422, approved, object().put("recipient", "no certificate"));
        String referred = due("counselDisclosure");
        by("dir", "counselDisclosure", 422, referred, object().put("unreachable", "Sunday"));
        by("dir", "referDisclosure", 422, referred, object().put("to", "nobody"));
    }

    /** Steps out of their order, and keys that were sent before. */
    void conflictsAreRefused() {
        String referred = due("counselDisclosure");
        STEPS.forEach((step, user) -> {
            if (!AT_ONCE.contains(step)) {
                by(user, step, 409, referred, words(step));
            }
        });
        Map<String, String> key = Map.of("Idempotency-Key", "conflict-3");
        sent("dir", "gagDisclosure", 200, referred, words("gagDisclosure"), key);
        for (String step : AT_ONCE) {
            sent("dir", step, 409, referred, words(step).put("reason", "another"), key);
        }
        sent("dir", OPEN, 409, "", intake(), key);
        sent("dir", "openUrgentDisclosure", 409, "", null, key);
        sent("dir", "makeDesignation", 409, "", object(), key);
        sent("dir", "makePermission", 409, patron, object(), key);
    }
}
