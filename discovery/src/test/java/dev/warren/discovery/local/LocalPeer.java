package dev.warren.discovery.local;

import dev.warren.base.NodeId;
import dev.warren.base.SecretKey;
import dev.warren.base.SocketAddrs;
import dev.warren.base.TransportAddr;
import dev.warren.discovery.Discovery;
import dev.warren.discovery.DiscoveryContext;
import dev.warren.discovery.DiscoveryEvent;
import dev.warren.discovery.DiscoveryItem;
import dev.warren.discovery.EndpointData;
import dev.warren.discovery.ResolveSink;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/**
 * A node in a namespace, told what to do line by line; says what it sees. Its one argument is the
 * number that is the first byte of its key; {@code nodnssd} leaves out jmdns, {@code browse} uses
 * all of it.
 */
final class LocalPeer {
  private LocalPeer() {}

  static SecretKey key(int number) {
    byte[] seed = new byte[32];
    seed[0] = (byte) number;
    return SecretKey.ofBytes(seed);
  }

  public static void main(String[] args) throws Exception {
    SecretKey key = key(Integer.parseInt(args[0]));
    ScheduledExecutorService timers = Executors.newSingleThreadScheduledExecutor();
    DiscoveryContext context = new DiscoveryContext(key, List.of(), Runnable::run, timers);
    Discovery discovery =
        LocalDiscovery.builder()
            .dnsSd(!args[args.length - 1].equals("nodnssd"))
            .dnsSdBrowsed(args[args.length - 1].equals("browse"))
            .factory()
            .create(context);
    say("id " + key.nodeId());
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
    String line;
    while ((line = in.readLine()) != null) {
      String[] words = line.split(" ");
      switch (words[0]) {
        case "publish" -> discovery.publish(data(words));
        case "subscribe" -> discovery.subscribe(LocalPeer::heard);
        case "resolve" -> resolve(discovery, NodeId.parse(words[1]));
        case "look" -> discovery.networkChanged();
        case "metrics" -> say("metrics " + discovery.metrics());
        case "send" -> send(words[1], words[2], words[3]);
        case "close" -> {
          discovery.close();
          say("closed " + threads());
        }
        case "threads" -> say("threads " + threads());
        default -> say("what is " + words[0]);
      }
    }
    discovery.close();
    timers.shutdownNow();
  }

  private static EndpointData data(String[] words) {
    List<TransportAddr> addrs = new ArrayList<>();
    for (int i = 1; i < words.length; i++) {
      addrs.add(new TransportAddr.Ip(SocketAddrs.parse(words[i])));
    }
    return new EndpointData(addrs, Optional.empty());
  }

  private static void heard(DiscoveryEvent event) {
    if (event instanceof DiscoveryEvent.Discovered discovered) {
      say("discovered " + discovered.item().id() + " " + discovered.item().data().addrs());
    } else if (event instanceof DiscoveryEvent.Expired expired) {
      say("expired " + expired.id());
    }
  }

  private static void resolve(Discovery discovery, NodeId id) {
    long start = System.nanoTime();
    discovery.resolve(
        id,
        new ResolveSink() {
          @Override
          public void found(DiscoveryItem item) {
            long millis = (System.nanoTime() - start) / 1_000_000;
            say("found " + item.id() + " " + item.data().addrs() + " ms " + millis);
          }

          @Override
          public void done() {
            say("done");
          }

          @Override
          public void failed(Throwable cause) {
            say("failed " + cause);
          }
        });
  }

  /** Sends messages in hex, parted by commas, from an address that need not be of the link. */
  private static void send(String device, String from, String messages) throws Exception {
    try (DatagramChannel channel = DatagramChannel.open(StandardProtocolFamily.INET)) {
      channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      channel.setOption(StandardSocketOptions.SO_REUSEPORT, true);
      channel.bind(SocketAddrs.parse(from));
      channel.setOption(StandardSocketOptions.IP_MULTICAST_IF, NetworkInterface.getByName(device));
      byte[] group = {(byte) 224, 0, 0, (byte) 251};
      InetSocketAddress to = new InetSocketAddress(InetAddress.getByAddress(group), 5353);
      for (String message : messages.split(",")) {
        channel.send(ByteBuffer.wrap(HexFormat.of().parseHex(message)), to);
      }
    }
    say("sent");
  }

  private static String threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.contains("mdns") || name.contains("dns-sd") || name.contains("JmDNS"))
        .toList()
        .toString();
  }

  private static void say(String line) {
    System.out.println(line);
    System.out.flush();
  }
}
