package dev.warren.dns.server.store.postgres;

import static dev.warren.dns.server.store.Packets.await;
import static dev.warren.dns.server.store.Packets.key;
import static dev.warren.dns.server.store.Packets.packet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warren.base.NodeId;
import dev.warren.discovery.wire.SignedPacket;
import dev.warren.dns.server.store.PacketStore;
import dev.warren.dns.server.store.PacketStoreContract;
import dev.warren.dns.server.store.StoreException;
import dev.warren.dns.server.store.StoreException.Reason;
import dev.warren.dns.server.store.StoreListener;
import dev.warren.dns.server.store.Upsert;
import dev.warren.testlab.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Against a real PostgreSQL that the test starts, stops and starts again. */
@Tag("trouble")
@Timeout(120)
class PostgresPacketStoreTest extends PacketStoreContract {
  private static final Duration SOON = Duration.ofSeconds(20);

  private static TestPostgres postgres;

  @BeforeAll
  static void startPostgres() throws Exception {
    postgres = TestPostgres.start();
  }

  @AfterAll
  static void stopPostgres() throws Exception {
    if (postgres != null) {
      postgres.close();
    }
  }

  @Override
  protected PacketStore open() throws Exception {
    postgres.clear();
    return PostgresPacketStore.open(postgres.options());
  }

  private static final class Heard implements StoreListener {
    final Set<NodeId> ids = ConcurrentHashMap.newKeySet();
    final AtomicInteger all = new AtomicInteger();

    @Override
    public void changed(NodeId id) {
      ids.add(id);
    }

    @Override
    public void allChanged() {
      all.incrementAndGet();
    }
  }

  private static void assertUnavailable(CompletionStage<?> stage) {
    assertThatThrownBy(() -> await(stage))
        .isInstanceOfSatisfying(
            StoreException.class, e -> assertThat(e.reason()).isEqualTo(Reason.UNAVAILABLE))
        .hasMessageContaining("the database jdbc:postgresql://127.0.0.1");
  }

  private static boolean works(CompletionStage<?> stage) {
    try {
      await(stage);
      return true;
    } catch (StoreException e) {
      return false;
    }
  }

  @Test
  void twoReplicasAgreeWhateverEachIsGiven() throws Exception {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    try (PostgresPacketStore one = PostgresPacketStore.open(postgres.options());
        PostgresPacketStore other = PostgresPacketStore.open(postgres.options())) {
      SignedPacket[] newest = new SignedPacket[20];
      List<CompletionStage<Upsert>> all = new ArrayList<>();
      for (int i = 0; i < 1_000; i++) {
        int number = random.nextInt(newest.length);
        SignedPacket packet = packet(key(number), 1 + random.nextInt(50), "n=" + i);
        if (newest[number] == null || packet.isMoreRecentThan(newest[number])) {
          newest[number] = packet;
        }
        all.add((random.nextBoolean() ? one : other).upsert(packet));
      }
      for (CompletionStage<Upsert> each : all) {
        await(each);
      }
      for (SignedPacket packet : newest) {
        assertThat(await(one.get(packet.nodeId()))).contains(packet);
        assertThat(await(other.get(packet.nodeId()))).contains(packet);
      }
    }
  }

  @Test
  void anotherReplicaHearsWhatOneChangesAndNotWhatItIgnores() throws Exception {
    Heard heard = new Heard();
    try (PostgresPacketStore one = PostgresPacketStore.open(postgres.options());
        PostgresPacketStore other = PostgresPacketStore.open(postgres.options())) {
      other.listen(heard);
      Await.until("listening", SOON, other::isListening);
      await(one.upsert(packet(key(1), 10, "new")));
      Await.until("heard", SOON, () -> heard.ids.contains(key(1).nodeId()));
      heard.ids.clear();
      await(one.upsert(packet(key(1), 9, "old")));
      await(one.upsert(packet(key(2), 100, "marker")));
      Await.until("heard", SOON, () -> heard.ids.contains(key(2).nodeId()));
      assertThat(heard.ids).containsExactly(key(2).nodeId());
      heard.ids.clear();
      await(one.evict(50, 10));
      Await.until("heard", SOON, () -> heard.ids.contains(key(1).nodeId()));
      assertThat(heard.ids).containsExactly(key(1).nodeId());
    }
  }

  @Test
  void aGroupOfManyKeysIsToldInFull() throws Exception {
    Heard heard = new Heard();
    try (PostgresPacketStore one = PostgresPacketStore.open(postgres.options());
        PostgresPacketStore other = PostgresPacketStore.open(postgres.options())) {
      other.listen(heard);
      Await.until("listening", SOON, other::isListening);
      List<CompletionStage<Upsert>> all = new ArrayList<>();
      for (int i = 0; i < 700; i++) {
        all.add(one.upsert(packet(key(i), 1, "n=" + i)));
      }
      for (CompletionStage<Upsert> each : all) {
        await(each);
      }
      Await.until("all heard", SOON, () -> heard.ids.size() == 700);
    }
  }

  @Test
  void whileTheDatabaseIsAwayEverythingFailsAndAfterwardsItWorksByItself() throws Exception {
    Heard heard = new Heard();
    try (PostgresPacketStore store = PostgresPacketStore.open(postgres.options());
        PostgresPacketStore other = PostgresPacketStore.open(postgres.options())) {
      store.listen(heard);
      SignedPacket before = packet(key(1), 1, "before");
      await(store.upsert(before));
      Await.until("listening", SOON, store::isListening);
      postgres.stop();
      try {
        assertUnavailable(store.upsert(packet(key(1), 2, "meanwhile")));
        assertUnavailable(store.get(key(1).nodeId()));
        assertUnavailable(store.evict(1, 1));
        long start = System.nanoTime();
        for (int i = 0; i < 100; i++) {
          assertUnavailable(store.upsert(packet(key(2), i, "meanwhile")));
        }
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
        Await.until("noticed", SOON, () -> !store.isListening());
      } finally {
        heard.all.set(0);
        postgres.begin();
      }
      Await.until("everything may have changed", SOON, () -> heard.all.get() == 1);
      // One answer for both: the next may come by the other connection, which still waits.
      Await.until(
          "reads again",
          SOON,
          () -> works(store.get(key(1).nodeId()).thenAccept(p -> assertThat(p).contains(before))));
      Await.until("writes again", SOON, () -> works(store.upsert(packet(key(1), 3, "again"))));
      Await.until("the other listens", SOON, other::isListening);
      heard.ids.clear();
      await(other.upsert(packet(key(5), 1, "by the other")));
      Await.until("heard", SOON, () -> heard.ids.contains(key(5).nodeId()));
    }
  }

  @Test
  void aDatabaseThatDoesNotAnswerIsGivenUpInTime() throws Exception {
    PostgresOptions quick = new PostgresOptions(postgres.url(), "", "", 1, Duration.ofSeconds(1));
    try (PostgresPacketStore store = PostgresPacketStore.open(quick)) {
      await(store.upsert(packet(key(1), 1, "x")));
      try (var connection = java.sql.DriverManager.getConnection(postgres.url());
          var statement = connection.createStatement()) {
        connection.setAutoCommit(false);
        statement.execute("LOCK TABLE warren_packets IN ACCESS EXCLUSIVE MODE");
        assertUnavailable(store.upsert(packet(key(1), 2, "y")));
        assertUnavailable(store.get(key(1).nodeId()));
        connection.rollback();
      }
      Await.until("works again", SOON, () -> works(store.upsert(packet(key(1), 3, "z"))));
    }
  }

  @Test
  void aReplicaUsesAsManyConnectionsAsItSays() throws Exception {
    PostgresOptions three = new PostgresOptions(postgres.url(), "", "", 3, Duration.ofSeconds(5));
    String count =
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'warren-dns' AND query <>"
            + " 'this'";
    try (PostgresPacketStore store = PostgresPacketStore.open(three)) {
      int before = Integer.parseInt(postgres.query(count));
      List<CompletionStage<?>> all = new ArrayList<>();
      for (int i = 0; i < 300; i++) {
        all.add(store.upsert(packet(key(i), 1, "n=" + i)));
        all.add(store.get(key(i).nodeId()));
      }
      for (CompletionStage<?> each : all) {
        await(each);
      }
      // The store of the contract and this one's writer and listener may be there before.
      assertThat(Integer.parseInt(postgres.query(count)) - before).isBetween(1, 3 + 2);
    }
  }

  @Test
  void manyReplicasThatStartAtOnceCreateTheTablesOnce() throws Exception {
    postgres.clear();
    List<Thread> threads = new ArrayList<>();
    AtomicInteger opened = new AtomicInteger();
    for (int i = 0; i < 5; i++) {
      Thread thread =
          new Thread(
              () -> {
                try (PostgresPacketStore store = PostgresPacketStore.open(postgres.options())) {
                  opened.incrementAndGet();
                } catch (StoreException e) {
                  e.printStackTrace();
                }
              });
      thread.start();
      threads.add(thread);
    }
    for (Thread thread : threads) {
      thread.join(30_000);
    }
    assertThat(opened).hasValue(5);
    assertThat(postgres.query("SELECT count(*) FROM warren_schema")).isEqualTo("1");
  }

  @Test
  void tablesOfANewerVersionAreRefused() throws Exception {
    postgres.query("UPDATE warren_schema SET version = 99");
    assertThatThrownBy(() -> PostgresPacketStore.open(postgres.options()))
        .hasMessageContaining("have version 99")
        .hasMessageContaining("use that, or a newer one");
  }

  @Test
  void aForgedPacketInTheDatabaseIsNotGivenOut() throws Exception {
    try (PostgresPacketStore store = PostgresPacketStore.open(postgres.options())) {
      await(store.upsert(packet(key(1), 1, "true")));
      postgres.query("UPDATE warren_packets SET timestamp = timestamp + 1");
      assertThatThrownBy(() -> await(store.get(key(1).nodeId())))
          .isInstanceOfSatisfying(
              StoreException.class, e -> assertThat(e.reason()).isEqualTo(Reason.DAMAGED));
      assertThat(store.counters().damaged()).isEqualTo(1);
    }
  }

  @Test
  void aDatabaseThatIsNotThereIsSaidAtTheStart() {
    assertThatThrownBy(
            () ->
                PostgresPacketStore.open(
                    PostgresOptions.of(
                        "jdbc:postgresql://127.0.0.1:1/none?user=a&password=secret")))
        .isInstanceOfSatisfying(
            StoreException.class, e -> assertThat(e.reason()).isEqualTo(Reason.UNAVAILABLE))
        .hasMessageContaining("jdbc:postgresql://127.0.0.1:1/none")
        .hasMessageNotContaining("secret");
  }

  @Test
  void somebodyElsesNoteOnTheChannelDropsEverythingAndBreaksNothing() throws Exception {
    Heard heard = new Heard();
    try (PostgresPacketStore store = PostgresPacketStore.open(postgres.options())) {
      store.listen(heard);
      Await.until("listening", SOON, store::isListening);
      int before = heard.all.get();
      postgres.query("SELECT pg_notify('warren_packets', 'who knows §$%')");
      Await.until("all dropped", SOON, () -> heard.all.get() > before);
      assertThat(store.isListening()).isTrue();
    }
  }
}
