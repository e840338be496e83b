package dev.warren.benchmarks;

import dev.warren.base.NodeId;
import dev.warren.discovery.wire.SignedPacket;
import dev.warren.discovery.wire.SignedPacketException;
import dev.warren.dns.server.store.Upsert;
import dev.warren.dns.server.store.file.FilePacketStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The DNS server's storage on the disk under {@code benchmarks/target}, or {@code --directory}. */
final class StoreFigures {
  /** Threads that check signatures, as many as a server has event loops on two cores. */
  private static final int CHECKERS = 2;

  /** Packets that are on their way to the disk at most: PUTs that a server has open. */
  private static final int IN_FLIGHT = 256;

  private static final long FIRST = 1_750_000_000_000_000L;

  private final boolean json;
  private final int rounds;
  private final Path directory;

  StoreFigures(boolean json, int rounds, Path directory) {
    this.json = json;
    this.rounds = rounds;
    this.directory = directory;
  }

  private record Body(NodeId id, byte[] payload) {}

  /** Bodies of PUT requests, checked and made durable; the first round is thrown away. */
  void puts(int keys) throws Exception {
    Figures figures = new Figures("dns-put", json);
    delete();
    try (FilePacketStore store = FilePacketStore.open(directory.resolve("packets"))) {
      for (int round = -1; round < rounds; round++) {
        Body[] bodies = bodies(keys, FIRST + round);
        double cpu = Machine.ownCpuSeconds();
        long[] nanos = new long[keys];
        long start = System.nanoTime();
        put(store, bodies, nanos);
        double spent = (System.nanoTime() - start) / 1e9;
        if (round >= 0) {
          Arrays.sort(nanos);
          figures.add("putsPerS", keys / spent);
          figures.add("p50Ms", nanos[keys / 2] / 1e6);
          figures.add("p99Ms", nanos[keys * 99 / 100] / 1e6);
          figures.add("cpuUsPerPut", (Machine.ownCpuSeconds() - cpu) * 1e6 / keys);
        }
      }
    }
    delete();
    figures.print();
  }

  private static Body[] bodies(int keys, long timestamp) {
    Body[] bodies = new Body[keys];
    IntStream.range(0, keys)
        .parallel()
        .forEach(
            i -> {
              SignedPacket packet = StoredPackets.packet(i, timestamp);
              bodies[i] = new Body(packet.nodeId(), packet.relayPayload());
            });
    // Keys come in no order.
    java.util.Collections.shuffle(Arrays.asList(bodies), new Random(timestamp));
    return bodies;
  }

  private static void put(FilePacketStore store, Body[] bodies, long[] nanos) throws Exception {
    Semaphore inFlight = new Semaphore(IN_FLIGHT);
    AtomicReference<Throwable> failure = new AtomicReference<>();
    CompletableFuture<?>[] checkers =
        IntStream.range(0, CHECKERS)
            .mapToObj(
                first ->
                    CompletableFuture.runAsync(
                        () -> put(store, bodies, nanos, first, inFlight, failure),
                        task -> new Thread(task, "checker-" + first).start()))
            .toArray(CompletableFuture[]::new);
    CompletableFuture.allOf(checkers).get(10, TimeUnit.MINUTES);
    if (!inFlight.tryAcquire(IN_FLIGHT, 1, TimeUnit.MINUTES) || failure.get() != null) {
      throw new IOException("not every packet was stored", failure.get());
    }
  }

  private static void put(
      FilePacketStore store,
      Body[] bodies,
      long[] nanos,
      int first,
      Semaphore inFlight,
      AtomicReference<Throwable> failure) {
    try {
      for (int i = first; i < bodies.length; i += CHECKERS) {
        inFlight.acquire();
        int index = i;
        long start = System.nanoTime();
        SignedPacket packet = SignedPacket.fromRelayPayload(bodies[i].id(), bodies[i].payload());
        store
            .upsert(packet)
            .whenComplete(
                (done, e) -> {
                  nanos[index] = System.nanoTime() - start;
                  if (done != Upsert.UPDATED) {
                    failure.set(e);
                  }
                  inFlight.release();
                });
      }
    } catch (InterruptedException | SignedPacketException e) {
      throw new CompletionException(e);
    }
  }

  /** Many keys in a process of their own with a heap of 512 MiB. */
  void size(int keys) throws Exception {
    Figures figures = new Figures("dns-size", json);
    delete();
    try (Child filling =
        Child.start(
            Benchmarks.PLAIN,
            java.util.List.of("fill-store", directory.toString(), Integer.toString(keys)))) {
      for (String line = filling.read(); !line.equals("done"); line = filling.read()) {
        String[] words = line.split(" ");
        figures.add(words[0], Double.parseDouble(words[1]));
      }
    }
    delete();
    figures.print();
  }

  /** The process of {@link #size}. */
  static void fill(Path directory, int keys) throws Exception {
    Path packets = directory.resolve("packets");
    try (FilePacketStore store = FilePacketStore.open(packets)) {
      print("loadedPerS", keys / seconds(() -> store(store, keys, IntStream.range(0, keys), 0)));
      print("fileBytesPerKey", (double) bytes(packets) / keys);
      print("heapMib", heap());
      int again = keys / 4;
      Random random = new Random(7);
      IntStream some = random.ints(again, 0, keys);
      print("updatedPerS", again / seconds(() -> store(store, keys, some, 1)));
      print("fileBytesPerKeyUpdated", (double) bytes(packets) / keys);
      print("heapMibUpdated", heap());
    }
    print("fileBytesPerKeyClosed", (double) bytes(packets) / keys);
    FilePacketStore[] opened = new FilePacketStore[1];
    print("openS", seconds(() -> opened[0] = FilePacketStore.open(packets)));
    print("heapMibOpened", heap());
    opened[0].close();
    System.out.println("done");
  }

  private static void print(String name, double value) {
    System.out.println(name + " " + value);
  }

  private interface Work {
    void run() throws Exception;
  }

  private static double seconds(Work work) throws Exception {
    long start = System.nanoTime();
    work.run();
    return (System.nanoTime() - start) / 1e9;
  }

  /** Signs and stores; the times differ, so that eviction's index has an entry for each. */
  private static void store(FilePacketStore store, int keys, IntStream numbers, int age)
      throws Exception {
    Semaphore inFlight = new Semaphore(IN_FLIGHT);
    AtomicReference<Throwable> failure = new AtomicReference<>();
    for (int number : (Iterable<Integer>) numbers::iterator) {
      inFlight.acquire();
      store
          .upsert(StoredPackets.packet(number, FIRST + (long) age * keys + number))
          .whenComplete(
              (done, e) -> {
                if (e != null) {
                  failure.set(e);
                }
                inFlight.release();
              });
    }
    inFlight.acquire(IN_FLIGHT);
    if (failure.get() != null) {
      throw new IOException("not every packet was stored", failure.get());
    }
  }

  private static double heap() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return (runtime.totalMemory() - runtime.freeMemory()) / (double) (1 << 20);
  }

  private static long bytes(Path packets) throws IOException {
    try (Stream<Path> files = Files.list(packets)) {
      long sum = 0;
      for (Path file : files.toList()) {
        sum += Files.size(file);
      }
      return sum;
    }
  }

  private void delete() throws IOException {
    if (Files.exists(directory)) {
      try (Stream<Path> files = Files.walk(directory)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
    Files.createDirectories(directory);
  }
}
