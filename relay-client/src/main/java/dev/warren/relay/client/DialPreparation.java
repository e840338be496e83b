package dev.warren.relay.client;

import dev.warren.base.RelayUrl;
import dev.warren.relay.client.io.RelayDial;
import dev.warren.relay.client.logic.AddressOrder;
import dev.warren.relay.client.proxy.RelayProxy;
import dev.warren.relay.client.state.RelayFailure;
import dev.warren.relay.client.wire.BearerToken;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What must be known before an attempt and may block: the token of the moment and the addresses.
 * The work is done on the callback executor, one at a time: a supplier or a name server that takes
 * longer than a dial would block one thread after the other, and never be in time. Event loop only.
 */
final class DialPreparation {
  /** What came out; {@code failure} is null if {@code dial} is not. */
  record Prepared(
      @Nullable RelayDial dial,
      @Nullable RelayFailure failure,
      String why,
      @Nullable String token) {}

  private final RelayClientBuilder config;
  private final Consumer<Prepared> done;
  private boolean running;

  // Any thread.
  private volatile String stage = "";

  /** {@code done} runs on the event loop, in {@link #begin} if the executor takes nothing. */
  DialPreparation(RelayClientBuilder config, Consumer<Prepared> done) {
    this.config = config;
    this.done = done;
  }

  /** For a dial; if an earlier one still waits for the same, that is this dial's too. */
  void begin(int skip) {
    if (running) {
      return;
    }
    running = true;
    try {
      config.callbacks.execute(
          () -> {
            Prepared prepared = prepare(skip);
            try {
              config.loop.execute(() -> end(prepared));
            } catch (RejectedExecutionException loopIsGone) {
              return; // and with it whoever would have dialled
            }
          });
    } catch (RejectedExecutionException busyOrClosed) {
      // If its owner has closed it, our own close is to come.
      end(failed(RelayFailure.LOOKUP, "the callback executor takes no look-up of " + host(), null));
    }
  }

  private void end(Prepared prepared) {
    running = false;
    done.accept(prepared);
  }

  /** The name that is looked up: the relay's, or the proxy's, which looks up the relay's. */
  private String host() {
    RelayProxy proxy = config.proxy;
    return proxy == null ? config.url.host() : proxy.host();
  }

  /** What it waits for, for messages. */
  String progress() {
    return stage;
  }

  /** Blocks for the supplier and the look-up; literal addresses cost nothing. */
  private Prepared prepare(int skip) {
    String token;
    stage = "waiting for the token supplier";
    try {
      token = config.token.get();
    } catch (RuntimeException | Error e) {
      // Somebody else's code: whatever it throws, the next attempt asks again.
      return failed(RelayFailure.TOKEN, "the token supplier failed: " + e.getMessage(), null);
    }
    stage = "looking up " + host();
    try {
      if (token != null) {
        BearerToken.check(token);
      }
    } catch (IllegalArgumentException e) {
      // Another try with the same token is as good as one after a refusal.
      return failed(RelayFailure.NOT_AUTHORIZED, String.valueOf(e.getMessage()), token);
    }
    try {
      return new Prepared(dial(token, skip), null, "", token);
    } catch (UnknownHostException e) {
      String why = "the host " + host() + " is unknown; is its name right, does DNS work?";
      return failed(RelayFailure.LOOKUP, why, token);
    } catch (RuntimeException | Error e) {
      // A resolver of the platform's or the program's.
      return failed(RelayFailure.LOOKUP, "looking up " + host() + " failed: " + e, token);
    }
  }

  private RelayDial dial(@Nullable String token, int skip) throws UnknownHostException {
    RelayUrl url = config.url;
    RelayProxy proxy = config.proxy;
    int port = proxy == null ? url.port() : proxy.port();
    List<InetAddress> found = List.of(config.lookup.all(host()));
    List<InetSocketAddress> addresses =
        AddressOrder.interleaved(found, skip).stream()
            .map(address -> new InetSocketAddress(address, port))
            .toList();
    return new RelayDial(
        url, config.key, addresses, config.trust.context(), proxy, token, config.legacy);
  }

  private static Prepared failed(RelayFailure kind, String why, @Nullable String token) {
    return new Prepared(null, kind, why, token);
  }
}
