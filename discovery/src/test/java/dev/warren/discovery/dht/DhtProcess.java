package dev.warren.discovery.dht;

import dev.warren.base.NodeId;
import dev.warren.base.SecretKey;
import dev.warren.discovery.wire.SignedPacket;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A process with nodes or a client, for tests beside foreign programs in a network namespace.
 *
 * <pre>
 * nodes COUNT [BOOTSTRAP]       prints "ready 127.0.0.1:PORT", serves until its input ends
 * put BOOTSTRAP SEED SEQ DNS    hex but for SEQ; prints "put STORED"
 * get BOOTSTRAP ID              prints "got SEQ DNS" or "got none"
 * </pre>
 */
public final class DhtProcess {
  private static final InetSocketAddress ANY = new InetSocketAddress("127.0.0.1", 0);
  private static final HexFormat HEX = HexFormat.of();

  private DhtProcess() {}

  public static void main(String[] args) throws Exception {
    switch (args[0]) {
      case "nodes" -> nodes(Integer.parseInt(args[1]), args.length > 2 ? args[2] : null);
      case "put" -> put(args[1], args[2], Long.parseLong(args[3]), args[4]);
      default -> get(args[1], args[2]);
    }
    System.exit(0);
  }

  private static void nodes(int count, String bootstrap) throws Exception {
    String first = bootstrap;
    for (int i = 0; i < count; i++) {
      DhtBuilder<DhtNode> builder = DhtNode.builder().bind(ANY);
      if (first != null) {
        builder.bootstrap(first);
      }
      DhtNode node = builder.start();
      if (first == null) {
        first = "127.0.0.1:" + node.localAddress().getPort();
      }
    }
    System.out.println("ready " + first);
    System.in.readAllBytes();
  }

  private static void put(String bootstrap, String seed, long seq, String dns) throws Exception {
    SecretKey secret = SecretKey.ofBytes(HEX.parseHex(seed));
    SignedPacket packet = SignedPacket.sign(secret, HEX.parseHex(dns), seq);
    try (DhtClient client = DhtClient.builder().bind(ANY).bootstrap(bootstrap).start()) {
      System.out.println("put " + client.put(packet).get(20, TimeUnit.SECONDS).stored());
    }
  }

  private static void get(String bootstrap, String id) throws Exception {
    try (DhtClient client = DhtClient.builder().bind(ANY).bootstrap(bootstrap).start()) {
      Optional<SignedPacket> packet = client.mostRecent(NodeId.parse(id)).get(20, TimeUnit.SECONDS);
      System.out.println(
          packet
              .map(p -> "got " + p.timestamp() + " " + HEX.formatHex(p.dns()))
              .orElse("got none"));
    }
  }
}
