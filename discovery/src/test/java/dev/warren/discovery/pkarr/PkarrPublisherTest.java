package dev.warren.discovery.pkarr;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.RelayUrl;
import dev.warren.base.SecretKey;
import dev.warren.base.SocketAddrs;
import dev.warren.base.TransportAddr;
import dev.warren.discovery.AddrFilter;
import dev.warren.discovery.Contexts;
import dev.warren.discovery.EndpointData;
import dev.warren.discovery.RecordingSink;
import dev.warren.discovery.wire.SignedPacket;
import dev.warren.discovery.wire.TxtRecords;
import dev.warren.testlab.Await;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A node that publishes itself at a relay. When it sends is PublishScheduleTest's. */
@Tag("trouble")
class PkarrPublisherTest {
  private static final SecretKey KEY = SecretKey.generate();
  private static final Duration LIMIT = Duration.ofSeconds(15);
  private static final TransportAddr IP = new TransportAddr.Ip(SocketAddrs.parse("192.0.2.1:1"));

  private final Contexts contexts = new Contexts();

  @AfterEach
  void close() {
    contexts.close();
  }

  private static TransportAddr relay(String host) throws Exception {
    return new TransportAddr.Relay(RelayUrl.parse("https://" + host + "/"));
  }

  private static EndpointData data(TransportAddr... addrs) {
    return new EndpointData(List.of(addrs), Optional.empty());
  }

  private PkarrPublisher publisher(FakeRelay relay) {
    return PkarrPublisher.builder(relay.url()).create(contexts.reachable(KEY));
  }

  private static List<String> held(FakeRelay relay) {
    SignedPacket packet = relay.held.get();
    return packet == null ? List.of() : TxtRecords.read(packet).strings();
  }

  @Test
  void theWorldIsToldOurRelayAndUserDataAndNoAddress() throws Exception {
    try (FakeRelay relay = new FakeRelay(KEY.nodeId());
        PkarrPublisher pkarr = publisher(relay)) {
      pkarr.publish(data(IP, relay("r.example")).withUserData("hello"));
      Await.until(LIMIT, () -> relay.puts.size() == 1);
      assertThat(held(relay)).containsExactly("relay=https://r.example/", "user-data=hello");
      Await.until(LIMIT, () -> pkarr.metrics().get("published") == 1);
      assertThat(pkarr.resolves()).isFalse();
    }
  }

  @Test
  void aFilterMayLetAddressesThrough() throws Exception {
    try (FakeRelay relay = new FakeRelay(KEY.nodeId());
        PkarrPublisher pkarr =
            PkarrPublisher.builder(relay.url())
                .filter(AddrFilter.everything())
                .ttl(Duration.ofSeconds(7))
                .create(contexts.reachable(KEY))) {
      pkarr.publish(data(IP, relay("r.example")));
      Await.until(LIMIT, () -> relay.puts.size() == 1);
      assertThat(held(relay)).containsExactly("relay=https://r.example/", "addr=192.0.2.1:1");
      assertThat(relay.puts.get(0).message().getSection(1).get(0).getTTL()).isEqualTo(7);
    }
  }

  @Test
  void aChangeIsPublishedAndTheSameAgainIsNot() throws Exception {
    try (FakeRelay relay = new FakeRelay(KEY.nodeId());
        PkarrPublisher pkarr = publisher(relay)) {
      pkarr.publish(data(relay("a.example")));
      Await.until(LIMIT, () -> relay.puts.size() == 1);
      pkarr.publish(data(IP, relay("a.example")));
      pkarr.publish(data(relay("b.example")));
      Await.until(LIMIT, () -> relay.puts.size() == 2);
      assertThat(held(relay)).containsExactly("relay=https://b.example/");
      assertThat(relay.puts.get(1).isMoreRecentThan(relay.puts.get(0))).isTrue();
      assertThat(relay.requests()).as("one question before the first packet").isEqualTo(3);
    }
  }

  @Test
  void whatIsPublishedIsRepeated() throws Exception {
    try (FakeRelay relay = new FakeRelay(KEY.nodeId());
        PkarrPublisher pkarr =
            PkarrPublisher.builder(relay.url())
                .interval(Duration.ofMillis(50))
                .create(contexts.reachable(KEY))) {
      pkarr.publish(data(relay("a.example")));
      Await.until(LIMIT, () -> relay.puts.size() == 4);
      for (int i = 1; i < 4; i++) {
        assertThat(relay.puts.get(i).isMoreRecentThan(relay.puts.get(i - 1))).isTrue();
      }
    }
  }

  @Test
  void aGoodRecordIsNotReplacedByAnEmptyOne() throws Exception {
    try (FakeRelay relay = new FakeRelay(KEY.nodeId())) {
      SignedPacket before =
          TxtRecords.of(List.of(relay("old.example")), null).sign(KEY, TxtRecords.DEFAULT_TTL, 1);
      relay.held.set(before);
      try (PkarrPublisher pkarr = publisher(relay)) {
        pkarr.publish(data(IP)); // no relay yet: the filter leaves nothing
        pkarr.publish(EndpointData.EMPTY);
        pkarr.publish(data(relay("new.example")));
        Await.until(LIMIT, () -> !relay.puts.isEmpty());
        pkarr.publish(data(IP));
      }
      assertThat(relay.puts).hasSize(1);
      assertThat(held(relay)).containsExactly("relay=https://new.example/");
    }
  }

  @Test
  void aPacketOfOursFromTheFutureIsFollowedByAMicrosecond() throws Exception {
    long future = 4_000_000_000_000_000L;
    try (FakeRelay relay = new FakeRelay(KEY.nodeId());
        PkarrPublisher pkarr = publisher(relay)) {
      relay.held.set(
          TxtRecords.of(List.of(relay("old.example")), null)
              .sign(KEY, TxtRecords.DEFAULT_TTL, future));
      pkarr.publish(data(relay("new.example")));
      Await.until(LIMIT, () -> relay.puts.size() == 1);
      assertThat(held(relay)).containsExactly("relay=https://new.example/");
      assertThat(relay.held.get().timestamp()).isEqualTo(future + 1);
      pkarr.publish(data(relay("newer.example")));
      Await.until(LIMIT, () -> relay.puts.size() == 2);
      assertThat(relay.held.get().timestamp()).isEqualTo(future + 2);
    }
  }

  @Test
  void aConflictMakesItLookAgain() throws Exception {
    long future = 4_000_000_000_000_000L;
    try (FakeRelay relay = new FakeRelay(KEY.nodeId());
        PkarrPublisher pkarr = publisher(relay)) {
      relay.putStatus = 409;
      pkarr.publish(data(relay("a.example")));
      Await.until(LIMIT, () -> relay.puts.size() == 1);
      relay.held.set(TxtRecords.of(List.of(), "other").sign(KEY, TxtRecords.DEFAULT_TTL, future));
      relay.putStatus = 204;
      Await.until(LIMIT, () -> relay.puts.size() == 2);
      assertThat(relay.held.get().timestamp()).isEqualTo(future + 1);
    }
  }

  @Test
  void failuresAreTriedAgainAndARelayThatGivesNothingStillTakes() throws Exception {
    try (FakeRelay relay = new FakeRelay(KEY.nodeId());
        PkarrPublisher pkarr = publisher(relay)) {
      relay.getStatus = 500;
      relay.putStatus = 503;
      pkarr.publish(data(relay("a.example")));
      Await.until(LIMIT, () -> pkarr.metrics().get("failed") == 1);
      relay.putStatus = 204;
      Await.until(LIMIT, () -> pkarr.metrics().get("published") == 1);
      assertThat(held(relay)).containsExactly("relay=https://a.example/");
    }
  }

  @Test
  void nothingIsSentAfterTheClose() throws Exception {
    try (FakeRelay relay = new FakeRelay(KEY.nodeId())) {
      PkarrPublisher pkarr =
          PkarrPublisher.builder(relay.url())
              .interval(Duration.ofMillis(20))
              .create(contexts.reachable(KEY));
      pkarr.publish(data(relay("a.example")));
      Await.until(LIMIT, () -> relay.puts.size() >= 2);
      pkarr.close();
      pkarr.close();
      pkarr.publish(data(relay("b.example")));
      assertThat(Thread.getAllStackTraces().keySet())
          .noneMatch(t -> t.getName().startsWith("warren-discovery"));
      assertThat(held(relay)).containsExactly("relay=https://a.example/");
    }
  }

  @Test
  void theKeyMayBeDestroyedBeforeTheClose() throws Exception {
    SecretKey key = SecretKey.generate();
    try (FakeRelay relay = new FakeRelay(key.nodeId());
        PkarrPublisher pkarr =
            PkarrPublisher.builder(relay.url()).create(contexts.reachable(key))) {
      key.destroy();
      pkarr.publish(data(relay("a.example")));
      Await.until(LIMIT, () -> pkarr.metrics().get("failed") == 1);
    }
  }

  @Test
  void whatOnePublishesTheOtherFinds() throws Exception {
    try (FakeRelay relay = new FakeRelay(KEY.nodeId());
        PkarrPublisher publisher = publisher(relay);
        PkarrResolver resolver =
            PkarrResolver.builder(relay.url()).create(contexts.reachable(KEY))) {
      publisher.publish(data(relay("a.example")).withUserData("x"));
      Await.until(LIMIT, () -> relay.held.get() != null);
      RecordingSink sink = new RecordingSink();
      resolver.resolve(KEY.nodeId(), sink);
      assertThat(sink.end()).isEqualTo("done");
      assertThat(sink.items.get(0).data()).isEqualTo(data(relay("a.example")).withUserData("x"));
    }
  }
}
