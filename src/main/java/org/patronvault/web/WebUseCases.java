package org.patronvault.web;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.patronvault.access.Access;
import org.patronvault.access.Alerts;
import org.patronvault.audit.AuditLog;
import org.patronvault.audit.Witnesses;
import org.patronvault.custody.KeyDestruction;
import org.patronvault.custody.KeyStatus;
import org.patronvault.custody.Rotations;
import org.patronvault.custody.SealControl;
import org.patronvault.custody.Slots;
import org.patronvault.patron.Patrons;
import org.patronvault.privacy.Privacy;
import org.patronvault.privacy.entitlement.GatewayAccount;
import org.patronvault.upkeep.Doctor;
import org.patronvault.upkeep.LogVerification;
import org.patronvault.upkeep.StoreGauges;

/**
 * The use cases that the HTTP edge calls.
 *
 * @param gateway the present state of each SIP2 gateway account, or none without a gateway
 * @param weakness a weak database setting that stops all writes, with its cure
 * @param gatewayTls the TLS settings of the SIP2 gateway, if it uses TLS
 */
public record WebUseCases(
        Access access,
        AuditLog log,
        Patrons patrons,
        Privacy privacy,
        KeyStatus keys,
        Rotations rotations,
        SealControl seal,
        Slots slots,
        KeyDestruction destruction,
        Alerts alerts,
        Witnesses witnesses,
        Doctor doctor,
        LogVerification verification,
        Supplier<List<GatewayAccount>> gateway,
        StoreGauges storeGauges,
        Supplier<Optional<String>> weakness,
        Optional<ServerTls> gatewayTls) {}
