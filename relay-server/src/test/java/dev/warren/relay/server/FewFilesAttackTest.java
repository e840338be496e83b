package dev.warren.relay.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.SecretKey;
import dev.warren.base.SocketAddrs;
import dev.warren.testlab.Await;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A relay in a process that may open few files, and more sockets than that from strangers. */
@Tag("attack")
class FewFilesAttackTest {
  private static final int FILES = 400;
  private static final Duration SOON = Duration.ofSeconds(20);

  /** The relay, in a process of its own: says its port, then a metric for each line it reads. */
  public static void main(String[] args) throws Exception {
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    try (RelayServer relay = RelayServer.builder().bind(SocketAddrs.parse("127.0.0.1:0"))) {
      System.out.println(relay.boundAddress().getPort());
      for (String name = in.readLine(); name != null; name = in.readLine()) {
        System.out.println(relay.metrics().get(name));
      }
    }
  }

  private static long metric(PrintStream commands, BufferedReader answers, String name) {
    commands.println(name);
    try {
      return Long.parseLong(answers.readLine());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void silentSocketsDoNotKeepEverybodyElseOut() throws Exception {
    Assumptions.assumeTrue(
        System.getProperty("os.name").equals("Linux"), "limits on open files are set by a shell");
    Process process =
        new ProcessBuilder(
                "sh",
                "-c",
                "ulimit -n " + FILES + " && exec \"$@\"",
                "sh",
                ProcessHandle.current().info().command().orElse("java"),
                "-cp",
                System.getProperty("java.class.path"),
                FewFilesAttackTest.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    List<Socket> silent = new ArrayList<>();
    try (PrintStream commands =
            new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
        BufferedReader answers =
            new BufferedReader(
                new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      InetSocketAddress relay =
          new InetSocketAddress("127.0.0.1", Integer.parseInt(answers.readLine()));
      try (RawPeer before = RawPeer.connect(relay).authenticate(SecretKey.generate())) {
        for (int i = 0; i < 2 * FILES; i++) {
          Socket socket = new Socket();
          silent.add(socket);
          socket.connect(relay, 5000);
        }
        Await.until("too many", SOON, () -> metric(commands, answers, "http_accept_failures") > 0);
        try (RawPeer client = RawPeer.connect(relay).authenticate(SecretKey.generate())) {
          assertThat(client.lives()).isTrue();
        }
        assertThat(before.lives()).isTrue();
        assertThat(metric(commands, answers, "refused_handshakes")).isPositive();
        // Each failure is followed by a pause.
        assertThat(metric(commands, answers, "http_accept_failures")).isLessThan(100);
      }
    } finally {
      for (Socket socket : silent) {
        socket.close();
      }
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    }
  }
}
