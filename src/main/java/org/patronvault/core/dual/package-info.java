/**
 * Acts that need a second person, and the rows that carry authority.
 *
 * <p>A use case describes its act as {@code ApprovalTerms} and asks {@code Approvals}. During commissioning the act
 * may run at once. After commissioning, {@code ApprovalRows} stores the request until a person that
 * {@code SecondPerson} accepts decides. {@code ApprovalDecisions} then runs the stored {@code TwoPersonAct} and keeps
 * its result for the requester. An {@code ApprovalGrant} permits an act that the requester runs later. Accounts,
 * clients, approvals and limits are rows that carry authority. {@code Authority} checks the MAC and generation of each
 * row before it returns the body. A refused row becomes an alert in {@code RefusedRowAlerts}. {@code RowKeyRotation}
 * rewrites rows under the newest row key, and {@code ExpiredRowCleanup} deletes rows whose {@code ValidityPeriod} is
 * over. {@code IdempotencyStore} returns the stored answer when a write is sent again.
 */
package org.patronvault.core.dual;
