package org.patronvault.privacy.mailing;

import de.siegmar.fastcsv.writer.CsvWriter;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Function;
import org.patronvault.core.crypto.CmsRecipient;
import org.patronvault.patron.transfer.MailingList;
import org.patronvault.patron.transfer.format.CsvCell;

/**
 * The file of a mailing: each address with an unsubscribe link, as CSV (RFC 4180, UTF-8, a header first), encrypted to
 * the recipient as they arrive. Only {@link #end} makes it whole; decryption refuses a file that breaks off before. For
 * one thread.
 */
final class MailingFile implements MailingList.Sink {
    private static final List<String> COLUMNS = List.of("email", "unsubscribe");

    private final Function<MailingList.Addressee, String> link;
    private final CsvWriter csv;

    MailingFile(CmsRecipient recipient, OutputStream out, Function<MailingList.Addressee, String> link)
            throws IOException {
        this.link = link;
        this.csv = CsvWriter.builder()
                .build(new BufferedWriter(new OutputStreamWriter(recipient.sealing(out), StandardCharsets.UTF_8)));
        csv.writeRecord(COLUMNS);
    }

    @Override
    public void take(List<MailingList.Addressee> some) throws IOException {
        try {
            some.parallelStream()
                    .map(one -> List.of(CsvCell.plain(one.email()), link.apply(one)))
                    .toList()
                    .forEach(csv::writeRecord);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    void end() throws IOException {
        csv.close();
    }
}
