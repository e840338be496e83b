package dev.warren.core;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warren.base.NodeAddr;
import dev.warren.base.PeerException;
import dev.warren.base.PeerException.Kind;
import dev.warren.base.SecretKey;
import dev.warren.core.io.ConnectionCounts;
import dev.warren.testlab.Await;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What cancelling each future does to the operation behind it. */
class CancelTest {
  private Pair pair;
  private Connection client;
  private Connection server;

  @BeforeEach
  void connect() throws Exception {
    pair =
        Pair.bind(
            Pair.builder().transport(TransportConfig.internet().withMaxStreams(4, 4)),
            Pair.builder().shards(1));
    Pair.Link link = pair.link();
    client = link.dialler();
    server = link.acceptor();
  }

  @AfterEach
  void close() {
    pair.close();
  }

  private static <T> T get(CompletableFuture<T> future) throws Exception {
    return future.get(10, TimeUnit.SECONDS);
  }

  @Test
  void aDialThatIsCancelledOrTimesOutIsAborted() throws Exception {
    try (DatagramSocket silent = new DatagramSocket(0, InetAddress.getByName("127.0.0.1"))) {
      NodeAddr nobody =
          NodeAddr.of(SecretKey.generate().nodeId())
              .withIp((InetSocketAddress) silent.getLocalSocketAddress());
      CompletableFuture<Connection> cancelled =
          pair.client.connectAsync(nobody, Pair.ALPN, ConnectOptions.DEFAULT);
      CompletableFuture<Connection> late =
          pair.client.connectAsync(nobody, Pair.ALPN, ConnectOptions.DEFAULT);
      Await.until("dialling", Pair.SOON, () -> ConnectionCounts.ofShard(client.quic()) == 3);
      cancelled.cancel(true);
      late.orTimeout(10, TimeUnit.MILLISECONDS);
      Await.until(
          "both have gone",
          Duration.ofSeconds(5),
          () -> ConnectionCounts.ofShard(client.quic()) == 1);
    }
  }

  /** Whoever gives up leaves the queue, and nobody behind him waits longer for it. */
  @Test
  void openingThatIsCancelledOrTimesOutLeavesTheQueue() throws Exception {
    List<SendStream> open = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      open.add(client.openUni());
    }
    CompletableFuture<SendStream> cancelled = client.openUniAsync();
    CompletableFuture<SendStream> late = client.openUniAsync();
    CompletableFuture<SendStream> patient = client.openUniAsync();
    assertThatThrownBy(() -> client.openUni(Duration.ofMillis(20)))
        .isInstanceOfSatisfying(
            PeerException.class, e -> assertThat(e.kind()).isEqualTo(Kind.TIMEOUT))
        .hasMessageContaining("20 ms");
    assertThatThrownBy(() -> late.orTimeout(1, TimeUnit.MILLISECONDS).get())
        .hasCauseInstanceOf(java.util.concurrent.TimeoutException.class);
    cancelled.cancel(true);
    Await.until("one waits", Pair.SOON, () -> ConnectionCounts.waitingOpens(client.quic()) == 1);
    assertThat(patient).isNotDone();
    // Streams that are open but silent count too: the peer gives credit once it has seen most.
    for (SendStream stream : open) {
      stream.write(new byte[1]);
      stream.finish();
      server.acceptUni().readAll(1);
    }
    SendStream next = get(patient);
    assertThat(next.id())
        .as("no credit was used for those who left")
        .isEqualTo(open.get(3).id() + 4);
    assertThat(client.openBi(Duration.ofSeconds(5))).isNotNull();
  }

  @Test
  void acceptingThatIsCancelledGivesUpItsPlace() throws Exception {
    CompletableFuture<RecvStream> cancelledUni = server.acceptUniAsync();
    CompletableFuture<BiStream> cancelledBi = server.acceptBiAsync();
    CompletableFuture<RecvStream> patientUni = server.acceptUniAsync();
    CompletableFuture<BiStream> patientBi = server.acceptBiAsync();
    cancelledUni.cancel(true);
    cancelledBi.cancel(true);
    SendStream uni = client.openUni();
    uni.write(new byte[1]);
    BiStream bi = client.openBi();
    bi.send().write(new byte[1]);
    assertThat(get(patientUni).id()).isEqualTo(uni.id());
    assertThat(get(patientBi).send().id()).isEqualTo(bi.send().id());
    CompletableFuture<java.util.Optional<Incoming>> cancelled = pair.server.acceptAsync();
    CompletableFuture<java.util.Optional<Incoming>> patient = pair.server.acceptAsync();
    cancelled.cancel(true);
    pair.dial();
    assertThat(get(patient)).isPresent();
  }

  @Test
  void aReadThatIsCancelledTakesNoByte() throws Exception {
    SendStream out = client.openUni();
    out.write("a".getBytes(US_ASCII));
    RecvStream in = server.acceptUni();
    assertThat(in.read(new byte[10])).isOne();
    ByteBuffer forgotten = ByteBuffer.allocate(10);
    CompletableFuture<Integer> cancelled = in.readAsync(forgotten);
    cancelled.cancel(true);
    ByteBuffer dst = ByteBuffer.allocate(10);
    CompletableFuture<Integer> next = in.readAsync(dst);
    out.write("bcd".getBytes(US_ASCII));
    out.finish();
    int n = get(next);
    byte[] rest = in.readAll(10);
    assertThat(n + rest.length).isEqualTo(3);
    assertThat(forgotten.position()).isZero();
  }

  /** Half a message is of no use: the peer must not take it for a whole one. */
  @Test
  void aWriteThatIsCancelledResetsTheStream() throws Exception {
    SendStream out = client.openUni();
    CompletableFuture<Void> writing = out.writeAsync(ByteBuffer.allocate(8 * 1024 * 1024));
    RecvStream in = server.acceptUni();
    assertThat(in.read(new byte[1])).isOne();
    writing.cancel(true);
    assertThat(get(in.ended())).isEqualTo(RecvStream.End.RESET);
    assertThatThrownBy(() -> out.write(new byte[1])).isInstanceOf(PeerException.class);
  }

  @Test
  void waitingForADatagramThatIsCancelledLeavesItToTheNext() throws Exception {
    CompletableFuture<byte[]> cancelled = server.receiveDatagramAsync();
    CompletableFuture<byte[]> next = server.receiveDatagramAsync();
    cancelled.cancel(true);
    for (int i = 0; i < 50 && !next.isDone(); i++) {
      client.sendDatagram(ByteBuffer.allocate(5));
      client.stats().get(10, TimeUnit.SECONDS);
    }
    assertThat(get(next)).hasSize(5);
  }

  /** These only watch: giving up the watching must not end what is watched. */
  @Test
  void futuresThatOnlyTellCanBeCancelledWithoutHarm() throws Exception {
    SendStream out = client.openUni();
    out.write(new byte[1]);
    RecvStream in = server.acceptUni();
    client.closed().cancel(true);
    client.stats().cancel(true);
    out.ended().cancel(true);
    in.ended().cancel(true);
    pair.client.closed().cancel(true);
    out.write(new byte[1]);
    out.finish();
    assertThat(in.readAll(2)).hasSize(2);
    assertThat(get(out.ended())).isEqualTo(SendStream.End.ACKNOWLEDGED);
    client.close();
    assertThat(get(client.closed())).isNotNull();
    pair.client.close();
    assertThat(pair.client.closed()).isCompleted();
  }

  /** As with every CompletableFuture, a derived stage is not the operation. */
  @Test
  void cancellingADerivedStageDoesNotTouchTheOperation() throws Exception {
    CompletableFuture<RecvStream> accepting = server.acceptUniAsync();
    accepting.thenApply(RecvStream::id).cancel(true);
    SendStream out = client.openUni();
    out.write(new byte[1]);
    assertThat(get(accepting).id()).isEqualTo(out.id());
  }
}
