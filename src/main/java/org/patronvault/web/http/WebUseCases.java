package org.patronvault.web.http;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.patronvault.access.Access;
import org.patronvault.access.alert.Alerts;
import org.patronvault.core.log.AuditLog;
import org.patronvault.custody.destroy.KeyDestruction;
import org.patronvault.custody.destroy.KeyStatus;
import org.patronvault.custody.rotate.Rotations;
import org.patronvault.custody.slot.SealControl;
import org.patronvault.custody.slot.Slots;
import org.patronvault.log.witness.Witnesses;
import org.patronvault.patron.Patrons;
import org.patronvault.privacy.Privacy;
import org.patronvault.privacy.entitlement.GatewayAccount;
import org.patronvault.upkeep.check.LogVerification;
import org.patronvault.upkeep.doctor.Doctor;
import org.patronvault.upkeep.doctor.StoreGauges;

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
