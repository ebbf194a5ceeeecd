/**
 * Long work on keys: rotation, re-encryption and index rebuilds.
 *
 * <p>{@code Rotations} knows what can be rotated and starts a {@code KeyOperation}. {@code Operations} stores an
 * {@code Operation} row that says how far the work is. {@code OperationWorker} holds the {@code OperationLease} and
 * runs one batch after the other. Each batch is one transaction with a log entry and the new row, so a killed process
 * continues where it stopped.
 */
package org.patronvault.custody.rotate;
