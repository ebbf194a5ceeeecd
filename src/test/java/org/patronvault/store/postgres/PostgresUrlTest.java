package org.patronvault.store.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.core.model.Refused;

/** Tests of the URL in vault.yaml, without a server. */
final class PostgresUrlTest {
    private static final String TWO = "jdbc:postgresql://db1.example.org:5433,db2.example.org/vault?user=vault_service";

    @ParameterizedTest
    @CsvSource({
        "targetServerType, primary",
        "hostRecheckSeconds, 1",
        "connectTimeout, 2",
        "loginTimeout, 5",
        "socketTimeout, 10",
        "tcpKeepAlive, true",
        "reWriteBatchedInserts, true",
        "ApplicationName, patron-vault",
        "logServerErrorDetail, false",
        "sslmode, verify-full"
    })
    void whatIsLeftOpenIsSet(String setting, String value) {
        assertThat(used(TWO)).contains(setting + "=" + value);
        assertThat(PostgresUrl.of(TWO).hasStandbys()).isTrue();
    }

    /** Returns the properties that the driver gets. */
    private static List<String> used(String url) {
        return List.of(PostgresUrl.of(url).source(() -> null).getUrl().split("[?&]", -1));
    }

    @Test
    void whatIsSaidStays() {
        String said = "&socketTimeout=30&connectTimeout=7&sslrootcert=/etc/ca.crt&madeUp=1";
        assertThat(used(TWO + said)).contains("socketTimeout=30", "connectTimeout=7", "sslrootcert=%2Fetc%2Fca.crt");
        PostgresSource source = PostgresUrl.of(TWO).source(() -> null);
        assertThat(source.getServerNames()).containsExactly("db1.example.org", "db2.example.org");
        assertThat(source.getUser()).isEqualTo("vault_service");
        assertThat(source.getPortNumbers()).containsExactly(5433, 5432);
    }

    @Test
    void noStatementOnTheSchemaIsCutOff() {
        assertThat(PostgresUrl.of(TWO).patientSource(() -> null).getSocketTimeout())
                .isZero();
        assertThat(PostgresUrl.of(TWO).source(() -> null).getSocketTimeout()).isEqualTo(10);
    }

    @Test
    void workOnTheSchemaHasLongerToSignInUnlessTheUrlSaysHowLong() throws SQLException {
        PostgresUrl url = PostgresUrl.of(TWO);
        assertThat(url.source(() -> null).getLoginTimeout()).isEqualTo(5);
        assertThat(url.patientSource(() -> null).getLoginTimeout()).isEqualTo(60);
        PostgresUrl own = PostgresUrl.of(TWO + "&loginTimeout=9");
        assertThat(own.patientSource(() -> null).getLoginTimeout()).isEqualTo(9);
    }

    @Test
    void serverErrorsStayWithoutDetailWhateverTheUrlSays() {
        assertThat(used(TWO + "&logServerErrorDetail=true")).contains("logServerErrorDetail=false");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:postgresql:vault",
                "jdbc:postgresql:///vault",
                "jdbc:postgresql://localhost/vault?sslmode=disable",
                "jdbc:postgresql://127.0.0.1:5432,127.0.0.2:5433/vault?ssl=false",
                "jdbc:postgresql://[::1]:5432/vault"
            })
    void onThisMachineTlsIsNotAskedFor(String url) {
        assertThat(used(url)).doesNotContain("sslmode=verify-full");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:postgresql://db.example.org/vault",
                "jdbc:postgresql://localhost,db.example.org/vault",
                "jdbc:postgresql://127.0.0.1.example.org/vault",
                "jdbc:postgresql://10.0.0.4/vault?ssl=true",
                "jdbc:postgresql://10.0.0.4/vault?sslmode=verify-full"
            })
    void whereAHostIsElsewhereTheServerIsProved(String url) {
        assertThat(used(url)).contains("sslmode=verify-full");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sslmode=disable",
                "sslmode=allow",
                "sslmode=prefer",
                "sslmode=require",
                "sslmode=verify-ca",
                "ssl=false",
                "sslmode=verify-full&sslfactory=org.postgresql.ssl.NonValidatingFactory",
                "sslhostnameverifier=org.example.Any"
            })
    void weakerTlsIsRefusedWithTheCure(String setting) {
        refused(TWO + "&" + setting, "sslrootcert=");
    }

    @ParameterizedTest
    @ValueSource(strings = {"any", "secondary", "slave", "preferSecondary", "preferSlave", "preferPrimary", "none"})
    void aServerThatMayBeBehindIsRefusedWithTheCure(String type) {
        refused(TWO + "&targetServerType=" + type, "leave it out");
        refused("jdbc:postgresql://localhost/vault?targetServerType=primary&targetServerType=" + type, "leave it out");
    }

    @ParameterizedTest
    @ValueSource(strings = {"primary", "master"})
    void thePrimaryMayBeNamed(String type) {
        assertThat(used(TWO + "&targetServerType=" + type)).contains("targetServerType=" + type);
    }

    @ParameterizedTest
    @ValueSource(strings = {"simple", "extendedForPrepared", "extendedCacheEverything"})
    void valuesInTheTextOfStatementsAreRefused(String mode) {
        refused("jdbc:postgresql://localhost/vault?preferQueryMode=" + mode, "leave it out");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:postgresql://localhost/vault?password=s3cret",
                "jdbc:postgresql://localhost/vault?user=u&PASSWORD=s3cret",
                "jdbc:postgresql://localhost/vault?sslpassword=s3cret",
                "jdbc:postgresql://u:s3cret@localhost/vault"
            })
    void aPasswordIsRefusedWithTheCure(String url) {
        refused(url, "databasePasswordFile");
    }

    @ParameterizedTest
    @ValueSource(strings = {"jdbc:postgresql://s3cret:port/vault", "jdbc:postgresql://s3cret:99999/vault"})
    void whatIsNoUrlIsRefused(String url) {
        refused(url, "is not of the form");
    }

    private static void refused(String url, String cure) {
        assertThatThrownBy(() -> PostgresUrl.of(url))
                .isInstanceOf(Refused.class)
                .hasMessageStartingWith("The database's URL ")
                .hasMessageContaining(cure)
                .hasMessageNotContainingAny("s3cret", "example.org", "vault_service", "localhost");
    }
}
