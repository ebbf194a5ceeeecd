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
 * The use cases this edge calls.
 *
 * @param gateway how it stands with each account of the SIP2 gateway now; none where there is no gateway
 * @param weakness what is weak of the database's settings, so that nothing is written now, with the cure
 * @param gatewayTls what the SIP2 gateway speaks TLS with, if it does
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
