package dev.warren.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A side that reads no more of a stream must not use up the other's right to open streams. */
@Timeout(60)
class StoppedStreamsTest {
  /** Some times the limit of 100. */
  private static final int STREAMS = 600;

  @Test
  void stoppedUnidirectionalStreamsGiveTheirCreditBackOnceThePeerEndsThem() throws Exception {
    try (Pair pair = Pair.bind()) {
      Pair.Link link = pair.link();
      for (int i = 0; i < STREAMS; i++) {
        SendStream out = link.dialler().openUniAsync().get(10, TimeUnit.SECONDS);
        out.write(new byte[] {1});
        link.acceptor().acceptUniAsync().get(10, TimeUnit.SECONDS).stop(7);
        out.finish();
      }
    }
  }

  @Test
  void aPeerThatIsIdleIsToldToStop() throws Exception {
    try (Pair pair = Pair.bind()) {
      Pair.Link link = pair.link();
      SendStream out = link.dialler().openUni();
      out.write(new byte[] {1});
      link.acceptor().acceptUni().stop(7);
      assertThat(out.ended().get(10, TimeUnit.SECONDS)).isEqualTo(SendStream.End.STOPPED);
    }
  }

  /**
   * Each of these cannot be forgotten by the codec; there must be streams left after all. They
   * carry 280 MiB, half a minute on a busy machine with the leak detector.
   */
  @Test
  @Timeout(value = 180, unit = TimeUnit.SECONDS)
  void peersThatGoOnSendingAreToldToStopAndKeepHalfOfTheirStreams() throws Exception {
    try (Pair pair = Pair.bind()) {
      Pair.Link link = pair.link();
      int told = 0;
      for (int i = 0; i < 120; i++) {
        SendStream out = link.dialler().openUniAsync().get(10, TimeUnit.SECONDS);
        out.write(new byte[] {1});
        link.acceptor().acceptUniAsync().get(10, TimeUnit.SECONDS).stop(7);
        told += writeUntilStopped(out) ? 1 : 0;
        out.close();
      }
      assertThat(told).isEqualTo(50);
      try (BiStream other = link.dialler().openBiAsync().get(10, TimeUnit.SECONDS)) {
        other.send().write(new byte[] {1});
        assertThat(link.acceptor().acceptBiAsync().get(10, TimeUnit.SECONDS)).isNotNull();
      }
    }
  }

  private static boolean writeUntilStopped(SendStream out) throws Exception {
    byte[] chunk = new byte[16 * 1024];
    try {
      for (int i = 0; i < 256; i++) {
        out.write(chunk);
      }
      return false;
    } catch (dev.warren.base.StreamException stopped) {
      return true;
    }
  }

  @Test
  void bidirectionalStreamsClosedUnreadGiveTheirCreditBack() throws Exception {
    try (Pair pair = Pair.bind()) {
      Pair.Link link = pair.link();
      for (int i = 0; i < STREAMS; i++) {
        BiStream out = link.dialler().openBiAsync().get(10, TimeUnit.SECONDS);
        out.send().write(new byte[] {1});
        link.acceptor().acceptBiAsync().get(10, TimeUnit.SECONDS).close();
        out.close();
      }
    }
  }

  @Test
  void streamsThatAreStoppedAfterTheAnswerGiveTheirCreditBack() throws Exception {
    try (Pair pair = Pair.bind()) {
      Pair.Link link = pair.link();
      for (int i = 0; i < STREAMS; i++) {
        BiStream out = link.dialler().openBiAsync().get(10, TimeUnit.SECONDS);
        out.send().write(new byte[] {1});
        try (BiStream in = link.acceptor().acceptBiAsync().get(10, TimeUnit.SECONDS)) {
          in.send().write(new byte[] {2});
          in.send().finish();
        }
        assertThat(out.recv().readAll(10)).containsExactly(2);
        out.close();
      }
    }
  }
}
