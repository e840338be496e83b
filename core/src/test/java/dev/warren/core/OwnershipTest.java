package dev.warren.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warren.base.DatagramException;
import dev.warren.base.PeerException;
import dev.warren.core.netty.NettyConnection;
import dev.warren.core.netty.NettyStreams;
import dev.warren.testlab.Await;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who releases a buffer: a write always does, whatever happens; a read gives it away. */
class OwnershipTest {
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

  private static ByteBuf buffer(int n) {
    return ByteBufAllocator.DEFAULT.directBuffer(Math.max(1, n)).writeZero(n);
  }

  @Test
  void aWriteConsumesWhenItSucceeds() throws Exception {
    SendStream out = client.openUni();
    ByteBuf one = buffer(1000);
    ByteBuf two = buffer(1000);
    ByteBuf empty = buffer(0);
    NettyStreams.write(out, one);
    NettyStreams.writeAsync(out, two).get(10, TimeUnit.SECONDS);
    NettyStreams.write(out, empty);
    out.finish();
    assertThat(server.acceptUni().readAll(3000)).hasSize(2000);
    Await.until("released", Pair.SOON, () -> one.refCnt() + two.refCnt() + empty.refCnt() == 0);
  }

  @Test
  void aWriteConsumesWhenItFails() throws Exception {
    SendStream finished = client.openUni();
    finished.finish();
    SendStream reset = client.openUni();
    reset.reset(1);
    SendStream lost = client.openUni();
    client.close();
    // The connection's end is told before that of its streams.
    assertThat(lost.ended().get(10, TimeUnit.SECONDS)).isEqualTo(SendStream.End.LOST);
    for (SendStream out : new SendStream[] {finished, reset, lost}) {
      ByteBuf one = buffer(10);
      ByteBuf two = buffer(10);
      assertThatThrownBy(() -> NettyStreams.write(out, one)).isInstanceOf(PeerException.class);
      assertThatThrownBy(() -> NettyStreams.writeAsync(out, two).get(10, TimeUnit.SECONDS))
          .hasCauseInstanceOf(PeerException.class);
      assertThat(one.refCnt() + two.refCnt()).isZero();
    }
  }

  @Test
  void whatWaitedToBeSentIsReleasedWhenTheStreamIsReset() throws Exception {
    SendStream out = client.openUni();
    ByteBuf[] queued = new ByteBuf[100];
    for (int i = 0; i < queued.length; i++) {
      queued[i] = buffer(100_000);
      NettyStreams.writeAsync(out, queued[i]);
    }
    out.reset(1);
    for (ByteBuf data : queued) {
      Await.until("released", Pair.SOON, () -> data.refCnt() == 0);
    }
  }

  @Test
  void whatIsReadBelongsToTheReader() throws Exception {
    SendStream out = client.openUni();
    out.write(new byte[5000]);
    out.finish();
    RecvStream in = server.acceptUni();
    int total = 0;
    for (Optional<ByteBuf> next = NettyStreams.read(in);
        next.isPresent();
        next = NettyStreams.read(in)) {
      ByteBuf data = next.get();
      assertThat(data.refCnt()).isOne();
      total += data.readableBytes();
      in.close(); // what was given away is not taken back
      assertThat(data.refCnt()).isOne();
      data.release();
      if (total < 5000) {
        return;
      }
      break;
    }
    assertThat(total).isEqualTo(5000);
  }

  @Test
  void datagramsAreConsumedAndGivenAwayLikewise() throws Exception {
    int max = client.maxDatagramSize().orElseThrow();
    for (int size : new int[] {0, max + 1}) {
      ByteBuf wrong = buffer(size);
      assertThatThrownBy(() -> NettyConnection.sendDatagram(client, wrong))
          .isInstanceOf(DatagramException.class);
      assertThat(wrong.refCnt()).isZero();
    }
    ByteBuf[] sent = new ByteBuf[50];
    for (int i = 0; i < sent.length; i++) {
      sent[i] = buffer(100);
      NettyConnection.sendDatagram(client, sent[i]);
      client.stats().get(10, TimeUnit.SECONDS);
    }
    ByteBuf arrived = NettyConnection.receiveDatagram(server);
    assertThat(arrived.readableBytes()).isEqualTo(100);
    assertThat(arrived.refCnt()).isOne();
    arrived.release();
    for (ByteBuf datagram : sent) {
      Await.until("released", Pair.SOON, () -> datagram.refCnt() == 0);
    }
    client.close();
    client.closed().get(10, TimeUnit.SECONDS);
    ByteBuf late = buffer(100);
    NettyConnection.sendDatagram(client, late);
    assertThat(late.refCnt()).isZero();
  }
}
