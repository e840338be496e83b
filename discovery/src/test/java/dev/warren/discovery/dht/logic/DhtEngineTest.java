package dev.warren.discovery.dht.logic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.SecretKey;
import dev.warren.discovery.dht.logic.DhtCounters.Event;
import dev.warren.discovery.dht.logic.SimulatedDht.Heard;
import dev.warren.discovery.dht.wire.DhtContact;
import dev.warren.discovery.dht.wire.DhtId;
import dev.warren.discovery.dht.wire.KrpcMessage;
import dev.warren.discovery.dht.wire.KrpcRequest;
import dev.warren.discovery.dht.wire.MutableItem;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole DHTs by a clock of their own. */
@Tag("trouble")
class DhtEngineTest {
  private final SimulatedDht net = new SimulatedDht(new Random().nextLong());
  private final SecretKey secret = SecretKey.generate();
  private final byte[] key = secret.nodeId().toBytes();

  private MutableItem item(long seq, String text) {
    return MutableItem.sign(secret, SimulatedDht.NO_SALT, seq, text.getBytes());
  }

  private Heard get(InetSocketAddress who) {
    return net.get(who, key, SimulatedDht.NO_SALT);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 8, 50, 200})
  void whatOneStoresAnotherFinds(int nodes) {
    List<InetSocketAddress> all = net.nodes(nodes);
    InetSocketAddress publisher = net.join(false, all.get(0));
    InetSocketAddress reader = net.join(false, all.get(nodes - 1));
    PutResult put = net.put(publisher, item(7, "here"));
    assertThat(put.stored()).isEqualTo(Math.min(nodes, Lookup.K));
    Heard heard = get(reader);
    assertThat(heard.items).containsExactly(item(7, "here"));
    assertThat(heard.asked).isLessThan(90);
  }

  /** With these seeds the node that is asked first knew nobody of the item's half of the world. */
  @ParameterizedTest
  @ValueSource(longs = {0, 2, 11, 19})
  void theClosestNodesOfAllHoldTheItem(long seed) {
    SimulatedDht world = new SimulatedDht(seed);
    List<DhtId> ids = new ArrayList<>();
    List<InetSocketAddress> nodes = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      ids.add(DhtId.random(world.random));
      InetSocketAddress[] first = i == 0 ? new InetSocketAddress[0] : arrayOf(nodes.get(0));
      nodes.add(world.join(ids.get(i), true, first));
    }
    world.run(Duration.ofSeconds(60));
    byte[] bytes = new byte[32];
    bytes[0] = (byte) seed;
    MutableItem item =
        MutableItem.sign(SecretKey.ofBytes(bytes), SimulatedDht.NO_SALT, 1, new byte[1]);
    world.put(world.join(false, nodes.get(3)), item);
    List<DhtId> closest = new ArrayList<>(ids);
    closest.sort(item.target()::compareDistance);
    int held = 0;
    for (DhtId id : closest.subList(0, Lookup.K)) {
      held += world.engines.get(nodes.get(ids.indexOf(id))).items();
    }
    assertThat(held).isGreaterThanOrEqualTo(Lookup.K - 1);
  }

  private static InetSocketAddress[] arrayOf(InetSocketAddress one) {
    return new InetSocketAddress[] {one};
  }

  @Test
  void aThirdOfTheNodesMayVanish() {
    List<InetSocketAddress> nodes = net.nodes(60);
    net.put(net.join(false, nodes.get(0)), item(1, "still here"));
    List<InetSocketAddress> shuffled = new ArrayList<>(nodes.subList(1, nodes.size()));
    Collections.shuffle(shuffled, net.random);
    shuffled.subList(0, 20).forEach(net.engines::remove);
    Heard heard = get(net.join(false, nodes.get(0)));
    assertThat(heard.items).containsExactly(item(1, "still here"));
  }

  @Test
  void aNodeWhoseBootstrapNodeHasVanishedAsksThoseItKnows() {
    List<InetSocketAddress> nodes = net.nodes(20);
    InetSocketAddress reader = net.join(false, nodes.get(0));
    get(reader);
    net.engines.remove(nodes.get(0));
    net.put(nodes.get(5), item(1, "x"));
    assertThat(get(reader).items).hasSize(1);
  }

  @Test
  void aClientThatKnowsOnlyNodesThatAreGoneBeginsAgain() {
    List<InetSocketAddress> old = net.nodes(25);
    InetSocketAddress bootstrap = old.get(0);
    InetSocketAddress reader = net.join(false, bootstrap);
    get(reader);
    old.subList(1, old.size()).forEach(net.engines::remove);
    DhtEngine kept = net.engines.remove(bootstrap);
    for (int i = 0; i < 5; i++) {
      Heard heard = get(reader);
      assertThat(heard.answered).isZero();
    }
    net.engines.put(bootstrap, kept);
    assertThat(get(reader).answered).isPositive();
  }

  @Test
  void twoHalvesThatGetToKnowOneNodeOfEachOtherBecomeOne() {
    List<InetSocketAddress> left = net.nodes(12);
    List<InetSocketAddress> right = net.nodes(12);
    net.put(left.get(3), item(1, "left"));
    assertThat(get(right.get(3)).items).isEmpty();
    net.engines.get(right.get(0)).setBootstrap(List.of(left.get(0)));
    net.run(Duration.ofSeconds(150));
    assertThat(get(right.get(3)).items).containsExactly(item(1, "left"));
  }

  @Test
  void theFirstItemIsToldAtOnceAndNewerOnesAfterwards() {
    List<InetSocketAddress> nodes = net.nodes(30);
    net.put(nodes.get(1), item(1, "old"));
    // Some have missed the newer one: put it when half are away.
    List<DhtEngine> away = new ArrayList<>();
    List<InetSocketAddress> half = nodes.subList(15, 30);
    half.forEach(n -> away.add(net.engines.remove(n)));
    net.put(nodes.get(1), item(2, "new"));
    for (int i = 0; i < half.size(); i++) {
      net.engines.put(half.get(i), away.get(i));
    }
    Heard heard = get(net.join(false, nodes.get(20)));
    assertThat(heard.items.get(heard.items.size() - 1)).isEqualTo(item(2, "new"));
    assertThat(heard.items.size()).isLessThanOrEqualTo(2);
  }

  @Test
  void anOldSequenceNumberNeverReplacesANewerItem() {
    List<InetSocketAddress> nodes = net.nodes(10);
    net.put(nodes.get(1), item(5, "new"));
    PutResult old = net.put(nodes.get(2), item(4, "old"));
    assertThat(old.stored()).isZero();
    assertThat(old.newer()).isEqualTo(old.asked()).isPositive();
    assertThat(get(nodes.get(3)).items).containsExactly(item(5, "new"));
  }

  @Test
  void thePutterSeesTheNewestItemBeforeItChooses() {
    List<InetSocketAddress> nodes = net.nodes(10);
    net.put(nodes.get(1), item(5, "new"));
    List<PutResult> results = new ArrayList<>();
    net.engines
        .get(nodes.get(2))
        .put(
            key,
            SimulatedDht.NO_SALT,
            newest -> item(newest == null ? 1 : newest.seq() + 1, "newer"),
            results::add,
            net.clock.nanoTime());
    net.runUntil(Duration.ofSeconds(20), () -> !results.isEmpty());
    assertThat(results.get(0).stored()).isPositive();
    assertThat(results.get(0).newest()).isEqualTo(item(5, "new"));
    assertThat(get(nodes.get(3)).items).containsExactly(item(6, "newer"));
  }

  @Test
  void itemsOfOneKeyWithOtherSaltsAreOthers() {
    List<InetSocketAddress> nodes = net.nodes(10);
    byte[] salt = "salt".getBytes();
    net.put(nodes.get(1), MutableItem.sign(secret, salt, 1, "salted".getBytes()));
    assertThat(get(nodes.get(2)).items).isEmpty();
    assertThat(net.get(nodes.get(2), key, salt).items).hasSize(1);
  }

  @Test
  void itemsAreForgottenTwoHoursAfterTheirLastPut() {
    List<InetSocketAddress> nodes = net.nodes(4);
    net.put(nodes.get(1), item(1, "x"));
    net.clock.advance(Duration.ofMinutes(119));
    net.run(Duration.ofSeconds(3));
    assertThat(get(nodes.get(2)).items).hasSize(1);
    net.clock.advance(Duration.ofMinutes(2));
    net.run(Duration.ofSeconds(3));
    assertThat(get(nodes.get(2)).items).isEmpty();
    assertThat(net.engines.get(nodes.get(0)).items()).isZero();
  }

  /** A node that answers every get with {@code item} beside no nodes. */
  private InetSocketAddress liar(KrpcMessage.Item item) {
    InetSocketAddress address = net.address();
    DhtId id = DhtId.random(net.random);
    net.liars.put(
        address,
        query ->
            new KrpcMessage.Answer(
                query.transaction(),
                id,
                null,
                new byte[4],
                List.of(),
                item.seq(),
                query.request() instanceof KrpcRequest.Get ? item : null));
    return address;
  }

  private static KrpcMessage.Item written(MutableItem item) {
    return new KrpcMessage.Item(item.key(), item.value(), item.signature(), item.seq());
  }

  @Test
  void poisonedItemsAreCountedAndNeverTold() {
    List<InetSocketAddress> nodes = net.nodes(8);
    net.put(nodes.get(1), item(5, "true"));
    MutableItem good = item(9, "forged");
    SecretKey other = SecretKey.generate();
    MutableItem foreign = MutableItem.sign(other, SimulatedDht.NO_SALT, 10, "another's".getBytes());
    MutableItem salted = MutableItem.sign(secret, "salt".getBytes(), 11, "salted".getBytes());
    byte[] changed = good.value().clone();
    changed[3] ^= 1;
    List<KrpcMessage.Item> lies =
        List.of(
            new KrpcMessage.Item(key, changed, good.signature(), 9L),
            new KrpcMessage.Item(key, good.value(), good.signature(), 10L),
            written(foreign),
            new KrpcMessage.Item(key, foreign.value(), foreign.signature(), 10L),
            written(salted),
            new KrpcMessage.Item(key, good.value(), new byte[64], Long.MAX_VALUE),
            new KrpcMessage.Item(new byte[31], good.value(), good.signature(), 9L),
            new KrpcMessage.Item(key, good.value(), new byte[1], 9L),
            written(MutableItem.sign(secret, SimulatedDht.NO_SALT, 12, new byte[1500])));
    List<InetSocketAddress> all = new ArrayList<>(nodes);
    lies.forEach(lie -> all.add(liar(lie)));
    InetSocketAddress reader = net.join(false, all.toArray(InetSocketAddress[]::new));
    Heard heard = get(reader);
    assertThat(heard.items).containsExactly(item(5, "true"));
    assertThat(net.counters.get(reader).get(Event.BAD_ITEMS)).isEqualTo(lies.size());
  }

  @Test
  void nodesThatTellOfInventedNodesDoNotKeepTheItemFromBeingFound() {
    List<InetSocketAddress> nodes = net.nodes(40);
    net.put(nodes.get(1), item(5, "true"));
    DhtId target = item(5, "true").target();
    List<InetSocketAddress> all = new ArrayList<>(nodes.subList(0, 4));
    for (int i = 0; i < 12; i++) {
      InetSocketAddress address = net.address();
      DhtId id = target.randomAt(100, net.random);
      net.liars.put(
          address,
          query -> {
            List<DhtContact> invented = new ArrayList<>();
            for (int n = 0; n < 20; n++) {
              invented.add(net.contact(target.randomAt(120, net.random)));
            }
            return new KrpcMessage.Answer(
                query.transaction(), id, null, new byte[4], invented, null, null);
          });
      all.add(address);
    }
    InetSocketAddress reader = net.join(false, all.toArray(InetSocketAddress[]::new));
    Heard heard = get(reader);
    assertThat(heard.items).containsExactly(item(5, "true"));
    assertThat(heard.asked).isLessThanOrEqualTo(Lookup.MAX_ASKED);
  }

  @Test
  void anAnswerFromAnotherSourceOrWithAnotherTransactionIdIsDroppedAndCounted() {
    MutableItem poison = item(99, "spoofed");
    InetSocketAddress node = net.address();
    InetSocketAddress elsewhere = net.address();
    List<InetSocketAddress> readers = new ArrayList<>();
    DhtId id = DhtId.random(net.random);
    net.liars.put(
        node,
        query -> {
          KrpcMessage.Answer answer =
              new KrpcMessage.Answer(
                  query.transaction(), id, null, null, List.of(), 99L, written(poison));
          net.send(elsewhere, readers.get(0), answer.encode());
          for (int guess = 0; guess < 10; guess++) {
            byte[] tx = new byte[query.transaction().length];
            net.random.nextBytes(tx);
            net.send(
                node,
                readers.get(0),
                new KrpcMessage.Answer(tx, id, null, null, List.of(), 99L, written(poison))
                    .encode());
          }
          return null;
        });
    InetSocketAddress reader = net.join(false, node);
    readers.add(reader);
    Heard heard = get(reader);
    assertThat(heard.items).isEmpty();
    assertThat(heard.answered).isZero();
    // Twice, since a query is repeated once.
    assertThat(net.counters.get(reader).get(Event.UNEXPECTED_ANSWERS)).isGreaterThanOrEqualTo(22);
  }

  @Test
  void aNodeThatAnswersTwiceIsHeardOnce() {
    List<InetSocketAddress> readers = new ArrayList<>();
    InetSocketAddress node = net.address();
    DhtId id = DhtId.random(net.random);
    net.liars.put(
        node,
        query -> {
          KrpcMessage.Answer answer =
              new KrpcMessage.Answer(
                  query.transaction(), id, null, new byte[4], List.of(), null, null);
          net.send(node, readers.get(0), answer.encode());
          return answer;
        });
    InetSocketAddress reader = net.join(false, node);
    readers.add(reader);
    assertThat(get(reader).answered).isEqualTo(1);
    assertThat(net.counters.get(reader).get(Event.UNEXPECTED_ANSWERS)).isEqualTo(1);
  }

  @Test
  void aNodeThatTakesOnlyTwoBytesOfTransactionIdIsReachedByTheRepetition() {
    List<Integer> lengths = new ArrayList<>();
    InetSocketAddress node = net.address();
    DhtId id = DhtId.random(net.random);
    net.liars.put(
        node,
        query -> {
          lengths.add(query.transaction().length);
          return query.transaction().length != 2
              ? null
              : new KrpcMessage.Answer(
                  query.transaction(), id, null, new byte[4], List.of(), null, null);
        });
    InetSocketAddress reader = net.join(false, node);
    assertThat(get(reader).answered).isEqualTo(1);
    assertThat(get(reader).answered).isEqualTo(1);
    assertThat(lengths).containsExactly(4, 2, 2);
  }

  @Test
  void aLookupOfNodesThatNeverAnswerEnds() {
    InetSocketAddress[] silent = new InetSocketAddress[50];
    for (int i = 0; i < silent.length; i++) {
      silent[i] = net.address();
    }
    Heard heard = get(net.join(false, silent));
    assertThat(heard.answered).isZero();
    assertThat(heard.items).isEmpty();
  }

  @Test
  void clientsAreNotRememberedAsNodesAndSendNothingUnasked() {
    InetSocketAddress node = net.join(true);
    InetSocketAddress client = net.join(false, node);
    get(client);
    long before = net.counters.get(client).get(Event.DATAGRAMS_SENT);
    net.run(Duration.ofMinutes(2));
    assertThat(net.engines.get(node).nodes()).isZero();
    assertThat(net.counters.get(client).get(Event.DATAGRAMS_SENT)).isEqualTo(before);
  }

  @Test
  void clientsAnswerNobody() {
    InetSocketAddress client = net.join(false);
    byte[] ping =
        new KrpcMessage.Query(new byte[4], DhtId.random(net.random), false, new KrpcRequest.Ping())
            .encode();
    net.send(net.address(), client, ping);
    net.run(Duration.ofSeconds(1));
    assertThat(net.counters.get(client).get(Event.DATAGRAMS_SENT)).isZero();
  }

  @Test
  void tooManyLookupsAreRefusedAndCounted() {
    InetSocketAddress client = net.join(false, net.address());
    DhtEngine engine = net.engines.get(client);
    for (int i = 0; i < DhtEngine.MAX_SEARCHES; i++) {
      byte[] any = SecretKey.generate().nodeId().toBytes();
      assertThat(engine.get(any, SimulatedDht.NO_SALT, new Heard(), net.clock.nanoTime()))
          .isNotNull();
    }
    assertThat(engine.get(key, SimulatedDht.NO_SALT, new Heard(), net.clock.nanoTime())).isNull();
    assertThat(net.counters.get(client).get(Event.LOOKUPS_REFUSED)).isEqualTo(1);
    net.run(Duration.ofSeconds(15));
    assertThat(engine.get(key, SimulatedDht.NO_SALT, new Heard(), net.clock.nanoTime()))
        .isNotNull();
  }

  @Test
  void aLookupThatIsCancelledTellsNothing() {
    List<InetSocketAddress> nodes = net.nodes(8);
    net.put(nodes.get(1), item(5, "true"));
    InetSocketAddress client = net.join(false, nodes.get(0));
    Heard heard = new Heard();
    net.engines.get(client).get(key, SimulatedDht.NO_SALT, heard, net.clock.nanoTime()).cancel();
    net.run(Duration.ofSeconds(5));
    assertThat(heard.items).isEmpty();
    assertThat(heard.done).isFalse();
  }

  @Test
  void nodesOfANarrowerNetworkThanTheirTellersAreNotAsked() throws Exception {
    InetSocketAddress node = net.address();
    DhtId id = DhtId.random(net.random);
    List<DhtContact> told = new ArrayList<>();
    for (String host :
        List.of(
            "127.0.0.1",
            "10.1.2.3",
            "192.168.1.1",
            "169.254.1.1",
            "224.0.0.1",
            "0.0.0.0",
            "255.255.255.255",
            "100.64.0.1")) {
      told.add(new DhtContact(DhtId.random(net.random), new InetSocketAddress(host, 53)));
    }
    net.liars.put(
        node,
        query -> new KrpcMessage.Answer(query.transaction(), id, null, null, told, null, null));
    InetSocketAddress reader = net.join(false, node);
    assertThat(get(reader).asked).isEqualTo(1);
    assertThat(net.counters.get(reader).get(Event.CONTACTS_REFUSED)).isEqualTo(told.size());
  }
}
