package dev.warren.benchmarks;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What a relay costs and carries, beside a plain forwarder that knows nothing of frames. Both in
 * processes of their own, measured in turn in one run.
 */
final class RelayFigures {
  /** As many datagrams of 1,200 bytes as QUIC hands over at once. */
  static final int BATCH = 48_000;

  static final int DATAGRAM = 1_200;
  private static final int SMALL = 64;

  /** Bytes on their way: fewer than the relay keeps for a client that does not read (4 MiB). */
  private static final int WINDOW = 2 << 20;

  /** Frames on their way: fewer than the relay keeps for a client that does not read (512). */
  private static final int WINDOW_FRAMES = 400;

  /** Rounds that are thrown away: before, the relay's compiler costs more than the relay. */
  private static final int WARM_UP = 6;

  private static final long MIB = 1 << 20;
  private static final double GB = 1e9;
  private final boolean json;
  private final int rounds;

  RelayFigures(boolean json, int rounds) {
    this.json = json;
    this.rounds = rounds;
  }

  // ---- forwarding ----

  /** One pair, as fast as it goes. */
  void forwarding(boolean tls, int payload, long mib) throws Exception {
    String kind = tls ? "tls" : "plain";
    Figures figures = new Figures("relay-forward-" + kind + "-" + payload, json);
    try (Child relay = child("serve-relay", tls);
        Child forwarder = child("serve-forwarder", tls)) {
      String relayUrl = relay.read();
      String forwarderUrl = forwarder.read();
      try (RelayPeer a = RelayPeer.ofRelay(relayUrl);
          RelayPeer b = RelayPeer.ofRelay(relayUrl);
          RelayPeer c = RelayPeer.ofForwarder(forwarderUrl);
          RelayPeer d = RelayPeer.ofForwarder(forwarderUrl)) {
        for (int round = -WARM_UP; round < rounds; round++) {
          forwarding(figures, round, "forwarder", forwarder, c, d, payload, mib);
          forwarding(figures, round, "relay", relay, a, b, payload, mib);
        }
      }
    }
    figures.ratio("throughputRatio", "relayMibPerS", "forwarderMibPerS");
    figures.ratio("cpuRatio", "relayCpuSPerGb", "forwarderCpuSPerGb");
    figures.print();
  }

  private static void forwarding(
      Figures figures,
      int round,
      String name,
      Child process,
      RelayPeer from,
      RelayPeer to,
      int payload,
      long mib)
      throws Exception {
    double cpu = process.cpuSeconds();
    long start = System.nanoTime();
    long frames = mib * MIB / payload;
    stream(from, to, payload, frames);
    double spent = (System.nanoTime() - start) / 1e9;
    if (round >= 0) {
      double bytes = (double) frames * payload;
      figures.add(name + "MibPerS", bytes / MIB / spent);
      figures.add(name + "CpuSPerGb", (process.cpuSeconds() - cpu) / (bytes / GB));
    }
  }

  /**
   * Sends that many frames, never more on the way than the window: the receiving end gives credit,
   * in small frames through the same relay, as QUIC's acknowledgements are. A lost frame would stop
   * it, and is an error.
   */
  static void stream(RelayPeer from, RelayPeer to, int payload, long count) throws Exception {
    int window = Math.min(WINDOW_FRAMES, Math.max(8, WINDOW / payload));
    int each = window / 8;
    byte[] frame = RelayWire.datagrams(to.id(), payload);
    byte[] credit = RelayWire.datagrams(from.id(), 8);
    Semaphore credits = new Semaphore(window);
    AtomicLong arrived = new AtomicLong();
    Semaphore done = new Semaphore(0);
    from.onFrame((peer, length) -> credits.release(each));
    to.onFrame(
        (peer, length) -> {
          long n = arrived.incrementAndGet();
          if (n % each == 0) {
            peer.write(credit);
          }
          if (n == count) {
            done.release();
          }
        });
    for (long i = 0; i < count; i++) {
      if (!credits.tryAcquire(10, TimeUnit.SECONDS)) {
        throw new IOException("frames were lost: " + i + " sent, " + arrived + " arrived");
      }
      from.write(frame);
    }
    if (!done.tryAcquire(10, TimeUnit.SECONDS)) {
      throw new IOException("frames were lost: " + count + " sent, " + arrived + " arrived");
    }
    from.onFrame((peer, length) -> {});
    to.onFrame((peer, length) -> {});
  }

  // ---- latency ----

  /** Round trips of 64 bytes, one after the other. */
  void latency(boolean tls) throws Exception {
    Figures figures = new Figures("relay-latency-" + (tls ? "tls" : "plain"), json);
    try (Child relay = child("serve-relay", tls);
        Child forwarder = child("serve-forwarder", tls);
        ServerSocket listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String relayUrl = relay.read();
      String forwarderUrl = forwarder.read();
      Socket dialled = new Socket(listening.getInetAddress(), listening.getLocalPort());
      try (RelayPeer a = RelayPeer.ofRelay(relayUrl);
          RelayPeer b = RelayPeer.ofRelay(relayUrl);
          RelayPeer c = RelayPeer.ofForwarder(forwarderUrl);
          RelayPeer d = RelayPeer.ofForwarder(forwarderUrl);
          RelayPeer e = RelayPeer.of(dialled);
          RelayPeer f = RelayPeer.of(listening.accept())) {
        for (int round = -3; round < rounds; round++) {
          double straight = roundTrip(e, f);
          double forwarded = roundTrip(c, d);
          double relayed = roundTrip(a, b);
          if (round >= 0) {
            figures.add("straightP50us", straight);
            figures.add("forwarderP50us", forwarded);
            figures.add("relayP50us", relayed);
            figures.add("forwarderAddsUs", forwarded - straight);
            figures.add("relayAddsUs", relayed - straight);
          }
        }
      }
    }
    figures.ratio("roundTripRatio", "relayP50us", "forwarderP50us");
    figures.ratio("addedRatio", "relayAddsUs", "forwarderAddsUs");
    figures.print();
  }

  private static double roundTrip(RelayPeer from, RelayPeer to) throws Exception {
    byte[] there = RelayWire.datagrams(to.id(), SMALL);
    byte[] back = RelayWire.datagrams(from.id(), SMALL);
    Semaphore returned = new Semaphore(0);
    to.onFrame((peer, length) -> peer.write(back));
    from.onFrame((peer, length) -> returned.release());
    long[] nanos = new long[3000];
    for (int i = 0; i < nanos.length; i++) {
      long start = System.nanoTime();
      from.write(there);
      if (!returned.tryAcquire(10, TimeUnit.SECONDS)) {
        throw new IOException("a frame was lost");
      }
      nanos[i] = System.nanoTime() - start;
    }
    Arrays.sort(nanos);
    return nanos[nanos.length / 2] / 1e3;
  }

  // ---- many clients ----

  /** What a client costs that is connected and silent; the relay's pings included. */
  void idle(boolean tls, int clients, int seconds) throws Exception {
    Figures figures = new Figures("relay-idle-" + (tls ? "tls" : "plain"), json);
    try (Child relay = child(Benchmarks.STILL_AND_LARGE, "serve-relay", tls)) {
      String url = relay.read();
      try (Child some = Child.start(Benchmarks.PLAIN, List.of("crowd", url, "200", "50"))) {
        some.read();
        some.ask("lost");
      }
      long before = Long.parseLong(relay.ask("memory"));
      try (Child crowd =
          Child.start(List.of("-Xmx4g"), List.of("crowd", url, String.valueOf(clients), "50"))) {
        crowd.read();
        // The first pings, too.
        TimeUnit.SECONDS.sleep(25);
        long after = Long.parseLong(relay.ask("memory"));
        double cpu = relay.cpuSeconds();
        TimeUnit.SECONDS.sleep(seconds);
        figures.add("corePercent", (relay.cpuSeconds() - cpu) / seconds * 100);
        figures.add("kibPerClient", (after - before) / 1024.0 / clients);
        figures.add("clients", clients);
        figures.add("lost", Double.parseDouble(crowd.ask("lost")));
      }
    }
    figures.print();
  }

  /**
   * The crowd stands for a thousand machines that each do one handshake: what its JVM spends to
   * compile them well, on the same cores, is not what is measured.
   */
  private static final List<String> QUICK_START = List.of("-Xmx512m", "-XX:TieredStopAtLevel=1");

  /** All at once. */
  void storm(boolean tls, int clients) throws Exception {
    Figures figures = new Figures("relay-storm-" + (tls ? "tls" : "plain"), json);
    for (int round = 0; round < rounds; round++) {
      // A fresh relay each: a storm meets one that was just started.
      try (Child relay = child("serve-relay", tls);
          Child crowd =
              Child.start(
                  QUICK_START,
                  List.of(
                      "crowd", relay.read(), String.valueOf(clients), String.valueOf(clients)))) {
        figures.add("servedMs", Double.parseDouble(crowd.read()));
        figures.add("redials", Double.parseDouble(crowd.ask("redials")));
        figures.add("relayCpuS", relay.cpuSeconds());
        figures.add("crowdCpuS", crowd.cpuSeconds());
        figures.add("lost", Double.parseDouble(crowd.ask("lost")));
      }
    }
    figures.print();
  }

  private static Child child(String what, boolean tls) throws IOException {
    return child(Benchmarks.PLAIN, what, tls);
  }

  private static Child child(List<String> jvm, String what, boolean tls) throws IOException {
    return Child.start(jvm, List.of(what, tls ? "tls" : "plain"));
  }
}
