/**
 * Pages to print: certificates, reports, packages, share cards and instructions.
 *
 * <p>A route passes opened values to one record, such as {@code PackagePage}, and the template prints it. Each page is
 * complete in itself, so the browser keeps nothing. Records with personal values print as {@code [REDACTED]}.
 */
package org.patronvault.web.page.print;
