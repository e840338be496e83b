package dev.warren.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.core.io.StreamCounts;
import dev.warren.testlab.Await;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Nothing queues without a bound, whoever is slow. */
class BackPressureTest {
  private static final int MIB = 1 << 20;

  private Pair pair;
  private Connection client;
  private Connection server;

  @BeforeEach
  void connect() throws Exception {
    pair = Pair.bind();
    Pair.Link link = pair.link();
    client = link.dialler();
    server = link.acceptor();
  }

  @AfterEach
  void close() {
    pair.close();
  }

  private static long direct() {
    return ((ByteBufAllocatorMetricProvider) ByteBufAllocator.DEFAULT).metric().usedDirectMemory();
  }

  /**
   * One window of 2 MiB, half a MiB each in the send buffer and read ahead, and some on its way.
   */
  @Test
  void aReaderWhoDoesNotReadHoldsTheWriter() throws Exception {
    AtomicLong written = new AtomicLong();
    SendStream out = client.openUni();
    Thread writer =
        new Thread(
            () -> {
              try {
                for (int i = 0; i < 16 * 16; i++) {
                  out.write(new byte[MIB / 16]);
                  written.addAndGet(MIB / 16);
                }
                out.finish();
              } catch (java.io.IOException ended) {
                return;
              }
            });
    writer.start();
    RecvStream in = server.acceptUni();
    long[] last = {-1, System.nanoTime()};
    Await.until(
        "the writer stands still for a second and a half",
        Pair.SOON,
        () -> {
          if (written.get() != last[0]) {
            last[0] = written.get();
            last[1] = System.nanoTime();
          }
          return System.nanoTime() - last[1] > 1_500_000_000L;
        });
    assertThat(written.get()).isBetween((long) MIB, 8L * MIB);
    assertThat(in.readAll(16 * MIB)).hasSize(16 * MIB);
    writer.join(10_000);
    assertThat(writer.isAlive()).isFalse();
  }

  /**
   * The codec says "sent" of datagrams that it drops, so sending promises nothing; and it keeps no
   * more than its queue, however many are sent.
   */
  @Test
  void aBurstOfDatagramsIsDroppedInPartAndCostsNoMemory() throws Exception {
    long before = direct();
    CompletableFuture<Integer> counting = new CompletableFuture<>();
    new Thread(
            () -> {
              int n = 0;
              try {
                for (byte[] d = server.receiveDatagram(); d.length != 1; ) {
                  n++;
                  d = server.receiveDatagram();
                }
              } catch (java.io.IOException ended) {
                n = -1;
              }
              counting.complete(n);
            })
        .start();
    int burst = 20_000;
    CompletableFuture<Void> sent = new CompletableFuture<>();
    client
        .quic()
        .channel()
        .eventLoop()
        .execute(
            () -> {
              try {
                for (int i = 0; i < burst; i++) {
                  client.sendDatagram(ByteBuffer.allocate(1000));
                }
                sent.complete(null);
              } catch (Exception e) {
                sent.completeExceptionally(e);
              }
            });
    sent.get(20, TimeUnit.SECONDS);
    assertThat(direct() - before).isLessThan(16L * MIB);
    for (int i = 0; i < 100 && !counting.isDone(); i++) {
      client.sendDatagram(ByteBuffer.allocate(1));
      client.stats().get(10, TimeUnit.SECONDS);
    }
    assertThat(counting.get(10, TimeUnit.SECONDS)).isBetween(1, burst - 1);
    // The connection is as good as before.
    SendStream out = client.openUni();
    out.write(new byte[100]);
    out.finish();
    assertThat(server.acceptUni().readAll(100)).hasSize(100);
  }

  /**
   * A stream that is reaped while it can still be read is announced by the codec again and again:
   * each must come exactly once, whichever direction ends first.
   */
  @Test
  void aStreamThatEndsInOneDirectionIsNotAnnouncedAgain() throws Exception {
    for (int i = 0; i < 20; i++) {
      BiStream ours = client.openBi();
      ours.send().write(new byte[100_000]);
      BiStream theirs = server.acceptBiAsync().get(10, TimeUnit.SECONDS);
      assertThat(theirs.send().id()).isEqualTo(ours.send().id());
      switch (i % 3) {
        case 0 -> theirs.send().reset(1); // unread data is still there
        case 1 -> theirs.send().finish();
        default -> ours.recv().stop(2);
      }
      ours.send().write(new byte[100]);
      ours.send().finish();
      assertThat(theirs.recv().readAll(200_000)).hasSize(100_100);
      theirs.close();
      ours.close();
    }
    CompletableFuture<BiStream> phantom = server.acceptBiAsync();
    Await.until("all have gone", Pair.SOON, () -> StreamCounts.codecs(server.quic()) == 0);
    assertThat(phantom).isNotDone();
    assertThat(StreamCounts.ours(server.quic())).isZero();
  }
}
