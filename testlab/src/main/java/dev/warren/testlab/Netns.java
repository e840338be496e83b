package dev.warren.testlab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A Linux network namespace of its own: a host of a small network that no packet can leave. Needs
 * root and iproute2; give {@link Namespaces#need} what {@link #unavailable()} says first. Closing
 * removes the namespace and every interface in it.
 */
public final class Netns implements AutoCloseable {
  private static final AtomicInteger NEXT = new AtomicInteger();
  private static final long LIMIT_SECONDS = 10;

  private static final Pattern NAME = Pattern.compile("warren-(\\d+)-\\d+-.*");
  private static final Set<Netns> OPEN = ConcurrentHashMap.newKeySet();

  static {
    sweep();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> OPEN.forEach(Netns::abandon)));
  }

  private final String name;

  /** Makes a namespace whose name is unique on this machine. */
  public Netns(String label) {
    name = "warren-" + ProcessHandle.current().pid() + "-" + NEXT.incrementAndGet() + "-" + label;
    run("ip", "netns", "add", name);
    OPEN.add(this);
    ip("link", "set", "lo", "up");
  }

  /** Why there can be no namespaces here; empty if there can. */
  public static Optional<String> unavailable() {
    try (Netns probe = new Netns("probe")) {
      probe.ip("link", "add", "name", "v0", "type", "veth", "peer", "name", "v1");
      return Optional.empty();
    } catch (RuntimeException e) {
      return Optional.of("no network namespaces (they need root and iproute2): " + e.getMessage());
    }
  }

  /** Runs {@code ip} inside. */
  public void ip(String... args) {
    List<String> command = new ArrayList<>(List.of("ip", "-n", name));
    command.addAll(List.of(args));
    run(command.toArray(String[]::new));
  }

  /** Runs a shell script inside; the first command that fails ends it, and is an error. */
  public void script(String commands) {
    if (!commands.isBlank()) {
      run("ip", "netns", "exec", name, "sh", "-ec", commands);
    }
  }

  /** Joins two namespaces by a cable, and gives both ends their address ({@code ip/prefix}). */
  public static void cable(
      Netns a, String deviceA, String addressA, Netns b, String deviceB, String addressB) {
    a.ip("link", "add", "name", deviceA, "type", "veth", "peer", "name", deviceB, "netns", b.name);
    a.ip("addr", "add", addressA, "dev", deviceA);
    b.ip("addr", "add", addressB, "dev", deviceB);
    a.ip("link", "set", "dev", deviceA, "up");
    b.ip("link", "set", "dev", deviceB, "up");
  }

  /** Sets the MTU of an interface. */
  public void mtu(String device, int bytes) {
    ip("link", "set", "dev", device, "mtu", Integer.toString(bytes));
  }

  /** Lets it pass on packets between its interfaces. */
  public void forward() {
    run("ip", "netns", "exec", name, "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward");
    run("ip", "netns", "exec", name, "sh", "-c", "echo 0 > /proc/sys/net/ipv4/icmp_ratelimit");
  }

  /** Starts a Java program inside, with the class path of this one; its errors go to ours. */
  public Process java(Class<?> main, String... args) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                "ip",
                "netns",
                "exec",
                name,
                ProcessHandle.current().info().command().orElse("java"),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                classPath(),
                main.getName()));
    command.addAll(List.of(args));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  private static String classPath() {
    // The build's test runner may hide the class path in a module path or a manifest.
    String real = System.getProperty("surefire.test.class.path");
    return real != null ? real : System.getProperty("java.class.path");
  }

  @Override
  public void close() {
    OPEN.remove(this);
    run("ip", "netns", "del", name);
  }

  /** What a test that died has left goes too, with what still runs in it. */
  private static void sweep() {
    try (Stream<Path> names = Files.list(Path.of("/run/netns"))) {
      for (Path left : names.toList()) {
        Matcher owned = NAME.matcher(left.getFileName().toString());
        if (owned.matches() && ProcessHandle.of(Long.parseLong(owned.group(1))).isEmpty()) {
          remove(left.getFileName().toString());
        }
      }
    } catch (IOException none) {
      // There has been no namespace yet.
    }
  }

  private void abandon() {
    remove(name);
  }

  private static void remove(String namespace) {
    try {
      run(
          "sh",
          "-c",
          "ip netns pids " + namespace + " | xargs -r kill -9; ip netns del " + namespace);
    } catch (RuntimeException e) {
      System.err.println("cannot remove " + namespace + ": " + e.getMessage());
    }
  }

  private static void run(String... command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IllegalStateException(String.join(" ", command) + " does not end");
      }
      if (process.exitValue() != 0) {
        throw new IllegalStateException(String.join(" ", command) + ": " + said.strip());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
