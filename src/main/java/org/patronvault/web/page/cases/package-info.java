/**
 * Pages around disclosure cases.
 *
 * <p>{@code CasePageFlow} finds the person and the case and runs the posted step. {@code CaseViews} offers only the
 * steps that this person may take. An officer's visit starts at {@code OfficerPage} or {@code IntakePage}.
 */
package org.patronvault.web.page.cases;
