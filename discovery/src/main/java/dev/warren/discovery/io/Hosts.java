package dev.warren.discovery.io;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Host names by the system's own way, which blocks and therefore has threads of others. */
public final class Hosts {
  /** What the JDK does not look up: it does so with {@code 256.0.0.1}. */
  private static final Pattern LITERAL =
      Pattern.compile("B(\\.B){3}|.*:.*".replace("B", "(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])"));

  private Hosts() {}

  /**
   * The addresses of a name, or an address itself, without brackets.
   *
   * @param tls is prepared on the way, or null if there is none to be
   */
  public static CompletableFuture<List<InetAddress>> lookup(
      String host, @Nullable Tls tls, Executor blocking) {
    CompletableFuture<List<InetAddress>> result = new CompletableFuture<>();
    boolean prepared = tls == null || tls.isPrepared();
    if (prepared && LITERAL.matcher(host).matches()) {
      lookUp(host, result);
      return result;
    }
    try {
      blocking.execute(
          () -> {
            try {
              if (tls != null) {
                tls.prepare();
              }
              lookUp(host, result);
            } catch (RuntimeException e) {
              result.completeExceptionally(e);
            }
          });
    } catch (RejectedExecutionException closed) {
      result.completeExceptionally(new IOException("closed"));
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
