package dev.warren.core;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warren.base.ConnectionClosedException;
import dev.warren.base.PeerException;
import dev.warren.base.PeerException.Kind;
import dev.warren.base.StreamException;
import dev.warren.testlab.Await;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How streams begin, end, wait for each other and fail. */
class StreamsTest {
  private Pair pair;
  private Connection client;
  private Connection server;

  @BeforeEach
  void connect() throws Exception {
    connect(Pair.bind());
  }

  private void connect(Pair both) throws Exception {
    pair = both;
    Pair.Link link = pair.link();
    client = link.dialler();
    server = link.acceptor();
  }

  @AfterEach
  void close() {
    pair.close();
  }

  private static <T> CompletableFuture<T> async(Callable<T> task) {
    CompletableFuture<T> result = new CompletableFuture<>();
    new Thread(
            () -> {
              try {
                result.complete(task.call());
              } catch (Throwable e) {
                result.completeExceptionally(e);
              }
            },
            "test-async")
        .start();
    return result;
  }

  private static void assertKind(Kind kind, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(PeerException.class, e -> assertThat(e.kind()).isEqualTo(kind));
  }

  /** The accepting side is slower than the opening one: nothing may be lost in between. */
  @Test
  @Timeout(value = 90, unit = TimeUnit.SECONDS)
  void tenThousandStreamsThatWriteAndFinishAtOnceAllArriveWhole() throws Exception {
    int streams = 10_000;
    int size = 700;
    CompletableFuture<Void> sending =
        async(
            () -> {
              for (int i = 0; i < streams; i++) {
                SendStream stream = client.openUni();
                stream.write(ByteBuffer.allocate(size).putInt(0, i));
                stream.finish();
              }
              return null;
            });
    BitSet arrived = new BitSet();
    for (int i = 0; i < streams; i++) {
      CompletableFuture<RecvStream> next = server.acceptUniAsync();
      byte[] whole;
      try (RecvStream stream = next.get(10, TimeUnit.SECONDS)) {
        whole = stream.readAll(size + 1);
      } catch (java.util.concurrent.TimeoutException e) {
        throw new AssertionError("only " + i + " streams of " + streams + " arrived", e);
      }
      assertThat(whole).hasSize(size);
      arrived.set(ByteBuffer.wrap(whole).getInt());
    }
    sending.get(10, TimeUnit.SECONDS);
    assertThat(arrived.cardinality()).isEqualTo(streams);
  }

  /**
   * A stream that was read through gives its credit back, accepted or not: those that wait for
   * {@code acceptUni} must hold the peer back instead of being dropped.
   */
  @Test
  void finishedStreamsWaitForWhoeverAcceptsThem() throws Exception {
    int streams = 500;
    AtomicInteger sent = new AtomicInteger();
    CompletableFuture<Void> sending =
        async(
            () -> {
              for (int i = 0; i < streams; i++) {
                SendStream stream = client.openUni();
                stream.write(ByteBuffer.allocate(4).putInt(0, i));
                stream.finish();
                sent.incrementAndGet();
              }
              return null;
            });
    Await.until("more than the limit of 100", Pair.SOON, () -> sent.get() > 150);
    BitSet arrived = new BitSet();
    for (int i = 0; i < streams; i++) {
      try (RecvStream stream = server.acceptUniAsync().get(10, TimeUnit.SECONDS)) {
        arrived.set(ByteBuffer.wrap(stream.readAll(4)).getInt());
      }
    }
    sending.get(10, TimeUnit.SECONDS);
    assertThat(arrived.cardinality()).isEqualTo(streams);
  }

  @Test
  void theHigherPriorityIsServedFirst() throws Exception {
    byte[] data = new byte[24 * 1024 * 1024];
    SendStream low = client.openUni();
    SendStream high = client.openUni();
    high.setPriority(100);
    List<String> ends = new ArrayList<>();
    Consumer<String> end =
        name -> {
          synchronized (ends) {
            ends.add(name);
          }
        };
    // All of it is queued before the congestion window of a new connection has taken much.
    low.writeAsync(ByteBuffer.wrap(data)).thenRun(() -> end.accept("low"));
    high.writeAsync(ByteBuffer.wrap(data)).thenRun(() -> end.accept("high"));
    low.finish();
    high.finish();
    CompletableFuture<Integer> one = async(() -> server.acceptUni().readAll(data.length).length);
    CompletableFuture<Integer> two = async(() -> server.acceptUni().readAll(data.length).length);
    assertThat(one.get(25, TimeUnit.SECONDS)).isEqualTo(data.length);
    assertThat(two.get(25, TimeUnit.SECONDS)).isEqualTo(data.length);
    Await.until("both written", Pair.SOON, () -> ends.size() == 2);
    assertThat(ends).containsExactly("high", "low");
  }

  @Test
  void aStoppedWriterIsToldAndAResetReaderGetsTheCode() throws Exception {
    BiStream ours = client.openBi();
    ours.send().write("x".getBytes(UTF_8));
    BiStream theirs = server.acceptBi();
    assertThat(theirs.recv().read(new byte[10])).isEqualTo(1);
    theirs.recv().stop(9);
    // The codec does not tell of STOP_SENDING: ended() asks for it, without another write.
    assertThat(ours.send().ended().get(10, TimeUnit.SECONDS)).isEqualTo(SendStream.End.STOPPED);
    assertKind(Kind.STOPPED, () -> ours.send().write(new byte[1]));
    theirs.send().write("y".getBytes(UTF_8));
    theirs.send().reset(Integer.MAX_VALUE);
    assertThat(ours.recv().ended().get(10, TimeUnit.SECONDS)).isEqualTo(RecvStream.End.RESET);
    assertThatThrownBy(() -> ours.recv().readAll(10))
        .isInstanceOfSatisfying(
            StreamException.class, e -> assertThat(e.code()).hasValue(Integer.MAX_VALUE));
    assertThatThrownBy(() -> client.openUni().reset(1L << 31))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** A writer blocked by flow control must not wait for ever for a reader who has stopped. */
  @Test
  void aBlockedWriterIsWokenByStop() throws Exception {
    SendStream out = client.openUni();
    CompletableFuture<Void> writing =
        async(
            () -> {
              out.write(new byte[64 * 1024 * 1024]);
              return null;
            });
    RecvStream in = server.acceptUni();
    assertThat(in.read(new byte[1])).isEqualTo(1);
    in.stop(3);
    assertThatThrownBy(() -> writing.get(15, TimeUnit.SECONDS))
        .hasCauseInstanceOf(StreamException.class);
  }

  @Test
  void whatIsNotFinishedIsNeverTakenForTheEnd() throws Exception {
    try (SendStream dropped = client.openUni()) {
      dropped.write("half a mess".getBytes(UTF_8));
      RecvStream in = server.acceptUni();
      assertThat(in.read(new byte[4])).isPositive();
      dropped.close();
      assertKind(Kind.RESET, () -> in.readAll(100));
    }
    SendStream finished = client.openUni();
    finished.write("short".getBytes(UTF_8));
    finished.finish();
    RecvStream in = server.acceptUni();
    assertKind(Kind.CLOSED, () -> in.readFully(ByteBuffer.allocate(6)));

    SendStream open = client.openUni();
    open.write("no end".getBytes(UTF_8));
    RecvStream cut = server.acceptUni();
    assertThat(cut.read(new byte[100])).isEqualTo(6);
    client.close(5, "bye");
    assertThatThrownBy(() -> cut.read(new byte[1])).isInstanceOf(ConnectionClosedException.class);
  }

  @Test
  void afterCloseNothingCanBeReadOrWritten() throws Exception {
    BiStream ours = client.openBi();
    ours.send().write("all of it".getBytes(UTF_8));
    ours.send().finish();
    ours.send().finish();
    assertKind(Kind.CLOSED, () -> ours.send().write(new byte[1]));
    BiStream theirs = server.acceptBi();
    assertThat(theirs.recv().ended().get(10, TimeUnit.SECONDS)).isEqualTo(RecvStream.End.FINISHED);
    theirs.recv().close();
    // Bytes were thrown away: an end of stream here would be a lie.
    assertKind(Kind.CLOSED, () -> theirs.recv().read(new byte[1]));
    theirs.send().close();
    theirs.close();
    assertKind(Kind.CLOSED, () -> theirs.send().write(new byte[1]));
    assertKind(Kind.CLOSED, () -> theirs.send().finish());
    ours.close();
    assertThatThrownBy(() -> ours.recv().read(new byte[1])).isInstanceOf(StreamException.class);
  }

  @Test
  void openingBeyondTheLimitWaitsInOrder() throws Exception {
    pair.close();
    connect(
        Pair.bind(
            Pair.builder().transport(TransportConfig.internet().withMaxStreams(4, 4)),
            Pair.builder()));
    List<CompletableFuture<SendStream>> opening = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      opening.add(client.openUniAsync());
    }
    for (int i = 0; i < 4; i++) {
      opening.get(i).get(10, TimeUnit.SECONDS);
    }
    assertThat(opening.subList(4, 40)).noneMatch(CompletableFuture::isDone);
    assertThat(opening.get(5).cancel(true)).isTrue();
    long lastId = -1;
    for (int i = 0; i < 40; i++) {
      if (i == 5) {
        continue;
      }
      SendStream stream = opening.get(i).get(10, TimeUnit.SECONDS);
      assertThat(stream.id()).isGreaterThan(lastId);
      lastId = stream.id();
      stream.write(new byte[] {(byte) i});
      stream.finish();
      assertThat(server.acceptUni().readAll(10)).containsExactly((byte) i);
    }
  }

  @Test
  void anOpenedStreamIsInvisibleUntilItsFirstByte() throws Exception {
    BiStream silent = client.openBi();
    CompletableFuture<BiStream> accepting = server.acceptBiAsync();
    SendStream loud = client.openUni();
    loud.write(new byte[1]);
    server.acceptUni().close();
    assertThat(accepting).isNotDone();
    silent.send().write(new byte[1]);
    assertThat(accepting.get(10, TimeUnit.SECONDS).recv().read(new byte[1])).isEqualTo(1);
  }
}
