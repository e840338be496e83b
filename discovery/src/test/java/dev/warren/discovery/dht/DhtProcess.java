package dev.warren.discovery.dht;

import dev.warren.base.NodeId;
import dev.warren.base.SecretKey;
import dev.warren.discovery.wire.SignedPacket;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A process with nodes, for tests beside foreign programs in a network namespace. Its arguments are
 * their number and, unless they are a DHT of their own, a bootstrap node. It prints "ready
 * 127.0.0.1:PORT" and ends with its input, each line of which is a command, answered by one line:
 *
 * <pre>
 * put SEED SEQ DNS    in hex but for SEQ: "put STORED"
 * get ID              "got SEQ DNS" or "got none"
 * </pre>
 *
 * The last node carries them out; with a third argument, a client.
 */
public final class DhtProcess {
  private static final InetSocketAddress ANY = new InetSocketAddress("127.0.0.1", 0);
  private static final HexFormat HEX = HexFormat.of();

  private DhtProcess() {}

  public static void main(String[] args) throws Exception {
    String first = args.length > 1 ? args[1] : null;
    Dht last = null;
    for (int i = 0; i < Integer.parseInt(args[0]); i++) {
      DhtBuilder<DhtNode> builder = DhtNode.builder().bind(ANY);
      if (first != null) {
        builder.bootstrap(first);
      }
      last = builder.start();
      if (first == null) {
        first = "127.0.0.1:" + last.localAddress().getPort();
      }
    }
    if (args.length > 2) {
      last = DhtClient.builder().bind(ANY).bootstrap(first).start();
    }
    System.out.println("ready " + first);
    BufferedReader commands =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = commands.readLine(); line != null; line = commands.readLine()) {
      String[] words = line.split(" ");
      System.out.println(
          words[0].equals("put") ? put(last, words) : get(last, NodeId.parse(words[1])));
    }
    System.exit(0);
  }

  private static String put(Dht dht, String[] words) throws Exception {
    SecretKey secret = SecretKey.ofBytes(HEX.parseHex(words[1]));
    SignedPacket packet =
        SignedPacket.sign(secret, HEX.parseHex(words[3]), Long.parseLong(words[2]));
    return "put " + dht.put(packet).get(20, TimeUnit.SECONDS).stored();
  }

  private static String get(Dht dht, NodeId id) throws Exception {
    Optional<SignedPacket> packet = dht.mostRecent(id).get(20, TimeUnit.SECONDS);
    return packet
        .map(p -> "got " + p.timestamp() + " " + HEX.formatHex(p.dns()))
        .orElse("got none");
  }
}
