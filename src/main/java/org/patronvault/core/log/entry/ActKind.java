package org.patronvault.core.log.entry;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.patronvault.core.model.IntegrityException;

/** The kind of act that a log entry records, done or attempted. The code is part of the stored log format. */
public enum ActKind {
    SEARCH(1),
    REVEAL(2),
    VERIFY(3),
    REGISTER(4),
    CHANGE(5),
    REPLACE_CARD(6),
    ERASE(7),
    IMPORT(8),
    ACCESSES(9),
    READ_LOG(10),
    SIGN_IN(11),
    SIGN_OUT(12),
    STAFF(13),
    CLIENT(14),
    CREATE_VAULT(15),
    START(16),
    STOP(17),
    UNSEAL(18),
    SEAL(19),
    ROTATE(20),
    NEW_KEY(21),
    ENTITLEMENT(22),
    POLICY(23),
    FACTS(24),
    READ_KEYS(25),
    CHECKPOINT(26),
    MERGE(27),
    APPROVAL(28),
    PROTECT(29),
    COMMISSIONED(30),
    TIDY(31),
    SLOT(32),
    KEY_EXPORT(33),
    DRILL(34),
    DESTROY(35),
    BACKUP(36),
    RESTORE(37),
    REENCRYPT(38),
    REINDEX(39),
    CHECK(40),
    ACCEPT(41),
    CARRY(42),
    LEAKAGE(43),
    STATISTICS(44),
    CONSENT(45),
    MAILING(47),
    UNSUBSCRIBE(48),
    EXPORT(49),
    PACKAGE(50),
    RETENTION(51),
    REVIEW(52),
    DISCLOSURE(53),
    DESIGNATION(54),
    PERMISSION(55),
    FORGET(56),
    MOVE(57),
    CLOCK(58);

    private static final Map<Integer, ActKind> BY_CODE =
            Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(ActKind::code, Function.identity()));

    private final int code;
    private final String wireName;

    ActKind(int code) {
        this.code = code;
        this.wireName = name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    int code() {
        return code;
    }

    static ActKind ofCode(int code) {
        ActKind act = BY_CODE.get(code);
        if (act == null) {
            throw new IntegrityException("log leaf: act");
        }
        return act;
    }

    /** The name in answers. */
    public String wireName() {
        return wireName;
    }
}
