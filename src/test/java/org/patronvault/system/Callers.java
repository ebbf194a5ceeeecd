package org.patronvault.system;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Who calls each operation of the HTTP interface, all signed in. */
final class Callers {
    /** Who may call what; an operation that is not here needs no sign-in. */
    static final Map<String, String> USERS = Map.ofEntries(
            Map.entry("signOut", "page"),
            Map.entry("listSessions", "page"),
            Map.entry("endSession", "page"),
            Map.entry("registerPatron", "clerk"),
            Map.entry("searchPatrons", "clerk"),
            Map.entry("readPatron", "clerk"),
            Map.entry("changePatron", "clerk"),
            Map.entry("erasePatron", "boss"),
            Map.entry("revealPatron", "clerk"),
            Map.entry("verifyPatron", "clerk"),
            Map.entry("replaceCard", "clerk"),
            Map.entry("revealPatrons", "ils"),
            Map.entry("mergePatrons", "boss"),
            Map.entry("listChanges", "ils"),
            Map.entry("readProtection", "dir"),
            Map.entry("putProtection", "dir"),
            Map.entry("readConsents", "clerk"),
            Map.entry("putConsent", "clerk"),
            Map.entry("forgetSubject", "clerk"),
            Map.entry("listErasures", "boss"),
            Map.entry("readCertificate", "boss"),
            Map.entry("listRetention", "officer"),
            Map.entry("reviewRetention", "officer"),
            Map.entry("readReview", "officer"),
            Map.entry("runRetention", "officer"),
            Map.entry("erasePatronField", "boss"),
            Map.entry("listAccesses", "officer"),
            Map.entry("reportAccesses", "officer"),
            Map.entry("makePackage", "dir"),
            Map.entry("searchLog", "officer"),
            Map.entry("checkEntitlement", "vendor"),
            Map.entry("listVendors", "admin"),
            Map.entry("readVendor", "dir"),
            Map.entry("readStatistics", "dir"),
            Map.entry("makeMailing", "fern"),
            Map.entry("readMailing", "fern"),
            Map.entry("fetchMailing", "fern"),
            Map.entry("listPermissions", "clerk"),
            Map.entry("makePermission", "clerk"),
            Map.entry("revokePermission", "clerk"),
            Map.entry("openDisclosure", "page"),
            Map.entry("openUrgentDisclosure", "page"),
            Map.entry("listDisclosures", "lex"),
            Map.entry("readDisclosure", "lex"),
            Map.entry("addToDisclosure", "page"),
            Map.entry("referDisclosure", "dir"),
            Map.entry("counselDisclosure", "lex"),
            Map.entry("decideDisclosure", "dir"),
            Map.entry("approveDisclosure", "officer"),
            Map.entry("releaseDisclosure", "dir"),
            Map.entry("noticeDisclosure", "dir"),
            Map.entry("gagDisclosure", "dir"),
            Map.entry("closeDisclosure", "dir"),
            Map.entry("makeDesignation", "dir"),
            Map.entry("listDesignations", "dir"),
            Map.entry("revokeDesignation", "dir"),
            Map.entry("postPolicyVersion", "dir"),
            Map.entry("listKeys", "cust1"),
            Map.entry("rotateKey", "cust1"),
            Map.entry("reencryptField", "cust1"),
            Map.entry("listOperations", "cust1"),
            Map.entry("readOperation", "cust1"),
            Map.entry("destroyKey", "cust1"),
            Map.entry("cancelOperation", "cust1"),
            Map.entry("readCheckpoint", "officer"),
            Map.entry("listLogEntries", "officer"),
            Map.entry("proveInclusion", "officer"),
            Map.entry("readLogTile", "officer"),
            Map.entry("proveConsistency", "officer"),
            Map.entry("seal", "cust1"),
            Map.entry("listStaff", "admin"),
            Map.entry("addStaff", "admin"),
            Map.entry("readStaff", "admin"),
            Map.entry("grantRoles", "admin"),
            Map.entry("revokeRoles", "admin"),
            Map.entry("disableStaff", "admin"),
            Map.entry("enableStaff", "admin"),
            Map.entry("unlockStaff", "admin"),
            Map.entry("linkStaff", "admin"),
            Map.entry("unlinkStaff", "admin"),
            Map.entry("setPassword", "admin"),
            Map.entry("resetSecondFactor", "admin"),
            Map.entry("listClients", "admin"),
            Map.entry("addClient", "admin"),
            Map.entry("readClient", "admin"),
            Map.entry("changeClient", "admin"),
            Map.entry("rotateClient", "admin"),
            Map.entry("revokeClient", "admin"),
            Map.entry("listApprovals", "admin"),
            Map.entry("readApproval", "admin"),
            Map.entry("decideApproval", "admin"),
            Map.entry("collectResult", "admin"));

    private Callers() {}

    /** Adds to a running vault who is not among its staff, and signs everybody in; gives the tokens by name. */
    static Map<String, String> signIn(RunningVault vault) {
        Map<String, String> tokens = new HashMap<>();
        RunningVault.STAFF.keySet().forEach(user -> tokens.put(user, vault.signIn(user)));
        tokens.put("admin", vault.signIn("admin"));
        vault.json("admin", "staff", "add", "enrols", "--role", "page", "--new-password-file", "../pw");
        Map.of("fern", "outreach", "lex", "counsel", "chief", "supervisor").forEach((name, role) -> {
            vault.json(
                    "admin", "staff", "add", name, "--role", role, "--library", "NC", "--new-password-file", "../pw");
            tokens.put(name, vault.signIn(name));
        });
        tokens.put("vendor", client(vault, "films-vendor", "--scope", "entitlement", "--checks", "1000000"));
        tokens.put("ils", client(vault, "ils", "--scope", "ils"));
        return tokens;
    }

    private static String client(RunningVault vault, String name, String... options) {
        List<String> words = new ArrayList<>(List.of("client", "add", name));
        words.addAll(List.of(options));
        return vault.json("admin", words.toArray(String[]::new)).path("key").asText();
    }
}
