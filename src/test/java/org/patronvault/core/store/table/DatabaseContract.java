package org.patronvault.core.store.table;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.sql.StoreSettings;

/** An open store on a fresh database, and a way to bypass it. */
public abstract class DatabaseContract {
    @TempDir
    Path directory;

    public StoreSettings settings;
    public Store store;

    /** Returns the settings of a new, empty database. */
    public abstract StoreSettings fresh(Path emptyDirectory);

    @BeforeEach
    void openStore() {
        settings = fresh(directory);
        store = Store.open(settings);
    }

    @AfterEach
    void closeStore() {
        store.close();
    }

    final boolean written(Function<WriteTx, Boolean> work) {
        return store.write(work);
    }

    final boolean seen(Function<Tx, Boolean> work) {
        return store.read(work);
    }

    final int counted(Function<WriteTx, Integer> work) {
        return store.write(work);
    }

    final <T> List<T> listed(Function<Tx, List<T>> work) {
        return store.read(work);
    }

    final <T> Optional<T> found(Function<Tx, Optional<T>> work) {
        return store.read(work);
    }

    /** Runs a statement behind the store's back. */
    public final void behindItsBack(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(settings.jdbcUrl());
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
