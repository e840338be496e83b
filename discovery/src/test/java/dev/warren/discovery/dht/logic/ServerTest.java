package dev.warren.discovery.dht.logic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.SecretKey;
import dev.warren.base.SocketAddrs;
import dev.warren.discovery.dht.logic.DhtCounters.Event;
import dev.warren.discovery.dht.wire.DhtContact;
import dev.warren.discovery.dht.wire.DhtFormatException;
import dev.warren.discovery.dht.wire.DhtId;
import dev.warren.discovery.dht.wire.KrpcError;
import dev.warren.discovery.dht.wire.KrpcMessage;
import dev.warren.discovery.dht.wire.KrpcRequest;
import dev.warren.discovery.dht.wire.MutableItem;
import dev.warren.testlab.ManualClock;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a node answers to whom. */
@Tag("trouble")
class ServerTest {
  private static final byte[] NO_SALT = new byte[0];
  private static final byte[] TX = {1, 2, 3, 4};
  private static final InetSocketAddress ASKER = SocketAddrs.parse("51.0.0.1:6881");

  private final ManualClock clock = new ManualClock();
  private final Random random = new Random(1);
  private final DhtId self = DhtId.random(random);
  private final DhtId other = DhtId.random(random);
  private final RoutingTable table = new RoutingTable(self);
  private final ItemStore store = new ItemStore(self, 1000);
  private final DhtCounters counters = new DhtCounters();
  private final Server server =
      new Server(self, table, store, new AddressLimits(0), counters, random, 0);
  private final SecretKey secret = SecretKey.generate();

  private MutableItem item(long seq) {
    return MutableItem.sign(secret, NO_SALT, seq, new byte[900]);
  }

  private byte[] bytes(KrpcRequest request, InetSocketAddress from) {
    KrpcMessage.Query query = new KrpcMessage.Query(TX, other, true, request);
    return server.answer(query, from, query.encode().length, clock.nanoTime());
  }

  private KrpcMessage ask(KrpcRequest request, InetSocketAddress from) {
    try {
      return KrpcMessage.parse(bytes(request, from));
    } catch (DhtFormatException e) {
      throw new AssertionError(e);
    }
  }

  private byte[] token(MutableItem item, InetSocketAddress from) {
    return ((KrpcMessage.Answer) ask(new KrpcRequest.Get(item.target(), null), from)).token();
  }

  private KrpcMessage put(MutableItem item, byte[] token, Long cas) {
    return ask(new KrpcRequest.Put(item.target(), token, item, cas), ASKER);
  }

  private static int code(KrpcMessage answer) {
    return ((KrpcMessage.Failure) answer).code();
  }

  private void fillTable() {
    for (int i = 0; i < 100; i++) {
      InetSocketAddress address = SocketAddrs.parse("51.1.0." + i + ":6881");
      table.onAnswer(new DhtContact(DhtId.random(random), address), 0);
    }
  }

  @Test
  void whatIsPutWithATokenIsGotten() {
    MutableItem item = item(5);
    assertThat(put(item, token(item, ASKER), null)).isInstanceOf(KrpcMessage.Answer.class);
    KrpcMessage.Answer answer =
        (KrpcMessage.Answer) ask(new KrpcRequest.Get(item.target(), 4L), ASKER);
    assertThat(answer.item().value()).isEqualTo(item.value());
    assertThat(answer.observed()).isEqualTo(ASKER);
  }

  @Test
  void anItemThatIsNoNewerThanWhatTheAskerHasIsNotSent() {
    MutableItem item = item(5);
    put(item, token(item, ASKER), null);
    KrpcMessage.Answer answer =
        (KrpcMessage.Answer) ask(new KrpcRequest.Get(item.target(), 5L), ASKER);
    assertThat(answer.item()).isNull();
    assertThat(answer.seq()).isEqualTo(5);
    assertThat(answer.token()).isNotNull();
  }

  @Test
  void eachRefusalHasItsCode() {
    MutableItem item = item(5);
    byte[] token = token(item, ASKER);
    assertThat(code(put(item, new byte[8], null))).isEqualTo(KrpcError.PROTOCOL);
    byte[] foreign = token(item, SocketAddrs.parse("51.0.0.2:6881"));
    assertThat(code(put(item, foreign, null))).isEqualTo(KrpcError.PROTOCOL);
    MutableItem forged = new MutableItem(item.key(), NO_SALT, 6, item.value(), item.signature());
    assertThat(code(put(forged, token, null))).isEqualTo(KrpcError.BAD_SIGNATURE);
    put(item, token, null);
    assertThat(code(put(item(4), token, null))).isEqualTo(KrpcError.SEQ_TOO_LOW);
    assertThat(code(put(item(6), token, 4L))).isEqualTo(KrpcError.CAS_MISMATCH);
    KrpcRequest elsewhere = new KrpcRequest.Put(other, token, item(7), null);
    assertThat(code(ask(elsewhere, ASKER))).isEqualTo(KrpcError.PROTOCOL);
    assertThat(counters.get(Event.PUTS_REFUSED)).isEqualTo(6);
    assertThat(store.get(item.target(), 0)).isEqualTo(item);
  }

  @Test
  void tenThousandPutsOfOneAddressLeaveRoomForOthers() {
    int stored = 0;
    for (int i = 0; i < 10_000; i++) {
      if (i % 50 == 0) {
        clock.advance(Duration.ofSeconds(1));
      }
      MutableItem any =
          new MutableItem(secret.nodeId().toBytes(), NO_SALT, i, new byte[] {'0', ':'}, TX);
      if (bytes(new KrpcRequest.Put(null, TX, any, null), ASKER) != null) {
        stored++;
      }
    }
    assertThat(stored).isPositive();
    assertThat(store.size()).isZero();
    MutableItem item = item(5);
    assertThat(put(item, token(item, ASKER), null)).isInstanceOf(KrpcMessage.Answer.class);
  }

  @Test
  void aFloodOfQueriesIsCut() {
    int answered = 0;
    for (int i = 0; i < 10_000; i++) {
      answered += bytes(new KrpcRequest.Ping(), ASKER) == null ? 0 : 1;
    }
    assertThat(answered).isEqualTo(2 * AddressLimits.QUERIES);
    assertThat(counters.get(Event.QUERIES_LIMITED)).isEqualTo(10_000 - answered);
  }

  @Test
  void whoeverWritesAnothersAddressOnItsQueriesGetsLittleSentThere() {
    fillTable();
    MutableItem item = item(5);
    store.put(item, null, ASKER.getAddress(), 0);
    InetSocketAddress victim = SocketAddrs.parse("51.9.9.9:53");
    long sent = 0;
    long received = 0;
    KrpcMessage.Query query =
        new KrpcMessage.Query(TX, other, true, new KrpcRequest.Get(item.target(), null));
    for (int second = 0; second < 60; second++) {
      for (int i = 0; i < 1000; i++) {
        byte[] answer = server.answer(query, victim, query.encode().length, clock.nanoTime());
        received += query.encode().length;
        sent += answer == null ? 0 : answer.length;
      }
      clock.advance(Duration.ofSeconds(1));
    }
    assertThat(sent).isLessThan(received / 20);
    assertThat(sent / 60).isLessThan(2 * AddressLimits.EXTRA);
    assertThat(counters.get(Event.ANSWERS_WITHHELD)).isPositive();
  }

  @Test
  void anAnswerIsOnePacketHoweverMuchThereIsToSay() {
    fillTable();
    MutableItem item = MutableItem.sign(secret, NO_SALT, 1, new byte[1000]);
    store.put(item, null, ASKER.getAddress(), 0);
    byte[] withItem = bytes(new KrpcRequest.Get(item.target(), null), ASKER);
    assertThat(withItem.length).isBetween(1300, Server.MAX_ANSWER);
    KrpcMessage.Answer nodes = (KrpcMessage.Answer) ask(new KrpcRequest.FindNode(other), ASKER);
    assertThat(nodes.nodes()).hasSize(Server.NODES);
    assertThat(nodes.token()).isNull();
  }

  @Test
  void peersOfATorrentAreNotToldButNodesAre() {
    fillTable();
    KrpcMessage.Answer answer = (KrpcMessage.Answer) ask(new KrpcRequest.GetPeers(other), ASKER);
    assertThat(answer.nodes()).hasSize(Server.NODES);
    assertThat(answer.token()).isNotNull();
  }
}
