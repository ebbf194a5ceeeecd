/**
 * Commands that search, verify, witness and accept the access log.
 *
 * <p>{@code LogSearchCommand} and {@code LogReportCommand} call the use cases of {@code log.report}, which log each
 * reading first. {@code VerifyCommand} needs no key: it reads a home, an export or receipts and prints what
 * {@code LogVerifier} found.
 */
package org.patronvault.cli.log;
