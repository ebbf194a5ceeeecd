/**
 * Delivery of alerts to receivers outside the vault.
 *
 * <p>The log hands each entry with an alert to {@code Alerts}, which counts it by kind. Each receiver in
 * {@code AlertSettings} has an {@code AlertDelivery} with a thread of its own, so nobody waits for a slow receiver. A
 * {@code Webhook} posts the alert as JSON. An {@code AlertCommand} starts a program with the alert on its standard
 * input.
 */
package org.patronvault.access.alert;
