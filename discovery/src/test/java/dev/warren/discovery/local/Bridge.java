package dev.warren.discovery.local;

import dev.warren.testlab.Await;
import dev.warren.testlab.Netns;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** Hosts that a bridge joins, with no way out, and the programs that run on them. */
final class Bridge implements AutoCloseable {
  static final Duration LIMIT = Duration.ofSeconds(30);

  private final Netns middle = new Netns("bridge");
  private final List<Netns> hosts = new ArrayList<>();
  private final List<Peer> peers = new ArrayList<>();
  private int ports;

  Bridge() {
    middle.ip("link", "add", "name", "br0", "type", "bridge");
    middle.ip("link", "set", "dev", "br0", "up");
  }

  /** A host without a cable. */
  Netns host() {
    Netns host = new Netns("host");
    hosts.add(host);
    return host;
  }

  /** A host at the bridge. */
  Netns host(String... addresses) {
    Netns host = host();
    plug(host, "eth0", addresses);
    return host;
  }

  /** Joins an interface of a host to the bridge. Link-local addresses come by themselves. */
  void plug(Netns host, String device, String... addresses) {
    String port = "p" + ++ports;
    host.ip(
        "link",
        "add",
        "name",
        device,
        "type",
        "veth",
        "peer",
        "name",
        port,
        "netns",
        middle.toString());
    middle.ip("link", "set", "dev", port, "master", "br0");
    middle.ip("link", "set", "dev", port, "up");
    for (String address : addresses) {
      List<String> add = new ArrayList<>(List.of("addr", "add", address, "dev", device));
      if (address.contains(":")) {
        // No wait until others have had a chance to object.
        add.add("nodad");
      }
      host.ip(add.toArray(String[]::new));
    }
    host.ip("link", "set", "dev", device, "up");
  }

  /** Starts a node. */
  Peer node(Netns host, String... args) throws IOException {
    return started(host.java(LocalPeer.class, args));
  }

  /** Starts another program, with mounts of its own. */
  Peer program(Netns host, String... command) throws IOException {
    List<String> all =
        new ArrayList<>(List.of("ip", "netns", "exec", host.toString(), "unshare", "-m"));
    all.addAll(List.of(command));
    return started(new ProcessBuilder(all).redirectErrorStream(true).start());
  }

  private Peer started(Process process) {
    Peer peer = new Peer(process);
    peers.add(peer);
    return peer;
  }

  /** A program and what it has said so far. */
  static final class Peer {
    private final Process process;
    private final List<String> said = new CopyOnWriteArrayList<>();

    Peer(Process process) {
      this.process = process;
      Thread reader =
          new Thread(
              () -> {
                try (BufferedReader in =
                    new BufferedReader(new InputStreamReader(process.getInputStream()))) {
                  String line;
                  while ((line = in.readLine()) != null) {
                    said.add(line);
                  }
                } catch (IOException e) {
                  said.add(e.toString());
                }
              },
              "reader");
      reader.setDaemon(true);
      reader.start();
    }

    void tell(String line) {
      try {
        process.getOutputStream().write((line + "\n").getBytes());
        process.getOutputStream().flush();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** The first line that contains {@code text}; waits for it. */
    String await(String text) {
      return await(text, LIMIT);
    }

    String await(String text, Duration limit) {
      try {
        Await.until("\"" + text + "\"", limit, () -> first(text).isPresent());
      } catch (AssertionError e) {
        throw new AssertionError(e.getMessage() + "; it said " + said, e);
      }
      return first(text).orElseThrow();
    }

    /** Tells it something, and waits for what it then says. */
    String ask(String line, String text) {
      forget();
      tell(line);
      return await(text);
    }

    Optional<String> first(String text) {
      return said.stream().filter(line -> line.contains(text)).findFirst();
    }

    void forget() {
      said.clear();
    }

    long metric(String name) {
      String metrics = ask("metrics", "metrics ");
      String after = metrics.substring(metrics.indexOf(name + "=") + name.length() + 1);
      return Long.parseLong(after.split("[,}]")[0]);
    }

    void stop() throws InterruptedException {
      process.descendants().forEach(ProcessHandle::destroy);
      process.destroy();
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
      }
    }
  }

  @Override
  public void close() throws Exception {
    for (Peer peer : peers) {
      peer.stop();
    }
    hosts.forEach(Netns::close);
    middle.close();
  }
}
