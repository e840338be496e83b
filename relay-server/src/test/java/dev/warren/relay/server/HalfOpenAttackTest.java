package dev.warren.relay.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.SecretKey;
import dev.warren.testlab.Await;
import io.netty.util.internal.PlatformDependent;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Thousands of connections that are opened and left alone. */
@Tag("attack")
@Timeout(120)
class HalfOpenAttackTest {
  private static final int CONNECTIONS = 10_000;

  /** Files and sockets that the test and the relay need besides. */
  private static final int OTHER_FILES = 500;

  /** A process of its own: one has no files for both ends of so many. */
  public static final class Attacker {
    public static void main(String[] args) throws IOException {
      InetSocketAddress relay = new InetSocketAddress("127.0.0.1", Integer.parseInt(args[0]));
      List<SocketChannel> open = new ArrayList<>();
      byte[] start = args[2].getBytes(StandardCharsets.US_ASCII);
      for (int i = Integer.parseInt(args[1]); i > 0; i--) {
        SocketChannel connection = SocketChannel.open(relay);
        connection.write(ByteBuffer.wrap(start));
        open.add(connection);
      }
      System.out.println("open");
      System.in.read(); // until the test closes it
      open.clear();
    }
  }

  private static Process attacker(AttackedRelay attacked, int connections, String start)
      throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "-cp",
            System.getProperty("java.class.path"),
            Attacker.class.getName(),
            Integer.toString(attacked.relay.boundAddress().getPort()),
            Integer.toString(connections),
            start)
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  /** As many as both processes may have files for. */
  private static int connections() throws IOException {
    Path limits = Path.of("/proc/self/limits");
    int files =
        !Files.isReadable(limits)
            ? 4096
            : Files.readAllLines(limits).stream()
                .filter(line -> line.startsWith("Max open files"))
                .map(line -> line.split(" +")[3])
                .mapToInt(n -> n.equals("unlimited") ? Integer.MAX_VALUE : Integer.parseInt(n))
                .findFirst()
                .orElseThrow();
    int most = Math.min(CONNECTIONS, files - OTHER_FILES);
    System.out.println("HalfOpenAttackTest: " + most + " connections");
    return most;
  }

  private static long open(AttackedRelay attacked) {
    return attacked.metric("http_connections") - attacked.metric("http_connections_closed");
  }

  private static void isOpenTo(AttackedRelay attacked) throws Exception {
    long start = System.nanoTime();
    try (RawPeer newcomer = attacked.raw().authenticate(SecretKey.generate())) {
      assertThat(newcomer.lives()).isTrue();
    }
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
  }

  @Test
  void tenThousandHalfOpenConnectionsAreCutInTimeAndBotherNobody() throws Exception {
    int n = connections();
    try (AttackedRelay attacked =
        AttackedRelay.start(
            limits -> limits.establishTime(Duration.ofSeconds(15)).handshakesPerAddress(0))) {
      Process attacker = attacker(attacked, n, "");
      try (OutputStream hold = attacker.getOutputStream()) {
        awaitOpen(attacker);
        // Those that the attacker has opened may wait to be accepted still.
        Await.until("open", AttackedRelay.SOON, () -> open(attacked) > n * 9 / 10);
        isOpenTo(attacked);
        attacked.goesOn();
        Await.until(
            "all cut",
            Duration.ofSeconds(40),
            () -> attacked.metric("http_establish_timeouts") >= n);
        assertThat(open(attacked)).isLessThan(10);
      } finally {
        attacker.destroy();
      }
    }
  }

  @Test
  void beyondTheLimitTheOldestAreCutAndNewcomersGetIn() throws Exception {
    int n = connections();
    try (AttackedRelay attacked =
        AttackedRelay.start(limits -> limits.handshakes(1000).handshakesPerAddress(500))) {
      Process attacker = attacker(attacked, n, "");
      try (OutputStream hold = attacker.getOutputStream()) {
        awaitOpen(attacker);
        Await.until("the rest is cut", AttackedRelay.SOON, () -> open(attacked) < 510);
        isOpenTo(attacked);
        attacked.goesOn();
        assertThat(attacked.metric("refused_handshakes")).isGreaterThan(n * 9 / 10);
      } finally {
        attacker.destroy();
      }
      Await.until("all gone", AttackedRelay.SOON, () -> open(attacked) < 10);
    }
  }

  /** The little that has come must not pin the large buffer that it was received in. */
  @Test
  void aByteOfARequestHoldsLittleMemory() throws Exception {
    int n = connections() / 2;
    try (AttackedRelay attacked = AttackedRelay.start(limits -> limits)) {
      long before = PlatformDependent.usedDirectMemory();
      Process attacker = attacker(attacked, n, "G");
      try (OutputStream hold = attacker.getOutputStream()) {
        awaitOpen(attacker);
        attacked.goesOn();
        long each = (PlatformDependent.usedDirectMemory() - before) / n;
        System.out.println("HalfOpenAttackTest: " + each + " bytes of direct memory each");
        assertThat(each).isLessThan(8 * 1024);
      } finally {
        attacker.destroy();
      }
      Await.until("all gone", AttackedRelay.SOON, () -> open(attacked) < 10);
    }
  }

  private static void awaitOpen(Process attacker) throws IOException {
    BufferedReader out =
        new BufferedReader(
            new InputStreamReader(attacker.getInputStream(), StandardCharsets.UTF_8));
    assertThat(out.readLine()).isEqualTo("open");
  }
}
