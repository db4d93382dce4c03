import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;

/** What BI tools read through JDBC: tables, keys and remarks; then 8 connections with prepared statements that are used again. */
public class Metadata {
  static final int CONNECTIONS = 8;
  static final int STATEMENTS = 100;

  static int rows(ResultSet set, String column) throws Exception {
    int count = 0;
    while (set.next()) {
      String text = set.getString(column);
      if (text != null && !text.isEmpty()) count++;
    }
    return count;
  }

  static long ask(String url, String user, String password) throws Exception {
    long counted = 0;
    try (Connection connection = DriverManager.getConnection(url, user, password);
        PreparedStatement statement = connection.prepareStatement(
            "SELECT status, count(*), sum(duration_ms) FROM job_instance WHERE date >= CAST(? AS date) GROUP BY status")) {
      for (int index = 0; index < STATEMENTS; index++) {
        statement.setString(1, "2000-01-0" + (1 + index % 9));
        try (ResultSet set = statement.executeQuery()) {
          while (set.next()) counted += set.getLong(2);
        }
      }
    }
    return counted;
  }

  public static void main(String[] args) throws Exception {
    String url = args[0], user = args[1], password = args[2];
    try (Connection connection = DriverManager.getConnection(url, user, password)) {
      DatabaseMetaData about = connection.getMetaData();
      int tables = rows(about.getTables(null, "bi_v1", "%", new String[] {"TABLE"}), "REMARKS");
      int keys = rows(about.getPrimaryKeys(null, "bi_v1", "job_instance"), "COLUMN_NAME");
      int links = rows(about.getImportedKeys(null, "bi_v1", "job_instance"), "PKTABLE_NAME");
      int remarks = rows(about.getColumns(null, "bi_v1", "job_instance", "%"), "REMARKS");
      System.out.printf("%d tables, %d key, %d links and %d remarks of job_instance%n", tables, keys, links, remarks);
      if (tables == 0 || keys != 1 || links == 0 || remarks == 0) System.exit(1);
    }
    ExecutorService pool = Executors.newFixedThreadPool(CONNECTIONS);
    List<Future<Long>> answers = new ArrayList<>();
    long startedMs = System.currentTimeMillis();
    for (int index = 0; index < CONNECTIONS; index++) answers.add(pool.submit(() -> ask(url, user, password)));
    for (Future<Long> answer : answers) if (answer.get() == 0) System.exit(1);
    pool.shutdown();
    long tookMs = System.currentTimeMillis() - startedMs;
    System.out.printf("%d connections, %d statements, 0 errors, %d ms%n", CONNECTIONS, CONNECTIONS * STATEMENTS, tookMs);
  }
}
