package org.patronvault.privacy.disclosure;

import java.time.Clock;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.patronvault.access.Access;
import org.patronvault.core.crypto.CmsRecipient;
import org.patronvault.core.dual.IdempotencyStore;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.model.Alert;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.Store;
import org.patronvault.patron.transfer.CaseDisclosure;

/**
 * The release of a decided and approved disclosure: exactly those fields of those patrons, each patron in the log
 * first. It makes one package, signed and encrypted to the recipient. Nothing of it is kept unencrypted, and nothing
 * leaves before the case records the release. Safe for use by many threads.
 */
public final class CaseReleases {
    static final String DIGEST = "sha256";
    static final String RECIPIENT = "recipient";

    /**
     * A release to make.
     *
     * @param recipient the certificate, in PEM
     * @param patrons some of the decided patrons; empty for all of them
     * @param fields some of the decided fields; empty for all of them
     */
    public record Spec(String recipient, List<Optional<PatronId>> patrons, Set<PatronField> fields) {}

    private final Store store;
    private final KeyCustody custody;
    private final Access access;
    private final CaseWorkflow acts;
    private final CaseDecisionRules decisions;
    private final Cases cases;
    private final CaseDisclosure releasing;
    private final AuditLog log;
    private final Clock clock;
    private final Object turn = new Object();

    CaseReleases(
            Store store,
            KeyCustody custody,
            Access access,
            AuditLog log,
            CaseWorkflow acts,
            CaseDecisionRules decisions,
            Cases cases,
            CaseDisclosure releasing,
            Clock clock) {
        this.store = store;
        this.custody = custody;
        this.access = access;
        this.log = log;
        this.acts = acts;
        this.decisions = decisions;
        this.cases = cases;
        this.releasing = releasing;
        this.clock = clock;
    }

    /**
     * Returns the encrypted package. A repeated request with its key gets the same package within two days.
     *
     * @param sent read only once the step is due
     */
    public byte[] release(CaseWorkflow.StepRequest by, Supplier<Spec> sent) {
        // One at a time: of two for one case the second would open data that it then must not release.
        synchronized (turn) {
            return releaseAlone(by, sent);
        }
    }

    private byte[] releaseAlone(CaseWorkflow.StepRequest by, Supplier<Spec> sent) {
        Release release = new Release(by, sent);
        DisclosureCase unused = acts.take(
                by,
                new CaseWorkflow.Step(
                        CaseStep.RELEASE,
                        release,
                        decisions::requireLawful,
                        Set.of(Alert.RECORDS_RELEASED),
                        release::answer));
        return release.sealed.orElseGet(() -> again(by.key().get()));
    }

    /** The step that makes the package, which nobody makes if the request is a repeated one. */
    private final class Release implements CaseWorkflow.StepPreparation {
        private final CaseWorkflow.StepRequest by;
        private final Supplier<Spec> sent;
        private Optional<byte[]> sealed = Optional.empty();

        private Release(CaseWorkflow.StepRequest by, Supplier<Spec> sent) {
            this.by = by;
            this.sent = sent;
        }

        @Override
        public StepRecord say(DisclosureCase one) {
            store.read(tx -> {
                decisions.requireLawful(tx, one);
                return one;
            });
            Packed packed = pack(by, one, sent.get());
            sealed = Optional.of(packed.sealed());
            return packed.taken();
        }

        private String answer() {
            return Base64.getEncoder().encodeToString(sealed.orElseThrow());
        }
    }

    private byte[] again(Optional<IdempotencyStore.Key> key) {
        return Base64.getDecoder()
                .decode(access.replay().answered(key).orElseThrow(() -> new IllegalStateException("no answer kept")));
    }

    /** A package, and the recorded step of its release. */
    @SuppressWarnings("ArrayRecordComponent") // made here, and handed on
    private record Packed(byte[] sealed, StepRecord taken) {}

    private Packed pack(CaseWorkflow.StepRequest by, DisclosureCase one, Spec wanted) {
        CmsRecipient recipient =
                CmsRecipient.ofPem(wanted.recipient().getBytes(java.nio.charset.StandardCharsets.UTF_8), clock);
        List<PatronId> patrons = patrons(one.decision(), wanted);
        Set<PatronField> fields = fields(one.decision(), wanted);
        List<CaseDisclosure.ReleasedPatron> opened =
                releasing.open(by.caller(), one.id(), patrons, fields, by.request());
        DisclosurePackage made = new DisclosurePackage(
                one, access.policy().jurisdiction(), opened, fields, recipient.fingerprint(), log.now());
        byte[] sealed = recipient.seal(
                made.zip(custody.keys().statements().newest(), custody.keys().vaultId()));
        Map<String, String> said = new HashMap<>();
        said.put(RECIPIENT, recipient.fingerprint());
        said.put(DIGEST, DisclosurePackage.sha256(sealed));
        return new Packed(
                sealed,
                cases.taken(
                        by.caller(),
                        CaseStep.RELEASE,
                        said,
                        patrons.stream().map(PatronId::toString).toList(),
                        fields.stream().sorted().map(PatronField::wireName).toList()));
    }

    private static List<PatronId> patrons(StepRecord decision, Spec wanted) {
        if (wanted.patrons().isEmpty()) {
            return decision.patronIds();
        }
        List<PatronId> named =
                wanted.patrons().stream().flatMap(Optional::stream).distinct().toList();
        if (named.size() < wanted.patrons().size() || !decision.patronIds().containsAll(named)) {
            throw beyond();
        }
        return named;
    }

    private static Set<PatronField> fields(StepRecord decision, Spec wanted) {
        if (!decision.personalFields().containsAll(wanted.fields())) {
            throw beyond();
        }
        return wanted.fields().isEmpty() ? decision.personalFields() : wanted.fields();
    }

    private static Refused beyond() {
        return new Refused(
                Problem.BEYOND_SCOPE, "That is more than was decided and approved; decide anew to hand out more.");
    }
}
