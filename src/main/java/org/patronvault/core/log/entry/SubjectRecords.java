package org.patronvault.core.log.entry;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.patronvault.core.crypto.CanonicalBytes;
import org.patronvault.core.crypto.CanonicalReader;
import org.patronvault.core.model.CaseId;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;

/**
 * The patrons of an entry, as the bytes to be sealed (format.md, "Subjects"). The records have one size and room for 1
 * patron or 20, so a sealed access to two patrons does not show that it was two.
 */
final class SubjectRecords {
    private static final int LOOK = 1;
    private static final int WRITE = 2;
    private static final int CASE = 3;
    private static final int HEADER_BYTES = 2;
    private static final int CASE_BYTES = 8;
    private static final int LOOK_RECORD_BYTES = 10;
    private static final int WRITES = 7;
    private static final int WRITE_RECORD_BYTES = LOOK_RECORD_BYTES + 1 + WRITES * (1 + 8 + 32);

    private SubjectRecords() {}

    /** The sealed content. */
    record Contents(List<Subject> subjects, Optional<CaseId> inCase) {}

    /** Returns all possible lengths of the sealed content, in bytes. */
    static Set<Integer> sizesBytes() {
        Set<Integer> sizes = new HashSet<>();
        for (int slots : new int[] {1, AccessEvent.MAX_SUBJECTS}) {
            sizes.add(HEADER_BYTES + slots * LOOK_RECORD_BYTES);
            sizes.add(HEADER_BYTES + CASE_BYTES + slots * LOOK_RECORD_BYTES);
            sizes.add(HEADER_BYTES + slots * WRITE_RECORD_BYTES);
        }
        return sizes;
    }

    /** Encodes fixed-size records, padded with zero bytes to 1 or 20 records. */
    static byte[] encode(List<Subject> subjects, Optional<CaseId> inCase) {
        boolean writes = subjects.stream().anyMatch(s -> !s.writes().isEmpty());
        if (writes && inCase.isPresent()) {
            throw new IllegalArgumentException("a write must not be in a case");
        }
        int record = writes ? WRITE_RECORD_BYTES : LOOK_RECORD_BYTES;
        CanonicalBytes out = CanonicalBytes.plain()
                .u8(inCase.isPresent() ? CASE : writes ? WRITE : LOOK)
                .u8(subjects.size());
        inCase.ifPresent(one -> out.u64(one.number()));
        for (Subject subject : subjects) {
            out.u64(subject.patron().number()).u16(PatronField.mask(subject.fields()));
            if (writes) {
                out.u8(subject.writes().size());
                for (Subject.Write write : subject.writes()) {
                    out.u8(write.field().code()).u64(write.generation()).raw(write.rowHash());
                }
                out.raw(new byte[(WRITES - subject.writes().size()) * 41]);
            }
        }
        int slots = subjects.size() <= 1 ? 1 : AccessEvent.MAX_SUBJECTS;
        return out.raw(new byte[(slots - subjects.size()) * record]).bytes();
    }

    static Contents decode(byte[] plain) {
        CanonicalReader in = CanonicalReader.of(plain);
        int form = in.u8();
        int count = in.u8();
        if ((form != LOOK && form != WRITE && form != CASE) || count > AccessEvent.MAX_SUBJECTS) {
            throw new IntegrityException("log leaf: subjects");
        }
        Optional<CaseId> inCase = form == CASE ? Optional.of(new CaseId(in.u64())) : Optional.empty();
        List<Subject> subjects = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            PatronId patron = new PatronId(in.u64());
            var fields = PatronField.ofMask(in.u16());
            List<Subject.Write> writes = new ArrayList<>();
            if (form == WRITE) {
                int written = in.u8();
                for (int w = 0; w < WRITES; w++) {
                    byte[] one = in.raw(41);
                    if (w < written) {
                        CanonicalReader record = CanonicalReader.of(one);
                        writes.add(new Subject.Write(
                                PatronField.ofCode(record.u8()), record.u64(), Arrays.copyOfRange(one, 9, 41)));
                    }
                }
            }
            subjects.add(new Subject(patron, fields, writes));
        }
        return new Contents(subjects, inCase);
    }
}
