package org.patronvault.core.vault;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.util.JavacTask;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.patronvault.core.log.AuditReceipt;

/**
 * Tests the part of the first promise that the compiler enforces. {@code PatronVault} cannot be asked for a value
 * without a receipt, and only the log's package makes receipts. {@code ArchitectureTest} covers the rest.
 */
final class NoDisclosureWithoutReceiptTest {
    private static final String ARGUMENT_MISSING = "compiler.err.cant.apply.symbol";
    private static final String WRONG_TYPE = "compiler.err.prob.found.req";
    private static final String NOT_ACCESSIBLE = "compiler.err.not.def.public.cant.access";

    @Test
    void openingWithReceiptCompiles() throws Exception {
        assertThat(errorsOf("""
                        Object look(
                                PatronVault vault,
                                StoredPatron row,
                                Set<PatronField> fields,
                                AuditReceipt receipt,
                                Actor by,
                                Purpose why) {
                            return vault.open(row, fields, receipt, by, why);
                        }
                        """)).isEmpty();
    }

    @Test
    void openingWithoutReceiptDoesNotCompile() throws Exception {
        assertThat(errorsOf("""
                        Object look(PatronVault vault, StoredPatron row, Set<PatronField> fields, Actor by, Purpose why) {
                            return vault.open(row, fields, by, why);
                        }
                        """)).containsExactly(ARGUMENT_MISSING);
    }

    @Test
    void openingWithSomethingElseThanReceiptDoesNotCompile() throws Exception {
        assertThat(errorsOf("""
                        Object look(
                                PatronVault vault,
                                StoredPatron row,
                                Set<PatronField> fields,
                                long entry,
                                Actor by,
                                Purpose why) {
                            return vault.open(row, fields, entry, by, why);
                        }
                        """)).containsExactly(WRONG_TYPE);
    }

    @Test
    void readingReceiptOutsideTheLogCompiles() throws Exception {
        assertThat(errorsOf("long entry(AuditReceipt receipt) { return receipt.index(); }"))
                .isEmpty();
    }

    @Test
    void makingReceiptOutsideTheLogDoesNotCompile() throws Exception {
        assertThat(errorsOf("AuditReceipt forge(AccessEvent event) { return new AuditReceipt(7, event); }"))
                .containsExactly(NOT_ACCESSIBLE);
    }

    @Test
    void receiptCannotBeMadeBySubclass() throws Exception {
        assertThat(errorsOf("static class Forged extends AuditReceipt { Forged() { super(7, null); } }"))
                .contains("compiler.err.cant.inherit.from.final");
    }

    /** The codes of the errors the compiler finds in a class outside {@code core.log} and {@code core.vault}. */
    private static List<String> errorsOf(String member) throws IOException, URISyntaxException {
        String source = """
                package org.patronvault.probe;

                import java.util.Set;
                import org.patronvault.core.log.entry.AccessEvent;
                import org.patronvault.core.log.AuditReceipt;
                import org.patronvault.core.model.Actor;
                import org.patronvault.core.model.PatronField;
                import org.patronvault.core.model.Purpose;
                import org.patronvault.core.vault.PatronVault;
                import org.patronvault.core.store.table.StoredPatron;

                final class Probe {
                %s
                }
                """.formatted(member);
        JavaFileObject unit = new SimpleJavaFileObject(URI.create("string:///Probe.java"), JavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                return source;
            }
        };
        Path mainClasses = Path.of(AuditReceipt.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        DiagnosticCollector<JavaFileObject> found = new DiagnosticCollector<>();
        JavacTask task = (JavacTask) ToolProvider.getSystemJavaCompiler()
                .getTask(
                        null,
                        null,
                        found,
                        List.of("-proc:none", "-Xlint:none", "-cp", mainClasses.toString()),
                        null,
                        List.of(unit));
        task.analyze();
        return found.getDiagnostics().stream()
                .filter(d -> d.getKind() == Diagnostic.Kind.ERROR)
                .map(Diagnostic::getCode)
                .toList();
    }
}
