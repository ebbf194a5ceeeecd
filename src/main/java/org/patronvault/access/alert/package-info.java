/**
 * Delivery of alerts to receivers outside the vault.
 *
 * <p>The log hands each entry with an alert to {@code Alerts}, which counts it by kind. Each receiver in
 * {@code AlertSettings} has an {@code AlertDelivery} with a thread of its own, so nobody waits for a slow receiver. A
 * {@code AlertReceiver} is an address that the alert is posted to as JSON, or a program that gets it on its standard
 * input.
 */
package org.patronvault.access.alert;
