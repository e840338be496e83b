package dev.warren.testlab.sim;

import dev.warren.testlab.nat.Filtering;
import dev.warren.testlab.nat.NatKind;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A NAT or a firewall. Outbound packets keep mappings and filters open, inbound ones do not (RFC
 * 4787 REQ-6). Whoever is behind it and writes to an outside address of it is let in by hairpin
 * without regard to filters, as the real laboratory's routers do it.
 */
public final class SimNat {
  private static final int FIRST_SEQUENTIAL = 30_000;
  private static final int LOWEST_RANDOM = 1_024;

  /** What a mapping belongs to: the socket, and of the remote end what the kind looks at. */
  private record Key(InetSocketAddress socket, @Nullable InetAddress address, int port) {}

  private static final class Entry {
    final Key key;
    final int outside;
    final Map<InetSocketAddress, Long> written = new HashMap<>();
    long usedAt;

    Entry(Key key, int outside) {
      this.key = key;
      this.outside = outside;
    }
  }

  private final SimNetwork network;
  private final Segment outside;
  private final Segment inside;
  private final SimLink link;
  private final Map<Key, Entry> byKey = new HashMap<>();
  private final Map<Integer, Entry> byPort = new HashMap<>();
  private final Map<InetSocketAddress, Entry> passed = new HashMap<>();
  private InetAddress external;
  private NatKind kind;
  private int sequence;

  SimNat(Segment outside, String external, NatKind kind, SimLink link) {
    this.network = outside.network();
    this.outside = outside;
    this.inside = new Segment(network, this);
    this.link = link;
    this.external = new InetSocketAddress(external, 0).getAddress();
    this.kind = kind;
    outside.attach(this.external, this::inbound, link);
  }

  // ---- what is behind it ----

  public SimHost host(String address, SimLink lan) {
    SimHost host = new SimHost(inside, address, lan);
    if (!kind.translates()) {
      outside.attach(host.address(), this::inbound, link);
    }
    return host;
  }

  /** A NAT behind this one, as at a carrier's customer. */
  public SimNat nat(String address, NatKind other, SimLink lan) {
    return new SimNat(inside, address, other, lan);
  }

  // ---- what happens to it ----

  /** Forgets everything. */
  public void reboot() {
    byKey.clear();
    byPort.clear();
    passed.clear();
  }

  public void become(NatKind other) {
    kind = other;
    reboot();
  }

  public void renumber(String address) {
    outside.detach(external);
    external = new InetSocketAddress(address, 0).getAddress();
    outside.attach(external, this::inbound, link);
    reboot();
  }

  public InetAddress external() {
    return external;
  }

  /** Mappings that live. */
  public int mappings() {
    return (int) byPort.values().stream().filter(this::lives).count();
  }

  // ---- packets ----

  void outbound(Packet packet) {
    if (!kind.udp()) {
      network.drop();
      return;
    }
    if (!kind.translates()) {
      note(passed.computeIfAbsent(packet.from(), s -> new Entry(key(packet), s.getPort())), packet);
      outside.send(external, packet);
      return;
    }
    boolean back = packet.to().getAddress().equals(external);
    if (back && !kind.hairpin()) {
      network.drop();
      return;
    }
    Entry entry = mapping(packet);
    note(entry, packet);
    Packet translated = packet.from(new InetSocketAddress(external, entry.outside));
    if (back) {
      hairpin(translated);
    } else {
      outside.send(external, translated);
    }
  }

  private void hairpin(Packet packet) {
    Entry entry = byPort.get(packet.to().getPort());
    if (entry == null || !lives(entry)) {
      network.drop();
    } else {
      inside.deliver(packet.to(entry.key.socket));
    }
  }

  private void inbound(Packet packet) {
    Entry entry = kind.translates() ? byPort.get(packet.to().getPort()) : passed.get(packet.to());
    if (!kind.udp() || entry == null || !lives(entry) || !letIn(entry, packet.from())) {
      network.drop();
    } else {
      inside.deliver(kind.translates() ? packet.to(entry.key.socket) : packet);
    }
  }

  private boolean letIn(Entry entry, InetSocketAddress from) {
    Filtering filtering = kind.filtering();
    return switch (filtering) {
      case ENDPOINT_INDEPENDENT -> true;
      case ADDRESS_DEPENDENT ->
          entry.written.entrySet().stream()
              .anyMatch(
                  w -> w.getKey().getAddress().equals(from.getAddress()) && fresh(w.getValue()));
      case ADDRESS_AND_PORT_DEPENDENT -> {
        Long at = entry.written.get(from);
        yield at != null && fresh(at);
      }
    };
  }

  private void note(Entry entry, Packet packet) {
    entry.usedAt = network.now();
    entry.written.put(packet.to(), network.now());
  }

  private boolean lives(Entry entry) {
    return fresh(entry.usedAt);
  }

  private boolean fresh(long at) {
    return network.now() - at <= kind.lifetime().toNanos();
  }

  private Key key(Packet packet) {
    InetSocketAddress to = packet.to();
    return switch (kind.mapping()) {
      case ENDPOINT_INDEPENDENT, ENDPOINT_INDEPENDENT_RANDOM -> new Key(packet.from(), null, 0);
      case ADDRESS_DEPENDENT -> new Key(packet.from(), to.getAddress(), 0);
      case ADDRESS_AND_PORT_DEPENDENT, SEQUENTIAL ->
          new Key(packet.from(), to.getAddress(), to.getPort());
    };
  }

  private Entry mapping(Packet packet) {
    Key key = key(packet);
    Entry known = byKey.get(key);
    if (known != null && lives(known)) {
      return known;
    }
    if (known != null) {
      byPort.remove(known.outside, known);
    }
    Entry made = new Entry(key, port(packet.from().getPort()));
    byKey.put(key, made);
    byPort.put(made.outside, made);
    return made;
  }

  private int port(int own) {
    return switch (kind.mapping()) {
      case ENDPOINT_INDEPENDENT -> free(own) ? own : randomPort();
      case ENDPOINT_INDEPENDENT_RANDOM, ADDRESS_DEPENDENT, ADDRESS_AND_PORT_DEPENDENT ->
          randomPort();
      case SEQUENTIAL -> {
        int next = FIRST_SEQUENTIAL + sequence++ % 30_000;
        yield free(next) ? next : port(own);
      }
    };
  }

  private boolean free(int port) {
    Entry entry = byPort.get(port);
    return entry == null || !lives(entry);
  }

  private int randomPort() {
    for (int i = 0; i < 10_000; i++) {
      int port = network.random().nextInt(LOWEST_RANDOM, 65_536);
      if (free(port)) {
        return port;
      }
    }
    throw new IllegalStateException("the NAT has no port left");
  }
}
