package org.patronvault.system;

import java.util.Map;
import org.patronvault.web.OpenApiDocument;

/** Calls for accounts, clients and requests on a vault with patrons, their answers held against the document. */
final class TwoPersonAnswers {
    private final DescribedAnswers described;
    private final RunningVault vault;
    private final String admin;
    private final String director;

    TwoPersonAnswers(DescribedAnswers described, RunningVault vault, String admin, String director) {
        this.described = described;
        this.vault = vault;
        this.admin = admin;
        this.director = director;
    }

    private Answer by(String token, String id, int status, String parameter, String body, Map<String, String> headers) {
        OpenApiDocument.Operation operation = described.operation(id);
        String path = operation.path().replaceAll("\\{[a-z]+}", parameter);
        return described.check(id, status, vault.send(operation.method(), path, token, body, headers));
    }

    /** As the administrator. */
    private Answer call(String id, int status, String parameter, String body) {
        return by(admin, id, status, parameter, body, Map.of());
    }

    /** A request that waits; gives its id. */
    String waiting() {
        return filed(call("grantRoles", 202, "page", "{\"role\":\"custodian\"}"));
    }

    private static String filed(Answer answer) {
        return answer.json().path("id").asText();
    }

    void staffSucceeds() {
        call("listStaff", 200, "", null);
        Answer added = call("addStaff", 201, "", "{\"name\":\"Kim\",\"role\":\"page\",\"library\":\"NC\"}");
        call("readStaff", 200, "kim", null);
        call("addStaff", 202, "", "{\"name\":\"dana\",\"roles\":[\"director\",\"circulation\"]}");
        String own = "{\"current\":\"" + added.json().path("activationCode").asText()
                + "\",\"password\":\"a quiet reading room\"}";
        by("", "setPassword", 204, "kim", own, Map.of());
        by("", "setPassword", 401, "kim", own, Map.of());
        Answer reset = call("setPassword", 200, "kim", null);
        call("grantRoles", 403, "kim", "{\"role\":\"custodian\"}");
        String again = "{\"current\":\"" + reset.json().path("activationCode").asText()
                + "\",\"password\":\"another quiet room\"}";
        by("", "setPassword", 204, "kim", again, Map.of());
        call("setPassword", 202, "officer", null);
        call("setPassword", 422, "kim", "{\"current\":\"" + RunningVault.PASSWORD + "\"}");
        call("grantRoles", 200, "kim", "{\"roles\":[\"circulation\"]}");
        call("grantRoles", 422, "kim", "{\"role\":\"no such role\"}");
        call("grantRoles", 403, "admin", "{\"role\":\"director\"}");
        call("revokeRoles", 200, "kim", "{\"role\":\"circulation\"}");
        call("disableStaff", 200, "kim", null);
        call("enableStaff", 200, "kim", null);
        call("unlockStaff", 200, "kim", null);
        String code = "{\"code\":\"" + "0".repeat(32) + "\"}";
        call("linkStaff", 422, "kim", "{\"code\":\"of somebody\"}");
        call("linkStaff", 200, "kim", code);
        call("linkStaff", 409, "page", code);
        call("linkStaff", 403, "admin", code);
        call("grantRoles", 403, "kim", "{\"role\":\"page\"}");
        call("unlinkStaff", 200, "kim", null);
        call("unlinkStaff", 409, "kim", null);
        call("resetSecondFactor", 200, "kim", null);
        call("resetSecondFactor", 202, "officer", null);
        call("resetSecondFactor", 403, "admin", null);
        String custodian = filed(call("grantRoles", 202, "kim", "{\"roles\":[\"custodian\"]}"));
        by(director, "decideApproval", 200, custodian, null, Map.of());
        call("disableStaff", 200, "kim", null);
        call("enableStaff", 202, "kim", null);
        call("disableStaff", 202, "dir", null);
        call("revokeRoles", 202, "dir", "{\"role\":\"director\"}");
    }

    void clientsSucceed() {
        call("listClients", 200, "", null);
        call("addClient", 201, "", "{\"name\":\"kiosk\",\"scope\":\"entitlement\",\"daily\":\"500\"}");
        call("addClient", 202, "", "{\"name\":\"koha\",\"scopes\":[\"ils\"],\"reference\":\"Contract 2026/17\"}");
        call("addClient", 202, "", "{\"name\":\"harvester\",\"scope\":\"metrics\",\"daily\":\"none\"}");
        call("addClient", 422, "", "{\"name\":\"odd\",\"scope\":\"ils\",\"fields\":[\"shoeSize\"]}");
        call("addClient", 422, "", "{\"name\":\"odd\",\"scope\":\"ils\",\"purposes\":[\"curiosity\"]}");
        call("addClient", 422, "", "{\"name\":\"odd\"}");
        call("readClient", 200, "kiosk", null);
        call("changeClient", 200, "kiosk", "{\"daily\":100,\"expires\":\"2099-01-31\"}");
        call("changeClient", 202, "kiosk", "{\"scopes\":[\"entitlement\",\"notices\"]}");
        call("changeClient", 422, "kiosk", "{\"scopes\":[]}");
        call("changeClient", 422, "kiosk", "{\"name\":\"other\"}");
        call("rotateClient", 200, "kiosk", null);
        call("rotateClient", 202, "ils", null);
        call("revokeClient", 200, "kiosk", null);
        call("changeClient", 404, "kiosk", "{}");
        call("rotateClient", 404, "kiosk", null);
    }

    void approvalsSucceed() {
        String id = filed(call("addClient", 202, "", "{\"name\":\"evergreen\",\"scope\":\"ils\"}"));
        call("listApprovals", 200, "", null);
        call("readApproval", 200, id, null);
        call("collectResult", 409, id, null);
        call("decideApproval", 403, id, null);
        by(director, "decideApproval", 409, id, "{\"digest\":\"" + "0".repeat(64) + "\"}", Map.of());
        by(director, "decideApproval", 200, id, null, Map.of());
        by(director, "decideApproval", 409, id, "{\"approve\":5}", Map.of());
        by(director, "collectResult", 403, id, null, Map.of());
        call("readApproval", 200, id, null);
        call("collectResult", 200, id, null);
        call("collectResult", 409, id, null);
        call("decideApproval", 200, waiting(), "{\"approve\":false}");
    }

    void conflictsAreRefused() {
        // A conflict is told before what is wrong with the rest.
        call("addStaff", 409, "", "{\"name\":\" CLERK\",\"roles\":5,\"shoeSize\":1}");
        call("addClient", 409, "", "{\"name\":\"ILS\",\"scopes\":5,\"shoeSize\":1}");
        Map<String, String> key = Map.of("Idempotency-Key", "conflict-2");
        by(admin, "unlockStaff", 200, "page", null, key);
        for (String id : new String[] {
            "addStaff",
            "grantRoles",
            "revokeRoles",
            "disableStaff",
            "enableStaff",
            "setPassword",
            "linkStaff",
            "unlinkStaff",
            "addClient"
        }) {
            String body = described.operation(id).node().has("requestBody") && !id.equals("setPassword") ? "{}" : null;
            by(admin, id, 409, id.equals("addClient") ? "" : "page", body, key);
        }
        by(admin, "changeClient", 409, "ils", "{}", key);
        by(admin, "rotateClient", 409, "ils", null, key);
        by(admin, "revokeClient", 409, "ils", null, key);
        String waiting = waiting();
        by(admin, "decideApproval", 409, waiting, "{\"approve\":false}", key);
        by(admin, "collectResult", 409, waiting, null, key);
    }
}
