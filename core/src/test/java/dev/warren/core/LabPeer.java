package dev.warren.core;

import dev.warren.base.Alpn;
import dev.warren.base.NodeTicket;
import dev.warren.base.RelayUrl;
import dev.warren.base.SocketAddrs;
import dev.warren.relay.server.RelayServer;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/**
 * A peer or relay in a process of its own, for tests in network namespaces. It says lines on its
 * output and takes lines from its input; without input it ends.
 */
final class LabPeer {
  static final Alpn SINK = Alpn.of("lab-sink/1");
  private static final Duration SOON = Duration.ofSeconds(15);

  private LabPeer() {}

  /**
   * {@code relay IP:PORT [STUN IP:PORT]}, {@code listen IP:PORT|any RELAY|none} or {@code dial
   * IP:PORT|any RELAY|none TICKET}. A dialler sends as many bytes as each line asks for and says
   * {@code sent MILLIS PATH}; {@code path} makes it say the path.
   */
  public static void main(String[] args) throws Exception {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
    switch (args[0]) {
      case "relay" -> relay(args, in);
      case "listen" -> listen(args, in);
      default -> dial(args, in);
    }
    System.exit(0);
  }

  private static void relay(String[] args, BufferedReader in) throws Exception {
    RelayServer.Builder builder = RelayServer.builder();
    if (args.length > 2) {
      builder.stun(SocketAddrs.parse(args[2]));
    }
    try (RelayServer relay = builder.bind(SocketAddrs.parse(args[1]))) {
      say("url " + relay.url());
      in.readLine();
    }
  }

  private static EndpointBuilder builder(String[] args) throws Exception {
    EndpointBuilder builder = Endpoint.builder();
    if (!args[1].equals("any")) {
      builder.bindAddr(SocketAddrs.parse(args[1]));
    }
    return args[2].equals("none") ? builder : builder.relay(RelayUrl.parse(args[2]));
  }

  private static void listen(String[] args, BufferedReader in) throws Exception {
    try (Endpoint endpoint = builder(args).bind();
        Router router = Router.builder(endpoint).accept(SINK, LabPeer::hash).spawn()) {
      if (!args[2].equals("none")) {
        endpoint.awaitOnline(SOON);
      }
      say("ticket " + NodeTicket.of(endpoint.addr()));
      in.readLine();
    }
  }

  private static void hash(Connection connection) throws Exception {
    for (; ; ) {
      RecvStream in = connection.acceptUni();
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      byte[] chunk = new byte[65536];
      for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
        sha.update(chunk, 0, n);
      }
      try (SendStream out = connection.openUni()) {
        out.write(sha.digest());
        out.finish();
      }
    }
  }

  private static void dial(String[] args, BufferedReader in) throws Exception {
    try (Endpoint endpoint = builder(args).bind()) {
      if (!args[2].equals("none")) {
        endpoint.awaitOnline(SOON);
      }
      long begun = System.nanoTime();
      try (Connection connection = endpoint.connect(NodeTicket.parse(args[3]).addr(), SINK)) {
        say("connected " + (System.nanoTime() - begun) / 1_000_000);
        for (String line = in.readLine(); line != null; line = in.readLine()) {
          if (line.equals("path")) {
            say(path(connection));
          } else if (line.startsWith("direct ")) {
            awaitDirect(connection, Integer.parseInt(line.substring(7)));
          } else if (line.startsWith("stalls ")) {
            stalls(connection, Integer.parseInt(line.substring(7)));
          } else {
            send(connection, Integer.parseInt(line));
          }
        }
      }
    }
  }

  /** Says {@code direct MILLIS} from now on, or {@code relayed} and why after so long. */
  private static void awaitDirect(Connection connection, int millis) throws Exception {
    long begun = System.nanoTime();
    while (!connection.path().isDirect()) {
      if (System.nanoTime() - begun > millis * 1_000_000L) {
        say("relayed " + path(connection));
        return;
      }
      LockSupport.parkNanos(2_000_000);
    }
    say("direct " + (System.nanoTime() - begun) / 1_000_000 + " " + path(connection));
  }

  /**
   * Round trips of the SINK protocol for so many milliseconds; says {@code stalls LONGEST PATH},
   * the longest time in which none came back.
   */
  private static void stalls(Connection connection, int millis) throws Exception {
    say("running");
    long end = System.nanoTime() + millis * 1_000_000L;
    long longest = 0;
    int trips = 0;
    while (System.nanoTime() < end) {
      long begun = System.nanoTime();
      try (SendStream out = connection.openUni()) {
        out.write(new byte[100]);
        out.finish();
      }
      connection.acceptUni().readAll(32);
      longest = Math.max(longest, System.nanoTime() - begun);
      trips++;
    }
    say("stalls " + longest / 1_000_000 + " ms of " + trips + " trips " + path(connection));
  }

  private static String path(Connection connection) {
    PathInfo path = connection.path();
    return "path " + path.type() + " rttUs=" + path.rtt().toNanos() / 1000 + " " + path.why();
  }

  private static void send(Connection connection, int n) throws Exception {
    byte[] data = new byte[n];
    new Random(n).nextBytes(data);
    long start = System.nanoTime();
    SendStream out = connection.openUni();
    out.write(data);
    out.finish();
    byte[] answer = connection.acceptUni().readAll(32);
    String hash = HexFormat.of().formatHex(answer);
    String own = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(data));
    long ms = (System.nanoTime() - start) / 1_000_000;
    say((hash.equals(own) ? "sent " : "WRONG HASH ") + ms + " " + path(connection));
  }

  private static void say(String line) {
    System.out.println(line);
    System.out.flush();
  }
}
