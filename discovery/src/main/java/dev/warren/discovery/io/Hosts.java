package dev.warren.discovery.io;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.regex.Pattern;

/** Host names by the system's own way, which blocks and therefore has threads of others. */
public final class Hosts {
  private static final Pattern LITERAL = Pattern.compile("[0-9]+(\\.[0-9]+){3}|.*:.*");

  private Hosts() {}

  /** The addresses of a name, or an address itself, without brackets. */
  public static CompletableFuture<List<InetAddress>> lookup(String host, Executor blocking) {
    CompletableFuture<List<InetAddress>> result = new CompletableFuture<>();
    if (LITERAL.matcher(host).matches()) {
      lookUp(host, result);
    } else {
      blocking.execute(() -> lookUp(host, result));
    }
    return result;
  }

  private static void lookUp(String host, CompletableFuture<List<InetAddress>> result) {
    try {
      result.complete(List.of(InetAddress.getAllByName(host)));
    } catch (UnknownHostException | RuntimeException e) {
      result.completeExceptionally(
          new IOException("the host " + Shown.line(host) + " is not known"));
    }
  }
}
